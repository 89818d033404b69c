/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/base/log.h"
#include "daemon/ipc/fetch-client.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/url.h"
#include <stdlib.h>
#include <string.h>

/* A server that says to come back in a year is not obeyed: nobody would notice. */
#define HOLD_MOST_S (8 * INT64_C(3600))
#define STATUS_OK   200

void trustpoint_answer_done(struct trustpoint_answer *answer)
{
	free(answer->content_type);
	bytes_done(&answer->body);
	*answer = (struct trustpoint_answer){};
}

static bool is_posted(const struct trustpoint_turn *turn, struct span message)
{
	return message.size && (turn->state.record.capabilities & SCEP_CAN_POST);
}

/* Retry-After: nobody is asked again before that, but by an operator. */
static void hold(struct trustpoint_turn *turn, unsigned retry_after_s)
{
	int64_t pause_s = retry_after_s < HOLD_MOST_S ? retry_after_s : HOLD_MOST_S;

	if (pause_s && turn->hold_until_s < turn->now_s + pause_s)
		turn->hold_until_s = turn->now_s + pause_s;
}

static int refuse_status(const struct trustpoint_turn *turn, const char *operation, unsigned status,
			 char **ret_reason)
{
	return trustpoint_refuse(ret_reason, FLOW_REFUSED, "%s: %s is answered with HTTP status %u",
				 turn->conf->enrollment_url, operation, status);
}

static int from_fetch(const struct trustpoint_turn *turn, int r)
{
	if (r > 0 && fetch_is_cancelled(turn->flow->canceller))
		return FLOW_LATER;
	return r > 0 ? FLOW_REFUSED : r;
}

/* GetCACert and its like carry the trustpoint's name, as routers have it. */
static int make_url(const struct trustpoint_turn *turn, const char *operation, struct span message,
		    char **ret, char **ret_reason)
{
	const struct conf_trustpoint *conf = turn->conf;
	bool is_message = !strcmp(operation, "PKIOperation");
	int r = trustpoint_url_check(conf->enrollment_url, ret_reason);

	if (r)
		return r < 0 ? r : FLOW_REFUSED;
	if (is_message && message.size)
		return trustpoint_url_make_get(conf->enrollment_url, message, ret);
	return trustpoint_url_make(conf->enrollment_url, operation,
				   is_message ? (struct span){} : span_of_text(conf->name), ret);
}

int trustpoint_ask(struct trustpoint_turn *turn, const char *operation, struct span message,
		   struct trustpoint_answer *ret, char **ret_reason)
{
	const char *runtime = turn->flow->conf->daemon.runtime_directory;
	_cleanup_(fetch_answer_done) struct fetch_answer answer = {};
	_cleanup_(freep) char *url = NULL;
	struct fetch_order order = {
		.runtime_directory = runtime,
		.timeout_s = turn->timeout_s ? turn->timeout_s : TRUSTPOINT_TIMEOUT_S,
		.canceller = turn->flow->canceller,
	};
	bool posted = is_posted(turn, message);
	int r = make_url(turn, operation, posted ? (struct span){} : message, &url, ret_reason);

	order.url = url;
	if (!r)
		r = from_fetch(turn, fetch_scep(&order, posted ? message : (struct span){},
						TRUSTPOINT_ANSWER_MOST, &answer, ret_reason));
	if (r)
		return r;
	log_debug(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
			     log_text("OPERATION", operation),
			     log_number("STATUS", (int64_t)answer.status)),
		  "%s answered", operation);
	hold(turn, answer.retry_after_s);
	ret->status = answer.status;
	ret->content_type = TAKE_PTR(answer.content_type);
	ret->body = TAKE_STRUCT(answer.content);
	return ret->status == STATUS_OK ? 0
					: refuse_status(turn, operation, ret->status, ret_reason);
}
