/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/shadow.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/change-over.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/known.h"

#define NOT_FOUND 404

/* Counted, so that the pauses grow: a CA that has no shadow yet is not to be asked by all its
 * clients each minute. */
static int count_miss(struct trustpoint_turn *turn)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record};
	int r = trustpoint_record_copy(turn, &record);

	record.next_ca_misses++;
	record.next_ca_missed_s = turn->now_s;
	record.failures = 0;
	record.failed_s = 0;
	if (r >= 0)
		r = trustpoint_text_set(&record.failure, NULL);
	if (r >= 0)
		r = trustpoint_commit(turn, &change, NULL);
	if (!r)
		log_info(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
				    log_number("TRIES", record.next_ca_misses)),
			 "the CA has no certificate of the CA that is to follow it yet");
	return r;
}

static int fill_in(const struct trustpoint_turn *turn, const struct ca_anchor_record *active,
		   const struct trustpoint_ca *ca, struct ca_anchor_record *ret)
{
	struct x509_certificate certificate;
	int r = x509_certificate_read(ca->certificate, &certificate);

	if (r < 0)
		return r;
	ret->not_before_s = certificate.not_before_s;
	ret->not_after_s = certificate.not_after_s;
	ret->accepted_s = turn->now_s;
	ret->takes_over_s = active->not_after_s;
	r = bytes_copy(ca->certificate, &ret->certificate);
	return r < 0 ? r : trustpoint_ca_join_others(ca, &ret->others);
}

static void tell(const struct trustpoint_turn *turn, const struct ca_anchor_record *next)
{
	char from[32], hex[129];
	uint8_t fingerprint[SHA256_SIZE];

	sha256(span_of(next->certificate), fingerprint);
	text_format_time(next->takes_over_s, from);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_SHADOW),
			      log_text("TRUSTPOINT", turn->conf->name),
			      log_hex("FINGERPRINT", SPAN_ARRAY(fingerprint), hex),
			      log_text("FROM", from)),
		   "the certificate of the CA that takes over at %s was received", from);
}

static int save(struct trustpoint_turn *turn, struct trustpoint_ca *ca)
{
	const struct ca_anchor_record *active = ca_anchor_active(&turn->state, turn->now_s);
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record next = {};
	struct store_trustpoint_change change = {.record = &record, .anchor = &next};
	struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_SHADOW};
	_cleanup_(freep) char *note = NULL;
	int r = trustpoint_record_copy(turn, &record);

	record.next_ca_misses = record.failures = 0;
	record.next_ca_missed_s = record.failed_s = 0;
	if (r >= 0)
		r = trustpoint_text_set(&record.failure, NULL);
	if (r >= 0) {
		trustpoint_ca_hand_on(active, ca);
		r = fill_in(turn, active, ca, &next);
	}
	if (r >= 0)
		r = trustpoint_describe_anchor(&next, &note);
	act.note = note;
	if (r >= 0)
		r = trustpoint_commit(turn, &change, &act);
	if (r)
		return r;
	crash_here(CRASH_TRUSTPOINT_NEXT_CA);
	tell(turn, &next);
	return 0;
}

static int take(struct trustpoint_turn *turn, struct span body, char **ret_reason)
{
	const struct ca_anchor_record *active = ca_anchor_active(&turn->state, turn->now_s);
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	struct x509_certificate certificate;
	enum trustpoint_fault fault;
	struct trustpoint_ca ca = {};
	int r = x509_certificate_read(span_of(active->certificate), &certificate);

	if (!r)
		r = scep_next_ca_read(body, &certificate, &answer);
	if (r == -EKEYREJECTED)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "what GetNextCACert gives is not signed by the CA that is "
					 "trusted");
	if (r == -EBADMSG)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "what GetNextCACert gives is no signed certificate");
	if (r)
		return r;
	fault = trustpoint_next_ca_choose(span_of(active->certificate), answer.certificates,
					  answer.n, &ca);
	return fault ? trustpoint_refuse(ret_reason, FLOW_REFUSED, "%s",
					 trustpoint_fault_text(fault))
		     : save(turn, &ca);
}

int trustpoint_fetch_next_ca(struct trustpoint_turn *turn, char **ret_reason)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	int r;

	if (!ca_anchor_active(&turn->state, turn->now_s) ||
	    ca_anchor_next(&turn->state, turn->now_s))
		return 0;
	r = trustpoint_ask(turn, "GetNextCACert", (struct span){}, &answer, ret_reason);
	if (r == FLOW_REFUSED && answer.status == NOT_FOUND)
		return count_miss(turn);
	return r ? r : take(turn, span_of(answer.body), ret_reason);
}
