/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/enroll.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/refresh.h"
#include "daemon/flow/trustpoint/request.h"

/* Whose CA is asked; NULL with a reason. */
static const struct ca_anchor_record *find_anchor(struct trustpoint_turn *turn,
						  const struct trustpoint_order *order)
{
	return order->kind == CA_ENROLLMENT_SHADOW ? ca_anchor_next(&turn->state, turn->now_s)
						   : ca_anchor_active(&turn->state, turn->now_s);
}

static int check(struct trustpoint_turn *turn, const struct trustpoint_order *order,
		 char **ret_reason)
{
	const struct ca_anchor_record *anchor = find_anchor(turn, order);
	const char *name = turn->conf->name;

	if (!anchor)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "no CA certificate was accepted yet: claviger trustpoint "
					 "authenticate %s",
					 name);
	if (anchor->not_after_s < turn->now_s)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "the CA certificate has ended: claviger trustpoint "
					 "authenticate %s",
					 name);
	if (!order->by_hand && !trustpoint_is_online(turn->conf))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "[Trustpoint %s] has no EnrollmentURL= to ask", name);
	return 0;
}

static void tell_requested(const struct trustpoint_turn *turn,
			   const struct ca_enrollment_record *enrollment)
{
	char md5[129], sha1[129], sha256_text[129];

	log_notice(
		LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_REQUESTED),
			   log_text("TRUSTPOINT", turn->conf->name),
			   log_hex("MD5", SPAN_ARRAY(enrollment->request_md5), md5),
			   log_hex("SHA1", SPAN_ARRAY(enrollment->request_sha1), sha1),
			   log_hex("SHA256", SPAN_ARRAY(enrollment->request_sha256), sha256_text),
			   log_span("TRANSACTION", span_of(enrollment->transaction_id))),
		"a certificate is asked for");
}

static int describe(const struct trustpoint_order *order,
		    const struct ca_enrollment_record *enrollment, char **ret)
{
	static const char *const kinds[] = {
		[CA_ENROLLMENT_FIRST] = "first request",
		[CA_ENROLLMENT_RENEWAL] = "renewal",
		[CA_ENROLLMENT_SHADOW] = "request to the CA that is to take over",
		[CA_ENROLLMENT_EMERGENCY] = "first request of an emergency",
	};
	_cleanup_(buffer_done) struct buffer text = {};

	buffer_printf(&text, "%s%s, ", kinds[enrollment->kind], order->by_hand ? " by hand" : "");
	text_append_hex(&text, SPAN_ARRAY(enrollment->request_sha256), true);
	return buffer_take_text(&text, ret);
}

/* What halted it halts it no more, and tries are counted anew. */
static int forgive(struct ca_trustpoint_record *record)
{
	int r = trustpoint_text_set(&record->halt_reason, NULL);

	record->halt = CA_TRUSTPOINT_GOES_ON;
	record->halted_s = 0;
	record->failures = 0;
	record->failed_s = 0;
	return r < 0 ? r : trustpoint_text_set(&record->failure, NULL);
}

/* In the place of one that is under way; an operator's act ends what halted it. */
static int save(struct trustpoint_turn *turn, const struct trustpoint_order *order,
		struct ca_enrollment_record *enrollment)
{
	const struct ca_enrollment_record *before = ca_enrollment_of(&turn->state, order->usage);
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {
		.record = &record,
		.enrollment = enrollment,
		.drop_enrollment = before ? before->id : 0,
	};
	struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_ENROLL, .actor = order->actor};
	_cleanup_(freep) char *note = NULL;
	int r = trustpoint_record_copy(turn, &record);

	if (r >= 0 && order->actor)
		r = forgive(&record);
	if (r >= 0)
		r = describe(order, enrollment, &note);
	act.note = note;
	return r < 0 ? r : trustpoint_commit(turn, &change, &act);
}

/* A request to one that issues no more would be refused, which is for an operator to mend. */
static int look_at_ca(struct trustpoint_turn *turn, const struct trustpoint_order *order,
		      char **ret_reason)
{
	bool is_next = false;
	int r = trustpoint_refresh_ca(turn, &is_next, ret_reason);

	if (r || !is_next || order->kind == CA_ENROLLMENT_SHADOW)
		return r;
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "the CA that is to take over answers already: it is asked once it "
				 "is in force here");
}

int trustpoint_begin_enrollment(struct trustpoint_turn *turn, const struct trustpoint_order *order,
				char **ret_reason)
{
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record enrollment = {};
	int r = check(turn, order, ret_reason);

	/* Before anybody is asked: a CA is not troubled for a token that is away. */
	if (!r)
		r = trustpoint_key_await(turn, NULL, ret_reason);
	if (!r && !order->by_hand)
		r = look_at_ca(turn, order, ret_reason);
	if (!r)
		r = trustpoint_draw_up(turn, order, find_anchor(turn, order), &enrollment,
				       ret_reason);
	if (!r)
		r = save(turn, order, &enrollment);
	if (r)
		return r;
	crash_here(CRASH_TRUSTPOINT_MADE);
	tell_requested(turn, &enrollment);
	return 0;
}
