/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an enrolment that is under way: sent, polled, and the answer's effects. */
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/trustpoint/answer.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/flow/trustpoint/enroll.h"
#include "daemon/flow/trustpoint/install.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/message.h"
#include "daemon/flow/trustpoint/refresh.h"
#include "daemon/flow/trustpoint/wire.h"
#include <string.h>

#define NONCE_SIZE 16

/* It goes on: counted, with what was said. */
static int go_on(struct trustpoint_turn *turn, const struct ca_enrollment_record *enrollment,
		 const struct trustpoint_step *step, const char *told)
{
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record record = {};
	struct store_trustpoint_change change = {.enrollment = &record};
	const struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_PENDING, .note = told};
	bool is_news = step->next != enrollment->state;
	int r = trustpoint_enrollment_copy(enrollment, &record);

	record.state = step->next;
	record.tries = step->effects & TRUSTPOINT_EFFECT_RECOUNT ? 0 : record.tries + 1;
	record.tried_s = turn->now_s;
	if (r >= 0)
		r = trustpoint_text_set(&record.told, told);
	if (r >= 0)
		r = trustpoint_commit(turn, &change, is_news ? &act : NULL);
	if (!r && is_news)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_PENDING),
				      log_text("TRUSTPOINT", turn->conf->name)),
			   "the CA waits for somebody's decision: it is asked again");
	return r;
}

static enum ca_trustpoint_halt halt_of(unsigned effects)
{
	return effects & TRUSTPOINT_EFFECT_REJECT    ? CA_TRUSTPOINT_REJECTED
	       : effects & TRUSTPOINT_EFFECT_EXHAUST ? CA_TRUSTPOINT_EXHAUSTED
						     : CA_TRUSTPOINT_GOES_ON;
}

/* It is over without a certificate. Its key goes afterwards: one that a crash leaves is taken up by
 * the next enrolment. */
static int end(struct trustpoint_turn *turn, const struct ca_enrollment_record *enrollment,
	       unsigned effects, const char *told)
{
	_cleanup_(ca_enrollment_record_done) struct ca_enrollment_record ended = {};
	struct store_trustpoint_change change = {.drop_enrollment = enrollment->id};
	const struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_FORGET, .note = told};
	enum ca_trustpoint_halt halt = halt_of(effects);
	int r = trustpoint_enrollment_copy(enrollment, &ended);

	if (r < 0)
		return r;
	r = halt ? trustpoint_halt_dropping(turn, halt, told, ended.id)
		 : trustpoint_commit(turn, &change, &act);
	if (!r && (effects & TRUSTPOINT_EFFECT_DESTROY))
		trustpoint_drop_key(turn, &ended);
	return r;
}

static const struct ca_enrollment_record *find(const struct trustpoint_turn *turn, int64_t id)
{
	for (size_t i = 0; i < turn->state.n_enrollments; i++)
		if (turn->state.enrollments[i].id == id)
			return &turn->state.enrollments[i];
	return NULL;
}

/* A refusal may be another CA's, which never knew us: then it is that which an operator must hear,
 * and the trustpoint has halted for it. One by the CA that is to take over was for its predecessor.
 * That nobody answers tells nothing of who refused. */
static int look_who_refused(struct trustpoint_turn *turn, unsigned *effects)
{
	_cleanup_(freep) char *reason = NULL;
	bool is_next = false;
	int r = trustpoint_refresh_ca(turn, &is_next, &reason);

	if (is_next || turn->state.record.halt == CA_TRUSTPOINT_STRANGER)
		*effects &= ~(unsigned)TRUSTPOINT_EFFECT_REJECT;
	return r < 0 ? r : 0;
}

static int apply(struct trustpoint_turn *turn, int64_t id, enum trustpoint_event event,
		 const char *told)
{
	const struct ca_enrollment_record *enrollment = find(turn, id);
	struct trustpoint_step step;
	int r = 0;

	if (!enrollment)
		return 0;
	step = trustpoint_enrollment_step(enrollment->state, event, enrollment->key_is_new);
	if (step.effects & TRUSTPOINT_EFFECT_REJECT)
		r = look_who_refused(turn, &step.effects);
	enrollment = find(turn, id);
	if (r < 0 || !enrollment)
		return r;
	return step.next ? go_on(turn, enrollment, &step, told)
			 : end(turn, enrollment, step.effects, told);
}

/* What is found wrong is told each time: the pauses grow. */
static int fail(struct trustpoint_turn *turn, int64_t id, enum trustpoint_event event,
		const char *reason)
{
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_FAILED),
			       log_text("TRUSTPOINT", turn->conf->name),
			       log_text("ACTION", trustpoint_event_name(event)),
			       log_text("REASON", reason)),
		    "no use came of asking the CA: %s", reason);
	return apply(turn, id, event, reason);
}

/* What ends an enrolment that is begun anew: the pause before the next is that of a failure, lest
 * one follow the other. */
static int lose(struct trustpoint_turn *turn, int64_t id, enum trustpoint_event event,
		const char *reason)
{
	int r = fail(turn, id, event, reason);

	return r ? r : trustpoint_note_failure(turn, reason);
}

static int install(struct trustpoint_turn *turn, int64_t id, struct span certificate)
{
	_cleanup_(freep) char *reason = NULL;
	const struct trustpoint_arrival arrival = {.enrollment = id, .certificate = certificate};
	int r = trustpoint_install(turn, &arrival, &reason);

	return r == FLOW_REFUSED ? fail(turn, id, TRUSTPOINT_EVENT_BAD_ANSWER, reason) : r;
}

static int hear(struct trustpoint_turn *turn, int64_t id, struct span body, struct span nonce,
		char **ret_reason)
{
	_cleanup_(trustpoint_reading_done) struct trustpoint_reading reading = {};
	int r = trustpoint_read_answer(turn, find(turn, id), body, nonce, &reading, ret_reason);

	if (r == FLOW_REFUSED)
		return lose(turn, id, TRUSTPOINT_EVENT_KEY_LOST, *ret_reason);
	if (r)
		return r;
	crash_here(CRASH_TRUSTPOINT_ANSWERED);
	if (reading.event == TRUSTPOINT_EVENT_GRANTED)
		return install(turn, id, span_of(reading.certificate));
	if (reading.event == TRUSTPOINT_EVENT_FORGOTTEN)
		return lose(turn, id, reading.event, reading.reason);
	if (reading.event == TRUSTPOINT_EVENT_BAD_ANSWER)
		return fail(turn, id, reading.event, reading.reason);
	return apply(turn, id, reading.event, reading.reason);
}

/* The same bytes again and again until there is an answer, or a poll with a nonce of its own. */
static int draw_up(struct trustpoint_turn *turn, const struct ca_enrollment_record *enrollment,
		   uint8_t nonce[static NONCE_SIZE], struct bytes *ret, char **ret_reason)
{
	if (enrollment->state == CA_ENROLLMENT_PENDING) {
		random_fill(nonce, NONCE_SIZE);
		return trustpoint_message_poll(turn, enrollment, SPAN(nonce, NONCE_SIZE), ret,
					       ret_reason);
	}
	if (enrollment->sender_nonce.size != NONCE_SIZE)
		return -EBADMSG;
	memcpy(nonce, enrollment->sender_nonce.data, NONCE_SIZE);
	return bytes_copy(span_of(enrollment->message), ret);
}

int trustpoint_send(struct trustpoint_turn *turn, int64_t id, char **ret_reason)
{
	const struct ca_enrollment_record *enrollment = find(turn, id);
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(bytes_done) struct bytes message = {};
	uint8_t nonce[NONCE_SIZE];
	int r;

	if (!enrollment || enrollment->state == CA_ENROLLMENT_BY_HAND)
		return 0;
	/* Without it the answer could not be opened: the CA is not asked in vain. */
	r = trustpoint_key_await(turn, &enrollment->key, ret_reason);
	if (!r)
		r = draw_up(turn, enrollment, nonce, &message, ret_reason);
	if (r == FLOW_REFUSED)
		return lose(turn, id, TRUSTPOINT_EVENT_KEY_LOST, *ret_reason);
	if (!r)
		r = trustpoint_ask(turn, "PKIOperation", span_of(message), &answer, ret_reason);
	if (r == FLOW_REFUSED)
		return fail(turn, id, TRUSTPOINT_EVENT_NO_ANSWER, *ret_reason);
	return r ? r : hear(turn, id, span_of(answer.body), SPAN_ARRAY(nonce), ret_reason);
}

int trustpoint_give_up(struct trustpoint_turn *turn, int64_t id, char **ret_reason)
{
	const struct ca_enrollment_record *enrollment = find(turn, id);
	enum trustpoint_event event;
	_cleanup_(freep) char *told = NULL;
	int r;

	if (!enrollment)
		return 0;
	event = trustpoint_give_up_event(&turn->state, enrollment, turn->now_s);
	r = event == TRUSTPOINT_EVENT_CA_ENDED
		    ? trustpoint_refuse(&told, 0, "the CA that was asked has ended")
		    : trustpoint_refuse(&told, 0, "tried %u times without a certificate%s%s",
					enrollment->tries, enrollment->told ? "; the last: " : "",
					enrollment->told ? enrollment->told : "");
	(void)ret_reason;
	return r < 0 ? r : apply(turn, id, event, told);
}
