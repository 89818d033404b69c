/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/session.h"
#include "daemon/base/spki.h"
#include "hsm/cryptoki.h"
#include "hsm/fault.h"
#include <stdlib.h>
#include <string.h>

/* A server has an active key, perhaps a shadow, an exchange key and a retired one. */
#define CACHED_KEYS 16

struct cached_key {
	uint8_t id[64];
	size_t id_size;
	CK_OBJECT_HANDLE handle;
};

struct cached_public {
	struct bytes spki;
	struct rsa_public *key;
};

struct hsm_session {
	struct hsm_token *token;
	CK_FUNCTION_LIST *functions;
	CK_SESSION_HANDLE handle;
	bool broken;
	struct cached_key keys[CACHED_KEYS];
	unsigned next_key;
	struct cached_public publics[CACHED_KEYS];
	unsigned next_public;
};

static void cached_public_done(struct cached_public *public)
{
	bytes_done(&public->spki);
	public->key = rsa_public_free(public->key);
}

int hsm_session_open(struct hsm_token *token, bool writable, struct hsm_session **ret)
{
	struct hsm_session *session = calloc(1, sizeof(*session));
	CK_RV rv;

	if (!session)
		return -ENOMEM;
	session->token = token;
	session->functions = hsm_module_functions(hsm_token_module(token));
	rv = session->functions->C_OpenSession(hsm_token_slot(token),
					       CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0),
					       NULL, NULL, &session->handle);
	if (rv != CKR_OK) {
		free(session);
		return hsm_failed("C_OpenSession", rv);
	}
	hsm_module_count_session(hsm_token_module(token), 1);
	*ret = session;
	return 0;
}

struct hsm_session *hsm_session_close(struct hsm_session *session)
{
	if (!session)
		return NULL;
	(void)session->functions->C_CloseSession(session->handle);
	hsm_module_count_session(hsm_token_module(session->token), -1);
	for (size_t i = 0; i < CACHED_KEYS; i++)
		cached_public_done(&session->publics[i]);
	free(session);
	return NULL;
}

void hsm_session_closep(struct hsm_session **session)
{
	*session = hsm_session_close(*session);
}

bool hsm_session_is_broken(const struct hsm_session *session)
{
	return session->broken;
}

CK_FUNCTION_LIST *hsm_session_functions(const struct hsm_session *session)
{
	return session->functions;
}

CK_SESSION_HANDLE hsm_session_handle(const struct hsm_session *session)
{
	return session->handle;
}

struct hsm_token *hsm_session_token(const struct hsm_session *session)
{
	return session->token;
}

int hsm_session_failed(struct hsm_session *session, const char *function, CK_RV rv)
{
	session->broken = true;
	return hsm_failed(function, rv);
}

static struct cached_key *find_cached(const struct hsm_session *session, struct span id)
{
	for (size_t i = 0; i < CACHED_KEYS; i++) {
		const struct cached_key *key = &session->keys[i];
		if (key->id_size && span_equal(SPAN(key->id, key->id_size), id))
			return (struct cached_key *)key;
	}
	return NULL;
}

CK_OBJECT_HANDLE hsm_session_recall(const struct hsm_session *session, struct span id)
{
	const struct cached_key *key = find_cached(session, id);

	return key ? key->handle : CK_INVALID_HANDLE;
}

void hsm_session_remember(struct hsm_session *session, struct span id, CK_OBJECT_HANDLE handle)
{
	struct cached_key *key = find_cached(session, id);

	if (id.size == 0 || id.size > sizeof(key->id))
		return;
	if (!key)
		key = &session->keys[session->next_key++ % CACHED_KEYS];
	memcpy(key->id, id.data, id.size);
	key->id_size = id.size;
	key->handle = handle;
}

void hsm_session_forget(struct hsm_session *session, struct span id)
{
	struct cached_key *key = find_cached(session, id);

	if (key)
		*key = (struct cached_key){0};
}

static int cached_public_init(struct cached_public *public, struct span spki)
{
	struct span modulus, exponent;
	int r = spki_read(spki, &modulus, &exponent);

	if (r == 0)
		r = rsa_public_new(modulus, exponent, &public->key);
	if (r == 0)
		r = bytes_copy(spki, &public->spki);
	if (r < 0)
		cached_public_done(public);
	return r;
}

int hsm_session_public(struct hsm_session *session, struct span spki, const struct rsa_public **ret)
{
	struct cached_public *public;
	int r;

	for (size_t i = 0; i < CACHED_KEYS; i++) {
		public = &session->publics[i];
		if (public->key && span_equal(span_of(public->spki), spki)) {
			*ret = public->key;
			return 0;
		}
	}
	public = &session->publics[session->next_public++ % CACHED_KEYS];
	cached_public_done(public);
	r = cached_public_init(public, spki);
	*ret = public->key;
	return r;
}
