/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_OFFER, TOKEN_GIVE and TOKEN_TAKE: two tokens come to share a wrapping key. */
#include "daemon/base/log.h"
#include "hsm/wrapping-key.h"
#include "token/request.h"
#include <stdlib.h>
#include <string.h>

struct share {
	char *label;
	bool makes, look_only;
	struct span spki, given;
	struct bytes content; /* that goes out: a public key, or the wrapped wrapping key */
	uint8_t check[HSM_WRAPPING_CHECK_SIZE];
	int outcome;
	const char *why;
};

static void share_done(struct share *share)
{
	bytes_done(&share->content);
	free(share->label);
}

static int told(struct share *share, int r)
{
	share->outcome = r;
	return r < 0 ? r : 0;
}

static int look(struct hsm_session *session, void *context)
{
	struct share *share = context;

	return told(share, hsm_wrapping_key_find(session, share->label, share->check, &share->why));
}

static int offer(struct hsm_session *session, void *context)
{
	struct share *share = context;

	return told(share, hsm_transport_make(session, share->label, &share->content, &share->why));
}

static int trust_as_officer(struct hsm_session *session, void *context)
{
	struct share *share = context;
	int r = share->makes ? hsm_wrapping_key_make(session, share->label, &share->why) : 0;

	if (r == 0)
		r = hsm_transport_trust(session, share->label, share->spki, &share->why);
	return told(share, r);
}

static int give(struct hsm_session *session, void *context)
{
	struct share *share = context;
	int r = hsm_wrapping_key_hide(session, share->label, &share->why);

	if (r == 0)
		r = hsm_wrapping_key_find(session, share->label, share->check, &share->why);
	if (r == 0)
		r = hsm_wrapping_key_give(session, share->label, share->spki, &share->content,
					  &share->why);
	return told(share, r);
}

static int take_as_officer(struct hsm_session *session, void *context)
{
	struct share *share = context;

	return told(share, hsm_wrapping_key_take(session, share->label, share->given, &share->why));
}

static int hide(struct hsm_session *session, void *context)
{
	struct share *share = context;
	int r = hsm_wrapping_key_hide(session, share->label, &share->why);

	if (r == 0)
		r = hsm_wrapping_key_find(session, share->label, share->check, &share->why);
	return told(share, r);
}

static const struct keeper_deed look_deed = {WATCH_CHANGE, true, true, look};
static const struct keeper_deed offer_deed = {WATCH_MAKE, true, false, offer};
static const struct keeper_deed trust_deed = {WATCH_MAKE, true, false, trust_as_officer};
static const struct keeper_deed give_deed = {WATCH_CHANGE, true, false, give};
static const struct keeper_deed take_deed = {WATCH_CHANGE, true, false, take_as_officer};
static const struct keeper_deed hide_deed = {WATCH_CHANGE, true, false, hide};

/* One step, as an officer where @so_pin is given. 0, or the request was answered that it failed. */
static int step(struct request *request, unsigned seat, const struct keeper_deed *deed,
		const struct span *so_pin, struct share *share)
{
	struct keeper *keeper = request->service->keeper;
	_cleanup_(freep) char *reason = NULL;
	int r = so_pin ? keeper_do_as_officer(keeper, seat, *so_pin, deed, share, &reason)
		       : keeper_do(keeper, seat, deed, share, &reason);

	if (r) {
		request_fail_keeper(request, r, reason);
		return r;
	}
	if (share->outcome)
		request_fail(request, IPC_FAILURE_REFUSED, "%s", share->why);
	return share->outcome;
}

/* Whether the token has one; that it hasn't is no failure. 0, or answered. */
static int find(struct request *request, unsigned seat, struct share *share, bool *ret_has)
{
	_cleanup_(freep) char *reason = NULL;
	int r = service_read_wrapping_label(request->service, &share->label);

	if (r == 0)
		r = keeper_do(request->service->keeper, seat, &look_deed, share, &reason);
	if (r) {
		request_fail_keeper(request, r, reason);
		return r;
	}
	*ret_has = share->outcome == 0;
	if (share->outcome == 0 || share->outcome == HSM_WRAPPING_ABSENT)
		return 0;
	request_fail(request, IPC_FAILURE_REFUSED, "%s", share->why);
	return share->outcome;
}

static void tell(const struct request *request, const char *what)
{
	log_notice(LOG_FIELDS(log_text("TOKEN", request->service->name),
			      log_number("PEER_UID", connection_uid(request->connection)),
			      log_number("PEER_PID", connection_pid(request->connection))),
		   "an operator's act with the wrapping key: %s", what);
}

void request_offer(struct request *request, unsigned seat)
{
	_cleanup_(share_done) struct share share = {0};
	struct ipc_token_offered offered = {0};
	bool has;

	if (find(request, seat, &share, &has))
		return;
	if (has)
		offered.check = SPAN_ARRAY(share.check);
	else if (!request->message.offer.look_only) {
		if (step(request, seat, &offer_deed, NULL, &share))
			return;
		tell(request, "a pair was made, for another token's to come");
		offered.spki = span_of(share.content);
	}
	request_answer(request, IPC_TOKEN_OFFERED, &offered);
}

void request_give(struct request *request, unsigned seat)
{
	const struct ipc_token_give *ask = &request->message.give;
	_cleanup_(share_done) struct share share = {.spki = ask->spki};
	bool has;

	if (find(request, seat, &share, &has))
		return;
	share.makes = !has;
	if (step(request, seat, &trust_deed, &ask->so_pin, &share) ||
	    step(request, seat, &give_deed, NULL, &share))
		return;
	tell(request, has ? "given to another token" : "made, and given to another token");
	request_answer(request, IPC_TOKEN_GIVEN,
		       &(struct ipc_token_given){span_of(share.content), SPAN_ARRAY(share.check)});
}

void request_take_wrapping(struct request *request, unsigned seat)
{
	const struct ipc_token_take *ask = &request->message.take;
	_cleanup_(share_done) struct share share = {.given = ask->content};
	bool has;

	if (find(request, seat, &share, &has))
		return;
	if (has) {
		request_fail(request, IPC_FAILURE_REFUSED,
			     "the token has a wrapping key of this label already");
		return;
	}
	if (step(request, seat, &take_deed, &ask->so_pin, &share) ||
	    step(request, seat, &hide_deed, NULL, &share))
		return;
	if (!span_equal(SPAN_ARRAY(share.check), ask->check)) {
		request_fail(request, IPC_FAILURE_FAULT,
			     "another wrapping key came than was given, or the tokens wrap by "
			     "different mechanisms");
		return;
	}
	tell(request, "taken from another token");
	request_answer(request, IPC_DONE, &(struct ipc_done){});
}
