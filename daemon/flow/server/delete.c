/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a server. */
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/publication/storage.h"
#include "daemon/flow/reach.h"
#include "daemon/flow/server/server.h"
#include "daemon/flow/trustpoint/keys.h"
#include <string.h>

static int refuse(const struct authority *authority, bool is_created, char **ret_reason)
{
	const char *label = authority->conf->label;
	int r = is_created ? text_format(ret_reason,
					 "server %s is enabled: claviger server stop %s first",
					 label, label)
			   : text_format(ret_reason, "server %s is not created", label);

	return r < 0 ? r : FLOW_REFUSED;
}

/* What the process kept of it; a server created later under this label begins anew. */
static void forget(struct authority *authority)
{
	struct authority_share *shared = authority->shared;

	pthread_mutex_lock(&shared->lock);
	shared->published_by = 0;
	memset(shared->crl_told, 0, sizeof(shared->crl_told));
	shared->crl_missing_told = 0;
	shared->rollover_trouble[0] = '\0';
	pthread_mutex_unlock(&shared->lock);
	reach_forget(shared->reach);
	for (int kind = 0; kind < FAILURE_COUNT_; kind++)
		failures_clear(authority, (enum failure)kind);
}

static int commit(struct flow *flow, struct authority *authority, const char *actor, int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = authority->conf->label,
				      .now_s = now_s,
				      .delete_server = true,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	r = audit_of_act(AUDIT_SERVER_DELETE, actor, authority->conf->label, NULL, &event);
	if (r < 0)
		return r;
	r = store_commit(flow->store, &change);
	return r > 0 ? -EBUSY : r;
}

static int leave(struct flow *flow, struct authority *authority)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(flow->claims, CLAIM_STORE, span_of_text(authority->conf->label));

	storage_leave(flow, authority);
	forget(authority);
	return authority_load(flow, authority);
}

/* A key that waits for its certificate is in no generation, so that the operator's command knows of
 * none. */
static void drop_keys(struct flow *flow, const struct authority *authority, int64_t now_s)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};

	if (!trustpoint_turn_look(flow, authority->conf->label, now_s, &turn) && turn.server)
		trustpoint_drop_left_keys(&turn);
}

int flow_server_delete(struct flow *flow, struct authority *authority, const char *actor,
		       int64_t now_s, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	int r;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r < 0)
		return r;
	if (r || record.enabled)
		return refuse(authority, !r, ret_reason);
	authority_return_serials(flow, authority);
	r = commit(flow, authority, actor, now_s);
	if (r < 0)
		return r;
	drop_keys(flow, authority, now_s);
	r = leave(flow, authority);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_SERVER_DELETED),
			      log_text("SERVER", authority->conf->label)),
		   "server deleted");
	if (r >= 0)
		r = flow_publish_missing(flow, authority, now_s);
	flow_changed(flow);
	flow_trustpoint_changed(flow);
	return r;
}
