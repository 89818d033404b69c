/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/install.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/trustpoint/birth.h"
#include "daemon/flow/trustpoint/change-over.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/flow/trustpoint/serving.h"
#include "daemon/trustpoint/issued.h"
#include "daemon/trustpoint/line.h"
#include "daemon/trustpoint/subject.h"

/* What is known of where it belongs. */
struct installation {
	struct trustpoint_turn *turn;
	const struct trustpoint_arrival *arrival;
	const struct ca_enrollment_record *enrollment; /* NULL for none */
	const struct ca_anchor_record *anchor;
	const struct ca_key_place *key;
	int usage;
	struct x509_certificate certificate;
	struct trustpoint_birth birth; /* of the generation, where the server is a CA */
};

static int find(struct installation *i, char **ret_reason)
{
	const struct trustpoint_arrival *arrival = i->arrival;
	const struct ca_trustpoint_state *state = &i->turn->state;

	i->key = arrival->key;
	i->usage = arrival->usage;
	i->anchor = ca_anchor_active(state, i->turn->now_s);
	for (size_t k = 0; arrival->enrollment && k < state->n_enrollments; k++)
		if (state->enrollments[k].id == arrival->enrollment)
			i->enrollment = &state->enrollments[k];
	if (i->enrollment) {
		i->key = &i->enrollment->key;
		i->usage = i->enrollment->usage;
		i->anchor = ca_anchor_find(state, i->enrollment->anchor_id);
	}
	if (!i->key || (arrival->enrollment && !i->enrollment))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "nothing was asked for that this would answer: claviger "
					 "trustpoint enroll %s",
					 i->turn->conf->name);
	if (!i->anchor)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "no CA certificate was accepted yet: claviger trustpoint "
					 "authenticate %s",
					 i->turn->conf->name);
	return 0;
}

static int refuse(enum trustpoint_fault fault, char **ret_reason)
{
	return trustpoint_refuse(ret_reason, FLOW_REFUSED, "%s", trustpoint_fault_text(fault));
}

static void tell_remark(const struct trustpoint_turn *turn, enum trustpoint_remark remark)
{
	if (remark)
		log_warning(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name)),
			    "the certificate that came is odd, and is used all the same: %s",
			    trustpoint_remark_text(remark));
}

/* What was asked for. A CA's is the name that is in all that it signs, whatever was asked for. */
static struct span find_subject(const struct installation *i)
{
	if (trustpoint_is_for_ca(i->turn))
		return trustpoint_key_issuer(i->turn);
	return i->enrollment ? span_of(i->enrollment->subject) : (struct span){};
}

static int judge(struct installation *i, char **ret_reason)
{
	int64_t now_s = i->turn->now_s;
	const struct trustpoint_wish wish = {
		.anchor = span_of(i->anchor->certificate),
		.spki = span_of(i->key->spki),
		.subject = find_subject(i),
		.key_usage = trustpoint_key_usage(i->usage),
		.is_ca = trustpoint_is_for_ca(i->turn),
		.from_s = i->anchor->takes_over_s > now_s ? i->anchor->takes_over_s : now_s,
	};
	enum trustpoint_remark remark = TRUSTPOINT_REMARK_NONE;
	struct span found;
	enum trustpoint_fault fault =
		trustpoint_issued_check(&wish, &i->arrival->certificate, 1, &found, &remark);

	if (fault)
		return refuse(fault, ret_reason);
	if (i->enrollment)
		tell_remark(i->turn, remark);
	return x509_certificate_read(i->arrival->certificate, &i->certificate);
}

static int64_t takes_over_s(const struct installation *i)
{
	const struct trustpoint_newcomer newcomer = {
		.usage = i->usage,
		.kind = i->enrollment ? i->enrollment->kind : CA_ENROLLMENT_FIRST,
		.is_ca = trustpoint_is_for_ca(i->turn),
		.anchor = i->anchor,
		.not_before_s = i->certificate.not_before_s,
	};

	return trustpoint_line_takes_over_s(&i->turn->state, &newcomer, i->turn->now_s);
}

/* With it comes the server's generation. */
static int begin_birth(struct installation *i, char **ret_reason)
{
	const struct trustpoint_birth_order order = {
		.key = i->key,
		.anchor = i->anchor,
		.certificate = i->arrival->certificate,
		.takes_over_s = takes_over_s(i),
	};

	return trustpoint_is_for_ca(i->turn)
		       ? trustpoint_birth_begin(i->turn, &order, &i->birth, ret_reason)
		       : 0;
}

static int fill_in(const struct installation *i, struct ca_identity_record *ret)
{
	uint16_t jitter;
	int r;

	random_fill(&jitter, sizeof(jitter));
	ret->usage = i->usage;
	ret->anchor_id = i->anchor->id;
	ret->not_before_s = i->certificate.not_before_s;
	ret->not_after_s = i->certificate.not_after_s;
	ret->takes_over_s = takes_over_s(i);
	ret->changed_over_s = ret->takes_over_s <= i->turn->now_s ? i->turn->now_s : 0;
	ret->by_hand = i->arrival->by_hand;
	ret->jitter = jitter;
	r = trustpoint_place_copy(i->key, &ret->key);
	if (r < 0)
		return r;
	if (!conf_key_is_marked(span_of_text(ret->key.label)))
		ret->relabelled_s = i->turn->now_s;
	return bytes_copy(i->arrival->certificate, &ret->certificate);
}

/* What stood in the way does so no more. */
static int settle(struct trustpoint_turn *turn, struct ca_trustpoint_record *ret)
{
	int r = trustpoint_record_copy(turn, ret);

	ret->failures = 0;
	ret->failed_s = 0;
	ret->halt = CA_TRUSTPOINT_GOES_ON;
	ret->halted_s = 0;
	if (r >= 0)
		r = trustpoint_text_set(&ret->halt_reason, NULL);
	return r < 0 ? r : trustpoint_text_set(&ret->failure, NULL);
}

static void tell(const struct trustpoint_turn *turn, const struct ca_identity_record *identity)
{
	struct x509_certificate certificate;
	char from[32], until[32], serial[129];

	if (x509_certificate_read(span_of(identity->certificate), &certificate) < 0)
		return;
	text_format_time(identity->not_before_s, from);
	text_format_time(identity->not_after_s, until);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_GRANTED),
			      log_text("TRUSTPOINT", turn->conf->name),
			      log_hex("SERIAL", certificate.serial, serial),
			      log_text("NOT_BEFORE", from), log_text("NOT_AFTER", until)),
		   "a certificate came, valid until %s", until);
}

static bool is_created(struct authority *server)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(server);

	return generations->created;
}

static int save(struct installation *i, struct ca_identity_record *identity)
{
	static const int64_t none;
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {
		.record = &record,
		.identity = identity,
		.drop_enrollment = i->arrival->enrollment,
	};
	struct store_change whole = {.trustpoint = &change};
	struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_GRANTED, .actor = i->arrival->actor};
	_cleanup_(freep) char *note = NULL;
	int r = settle(i->turn, &record);

	if (r >= 0)
		r = trustpoint_describe_identity(identity, &note);
	act.note = note;
	/* The rollover that was wished for is here. */
	if (i->turn->server && is_created(i->turn->server)) {
		whole.server = i->turn->server->conf->label;
		whole.rollover_wish_s = &none;
	}
	if (i->birth.claim) {
		whole.generation = &i->birth.generation;
		whole.generation_has_crl = i->birth.has_crl;
	}
	return r < 0 ? r : trustpoint_commit_whole(i->turn, &whole, &act);
}

static void installation_done(struct installation *i)
{
	trustpoint_birth_done(&i->birth);
}

int trustpoint_install(struct trustpoint_turn *turn, const struct trustpoint_arrival *arrival,
		       char **ret_reason)
{
	_cleanup_(ca_identity_record_done) struct ca_identity_record identity = {};
	_cleanup_(installation_done) struct installation i = {.turn = turn, .arrival = arrival};
	int r = find(&i, ret_reason);

	if (!r)
		r = judge(&i, ret_reason);
	if (!r)
		r = begin_birth(&i, ret_reason);
	if (!r)
		r = fill_in(&i, &identity);
	if (!r)
		r = save(&i, &identity);
	if (r)
		return r;
	crash_here(CRASH_TRUSTPOINT_INSTALLED);
	tell(turn, &identity);
	return i.birth.claim ? trustpoint_birth_end(turn, &i.birth) : 0;
}
