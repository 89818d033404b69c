/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/import.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/ca.h"
#include "daemon/flow/trustpoint/install.h"
#include "daemon/ipc/keys.h"
#include "daemon/trustpoint/issued.h"
#include "policy/charter.h"
#include <string.h>

/* Something is being brought. */
struct import {
	struct trustpoint_turn *turn;
	const struct trustpoint_import_order *order;
	struct scep_ca_answer brought;
	struct x509_certificate own; /* of the key */
	char **ret_reason;
};

static int refuse(const struct import *import, const char *why)
{
	return trustpoint_refuse(import->ret_reason, FLOW_REFUSED, "%s", why);
}

static int install(const struct import *import, struct trustpoint_arrival *arrival)
{
	arrival->actor = import->order->actor;
	return trustpoint_install(import->turn, arrival, import->ret_reason);
}

/* To a request. */

/* The request that has this key; NULL. */
static const struct ca_enrollment_record *find_request(const struct trustpoint_turn *turn,
						       struct span certificate)
{
	struct x509_certificate read;

	if (x509_certificate_read(certificate, &read) < 0)
		return NULL;
	for (size_t i = 0; i < turn->state.n_enrollments; i++)
		if (span_equal(span_of(turn->state.enrollments[i].key.spki), read.key.spki))
			return &turn->state.enrollments[i];
	return NULL;
}

/* Of usage keys both may come at once, or one and then the other, in whichever order. */
static int import_to_requests(struct import *import)
{
	struct trustpoint_turn *turn = import->turn;
	bool found = false;
	int r = 0;

	if (!turn->state.n_enrollments)
		return refuse(import, "no request waits for a certificate: claviger trustpoint "
				      "enroll makes one");
	for (size_t i = 0; i < import->brought.n && r == 0; i++) {
		const struct ca_enrollment_record *request =
			find_request(turn, import->brought.certificates[i]);

		if (!request)
			continue;
		found = true;
		if (!import->order->look)
			r = install(import,
				    &(struct trustpoint_arrival){
					    .enrollment = request->id,
					    .usage = request->usage,
					    .certificate = import->brought.certificates[i],
					    .by_hand = request->state == CA_ENROLLMENT_BY_HAND});
	}
	if (r == 0 && !found)
		return refuse(import,
			      "no request that waits has the key of this certificate: is it "
			      "of another request, or the CA's own?");
	return r;
}

/* With a key. */

/* Whether it is the certificate of the key that was brought; before that is there, of none that
 * issued others. */
static bool is_own(const struct import *import, const struct x509_certificate *certificate)
{
	uint8_t key[SHA256_SIZE];

	if (!import->order->key_sha256.size)
		return !certificate->extensions.ca;
	x509_key_sha256(&certificate->key, key);
	return span_equal(SPAN_ARRAY(key), import->order->key_sha256);
}

static int find_own(struct import *import)
{
	for (size_t i = 0; i < import->brought.n; i++) {
		if (x509_certificate_read(import->brought.certificates[i], &import->own) == 0 &&
		    is_own(import, &import->own))
			return 0;
	}
	return refuse(import, "the key's own certificate is not among what was brought");
}

/* All that came but the key's own. */
static int gather_others(const struct import *import, struct buffer *out)
{
	for (size_t i = 0; i < import->brought.n; i++)
		if (!span_equal(import->brought.certificates[i], import->own.whole))
			buffer_append(out, import->brought.certificates[i]);
	return out->error;
}

/* Before anything is taken in: that it can be used is known already. */
static int check_issued(const struct import *import, struct span ca)
{
	const struct trustpoint_wish wish = {
		.anchor = ca, .spki = import->own.key.spki, .from_s = import->turn->now_s};
	enum trustpoint_remark remark;
	struct span found;
	enum trustpoint_fault fault =
		trustpoint_issued_check(&wish, &import->own.whole, 1, &found, &remark);

	return fault ? refuse(import, trustpoint_fault_text(fault)) : 0;
}

/* Fingerprint= is a rule that nobody imports past. */
static int check_ca(const struct import *import, const struct ca_anchor_record *active,
		    const struct trustpoint_offer *offer)
{
	const struct conf_trustpoint *conf = import->turn->conf;

	if (active && !span_equal(span_of(active->certificate), offer->ca.certificate))
		return refuse(import, "it is of another CA than the one that this trustpoint has: "
				      "claviger trustpoint clear");
	if (!active && conf->fingerprint && !trustpoint_is_pinned(conf, offer))
		return refuse(import, "the CA's certificate is not the one that Fingerprint= "
				      "names");
	return check_issued(import, offer->ca.certificate);
}

/* The CA of what was brought becomes the one that is trusted, unless another is. */
static int settle_ca(struct import *import)
{
	struct trustpoint_turn *turn = import->turn;
	const struct ca_anchor_record *active = ca_anchor_active(&turn->state, turn->now_s);
	_cleanup_(trustpoint_offer_done) struct trustpoint_offer offer = {};
	_cleanup_(buffer_done) struct buffer others = {};
	int r = gather_others(import, &others);

	if (r < 0)
		return r;
	if (!others.size)
		return active ? check_issued(import, span_of(active->certificate))
			      : refuse(import,
				       "the CA's certificate is not among what was brought: "
				       "claviger trustpoint authenticate first");
	r = trustpoint_read_ca(turn, span_of_buffer(&others), &offer, import->ret_reason);
	if (!r)
		r = check_ca(import, active, &offer);
	if (r || active || import->order->look)
		return r;
	return trustpoint_accept(turn, &offer, import->order->actor, import->ret_reason);
}

/* The key on its token, as records name it. */
static int find_place(const struct import *import, struct ca_key_place *ret)
{
	struct token_link *token = flow_find_token(import->turn->flow, import->order->token);

	for (unsigned i = 0; token; i++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, i, &key);

		if (r == TOKEN_LINK_LATER)
			return trustpoint_refuse(import->ret_reason, FLOW_LATER, "token %s is away",
						 import->order->token);
		if (r)
			break;
		sha256(span_of(key.spki), ret->key_sha256);
		if (!span_equal(SPAN_ARRAY(ret->key_sha256), import->order->key_sha256) ||
		    key.role != CHARTER_IDENTITY)
			continue;
		ret->token = strdup(import->order->token);
		ret->label = TAKE_PTR(key.label);
		ret->spki = TAKE_STRUCT(key.spki);
		return ret->token ? 0 : -ENOMEM;
	}
	return refuse(import, "the key is not on its token: claviger key list");
}

static int install_own(const struct import *import)
{
	_cleanup_(ca_key_place_done) struct ca_key_place place = {};
	struct trustpoint_arrival arrival = {.key = &place,
					     .usage = KEY_USAGE_GENERAL,
					     .certificate = import->own.whole,
					     .by_hand = true};
	int r = find_place(import, &place);

	return r ? r : install(import, &arrival);
}

int trustpoint_import(struct trustpoint_turn *turn, const struct trustpoint_import_order *order,
		      char **ret_reason)
{
	struct import import = {.turn = turn, .order = order, .ret_reason = ret_reason};
	int r = trustpoint_read_certificates(order->certificates, &import.brought);

	if (r == 0 && order->token && turn->server)
		r = refuse(&import, "a certificate server's own key is made on its token, and none "
				    "is imported: claviger trustpoint enroll makes the request");
	if (r == -EBADMSG)
		r = refuse(&import, "no certificate, DER or PKCS#7, can be read in it");
	if (r == 0 && !order->token)
		r = import_to_requests(&import);
	else if (r == 0) {
		r = find_own(&import);
		if (r == 0)
			r = settle_ca(&import);
		if (r == 0 && !order->look)
			r = install_own(&import);
	}
	scep_ca_answer_done(&import.brought);
	return r;
}
