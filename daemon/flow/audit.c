/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/x509/name.h"
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void audit_done(struct audit_event *event)
{
	free(event->actor);
	free(event->details);
	*event = (struct audit_event){};
}

/* Takes the reference to @details. */
static int complete(enum audit_type type, const char *actor, json_t *details,
		    struct audit_event *ret)
{
	ret->actor = strdup(actor ? actor : "clavigerd");
	ret->details =
		details ? json_dumps(details, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII)
			: NULL;
	json_decref(details);
	if (!ret->actor || !ret->details)
		return -ENOMEM;
	ret->row = (struct store_audit){.type = audit_type_describe(type)->name,
					.actor = ret->actor,
					.details = ret->details};
	return 0;
}

static json_t *json_hex(struct span data)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_hex(&text, data, false);
	return text.error ? NULL : json_stringn((const char *)text.data, text.size);
}

static json_t *json_name(struct span der)
{
	_cleanup_(buffer_done) struct buffer text = {};

	x509_name_append_text(&text, der);
	return text.error ? NULL : json_stringn((const char *)text.data, text.size);
}

/* NULL for none, which leaves the member out. */
static const char *alarm_name(const struct verdict *verdict)
{
	return verdict->alarm ? verdict_alarm_name(verdict->alarm) : NULL;
}

/* A granted one is an event of its certificate's; an initial one is none yet. */
static enum audit_type type_of(enum ca_request_state state)
{
	static const struct {
		enum ca_request_state state;
		enum audit_type type;
	} rows[] = {
		{CA_REQUEST_AUTHORIZED, AUDIT_REQUEST_AUTHORIZED},
		{CA_REQUEST_PENDING, AUDIT_REQUEST_PENDING},
		{CA_REQUEST_DENIED, AUDIT_REQUEST_DENIED},
		{CA_REQUEST_MALFORMED, AUDIT_REQUEST_MALFORMED},
	};
	size_t i = 0;

	while (i < ELEMENTS(rows) && rows[i].state != state)
		i++;
	assert(i < ELEMENTS(rows));
	return rows[i].type;
}

int audit_of_request(const struct ca_request_record *request, const struct verdict *verdict,
		     const char *actor, struct audit_event *ret)
{
	return complete(type_of(request->state), actor,
			json_pack("{s:o?, s:o?, s:o?, s:s, s:s, s:s, s:s*}", "transaction",
				  json_hex(span_of(request->transaction_id)), "subject",
				  json_name(span_of(request->subject)), "csr",
				  json_hex(SPAN_ARRAY(request->csr_sha256)), "class",
				  grant_class_name(request->class), "rule", request->rule, "reason",
				  request->reason, "alarm", alarm_name(verdict)),
			ret);
}

int audit_of_issue(const struct ca_certificate_record *certificate,
		   const struct ca_request_record *request, const struct verdict *verdict,
		   const char *actor, struct audit_event *ret)
{
	return complete(AUDIT_CERTIFICATE_ISSUE, actor,
			json_pack("{s:o?, s:o?, s:I, s:I, s:o?, s:s, s:s*}", "serial",
				  json_hex(span_of(certificate->serial)), "subject",
				  json_name(span_of(certificate->subject)), "notBefore",
				  (json_int_t)certificate->not_before_s, "notAfter",
				  (json_int_t)certificate->not_after_s, "transaction",
				  json_hex(span_of(request->transaction_id)), "rule", request->rule,
				  "alarm", alarm_name(verdict)),
			ret);
}

int audit_of_act(enum audit_type type, const char *actor, const char *label, const char *note,
		 struct audit_event *ret)
{
	return complete(type, actor, json_pack("{s:s*, s:s*}", "server", label, "note", note), ret);
}

int audit_of_trustpoint(enum audit_type type, const char *actor, const char *name, const char *note,
			struct audit_event *ret)
{
	return complete(type, actor, json_pack("{s:s, s:s*}", "trustpoint", name, "note", note),
			ret);
}

void audit_alarm(const struct audit_party *party, const struct verdict *verdict)
{
	if (!verdict->alarm)
		return;
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_ALARM), log_text("SERVER", party->server),
			       log_span("PEER", party->peer),
			       log_span("TRANSACTION", party->transaction_id),
			       log_text("ALARM", verdict_alarm_name(verdict->alarm)),
			       log_text("RULE", verdict->rule)),
		    "alarm, %s: %s", verdict_alarm_name(verdict->alarm), verdict->reason);
}
