/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/configuration/reload.h"
#include "daemon/flow/control/parts.h"
#include <string.h>

/* {"report": [lines]}, what deserves a look. */
static json_t *json_report(const char *report)
{
	json_t *lines = json_array();

	while (report && *report) {
		size_t size = strcspn(report, "\n");

		json_array_append_new(lines, json_stringn(report, size));
		report += size + (report[size] == '\n');
	}
	return json_pack("{s:o}", "report", lines);
}

json_t *control_config_reload(const struct control_turn *turn)
{
	_cleanup_(freep) char *report = NULL;
	int r = flow_reload_files(turn->flow, turn->actor, turn->now_s, turn->ret_fresh, &report);

	if (r == FLOW_LATER)
		return control_failure(r, "the configuration is being read already: try again");
	return r ? control_failure(r, report) : control_reply_new(json_report(report), false);
}

json_t *control_config_allows(const struct control_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	const char *value = control_text(turn, "value");
	const struct conf_option *option;
	struct authority *authority =
		flow_find_authority(turn->flow, span_of_text(control_text(turn, "label")));
	int r;

	/* What the daemon doesn't have yet, it holds to nothing. */
	if (!authority)
		return control_reply_new(NULL, false);
	option = conf_find_recorded_option(control_text(turn, "option"));
	if (!option)
		return control_error_new(CONTROL_ERROR_INVALID, "option",
					 "is no option of [Server]");
	r = flow_allows(authority, option, value ? value : "", &reason);
	return r ? control_failure(r, reason) : control_reply_new(NULL, false);
}
