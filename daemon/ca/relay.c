/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/relay.h"

static bool is_closed(const struct ca_relay_facts *facts, int64_t now_s)
{
	const char *reason;

	return facts->server && !ca_server_may_issue(facts->server, now_s, &reason);
}

static bool grants_none(const struct ca_relay_facts *facts, int64_t now_s)
{
	(void)now_s;
	return facts->server && !facts->grants;
}

static bool is_under_way(const struct ca_relay_facts *facts, int64_t now_s)
{
	(void)now_s;
	return facts->under_way;
}

static bool has_waited(const struct ca_relay_facts *facts, int64_t now_s)
{
	(void)now_s;
	return facts->waited;
}

/* The first that is so. */
static const struct {
	bool (*is_so)(const struct ca_relay_facts *facts, int64_t now_s);
	enum ca_relay verdict;
	const char *reason;
} rows[] = {
	{is_closed, CA_RELAY_NOT_NOW, "the server is not in service"},
	{grants_none, CA_RELAY_REFUSED, "this server passes nothing on (Grant=none)"},
	{is_under_way, CA_RELAY_NOT_NOW,
	 "the same message is under way at this moment: it came too early again, or the way to the "
	 "CA leads back here"},
	{has_waited, CA_RELAY_NOT_NOW, "the CA's server is slow to answer: come back later"},
};

enum ca_relay ca_relay_judge(const struct ca_relay_facts *facts, int64_t now_s,
			     const char **ret_reason)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (!rows[i].is_so(facts, now_s))
			continue;
		*ret_reason = rows[i].reason;
		return rows[i].verdict;
	}
	*ret_reason = "";
	return CA_RELAY_GOES_ON;
}
