/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/unfinished.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/audit/unrecorded.h"
#include "daemon/flow/head-set.h"
#include "daemon/flow/witness.h"
#include "daemon/x509/certificate.h"
#include <stdlib.h>
#include <string.h>

struct comparison {
	struct flow *flow;
	const char *token;
	int64_t now_s;
	struct head_set own; /* heads since this process began */
	struct unrecorded unrecorded;
	int64_t done, recorded; /* lines; certificates */
};

static int add_head(void *context, const struct store_audit_record *record)
{
	return head_set_add(context, record->hash, record->seq);
}

int unfinished_name(const struct signature_line *line, char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_hex(&text, SPAN(line->serial, line->serial_size), false);
	buffer_append_byte(&text, ' ');
	text_append_hex(&text, SPAN_ARRAY(line->signed_), false);
	return buffer_take_text(&text, ret);
}

int flow_find_signed(struct flow *flow, const struct signature_line *line, char **ret_label)
{
	_cleanup_(bytes_done) struct bytes der = {};
	struct x509_certificate certificate;
	uint8_t digest[SHA256_SIZE];
	int r;

	r = store_certificate_of_key(flow->store, SPAN_ARRAY(line->key),
				     SPAN(line->serial, line->serial_size), &der, ret_label);
	if (r)
		return r < 0 ? r : SIGNED_UNKNOWN;
	r = x509_certificate_read(span_of(der), &certificate);
	if (r < 0)
		return r == -EBADMSG ? SIGNED_ANOTHER : r;
	sha256(certificate.to_be_signed, digest);
	return memcmp(digest, line->signed_, sizeof(digest)) ? SIGNED_ANOTHER : 0;
}

static int commit(struct flow *flow, const char *label, const char *name, int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = label, .now_s = now_s, .audit = &event.row, .n_audit = 1};
	int r = audit_of_act(AUDIT_CERTIFICATE_UNFINISHED, NULL, label, name, &event);

	if (r == 0)
		r = store_commit(flow->store, &change);
	return r > 0 ? -EBUSY : r;
}

void flow_note_unfinished(struct flow *flow, const char *label, struct span serial,
			  struct span to_be_signed, int64_t now_s)
{
	struct signature_line line = {};
	_cleanup_(freep) char *name = NULL;
	int r = serial.size > sizeof(line.serial) ? -EMSGSIZE : 0;

	if (r == 0) {
		memcpy(line.serial, serial.data, serial.size);
		line.serial_size = serial.size;
		sha256(to_be_signed, line.signed_);
		r = unfinished_name(&line, &name);
	}
	if (r == 0)
		r = commit(flow, label, name, now_s);
	if (r < 0)
		log_warning(LOG_FIELDS(log_text("SERVER", label), log_number("ERRNO", -r)),
			    "that a certificate was not issued can't be recorded now");
}

static int record(struct comparison *comparison, const struct signature_line *line,
		  const char *label)
{
	_cleanup_(freep) char *name = NULL;
	int r;

	r = unfinished_name(line, &name);
	if (r == 0)
		r = commit(comparison->flow, label, name, comparison->now_s);
	if (r < 0)
		return r;
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_CERTIFICATE_UNFINISHED),
			       log_text("TOKEN", comparison->token), log_text("SERVER", label),
			       log_text("SERIAL", name)),
		    "a certificate was signed, but the daemon ended before it could issue it");
	comparison->recorded++;
	return 0;
}

/* The audit's event of its issue, if there is one. */
struct issue_search {
	const char *serial; /* as the event's details have it */
	bool found;
};

static int look_for_issue(void *context, const struct store_audit_record *event)
{
	struct issue_search *search = context;

	search->found = strstr(event->details, search->serial) != NULL;
	return search->found;
}

/* Whether it was issued: what is not in the database then was removed from it. Reads the whole
 * audit, for one that should not be. */
static int was_issued(struct flow *flow, const struct signature_line *line, bool *ret)
{
	const struct store_audit_filter filter = {
		.type = audit_type_describe(AUDIT_CERTIFICATE_ISSUE)->name};
	_cleanup_(buffer_done) struct buffer text = {};
	_cleanup_(freep) char *serial = NULL;
	struct issue_search search = {};
	int r;

	buffer_append_text(&text, "\"serial\":\"");
	text_append_hex(&text, SPAN(line->serial, line->serial_size), false);
	buffer_append_text(&text, "\"");
	r = buffer_take_text(&text, &serial);
	search.serial = serial;
	if (r == 0)
		r = store_audit_find(flow->store, &filter, look_for_issue, &search);
	*ret = search.found;
	return r;
}

static int compare_certificate(struct comparison *comparison, const struct signature_line *line)
{
	_cleanup_(freep) char *label = NULL;
	bool issued = true;
	int r = flow_find_signed(comparison->flow, line, &label);

	if (r == SIGNED_UNKNOWN)
		r = was_issued(comparison->flow, line, &issued);
	return r == 0 && !issued ? record(comparison, line, label) : r;
}

static int compare_checkpoint(struct comparison *comparison, const struct signature_line *line)
{
	return unrecorded_note(&comparison->unrecorded, line, comparison->now_s);
}

static const struct {
	const char *kind;
	int (*compare)(struct comparison *comparison, const struct signature_line *line);
} kinds[] = {
	{"certificate", compare_certificate},
	{"checkpoint", compare_checkpoint},
};

static int compare(void *context, const struct signature_line *line)
{
	struct comparison *comparison = context;
	int r = 0;

	if (head_set_find(&comparison->own, line->head))
		return 1; /* of this process, as all that follow */
	for (size_t i = 0; i < ELEMENTS(kinds) && r == 0; i++)
		if (span_equal(line->kind, span_of_text(kinds[i].kind)))
			r = kinds[i].compare(comparison, line);
	/* What was removed or replaced is for `audit verify` to tell. */
	if (r > 0)
		r = 0;
	if (r == 0)
		comparison->done = line->number;
	return r;
}

static int compare_token(struct flow *flow, size_t i, int64_t now_s)
{
	struct comparison comparison = {
		.flow = flow, .token = token_link_name(flow->tokens[i]), .now_s = now_s};
	int64_t before;
	int r;

	comparison.unrecorded = (struct unrecorded){.flow = flow, .token = comparison.token};
	r = store_token_log_load(flow->store, comparison.token, &before);
	if (r == 0)
		r = store_audit_list(flow->store, witness_first_seq(flow->witness), 0, add_head,
				     &comparison.own);
	comparison.done = before;
	if (r == 0)
		r = token_link_log(flow->tokens[i], before, compare, &comparison);
	head_set_done(&comparison.own);
	unrecorded_done(&comparison.unrecorded);
	if (comparison.done > before) {
		int saved = store_token_log_save(flow->store, comparison.token, comparison.done);

		r = r ? r : saved;
	}
	return r > 0 ? FLOW_LATER : r;
}

int flow_find_unfinished(struct flow *flow, int64_t now_s)
{
	_cleanup_(witness_unlockp) struct witness *locked = flow->witness;
	int result = 0;

	witness_lock(locked); /* none is recorded twice */
	for (size_t i = 0; i < flow->conf->n_tokens; i++) {
		const char *name = flow->conf->tokens[i].name;
		int r;

		if (witness_is_compared(flow->witness, name))
			continue;
		r = compare_token(flow, i, now_s);
		if (r == 0)
			r = witness_set_compared(flow->witness, name);
		result = r ? r : result;
	}
	return result;
}
