/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/config-risk.h"
#include "daemon/cli/ask.h"
#include <string.h>

#define SURE ".\nAre you sure you want to do this?"

/* Of Grant=, in IOS's words, with the server's label. */
static const char *const questions[] = {
	[CONF_GRANT_AUTO] = "%% This will cause all certificate requests to %s to be automatically "
			    "granted" SURE,
	[CONF_GRANT_RA_AUTO] =
		"%% This will cause all certificate requests to %s already authorized by known RAs "
		"to be automatically granted" SURE,
};

static enum conf_grant grant_of(const struct conf *conf, const char *label)
{
	const struct conf_server *server = conf ? conf_find_server(conf, label) : NULL;

	return server ? server->grant : CONF_GRANT_MANUAL;
}

static const char *question_of(const struct conf *before, const struct conf *after,
			       const struct conf_edit *edit)
{
	enum conf_grant grant;

	if (edit->option->section != CONF_SERVER || strcmp(edit->option->name, "Grant") != 0)
		return NULL;
	grant = grant_of(after, edit->name);
	if (grant == grant_of(before, edit->name) || (size_t)grant >= ELEMENTS(questions))
		return NULL;
	return questions[grant];
}

bool config_risk_is_taken(const struct invocation *invocation, const struct conf *before,
			  const struct conf *after, const struct conf_edit *edits, size_t n)
{
	for (size_t i = 0; i < n && !invocation->yes; i++) {
		const char *question = question_of(before, after, &edits[i]);

		if (question && !ask_yes(question, edits[i].name))
			return false;
	}
	return true;
}
