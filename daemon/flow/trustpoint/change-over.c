/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/change-over.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/ipc/keys.h"
#include "daemon/x509/certificate.h"

int trustpoint_describe_identity(const struct ca_identity_record *identity, char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct x509_certificate certificate;
	char until[32];

	buffer_printf(&text, "the %s identity with serial number ",
		      key_usage_name(identity->usage));
	if (x509_certificate_read(span_of(identity->certificate), &certificate) == 0)
		text_append_hex(&text, certificate.serial, false);
	buffer_printf(&text, ", until %s", text_format_time(identity->not_after_s, until));
	return buffer_take_text(&text, ret);
}

int trustpoint_describe_anchor(const struct ca_anchor_record *anchor, char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};
	uint8_t fingerprint[SHA256_SIZE];
	char until[32];

	sha256(span_of(anchor->certificate), fingerprint);
	buffer_append_text(&text, "the CA certificate with SHA-256 fingerprint ");
	text_append_hex(&text, SPAN_ARRAY(fingerprint), true);
	buffer_printf(&text, ", until %s", text_format_time(anchor->not_after_s, until));
	return buffer_take_text(&text, ret);
}

static int commit(struct trustpoint_turn *turn, struct store_trustpoint_change *change,
		  enum audit_type type, const char *note)
{
	struct trustpoint_act act = {.type = type, .note = note};

	return trustpoint_commit(turn, change, &act);
}

static int change_over(struct trustpoint_turn *turn, struct store_trustpoint_change *change,
		       const char *what)
{
	int r = commit(turn, change, AUDIT_TRUSTPOINT_CHANGEOVER, what);

	if (r)
		return r;
	crash_here(CRASH_TRUSTPOINT_CHANGED);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_CHANGED_OVER),
			      log_text("TRUSTPOINT", turn->conf->name), log_text("WHAT", what)),
		   "changed over: %s is in force", what);
	return 0;
}

int trustpoint_change_over_identity(struct trustpoint_turn *turn, int64_t id)
{
	const struct ca_identity_record *found = ca_identity_find(&turn->state, id);
	_cleanup_(ca_identity_record_done) struct ca_identity_record record = {};
	struct store_trustpoint_change change = {.identity = &record};
	_cleanup_(freep) char *what = NULL;
	int r;

	if (!found || found->changed_over_s)
		return 0;
	r = trustpoint_identity_copy(found, &record);
	record.changed_over_s = turn->now_s;
	if (r >= 0)
		r = trustpoint_describe_identity(found, &what);
	return r < 0 ? r : change_over(turn, &change, what);
}

int trustpoint_change_over_anchor(struct trustpoint_turn *turn, int64_t id)
{
	const struct ca_anchor_record *found = ca_anchor_find(&turn->state, id);
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record record = {};
	struct store_trustpoint_change change = {.anchor = &record};
	_cleanup_(freep) char *what = NULL;
	int r;

	if (!found || found->changed_over_s)
		return 0;
	r = trustpoint_anchor_copy(found, &record);
	record.changed_over_s = turn->now_s;
	if (r >= 0)
		r = trustpoint_describe_anchor(found, &what);
	return r < 0 ? r : change_over(turn, &change, what);
}

int trustpoint_forget_identity(struct trustpoint_turn *turn, int64_t id)
{
	const struct ca_identity_record *found = ca_identity_find(&turn->state, id);
	struct store_trustpoint_change change = {.drop_identity = id};
	_cleanup_(freep) char *what = NULL;
	int r = found ? trustpoint_describe_identity(found, &what) : 0;

	return !found || r < 0 ? r : commit(turn, &change, AUDIT_TRUSTPOINT_FORGET, what);
}

int trustpoint_forget_anchor(struct trustpoint_turn *turn, int64_t id)
{
	const struct ca_anchor_record *found = ca_anchor_find(&turn->state, id);
	struct store_trustpoint_change change = {.drop_anchor = id};
	_cleanup_(freep) char *what = NULL;
	int r = found ? trustpoint_describe_anchor(found, &what) : 0;

	return !found || r < 0 ? r : commit(turn, &change, AUDIT_TRUSTPOINT_FORGET, what);
}
