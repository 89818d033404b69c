/* SPDX-License-Identifier: Apache-2.0 */
#include "token/acts.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include <string.h>

static const char *const names[] = {
#define ACT(NAME, name) [ACT_##NAME] = (name),
	ACTS(ACT)
#undef ACT
};

static int append(struct request *request, const struct charter *charter, enum act act,
		  const char *label)
{
	_cleanup_(buffer_done) struct buffer who = {0};
	struct signature_record record = {
		.time_s = clock_now_s(),
		.key = SPAN_ARRAY(charter->key_sha256),
		.kind = names[act],
	};

	buffer_printf(&who, "%s, by uid %u", label, connection_uid(request->connection));
	if (who.error)
		return who.error;
	record.subject = span_of_buffer(&who);
	return signature_log_append(request->service->signatures, &record);
}

int acts_append(struct request *request, const struct held_charter *held, enum act act)
{
	struct service *service = request->service;
	struct charter charter = charter_rules(held);
	_cleanup_(freep) char *label = NULL;
	char key[129];
	int r;

	r = charters_read_label(service->charters, held, &label);
	if (r == 0)
		r = append(request, &charter, act, label);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("TOKEN", service->name)),
			  "an operator's act can't be recorded: %s", strerrordesc_np(-r));
		return r;
	}
	log_notice(LOG_FIELDS(log_text("TOKEN", service->name), log_text("ACT", names[act]),
			      log_text("LABEL", label),
			      log_text("ROLE", charter_role_name(charter.role)),
			      log_hex("KEY", SPAN_ARRAY(charter.key_sha256), key),
			      log_number("PEER_UID", connection_uid(request->connection)),
			      log_number("PEER_PID", connection_pid(request->connection))),
		   "an operator's act with a key: %s", names[act]);
	return 0;
}

int acts_record(struct request *request, const struct held_charter *held, enum act act)
{
	int r = acts_append(request, held, act);

	if (r < 0)
		request_fail(request, IPC_FAILURE_FAULT, "the act can't be recorded: %s",
			     strerrordesc_np(-r));
	return r;
}
