/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/crl-watch.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/ca/crl.h"
#include "daemon/flow/failures.h"
#include "daemon/flow/server/server.h"
#include <stdio.h>

/* A CRL as it is told of. */
struct late {
	unsigned generation; /* whose own it is; 0: the server's newest */
	uint64_t number;
	int64_t next_update_s;
	unsigned percent;
};

/* What was told last of this generation's; of more than there is room for the first is forgotten.
 */
static struct crl_told *told_of(struct authority_share *shared, unsigned generation)
{
	struct crl_told *told = shared->crl_told;

	for (size_t i = 0; i < ELEMENTS(shared->crl_told); i++)
		if (told[i].number && told[i].generation == generation)
			return &told[i];
	for (size_t i = 0; i < ELEMENTS(shared->crl_told); i++)
		if (!told[i].number)
			return &told[i];
	return &told[0];
}

/* Whether this step of this CRL is told of for the first time. */
static bool is_new_step(struct authority *authority, const struct late *late)
{
	struct crl_told *told;
	bool is_new;

	pthread_mutex_lock(&authority->shared->lock);
	told = told_of(authority->shared, late->generation);
	is_new = late->percent && (told->generation != late->generation ||
				   told->number != late->number || told->percent < late->percent);
	if (is_new)
		*told = (struct crl_told){late->generation, late->number, late->percent};
	pthread_mutex_unlock(&authority->shared->lock);
	return is_new;
}

static void tell_late(struct authority *authority, const struct late *late)
{
	static const char *const texts[][2] = {
		{"alarm: the CRL was not renewed in time",
		 "alarm: the CRL has expired and there is no new one"},
		{"alarm: the CRL of a displaced generation was not renewed in time",
		 "alarm: the CRL of a displaced generation has expired"},
	};
	bool expired = late->percent >= 100;
	char until[32];

	if (!is_new_step(authority, late))
		return;
	text_format_time(late->next_update_s, until);
	log_write(expired ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		  LOG_FIELDS(log_event(expired ? LOG_EVENT_CRL_EXPIRED : LOG_EVENT_CRL_LATE),
			     log_text("SERVER", authority->conf->label),
			     log_number("NUMBER", (int64_t)late->number),
			     log_text("NEXT_UPDATE", until), log_number("PERCENT", late->percent),
			     late->generation ? log_number("GENERATION", late->generation)
					      : (struct log_field){}),
		  "%s", texts[late->generation != 0][expired]);
}

static void fail_for(struct authority *authority, const struct ca_server_record *record)
{
	char reason[96], until[32];

	(void)snprintf(reason, sizeof(reason), "CRL %llu expired at %s",
		       (unsigned long long)record->crl_number,
		       text_format_time(record->crl_next_update_s, until));
	failures_note(authority, FAILURE_CRL_ISSUE, reason);
}

static void watch_newest(struct authority *authority, const struct ca_server_record *record,
			 int64_t now_s)
{
	const struct late late = {.number = record->crl_number,
				  .next_update_s = record->crl_next_update_s,
				  .percent = ca_crl_passed_percent(record, now_s)};

	tell_late(authority, &late);
	if (late.percent >= 100)
		fail_for(authority, record);
	else
		failures_clear(authority, FAILURE_CRL_ISSUE);
}

static void watch_own(struct authority *authority, const struct ca_plan_facts *facts, int64_t now_s)
{
	for (size_t i = 0; i < facts->n_generations; i++) {
		const struct ca_generation_record *generation = &facts->generations[i];
		const struct late late = {
			.generation = generation->number,
			.number = generation->own_crl_number,
			.next_update_s = generation->own_crl_next_update_s,
			.percent = ca_crl_own_passed_percent(generation, now_s),
		};

		if (ca_generation_is_displaced(facts->generations, facts->n_generations, i, now_s))
			tell_late(authority, &late);
	}
}

static void tell_missing(struct authority *authority, const struct ca_generation_record *shadow)
{
	bool is_new;
	char from[32];

	pthread_mutex_lock(&authority->shared->lock);
	is_new = authority->shared->crl_missing_told != shadow->number;
	authority->shared->crl_missing_told = shadow->number;
	pthread_mutex_unlock(&authority->shared->lock);
	if (!is_new)
		return;
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_CRL_MISSING),
			       log_text("SERVER", authority->conf->label),
			       log_number("GENERATION", shadow->number),
			       log_text("FROM", text_format_time(shadow->takes_over_s, from)),
			       log_text("TOKEN", shadow->token)),
		    "alarm: the first CRL of the next generation is not signed yet");
}

void flow_watch_crls(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	struct ca_plan_facts facts;

	/* Before there is a CA certificate nobody has anything to hold against a CRL, and none
	 * follows the one that was signed for it. */
	if (!generations->n || flow_server_facts(flow, authority, generations, &record, &facts))
		return;
	watch_newest(authority, &record, now_s);
	watch_own(authority, &facts, now_s);
	if (ca_crl_first_is_missing(&facts, now_s))
		tell_missing(authority,
			     ca_generation_shadow(facts.generations, facts.n_generations, now_s));
}
