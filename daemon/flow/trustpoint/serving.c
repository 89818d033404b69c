/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/serving.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/superior.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/signing.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/ipc/keys.h"
#include "daemon/x509/build.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool trustpoint_is_for_ca(const struct trustpoint_turn *turn)
{
	return turn->server && conf_server_is_ca(turn->server->conf);
}

enum charter_role trustpoint_key_role(const struct trustpoint_turn *turn)
{
	if (!turn->server)
		return CHARTER_IDENTITY;
	return trustpoint_is_for_ca(turn) ? CHARTER_CA : CHARTER_EXCHANGE;
}

struct span trustpoint_key_issuer(const struct trustpoint_turn *turn)
{
	return trustpoint_is_for_ca(turn) ? span_of(turn->server->name) : (struct span){};
}

/* One token after the other, where there are two: the next key is not on the one that may be lost.
 */
static const char *serving_token(const struct trustpoint_turn *turn)
{
	const struct conf_server *server = turn->server->conf;
	const struct ca_identity_record *before =
		ca_identity_active(&turn->state, KEY_USAGE_GENERAL, turn->now_s);

	if (!before)
		return conf_server_first_token(server);
	if (server->shadow_token && strcmp(server->shadow_token, before->key.token) != 0)
		return server->shadow_token;
	return server->token ? server->token : conf_server_first_token(server);
}

const char *trustpoint_key_token(const struct trustpoint_turn *turn)
{
	const struct conf *conf = turn->flow->conf;
	const char *name = turn->server ? serving_token(turn) : turn->conf->token;

	return !name && conf->n_tokens == 1 ? conf->tokens[0].name : name;
}

unsigned trustpoint_key_size(const struct trustpoint_turn *turn)
{
	return turn->server ? conf_server_key_size(turn->server->conf) : turn->conf->key_size;
}

int trustpoint_serving_subject(const struct trustpoint_turn *turn, struct trustpoint_subject *ret)
{
	const struct authority *server = turn->server;
	/* What a superior answers by SCEP is enveloped to the key it certified (RFC 8894 §2.3). */
	bool opens_nothing =
		conf_server_has_exchange(server->conf) && conf_trustpoint_is_by_hand(turn->conf);

	return trustpoint_subject_make_ca(span_of(server->name), ca_key_usage(opens_nothing), ret);
}

/* The first CRL. */

static int list_nothing(void *context, struct x509_crl_sink *sink)
{
	(void)context;
	(void)sink;
	return 0;
}

/* Whether the newest CRL is this key's already. */
static int is_signed(struct trustpoint_turn *turn, const struct x509_key *key, bool *ret)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record record = {};
	struct x509_crl crl;
	int r = store_crl_load(turn->flow->store, turn->server->conf->label, &record);

	*ret = r == 0 && x509_crl_read(span_of(record.der), &crl) == 0 &&
	       x509_verify(key, crl.digest, crl.to_be_signed, crl.signature) == 0;
	return r < 0 ? r : 0;
}

static int make_crl(struct trustpoint_turn *turn, const struct trustpoint_key *key,
		    const struct store_change *change, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	enum digest digest = turn->server->conf->hash;
	struct x509_key public;
	uint8_t identifier[20];
	const struct x509_crl_content content = {
		.issuer = span_of(turn->server->name),
		.this_update_s = change->crl_this_update_s,
		.next_update_s = change->crl_next_update_s,
		.authority_key_identifier = SPAN_ARRAY(identifier),
		.number = change->crl_number,
		.digest = digest,
		.list = list_nothing,
	};
	int r = x509_key_read(span_of(key->place.spki), &public);

	if (r < 0)
		return r;
	x509_key_identifier(&public, identifier);
	r = x509_build_crl(&content, &to_be_signed);
	return r < 0 ? r
		     : flow_sign_whole(turn->flow, key->key, digest, span_of(to_be_signed), ret);
}

static int commit_crl(struct trustpoint_turn *turn, struct store_change *change)
{
	_cleanup_(audit_done) struct audit_event event = {};
	char note[32];
	int r;

	(void)snprintf(note, sizeof(note), "%" PRIu64, change->crl_number);
	r = audit_of_act(AUDIT_CRL_ISSUE, NULL, change->server, note, &event);
	if (r < 0)
		return r;
	change->audit = &event.row;
	change->n_audit = 1;
	r = store_commit(turn->flow->store, change);
	return r > 0 ? FLOW_LATER : r;
}

/* Under the server's claim: all its CRLs take their numbers one after the other. */
static int sign_crl(struct trustpoint_turn *turn, const struct trustpoint_key *key,
		    const struct ca_server_record *record, char **ret_reason)
{
	const struct conf_server *server = turn->server->conf;
	_cleanup_(bytes_done) struct bytes crl = {};
	struct store_change change = {
		.server = server->label,
		.now_s = turn->now_s,
		.crl_number = record->crl_last_number + 1,
		.crl_revision = record->revocation_revision,
		.crl_this_update_s = turn->now_s,
		.crl_next_update_s = turn->now_s + server->crl_lifetime_s,
	};
	int r = make_crl(turn, key, &change, &crl);

	r = trustpoint_key_explain(&key->place, r, ret_reason);
	if (r)
		return r;
	crash_here(CRASH_CRL_SIGNED);
	change.crl = span_of(crl);
	r = commit_crl(turn, &change);
	if (r)
		return r;
	crash_here(CRASH_CRL_SAVED);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CRL_SIGNED), log_text("SERVER", server->label),
			      log_number("NUMBER", (int64_t)change.crl_number)),
		   "CRL signed, for the CA certificate that is asked for");
	return 0;
}

int trustpoint_sign_first_crl(struct trustpoint_turn *turn, const struct trustpoint_key *key,
			      char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	struct x509_key public;
	bool is_done;
	int r;

	if (!trustpoint_is_for_ca(turn))
		return 0;
	claim = claim_take(turn->flow->claims, CLAIM_SERVER,
			   span_of_text(turn->server->conf->label));
	generations = authority_generations(turn->server);
	if (generations->n)
		return 0;
	r = store_server_load(turn->flow->store, turn->server->conf->label, &record);
	if (r)
		return r < 0 ? r : 0; /* not created: a request by hand for its own sake */
	r = x509_key_read(span_of(key->place.spki), &public);
	if (r >= 0)
		r = is_signed(turn, &public, &is_done);
	if (r < 0 || is_done)
		return r;
	r = sign_crl(turn, key, &record, ret_reason);
	/* The certificate does not wait for files: the next round of the server writes them. */
	if (!r && flow_publish(turn->flow, turn->server, turn->now_s) < 0)
		flow_changed(turn->flow);
	return r;
}
