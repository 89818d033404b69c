/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/lifecycle.h"

const char *ca_server_state_name(enum ca_server_state state)
{
	static const char *const names[] = {
		[CA_SERVER_ABSENT] = "absent",
		[CA_SERVER_DISABLED] = "disabled",
		[CA_SERVER_ENABLED] = "enabled",
		[CA_SERVER_CHECK_FAILED] = "check failed",
	};

	assert((size_t)state < ELEMENTS(names));
	return names[state];
}

struct moment {
	const struct ca_server_facts *facts;
	const struct ca_generation_record *active; /* NULL without */
	int64_t now_s;
};

static bool has_no_name(const struct moment *m)
{
	return m->facts->name_missing;
}

static bool is_absent(const struct moment *m)
{
	return !m->facts->created;
}

static bool is_stopped(const struct moment *m)
{
	return !m->facts->wanted;
}

static bool has_no_time(const struct moment *m)
{
	return !m->facts->time_good && !m->facts->relays;
}

static bool has_no_storage(const struct moment *m)
{
	return !m->facts->storage_good;
}

static bool has_failed(const struct moment *m)
{
	return m->facts->failed;
}

static bool is_in_breach(const struct moment *m)
{
	return m->facts->breach && *m->facts->breach;
}

static bool waits_for_superior(const struct moment *m)
{
	return m->facts->enrolls && (!m->active || m->facts->uncertified);
}

static bool has_no_generation(const struct moment *m)
{
	return !m->active && !m->facts->relays;
}

static bool is_early(const struct moment *m)
{
	return m->active && m->now_s < m->active->not_before_s;
}

/* notAfter is the last second of a certificate (RFC 5280 §4.1.2.5). */
static bool is_expired(const struct moment *m)
{
	return m->active && m->now_s > m->active->not_after_s;
}

static bool has_no_key(const struct moment *m)
{
	return m->facts->key_missing;
}

static bool has_lost_key(const struct moment *m)
{
	return m->facts->key_gone;
}

static bool has_lost_exchange(const struct moment *m)
{
	return m->facts->exchange_gone;
}

static bool has_no_backup(const struct moment *m)
{
	return m->facts->requires_backup && m->active && !m->active->backed_up_s;
}

static bool has_no_token(const struct moment *m)
{
	return !m->facts->token_ready;
}

static bool has_no_successor(const struct moment *m)
{
	return m->facts->successor_reason && *m->facts->successor_reason;
}

static bool has_no_superior(const struct moment *m)
{
	return m->facts->superior_away;
}

static bool has_no_http(const struct moment *m)
{
	return m->facts->http_missing;
}

static bool has_stale_crl(const struct moment *m)
{
	return m->facts->crl_next_update_s && m->now_s > m->facts->crl_next_update_s;
}

static const char *storage_text(const struct ca_server_facts *facts)
{
	return facts->storage_reason;
}

static const char *failure_text(const struct ca_server_facts *facts)
{
	return facts->failure;
}

static const char *breach_text(const struct ca_server_facts *facts)
{
	return facts->breach;
}

static const char *superior_text(const struct ca_server_facts *facts)
{
	return facts->superior_reason;
}

static const char *successor_text(const struct ca_server_facts *facts)
{
	return facts->successor_reason;
}

static const char *backup_text(const struct ca_server_facts *facts)
{
	return facts->backup_reason;
}

static const char *token_text(const struct ca_server_facts *facts)
{
	return facts->token_reason;
}

static const struct lifecycle_row {
	bool (*is_so)(const struct moment *m);
	enum ca_server_state state;
	const char *reason;
	const char *(*text)(const struct ca_server_facts *facts);
} rows[] = {
#define LIFECYCLE(condition, state, reason, text) {condition, CA_SERVER_##state, reason, text},
#include "daemon/ca/lifecycle.def"
#undef LIFECYCLE
};

static const char *reason_of(const struct lifecycle_row *row, const struct ca_server_facts *facts)
{
	const char *text = row->text ? row->text(facts) : NULL;

	return text && *text ? text : row->reason;
}

enum ca_server_state ca_server_state(const struct ca_server_facts *facts, int64_t now_s,
				     const char **ret_reason)
{
	const struct moment m = {
		.facts = facts,
		.active = ca_generation_active(facts->generations, facts->n_generations, now_s),
		.now_s = now_s,
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (!rows[i].is_so(&m))
			continue;
		*ret_reason = reason_of(&rows[i], facts);
		return rows[i].state;
	}
	*ret_reason = "";
	return CA_SERVER_ENABLED;
}

bool ca_server_may_issue(const struct ca_server_facts *facts, int64_t now_s,
			 const char **ret_reason)
{
	if (ca_server_state(facts, now_s, ret_reason) != CA_SERVER_ENABLED)
		return false;
	*ret_reason = "";
	return true;
}
