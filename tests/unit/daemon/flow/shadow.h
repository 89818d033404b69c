/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A second generation in the world of this folder's tests: what makes a shadow, but for the token.
 */

#include "daemon/flow/publication/next-ca.h"
#include "daemon/flow/publication/publish.h"
#include "tests/unit/daemon/flow/world.h"

#define TAKES_OVER (START + CA_LIFE)

static struct {
	struct key *key;
	X509 *certificate;
	int64_t id; /* of the generation */
} shadow;

/* Each generation has its software key again, after the set was loaded. */
static inline void use_both_keys(void)
{
	struct generations *all = world.authority->shared->generations;

	for (size_t i = 0; i < all->n; i++) {
		struct key *key = i ? shadow.key : world.key;

		key_unref(all->items[i].key);
		key_unref(all->items[i].own.key);
		all->items[i].key = key_ref(key);
		all->items[i].own.key = key_ref(key);
	}
}

static inline void reload_generations(void)
{
	assert_int_equal(authority_load(world.flow, world.authority), 0);
	use_both_keys();
}

static inline void sign_shadow(struct ca_generation_record *generation, struct span serial)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {}, signature = {};
	const struct x509_ca_certificate values = {
		.serial = serial,
		.name = span_of(world.authority->name),
		.not_before_s = generation->not_before_s,
		.not_after_s = generation->not_after_s,
		.spki = key_spki(shadow.key),
		.key_usage = ca_key_usage(false),
		.digest = DIGEST_SHA256,
	};

	assert_int_equal(x509_build_ca_certificate(&values, &to_be_signed), 0);
	assert_int_equal(key_sign(shadow.key, DIGEST_SHA256, span_of(to_be_signed), (struct span){},
				  &signature),
			 0);
	assert_int_equal(x509_seal(span_of(to_be_signed), DIGEST_SHA256, span_of(signature),
				   &generation->certificate),
			 0);
}

static inline void describe_shadow(struct ca_generation_record *generation,
				   struct ca_certificate_record *certificate)
{
	uint8_t serial[20];
	size_t size;

	assert_int_equal(authority_take_serial(world.flow, world.authority, &generation->counter,
					       serial, &size),
			 0);
	certificate->counter = generation->counter;
	sign_shadow(generation, SPAN(serial, size));
	generation->token = strdup("soft");
	generation->token_serial = strdup("1");
	assert_int_equal(bytes_copy(SPAN_LITERAL("id2"), &generation->key_id), 0);
	assert_int_equal(bytes_copy(key_spki(shadow.key), &generation->spki), 0);
	memcpy(generation->key_sha256, key_id(shadow.key).data, SHA256_SIZE);
	assert_int_equal(bytes_copy(SPAN(serial, size), &generation->serial), 0);
	assert_int_equal(bytes_copy(span_of(world.authority->name), &generation->issuer), 0);
	assert_int_equal(bytes_copy(span_of(generation->certificate), &certificate->certificate),
			 0);
	assert_int_equal(bytes_copy(SPAN(serial, size), &certificate->serial), 0);
	assert_int_equal(bytes_copy(span_of(world.authority->name), &certificate->subject), 0);
}

/* In an open world: one that takes over then. */
static inline void shadow_make_for(int64_t takes_over_s)
{
	struct ca_generation_record generation = {
		.number = 2,
		.not_before_s = takes_over_s,
		.not_after_s = takes_over_s + CA_LIFE,
		.takes_over_s = takes_over_s,
	};
	struct ca_certificate_record certificate = {
		.class = GRANT_CLASS_SUBORDINATE,
		.not_before_s = generation.not_before_s,
		.not_after_s = generation.not_after_s,
	};
	struct store_change change = {
		.server = "CA",
		.now_s = world.now_s,
		.generation = &generation,
		.certificate = &certificate,
	};

	assert_int_equal(key_new_software(span_of_text(KEY_OF_STRANGER), &shadow.key), 0);
	describe_shadow(&generation, &certificate);
	assert_int_equal(store_commit(world.flow->store, &change), 0);
	reload_generations();
	shadow.id = generation.id;
	shadow.certificate = certificate_of(span_of(generation.certificate));
	ca_generation_record_done(&generation);
	ca_certificate_record_done(&certificate);
}

/* The usual one: when the first generation ends. */
static inline void shadow_make(void)
{
	shadow_make_for(TAKES_OVER);
}

/* Its message to GetNextCACert is signed, recorded and published. */
static inline void shadow_offer(void)
{
	_cleanup_(bytes_done) struct bytes message = {};
	struct store_change change = {
		.server = "CA",
		.now_s = world.now_s,
		.generation_id = shadow.id,
		.generation_step = STORE_GENERATION_AVAILABLE,
	};

	assert_int_equal(flow_next_ca_sign(world.flow, world.authority,
					   world.authority->shared->generations, world.now_s,
					   &message),
			 0);
	change.next_ca = span_of(message);
	assert_int_equal(store_commit(world.flow->store, &change), 0);
	reload_generations();
	assert_int_equal(flow_publish(world.flow, world.authority, world.now_s), 0);
}

static inline void shadow_done(void)
{
	key_unref(shadow.key);
	X509_free(shadow.certificate);
	memset(&shadow, 0, sizeof(shadow));
}
