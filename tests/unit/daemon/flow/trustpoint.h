/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A router in the world of this folder: its trustpoint's CA is the world's, whose key is at hand.
 */

#include "daemon/flow/trustpoint/install.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "tests/unit/daemon/flow/world.h"

#define TRUSTPOINT                                                                                 \
	"[Trustpoint CORP]\nEnrollmentURL=http://127.0.0.1:9/scep\nToken=soft\nFQDN=r1.example\n"  \
	"AutoEnroll=80\n"

static inline struct trustpoint_turn turn_of(const char *name)
{
	struct trustpoint_turn turn;

	assert_int_equal(trustpoint_turn_begin(world.flow, name, world.now_s, &turn), 0);
	return turn;
}

/* The world's CA is believed. */
static inline void accept_ca(struct trustpoint_turn *turn)
{
	struct ca_anchor_record anchor = {
		.not_before_s = START,
		.not_after_s = START + CA_LIFE,
		.accepted_s = turn->now_s,
		.takes_over_s = turn->now_s,
		.changed_over_s = turn->now_s,
	};
	struct store_trustpoint_change change = {.anchor = &anchor};

	assert_int_equal(
		bytes_copy(span_of(world.authority->shared->generations->records[0].certificate),
			   &anchor.certificate),
		0);
	assert_int_equal(trustpoint_commit(turn, &change, NULL), 0);
	ca_anchor_record_done(&anchor);
}

/* SubjectPublicKeyInfo of one of the two routers' keys. */
static inline struct bytes spki_of(size_t key)
{
	uint8_t *data = NULL;
	int size = i2d_PUBKEY(keys[key], &data);
	struct bytes copy = {};

	assert_true(size > 0);
	assert_int_equal(bytes_copy(SPAN(data, (size_t)size), &copy), 0);
	OPENSSL_free(data);
	return copy;
}

static inline struct ca_key_place place_of(size_t key, const char *label)
{
	struct ca_key_place place = {.token = strdup("soft"), .label = strdup(label)};

	place.spki = spki_of(key);
	sha256(span_of(place.spki), place.key_sha256);
	return place;
}

/* By the world's CA, over this key, from now on. */
static inline struct bytes leaf_of(size_t key, int64_t not_before_s, int64_t life_s)
{
	static const struct x509_extensions none = {.path_length = -1};
	_cleanup_(bytes_done) struct bytes spki = spki_of(key), name = {}, to_be_signed = {},
					   signature = {};
	struct bytes whole = {};
	struct x509_client_certificate values = {
		.serial = SPAN_LITERAL("\x07"),
		.issuer = span_of(world.authority->name),
		.not_before_s = not_before_s,
		.not_after_s = not_before_s + life_s,
		.requested = &none,
		.add_key_usage = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		.authority_key_identifier = SPAN_LITERAL("01234567890123456789"),
		.digest = DIGEST_SHA256,
	};
	size_t where;

	values.spki = span_of(spki);
	assert_int_equal(x509_name_from_text("CN=r1", &name, &where), 0);
	values.subject = span_of(name);
	assert_int_equal(x509_build_client_certificate(&values, &to_be_signed), 0);
	assert_int_equal(key_sign(world.key, DIGEST_SHA256, span_of(to_be_signed), (struct span){0},
				  &signature),
			 0);
	assert_int_equal(
		x509_seal(span_of(to_be_signed), DIGEST_SHA256, span_of(signature), &whole), 0);
	return whole;
}
