/* SPDX-License-Identifier: Apache-2.0 */
/* `key zeroize`: keys destroyed on their tokens, where no server uses them. */
#include "daemon/cli/ask.h"
#include "daemon/cli/key.h"
#include <stdio.h>
#include <string.h>

static bool is_meant(const struct key_entry *entry, const char *label)
{
	return !strcmp(label, "all") || key_entry_has_label(entry, label);
}

/* Goes on after what can't go, so that one server doesn't keep the others' keys. */
static enum command_status zeroize_on(const struct invocation *invocation, const char *token,
				      const char *label, unsigned *n)
{
	enum command_status worst = COMMAND_DONE;
	unsigned position = 0;

	for (;;) {
		_cleanup_(key_entry_done) struct key_entry entry = {0};
		int status = key_entry_at(invocation, token, position, &entry);

		if (status)
			return status == KEY_ENTRY_NONE ? worst : (enum command_status)status;
		if (!is_meant(&entry, label)) {
			position++;
			continue;
		}
		if (key_is_in_use(invocation, token, &entry) ||
		    connection_zeroize(invocation, token, SPAN_ARRAY(entry.sha256))) {
			worst = COMMAND_FAILED;
			position++;
			continue;
		}
		(*n)++;
		printf("destroyed %.*s%s on token %s\n", (int)entry.info.label.size,
		       (const char *)entry.info.label.data, key_usage_suffix(entry.info.usage),
		       token);
	}
}

static enum command_status zeroize_everywhere(const struct invocation *invocation,
					      const char *label, unsigned *n)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	enum command_status status = connection_load_config(invocation, &conf);

	for (size_t i = 0; !status && i < conf->n_tokens; i++)
		status = zeroize_on(invocation, conf->tokens[i].name, label, n);
	return status;
}

enum command_status key_zeroize(const struct invocation *invocation)
{
	const char *label = invocation->n_arguments ? invocation->arguments[0] : "all";
	enum command_status status;
	unsigned n = 0;

	if (!invocation->yes &&
	    !ask_yes(invocation->n_arguments && strcmp(label, "all") != 0
			     ? "Destroy all keys named %s? Certificates made with them end there."
			     : "Destroy ALL keys (%s)? Certificates made with them end there.",
		     label)) {
		fputs("claviger: nothing was done\n", stderr);
		return COMMAND_FAILED;
	}
	status = invocation->on ? zeroize_on(invocation, invocation->on, label, &n)
				: zeroize_everywhere(invocation, label, &n);
	if (!status && !n) {
		fprintf(stderr, "claviger: there is no key named %s (claviger key list)\n", label);
		return COMMAND_FAILED;
	}
	return status;
}
