/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/birth.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/ipc/keys.h"
#include "daemon/trustpoint/ca.h"
#include <string.h>

void trustpoint_birth_done(struct trustpoint_birth *birth)
{
	ca_generation_record_done(&birth->generation);
	generations_unref(birth->generations);
	claim_releasep(&birth->claim);
}

/* CKA_ID, which the daemon's records of a request have no place for. */
static int find_key_id(struct trustpoint_turn *turn, const struct ca_key_place *place,
		       struct bytes *ret, char **ret_reason)
{
	struct token_link *token = flow_find_token(turn->flow, place->token);

	for (unsigned position = 0; token; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r)
			break;
		if (span_equal(span_of(key.spki), span_of(place->spki)))
			return bytes_copy(span_of(key.id), ret);
	}
	return trustpoint_refuse(ret_reason, FLOW_LATER,
				 "token %s, which has the key of the certificate, does not answer",
				 place->token);
}

/* The CA that issued it, and those above that. */
static int join_superiors(const struct ca_anchor_record *anchor, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {};

	buffer_append(&out, span_of(anchor->certificate));
	trustpoint_ca_append_superiors(anchor, &out);
	return buffer_take(&out, ret);
}

static int copy_key(struct trustpoint_turn *turn, const struct ca_key_place *place,
		    struct ca_generation_record *ret, char **ret_reason)
{
	int r = find_key_id(turn, place, &ret->key_id, ret_reason);

	if (!r)
		r = text_format(&ret->token, "%s", place->token);
	if (!r)
		r = text_format(&ret->token_serial, "%s",
				place->token_serial ? place->token_serial : "");
	if (!r)
		r = bytes_copy(span_of(place->spki), &ret->spki);
	memcpy(ret->key_sha256, place->key_sha256, sizeof(ret->key_sha256));
	return r;
}

static int fill_in(const struct trustpoint_birth_order *order, struct ca_generation_record *ret)
{
	struct x509_certificate certificate;
	int r = x509_certificate_read(order->certificate, &certificate);

	if (r < 0)
		return r;
	ret->not_before_s = certificate.not_before_s;
	ret->not_after_s = certificate.not_after_s;
	if (!conf_key_is_marked(span_of_text(order->key->label)))
		ret->relabelled_s = order->takes_over_s;
	r = bytes_copy(order->certificate, &ret->certificate);
	if (r >= 0)
		r = bytes_copy(certificate.serial, &ret->serial);
	if (r >= 0)
		r = bytes_copy(certificate.issuer, &ret->issuer);
	return r < 0 ? r : join_superiors(order->anchor, &ret->superiors);
}

/* Whether what was signed before the certificate came is the newest CRL still. */
static int find_crl(struct trustpoint_turn *turn, const struct ca_key_place *place, bool *ret)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record record = {};
	struct x509_key key;
	struct x509_crl crl;
	int r = store_crl_load(turn->flow->store, turn->server->conf->label, &record);

	*ret = r == 0 && !record.generation_id && x509_key_read(span_of(place->spki), &key) == 0 &&
	       x509_crl_read(span_of(record.der), &crl) == 0 &&
	       x509_verify(&key, crl.digest, crl.to_be_signed, crl.signature) == 0;
	return r < 0 ? r : 0;
}

int trustpoint_birth_begin(struct trustpoint_turn *turn, const struct trustpoint_birth_order *order,
			   struct trustpoint_birth *birth, char **ret_reason)
{
	struct authority *server = turn->server;
	struct ca_generation_record *generation = &birth->generation;
	int r;

	birth->claim =
		claim_take(turn->flow->claims, CLAIM_SERVER, span_of_text(server->conf->label));
	birth->generations = authority_generations(server);
	if (!birth->generations->created)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "server %s is not created: claviger server create %s",
					 server->conf->label, server->conf->label);
	generation->number = generations_next_number(birth->generations);
	generation->takes_over_s = order->takes_over_s;
	r = copy_key(turn, order->key, generation, ret_reason);
	if (!r)
		r = fill_in(order, generation);
	if (!r)
		r = find_crl(turn, order->key, &birth->has_crl);
	if (!r && !birth->generations->n && order->takes_over_s <= turn->now_s)
		ca_generation_settle(generation, turn->now_s);
	return r;
}

static void tell(const struct trustpoint_turn *turn, const struct trustpoint_birth *birth)
{
	const struct ca_generation_record *generation = &birth->generation;
	char from[32], until[32];

	text_format_time(generation->takes_over_s, from);
	text_format_time(generation->not_after_s, until);
	log_notice(LOG_FIELDS(log_event(birth->generations->n ? LOG_EVENT_SHADOW_CREATED
							      : LOG_EVENT_SERVER_CERTIFIED),
			      log_text("SERVER", turn->server->conf->label),
			      log_number("GENERATION", generation->number),
			      log_text("NOT_BEFORE", from), log_text("NOT_AFTER", until)),
		   birth->generations->n ? "rollover certificate received from the superior CA"
					 : "CA certificate received from the superior CA");
}

int trustpoint_birth_end(struct trustpoint_turn *turn, const struct trustpoint_birth *birth)
{
	int r = authority_load(turn->flow, turn->server);

	if (r < 0)
		return r;
	tell(turn, birth);
	/* It is there, whether or not the front end has its files yet: the next round tries again.
	 */
	r = flow_publish(turn->flow, turn->server, turn->now_s);
	flow_changed(turn->flow);
	return r == -ENOMEM ? r : 0;
}
