/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/hindrance.h"

struct moment {
	const struct ca_rollover_facts *facts;
	const struct ca_server_facts *server;
	const struct ca_generation_record *active; /* NULL without */
	int64_t now_s;
};

static bool is_absent(const struct moment *m)
{
	return !m->server->created;
}

static bool is_stopped(const struct moment *m)
{
	return !m->server->wanted;
}

static bool has_no_time(const struct moment *m)
{
	return !m->server->time_good;
}

static bool has_no_storage(const struct moment *m)
{
	return !m->server->storage_good;
}

static bool has_no_generation(const struct moment *m)
{
	return !m->active;
}

static bool is_early(const struct moment *m)
{
	return m->now_s < m->active->not_before_s;
}

static bool has_no_key(const struct moment *m)
{
	return m->server->key_missing;
}

static bool has_no_token(const struct moment *m)
{
	return !m->server->token_ready;
}

static bool has_no_next_token(const struct moment *m)
{
	return !m->facts->next_token_ready;
}

static bool has_no_crl(const struct moment *m)
{
	return m->now_s >= m->server->crl_next_update_s;
}

static bool has_failed(const struct moment *m)
{
	return m->server->failed;
}

static bool has_no_http(const struct moment *m)
{
	return m->server->http_missing;
}

static const char *storage_text(const struct ca_rollover_facts *facts)
{
	return facts->server->storage_reason;
}

static const char *token_text(const struct ca_rollover_facts *facts)
{
	return facts->server->token_reason;
}

static const char *next_token_text(const struct ca_rollover_facts *facts)
{
	return facts->next_token_reason;
}

static const char *failure_text(const struct ca_rollover_facts *facts)
{
	return facts->server->failure;
}

enum until { ALWAYS, END };

static const struct hindrance_row {
	bool (*is_so)(const struct moment *m);
	enum until until;
	const char *reason;
	const char *(*text)(const struct ca_rollover_facts *facts);
} rows[] = {
#define HINDRANCE(condition, until, reason, text) {condition, until, reason, text},
#include "daemon/ca/hindrance.def"
#undef HINDRANCE
};

static bool hinders(const struct hindrance_row *row, const struct moment *m)
{
	if (row->until == END && m->active && m->now_s >= m->active->not_after_s)
		return false;
	return row->is_so(m);
}

const char *ca_rollover_hindrance(const struct ca_rollover_facts *facts, int64_t now_s)
{
	const struct ca_server_facts *server = facts->server;
	const struct moment m = {
		.facts = facts,
		.server = server,
		.active = ca_generation_active(server->generations, server->n_generations, now_s),
		.now_s = now_s,
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *text;

		if (!hinders(&rows[i], &m))
			continue;
		text = rows[i].text ? rows[i].text(facts) : NULL;
		return text && *text ? text : rows[i].reason;
	}
	return NULL;
}
