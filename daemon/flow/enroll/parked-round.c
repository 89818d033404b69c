/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/parked-round.h"
#include "daemon/base/crash.h"
#include "daemon/base/log.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/enroll/scep.h"
#include "daemon/flow/enroll/waiting.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/store/parked.h"
#include <stdlib.h>
#include <string.h>

/* So that who asks at this moment waits for a few of them at most. */
#define AT_ONCE_MOST 16
/* What RequestLifetime= can be at most: of a server that is in no configuration now. */
#define LIFETIME_MOST_S (INT64_C(1000) * 3600)

/* The texts of a list; each once. */
struct names {
	char **items;
	size_t n;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
}

static int names_add(struct names *names, const char *name)
{
	char **longer;

	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->items[i], name))
			return 0;
	longer = reallocarray(names->items, names->n + 1, sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	names->items = longer;
	longer[names->n] = strdup(name);
	return longer[names->n] ? (int)(names->n++, 0) : -ENOMEM;
}

struct looking {
	struct flow *flow;
	int64_t now_s;
	struct names tokens, stale; /* names; labels */
};

static int64_t lifetime_of(struct flow *flow, const char *label)
{
	const struct authority *authority = flow_find_authority(flow, span_of_text(label));

	return authority ? authority->conf->request_lifetime_s : LIFETIME_MOST_S;
}

/* A clock that is not good yet makes nothing old. */
static int note_place(void *context, const struct store_parked_place *place)
{
	struct looking *looking = context;

	if (time_source_is_good(&looking->flow->time) &&
	    ca_parked_is_stale(place->oldest_s, lifetime_of(looking->flow, place->server),
			       looking->now_s))
		return names_add(&looking->stale, place->server);
	return names_add(&looking->tokens, place->token);
}

static int drop_stale(const struct looking *looking, const char *label)
{
	unsigned n = 0;
	int r = store_parked_expire(looking->flow->store, label,
				    looking->now_s - lifetime_of(looking->flow, label), &n);

	if (!r && n)
		log_notice(LOG_FIELDS(log_text("SERVER", label), log_number("MESSAGES", n)),
			   "messages waited for a token for longer than RequestLifetime= and "
			   "were dropped");
	return r;
}

/* The keys that can issue what is authorised: the active generation's, and the shadow's. */
static int note_issuers(struct looking *looking, struct authority *authority)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *issuers[] = {
		generations_active(generations, looking->now_s),
		generations_rollover_issuer(generations, looking->now_s)};
	unsigned n = 0;
	int r = 0;

	if (!conf_server_is_ca(authority->conf))
		return 0;
	r = store_request_count_authorized(looking->flow->store, authority->conf->label, &n);
	for (size_t i = 0; i < ELEMENTS(issuers) && r >= 0 && n; i++)
		if (issuers[i])
			r = names_add(&looking->tokens, issuers[i]->record->token);
	return r;
}

static int look(struct looking *looking)
{
	struct flow *flow = looking->flow;
	int r = store_parked_list(flow->store, note_place, looking);

	for (size_t i = 0; i < looking->stale.n && r >= 0; i++)
		r = drop_stale(looking, looking->stale.items[i]);
	/* What is younger waits on. */
	if (r >= 0 && looking->stale.n)
		r = store_parked_list(flow->store, note_place, looking);
	for (size_t i = 0; i < flow->conf->n_servers && r >= 0; i++)
		r = note_issuers(looking, &flow->authorities[i]);
	return r;
}

int flow_parked_look(struct flow *flow, int64_t now_s, parked_visit visit, void *context)
{
	struct looking looking = {.flow = flow, .now_s = now_s};
	int r = look(&looking);

	for (size_t i = 0; i < looking.tokens.n && !r; i++)
		r = visit(context, looking.tokens.items[i]);
	names_done(&looking.tokens);
	names_done(&looking.stale);
	return r < 0 ? r : 0;
}

static enum ca_parked_event event_of_status(unsigned status)
{
	return status == 200			? CA_PARKED_EVENT_ANSWERED
	       : status == 503 || status == 404 ? CA_PARKED_EVENT_CLOSED
						: CA_PARKED_EVENT_UNREADABLE;
}

static enum ca_parked_event event_of(int outcome, const struct scep_result *result,
				     const char *token)
{
	switch (outcome) {
	case 0:
		return event_of_status(result->status);
	case FLOW_RELAY:
		return CA_PARKED_EVENT_ELSEWHERE;
	case FLOW_LATER:
		return !result->awaits		       ? CA_PARKED_EVENT_IN_HAND
		       : strcmp(result->awaits, token) ? CA_PARKED_EVENT_ANOTHER_TOKEN
						       : CA_PARKED_EVENT_LATER;
	default:
		return CA_PARKED_EVENT_FAULT;
	}
}

static void tell(const struct ca_parked_record *record, enum ca_parked_event event, int outcome)
{
	log_write(event == CA_PARKED_EVENT_FAULT ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
		  LOG_FIELDS(log_text("SERVER", record->server), log_text("TOKEN", record->token),
			     log_text("PEER", record->peer),
			     log_span("TRANSACTION", span_of(record->transaction_id)),
			     log_number("ERRNO", outcome < 0 ? -outcome : 0)),
		  "a message that waited for its token went on: %s", ca_parked_event_name(event));
}

static struct ca_parked_step go_on(struct flow *flow, const struct ca_parked_record *record,
				   int64_t now_s)
{
	const struct scep_call call = {.server = span_of_text(record->server),
				       .peer = span_of_text(record->peer),
				       .message = span_of(record->message)};
	struct scep_result result = {};
	enum ca_parked_event event;
	int outcome, r = 0;

	outcome = flow_scep(flow, &call, now_s, &result);
	event = event_of(outcome, &result, record->token);
	tell(record, event, outcome);
	crash_here(CRASH_PARKED_ANSWERED);
	if (event == CA_PARKED_EVENT_ANOTHER_TOKEN)
		r = store_parked_move(flow->store, record->id, result.awaits);
	else if (!ca_parked_step(event).keep)
		r = store_parked_remove(flow->store, record->id);
	if (r)
		log_warning(LOG_FIELDS(log_text("SERVER", record->server),
				       log_number("ERRNO", r < 0 ? -r : 0)),
			    "a message that went on is still recorded as waiting, and goes on once "
			    "more later");
	scep_result_done(&result);
	return ca_parked_step(event);
}

/* False where the token went again. */
static bool go_on_with_messages(struct flow *flow, const char *token, int64_t now_s,
				struct parked_round *round)
{
	char reason[AUTHORITY_TOKEN_REASON_SIZE];

	for (unsigned i = 0; i < AT_ONCE_MOST; i++) {
		_cleanup_(ca_parked_record_done) struct ca_parked_record record = {};
		struct ca_parked_step step;
		int r = store_parked_next(flow->store, token, round->after_id, &record);

		if (r) {
			round->after_id = 0;
			return true;
		}
		round->after_id = record.id;
		step = go_on(flow, &record, now_s);
		round->n_done += !step.keep;
		/* Of a token that is ready, others' keys may be. */
		if (!step.go_on && !authority_token_is_ready(flow, token, reason)) {
			round->after_id = 0;
			return false;
		}
	}
	round->more = true;
	return true;
}

static void go_on_with_requests(struct flow *flow, const char *token, int64_t now_s,
				struct parked_round *round)
{
	for (size_t i = 0; i < flow->conf->n_servers && round->n_done < AT_ONCE_MOST; i++)
		round->n_done += waiting_go_on(flow, &flow->authorities[i], token, now_s,
					       AT_ONCE_MOST - round->n_done);
	round->more |= round->n_done >= AT_ONCE_MOST;
}

void flow_parked_round(struct flow *flow, const char *token, int64_t now_s,
		       struct parked_round *round)
{
	char reason[AUTHORITY_TOKEN_REASON_SIZE];

	*round = (struct parked_round){.after_id = round->after_id};
	round->ready = authority_token_is_ready(flow, token, reason) &&
		       go_on_with_messages(flow, token, now_s, round);
	if (round->ready)
		go_on_with_requests(flow, token, now_s, round);
	if (round->n_done)
		log_notice(LOG_FIELDS(log_text("TOKEN", token), log_number("DONE", round->n_done)),
			   "what waited for a token went on");
}
