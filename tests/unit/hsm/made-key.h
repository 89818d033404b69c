/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys on the token of fixture.h, and their public halves. */

#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "hsm/rsa-key.h"
#include "tests/unit/hsm/fixture.h"

#define PROCESS_SECRET SPAN_LITERAL("0123456789abcdef0123456789abcdef")

struct made {
	uint8_t id[20];
	struct bytes spki;
	struct hsm_rsa_key key;
	struct rsa_public *public;
};

static inline struct hsm_session *open_session(struct fixture *f, bool writable)
{
	struct hsm_session *session = NULL;

	assert_int_equal(hsm_session_open(f->token, writable, &session), 0);
	return session;
}

static inline struct made make_key(struct fixture *f, uint8_t name, bool decrypts)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, true);
	struct made made = {0};
	struct hsm_rsa_order order = {.bits = 2048, .label = "key", .decrypts = decrypts};
	struct span modulus, exponent;
	const char *why = NULL;

	memset(made.id, name, sizeof(made.id));
	order.id = SPAN_ARRAY(made.id);
	assert_int_equal(hsm_rsa_key_make(session, &order, &made.spki, &why), 0);
	assert_int_equal(spki_read(span_of(made.spki), &modulus, &exponent), 0);
	assert_int_equal(modulus.size, 256);
	assert_int_equal(rsa_public_new(modulus, exponent, &made.public), 0);
	return made;
}

static inline struct hsm_rsa_key key_of(const struct made *made)
{
	return (struct hsm_rsa_key){SPAN_ARRAY(made->id), span_of(made->spki)};
}

static inline void made_done(struct made *made)
{
	bytes_done(&made->spki);
	made->public = rsa_public_free(made->public);
}

static inline int start_logged_in(void **state)
{
	struct fixture *f;

	crypto_init();
	assert_int_equal(fixture_start(state), 0);
	f = *state;
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
	return 0;
}
