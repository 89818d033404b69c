/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/request.h"
#include "daemon/base/credential.h"
#include "daemon/base/files.h"
#include "daemon/base/fqdn.h"
#include "daemon/flow/signing.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/message.h"
#include "daemon/flow/trustpoint/serving.h"
#include "daemon/trustpoint/subject.h"
#include "daemon/x509/build.h"
#include <string.h>

#define PASSWORD_MOST 256

struct drawing {
	struct trustpoint_subject subject;
	struct trustpoint_key key;
	struct secret request; /* PKCS#10 */
};

static void drawing_done(struct drawing *drawing)
{
	trustpoint_subject_done(&drawing->subject);
	trustpoint_key_done(&drawing->key);
	secret_done(&drawing->request);
}

/* Where FQDN= is not set the host's own name stands in for it. */
static int make_subject(struct trustpoint_turn *turn, const struct trustpoint_order *order,
			struct trustpoint_subject *ret, char **ret_reason)
{
	const struct conf_trustpoint *conf = turn->conf;
	_cleanup_(freep) char *host = NULL, *by_label = NULL;
	struct trustpoint_words words = {
		.subject_name = conf->subject_name,
		.serial_number = conf->serial_number ? conf->serial_number : order->serial_number,
		.ip_address = conf->ip_address ? conf->ip_address : order->ip_address,
		.fqdn = conf->fqdn,
	};
	int r;

	if (trustpoint_is_for_ca(turn))
		return trustpoint_serving_subject(turn, ret);
	r = conf->fqdn ? 0 : fqdn_read(&host);
	if (r == -ENOMEM)
		return r;
	words.host = host;
	/* By the words in OU a CA tells an RA's request from a router's. */
	if (turn->server && !words.subject_name) {
		r = text_format(&by_label, "CN=%s,OU=ioscs RA", conf->name);
		if (r < 0)
			return r;
		words.subject_name = by_label;
	}
	r = trustpoint_subject_make(&words, order->usage, ret, ret_reason);
	return r == TRUSTPOINT_SUBJECT_REFUSED ? FLOW_REFUSED : r;
}

/* What Password= names. Where an identity signs, most CAs go by that, but some want the password at
 * each renewal: it is told where it is still there, and missed where it served once and is gone. */
static int read_password(struct trustpoint_turn *turn, bool is_signed, struct secret *ret,
			 char **ret_reason)
{
	_cleanup_(freep) char *reason = NULL;
	int r = credential_read(turn->conf->password, PASSWORD_MOST, ret, &reason);

	if (r != CREDENTIAL_REFUSED)
		return r;
	return is_signed ? 0 : trustpoint_refuse(ret_reason, FLOW_REFUSED, "%s", reason);
}

/* What the operator typed, or the configuration's. A request that somebody carries is enveloped to
 * nobody: whoever sees it would know the password. */
static int find_password(struct trustpoint_turn *turn, const struct trustpoint_order *order,
			 int64_t signer_id, struct secret *ret, char **ret_reason)
{
	if (order->by_hand && order->password.size)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "a request that goes by hand is not encrypted, and can't "
					 "hold a challenge password: leave it out");
	if (order->password.size)
		return secret_copy(order->password, ret);
	return order->by_hand || !turn->conf->password
		       ? 0
		       : read_password(turn, signer_id, ret, ret_reason);
}

static int sign_request(struct trustpoint_turn *turn, const struct trustpoint_key *key,
			struct span to_be_signed, struct secret *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes signature = {};
	enum digest digest = turn->conf->hash;
	int r = flow_sign(turn->flow, key->key, digest, to_be_signed, &signature);

	r = trustpoint_key_explain(&key->place, r, ret_reason);
	return r ? r : x509_seal_request(to_be_signed, digest, span_of(signature), ret);
}

static int make_request(struct trustpoint_turn *turn, struct span password, struct drawing *drawing,
			char **ret_reason)
{
	_cleanup_(secret_done) struct secret to_be_signed = {};
	const struct x509_request_content content = {
		.subject = span_of(drawing->subject.name),
		.spki = span_of(drawing->key.place.spki),
		.extensions = span_of(drawing->subject.extensions),
		.challenge = password,
	};
	int r = x509_build_request(&content, &to_be_signed);

	if (r == -EINVAL)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "the challenge password can't stand in a request: at most "
					 "256 bytes of UTF-8");
	return r ? r
		 : sign_request(turn, &drawing->key, span_of_secret(to_be_signed),
				&drawing->request, ret_reason);
}

static void fingerprint(struct span request, struct ca_enrollment_record *ret)
{
	uint8_t digest[DIGEST_SIZE_MAX];

	digest_compute(DIGEST_MD5, request, digest);
	memcpy(ret->request_md5, digest, sizeof(ret->request_md5));
	digest_compute(DIGEST_SHA1, request, digest);
	memcpy(ret->request_sha1, digest, sizeof(ret->request_sha1));
	sha256(request, ret->request_sha256);
}

static int fill_in(struct trustpoint_turn *turn, const struct trustpoint_order *order,
		   const struct ca_anchor_record *anchor, const struct trustpoint_key *key,
		   struct ca_enrollment_record *ret)
{
	int r = trustpoint_place_copy(&key->place, &ret->key);

	ret->usage = order->usage;
	ret->kind = order->kind;
	ret->state = order->by_hand ? CA_ENROLLMENT_BY_HAND : CA_ENROLLMENT_MADE;
	ret->anchor_id = anchor->id;
	ret->key_is_new = key->is_new;
	ret->created_s = turn->now_s;
	return r;
}

/* Key and request; the enrolment is filled in but for its message. */
static int prepare(struct trustpoint_turn *turn, const struct trustpoint_order *order,
		   const struct ca_anchor_record *anchor, struct drawing *drawing,
		   struct ca_enrollment_record *ret, char **ret_reason)
{
	const struct trustpoint_key_order wanted = {.usage = order->usage,
						    .regenerate = order->regenerate};
	_cleanup_(secret_done) struct secret password = {};
	int r = make_subject(turn, order, &drawing->subject, ret_reason);

	if (!r)
		r = trustpoint_key_choose(turn, &wanted, &drawing->key, ret_reason);
	if (!r)
		r = trustpoint_sign_first_crl(turn, &drawing->key, ret_reason);
	if (!r)
		r = fill_in(turn, order, anchor, &drawing->key, ret);
	if (!r && !order->by_hand)
		r = trustpoint_message_find_signer(turn, ret, &ret->signer_id);
	if (!r)
		r = find_password(turn, order, ret->signer_id, &password, ret_reason);
	if (!r)
		r = make_request(turn, span_of_secret(password), drawing, ret_reason);
	if (!r)
		r = bytes_copy(span_of(drawing->subject.name), &ret->subject);
	if (!r)
		fingerprint(span_of_secret(drawing->request), ret);
	return r;
}

int trustpoint_draw_up(struct trustpoint_turn *turn, const struct trustpoint_order *order,
		       const struct ca_anchor_record *anchor, struct ca_enrollment_record *ret,
		       char **ret_reason)
{
	_cleanup_(drawing_done) struct drawing drawing = {};
	struct trustpoint_letter letter = {.key = &drawing.key, .anchor = anchor};
	int r = prepare(turn, order, anchor, &drawing, ret, ret_reason);

	if (r)
		return r;
	letter.signer_name = span_of(drawing.subject.signer_name);
	letter.request = span_of_secret(drawing.request);
	/* What is typed into a form elsewhere is the request itself. */
	return order->by_hand ? bytes_copy(letter.request, &ret->message)
			      : trustpoint_message_make(turn, &letter, ret, ret_reason);
}
