/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/ca.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/trustpoint/pin.h"
#include <string.h>

void trustpoint_offer_done(struct trustpoint_offer *offer)
{
	scep_ca_answer_done(&offer->answer);
	*offer = (struct trustpoint_offer){};
}

static int judge(const struct trustpoint_turn *turn, struct trustpoint_offer *offer,
		 char **ret_reason)
{
	enum trustpoint_fault fault = trustpoint_ca_choose(
		offer->answer.certificates, offer->answer.n, turn->now_s, &offer->ca);

	return fault ? trustpoint_refuse(ret_reason, FLOW_REFUSED, "%s",
					 trustpoint_fault_text(fault))
		     : 0;
}

int trustpoint_fetch_ca(struct trustpoint_turn *turn, struct trustpoint_offer *ret,
			char **ret_reason)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(trustpoint_offer_done) struct trustpoint_offer offer = {};
	int r = trustpoint_ask(turn, "GetCACert", (struct span){}, &answer, ret_reason);

	if (r)
		return r;
	r = scep_ca_answer_read(span_of(answer.body), &offer.answer);
	if (r == -EBADMSG)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "what %s answers to GetCACert is no certificate (status "
					 "%u)",
					 turn->conf->enrollment_url, answer.status);
	if (r == 0)
		r = judge(turn, &offer, ret_reason);
	if (r == 0)
		*ret = TAKE_STRUCT(offer);
	return r;
}

/* DER after DER. -EBADMSG where they are no certificates. */
static int read_several(struct span ders, struct scep_ca_answer *ret)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	struct x509_certificate certificate;
	struct der_item item;
	struct span rest;
	int r = bytes_copy(ders, &answer.storage);

	rest = span_of(answer.storage);
	while (r == 0 && rest.size) {
		r = der_next(&rest, &item);
		if (r == 0)
			r = x509_certificate_read(item.whole, &certificate);
		if (r == 0 && answer.n == SCEP_CERTIFICATES_MAX)
			r = -EBADMSG;
		if (r == 0)
			answer.certificates[answer.n++] = item.whole;
	}
	if (r == 0 && !answer.n)
		r = -EBADMSG;
	if (r == 0)
		*ret = TAKE_STRUCT(answer);
	return r;
}

int trustpoint_read_certificates(struct span brought, struct scep_ca_answer *ret)
{
	int r = read_several(brought, ret);

	return r == -EBADMSG ? scep_ca_answer_read(brought, ret) : r;
}

int trustpoint_read_ca(struct trustpoint_turn *turn, struct span certificates,
		       struct trustpoint_offer *ret, char **ret_reason)
{
	_cleanup_(trustpoint_offer_done) struct trustpoint_offer offer = {};
	int r = trustpoint_read_certificates(certificates, &offer.answer);

	if (r == -EBADMSG)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "no certificate, DER or PKCS#7, can be read in it");
	if (r == 0)
		r = judge(turn, &offer, ret_reason);
	if (r == 0)
		*ret = TAKE_STRUCT(offer);
	return r;
}

/* Accepting. */

static int capabilities_ask(struct trustpoint_turn *turn)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record};
	_cleanup_(freep) char *reason = NULL;
	int r = trustpoint_ask(turn, "GetCACaps", (struct span){}, &answer, &reason);

	/* One from before the list answers nothing, or a page that has none of its words. */
	if (r == 0)
		r = trustpoint_record_copy(turn, &record);
	if (r)
		return r;
	record.capabilities = scep_capabilities_read(span_of(answer.body));
	record.capabilities_s = turn->now_s;
	return trustpoint_commit(turn, &change, NULL);
}

/* The anchor as it is to be recorded: the same certificate again keeps its place. */
static int fill_anchor(const struct trustpoint_turn *turn, const struct trustpoint_offer *offer,
		       struct ca_anchor_record *ret)
{
	struct x509_certificate certificate;
	struct span der = offer->ca.certificate;
	int r = x509_certificate_read(der, &certificate);

	for (size_t i = 0; i < turn->state.n_anchors && r == 0; i++) {
		const struct ca_anchor_record *known = &turn->state.anchors[i];

		if (span_equal(span_of(known->certificate), der))
			ret->id = known->id;
	}
	if (r == 0)
		r = bytes_copy(der, &ret->certificate);
	if (r == 0)
		r = trustpoint_ca_join_others(&offer->ca, &ret->others);
	ret->not_before_s = certificate.not_before_s;
	ret->not_after_s = certificate.not_after_s;
	ret->accepted_s = ret->takes_over_s = ret->changed_over_s = turn->now_s;
	return r;
}

/* What was to take over from the CA that is replaced will not. */
static int64_t next_to_drop(const struct trustpoint_turn *turn,
			    const struct ca_anchor_record *accepted)
{
	const struct ca_anchor_record *next = ca_anchor_next(&turn->state, turn->now_s);
	const struct ca_anchor_record *active = ca_anchor_active(&turn->state, turn->now_s);

	if (!next || next->id == accepted->id || (active && active->id == accepted->id))
		return 0;
	return next->id;
}

static int commit(struct trustpoint_turn *turn, struct ca_anchor_record *anchor, const char *actor)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	_cleanup_(buffer_done) struct buffer note = {};
	struct store_trustpoint_change change = {.record = &record, .anchor = anchor};
	uint8_t digest[SHA256_SIZE];
	int r;

	sha256(span_of(anchor->certificate), digest);
	text_append_hex(&note, SPAN_ARRAY(digest), true);
	buffer_append_byte(&note, '\0');
	r = note.error ? note.error : trustpoint_record_copy(turn, &record);
	if (r < 0)
		return r;
	record.halt = CA_TRUSTPOINT_GOES_ON;
	record.halted_s = record.failed_s = record.next_ca_missed_s = 0;
	record.failures = record.next_ca_misses = 0;
	r = trustpoint_text_set(&record.halt_reason, NULL);
	if (r == 0)
		r = trustpoint_text_set(&record.failure, NULL);
	if (r < 0)
		return r;
	change.drop_anchor = next_to_drop(turn, anchor);
	const struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_AUTHENTICATE,
					   .actor = actor,
					   .note = (const char *)note.data};
	r = trustpoint_commit(turn, &change, &act);
	if (r == 0)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_AUTHENTICATED),
				      log_text("TRUSTPOINT", turn->conf->name),
				      log_text("FINGERPRINT", act.note)),
			   "a CA certificate was accepted");
	return r;
}

int trustpoint_accept(struct trustpoint_turn *turn, const struct trustpoint_offer *offer,
		      const char *actor, char **ret_reason)
{
	_cleanup_(ca_anchor_record_done) struct ca_anchor_record anchor = {};
	int r = fill_anchor(turn, offer, &anchor);

	if (r == 0)
		r = commit(turn, &anchor, actor);
	if (r == FLOW_LATER)
		return trustpoint_refuse(ret_reason, r,
					 "the trustpoint was changed meanwhile: try again");
	if (r == 0 && trustpoint_is_online(turn->conf)) {
		int asked = capabilities_ask(turn);

		if (asked == -ENOMEM)
			return asked;
	}
	return r;
}

/* Fingerprint= */

bool trustpoint_is_pinned(const struct conf_trustpoint *conf, const struct trustpoint_offer *offer)
{
	return conf->fingerprint &&
	       trustpoint_pin_check(conf->fingerprint, offer->ca.certificate) ==
		       TRUSTPOINT_PIN_MATCHES;
}

int trustpoint_authenticate(struct trustpoint_turn *turn, char **ret_reason)
{
	_cleanup_(trustpoint_offer_done) struct trustpoint_offer offer = {};
	int r = trustpoint_fetch_ca(turn, &offer, ret_reason);

	if (r)
		return r;
	if (!trustpoint_is_pinned(turn->conf, &offer))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "the CA's certificate is not the one that Fingerprint= "
					 "names");
	return trustpoint_accept(turn, &offer, NULL, ret_reason);
}
