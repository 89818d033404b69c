/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/crl/crl.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/crl/issue.h"
#include "daemon/flow/publication/publish.h"

/* One transaction each, so that a token that goes leaves what was signed by then. */
static int sign_ahead(struct crl_issue *issue)
{
	const struct conf_server *conf = issue->authority->conf;
	const struct ca_plan_facts facts = {.server = &issue->record,
					    .generations = issue->generations->records,
					    .n_generations = issue->generations->n,
					    .policy = {.crl_lifetime_s = conf->crl_lifetime_s}};
	struct ca_crl_times times;
	int r = 0;

	while (!r && ca_crl_ahead_next(&facts, issue->now_s, &times)) {
		struct store_change change = {.crl_is_ahead = true};

		r = crl_issue_sign(issue, &times, &change);
	}
	return r;
}

static int sign_now(struct crl_issue *issue, const int64_t *until_s)
{
	const struct ca_crl_times times = {issue->now_s,
					   issue->now_s + issue->authority->conf->crl_lifetime_s,
					   issue->active->record->number};
	struct store_change change = {.ahead_wish_s = until_s};
	int r;

	r = crl_issue_sign(issue, &times, &change);
	if (r)
		return r;
	r = flow_crl_changed(issue->flow, issue->authority, issue->now_s);
	if (r >= 0)
		r = sign_ahead(issue);
	flow_changed(issue->flow);
	/* What can't be signed ahead, as that one's token is away, is planned still: only who asked
	 * for the series is told now. */
	return r == FLOW_LATER && !until_s ? 0 : r;
}

static int sign_by_hand(struct crl_issue *issue, const int64_t *until_s)
{
	int r;

	if (!time_source_is_good(&issue->flow->time))
		return FLOW_REFUSED;
	r = crl_issue_begin(issue);
	return r ? r : sign_now(issue, until_s);
}

int flow_sign_crl(struct flow *flow, struct authority *authority, const char *actor, int64_t now_s)
{
	_cleanup_(crl_issue_done) struct crl_issue issue = {
		.flow = flow, .authority = authority, .actor = actor, .now_s = now_s};

	return sign_by_hand(&issue, NULL);
}

int flow_sign_crl_until(struct flow *flow, struct authority *authority, const char *actor,
			int64_t until_s, int64_t now_s)
{
	_cleanup_(crl_issue_done) struct crl_issue issue = {
		.flow = flow, .authority = authority, .actor = actor, .now_s = now_s};

	return sign_by_hand(&issue, &until_s);
}

int flow_renew_crl(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(crl_issue_done) struct crl_issue issue = {
		.flow = flow, .authority = authority, .actor = "clavigerd", .now_s = now_s};
	int r;

	r = crl_issue_begin(&issue);
	if (r)
		return r;
	if (ca_crl_due_s(&issue.record, issue.active->record, now_s) > now_s)
		return 0;
	return sign_now(&issue, NULL);
}

int flow_sign_crl_ahead(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(crl_issue_done) struct crl_issue issue = {
		.flow = flow, .authority = authority, .actor = "clavigerd", .now_s = now_s};
	int r;

	r = crl_issue_begin(&issue);
	return r ? r : sign_ahead(&issue);
}

static int sign_own(struct crl_issue *issue, const struct ca_generation_record *displaced)
{
	const struct ca_crl_times times = {issue->now_s,
					   issue->now_s + issue->authority->conf->crl_lifetime_s,
					   displaced->number};
	struct store_change change = {.crl_is_own = true};
	int r = crl_issue_sign(issue, &times, &change);

	if (!r)
		r = flow_crl_changed(issue->flow, issue->authority, issue->now_s);
	flow_changed(issue->flow);
	return r;
}

int flow_sign_own_crl(struct flow *flow, struct authority *authority, unsigned number,
		      int64_t now_s)
{
	_cleanup_(crl_issue_done) struct crl_issue issue = {
		.flow = flow, .authority = authority, .actor = "clavigerd", .now_s = now_s};
	const struct generations *generations;
	int r;

	r = crl_issue_begin(&issue);
	if (r)
		return r;
	generations = issue.generations;
	for (size_t i = 0; i < generations->n; i++)
		if (generations->records[i].number == number &&
		    ca_generation_is_displaced(generations->records, generations->n, i, now_s) &&
		    ca_crl_own_due_s(&issue.record, &generations->records[i], now_s) <= now_s)
			return sign_own(&issue, &generations->records[i]);
	return 0;
}

int flow_crl_changed(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	int r = 0;

	/* What each has of its own is kept with it. */
	if (generations->n > 1)
		r = authority_load(flow, authority);
	return r < 0 ? r : flow_publish(flow, authority, now_s);
}

int flow_publish_crl_ahead(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(crl_issue_done) struct crl_issue issue = {
		.flow = flow, .authority = authority, .actor = "clavigerd", .now_s = now_s};
	struct store_change change = {.server = authority->conf->label, .now_s = now_s};
	struct ca_crl_record crl;
	int r;

	r = crl_issue_begin(&issue);
	if (!r)
		r = store_crl_ahead_due(flow->store, change.server, now_s, &crl);
	if (r)
		return r == STORE_NOT_FOUND ? 0 : r;
	change.publish_ahead = crl.number;
	r = crl_issue_commit(&issue, AUDIT_CRL_PUBLISH, &change, crl.number, NULL);
	if (r)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", change.server),
			      log_number("NUMBER", (int64_t)crl.number)),
		   "CRL that was signed ahead is published");
	return flow_crl_changed(flow, authority, now_s);
}
