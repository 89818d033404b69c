/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/sign.h"

#include <stdlib.h>
#include <string.h>

static void *new_context(void *prov, const char *properties)
{
	struct sign *sign = calloc(1, sizeof(*sign));

	(void)properties;
	if (!sign)
		return NULL;
	sign->prov = prov;
	sign->padding = RSA_PADDING_PKCS1;
	sign->salt = SIGN_SALT_AS_DIGEST_AT_MOST;
	return sign;
}

static void free_context(void *context)
{
	struct sign *sign = context;

	if (!sign)
		return;
	verify_done(sign);
	prov_key_unref(sign->key);
	buffer_done(&sign->message);
	free(sign);
}

/* EVP_DigestSignFinal() of 3.0 works on a copy, so what was collected is copied, too. */
static void *duplicate_context(void *context)
{
	const struct sign *from = context;
	struct sign *sign = calloc(1, sizeof(*sign));

	if (!sign)
		return NULL;
	*sign = *from;
	prov_key_ref(sign->key);
	sign->message = (struct buffer){0};
	buffer_append(&sign->message, span_of_buffer(&from->message));
	if (verify_copy(from, sign) && !sign->message.error)
		return sign;
	free_context(sign);
	return NULL;
}

/* Without a key: again with the one of before. */
static int sign_init(void *context, void *key, const OSSL_PARAM params[])
{
	struct sign *sign = context;

	verify_done(sign);
	sign->message.size = 0;
	return prov_key_hold(key, &sign->key) && prov_key_is_private(sign->key) &&
	       sign_set_params(sign, params);
}

static int sign_message_init(void *context, const char *digest, void *key,
			     const OSSL_PARAM params[])
{
	return sign_set_digest(context, digest) && sign_init(context, key, params);
}

static int too_long(const struct sign *sign)
{
	return prov_raise(sign->prov, PROV_TOO_LONG,
			  "a message is given to the key whole, and has %zu bytes at most",
			  KEY_MESSAGE_MOST);
}

static int sign_message_update(void *context, const unsigned char *data, size_t size)
{
	struct sign *sign = context;

	if (size > KEY_MESSAGE_MOST - sign->message.size)
		return too_long(sign);
	buffer_append(&sign->message, SPAN(data, size));
	return !sign->message.error;
}

/* Where libcrypto wants a signature. */
struct place {
	unsigned char *data; /* NULL: only its size is asked for, which needs no token */
	size_t *size;
	size_t room;
};

static int use(const struct sign *sign, enum rsa_input input, struct span message,
	       struct bytes *ret)
{
	_cleanup_(freep) char *reason = NULL;
	struct rsa_scheme scheme;
	int r;

	if (!sign_scheme(sign, input, &scheme))
		return 0;
	if (message.size > KEY_MESSAGE_MOST) {
		too_long(sign);
		return 0;
	}
	r = key_use(sign->key->key, &scheme, message, ret, &reason);
	return r == 0 || prov_raise_result(sign->prov, r, sign->key->name, reason);
}

static int sign_into(const struct sign *sign, enum rsa_input input, struct span message,
		     struct place place)
{
	_cleanup_(bytes_done) struct bytes signature = {0};

	if (!sign->key || !sign->key->key)
		return 0;
	*place.size = prov_key_bytes(sign->key);
	if (!place.data)
		return 1;
	if (place.room < *place.size)
		return prov_raise(sign->prov, PROV_TOO_LONG, "a signature for %zu bytes of room",
				  place.room);
	if (!use(sign, input, message, &signature))
		return 0;
	if (signature.size > place.room)
		return prov_raise(sign->prov, PROV_FAULT, "a signature of %zu bytes",
				  signature.size);
	memcpy(place.data, signature.data, signature.size);
	*place.size = signature.size;
	return 1;
}

/* A digest, or where none is named what is to be padded as it is. */
static int sign_digest(void *context, unsigned char *ret, size_t *ret_size, size_t room,
		       const unsigned char *data, size_t size)
{
	const struct sign *sign = context;

	return sign_into(sign, sign->digest == DIGEST_NONE ? RSA_INPUT_BARE : RSA_INPUT_DIGEST,
			 SPAN(data, size), (struct place){ret, ret_size, room});
}

static int sign_message_final(void *context, unsigned char *ret, size_t *ret_size, size_t room)
{
	const struct sign *sign = context;

	return sign_into(sign, RSA_INPUT_MESSAGE, span_of_buffer(&sign->message),
			 (struct place){ret, ret_size, room});
}

/* The message at once, without a copy. */
static int sign_message(void *context, unsigned char *ret, size_t *ret_size, size_t room,
			const unsigned char *data, size_t size)
{
	return sign_into(context, RSA_INPUT_MESSAGE, SPAN(data, size),
			 (struct place){ret, ret_size, room});
}

const OSSL_DISPATCH prov_sign_functions[] = {
	{OSSL_FUNC_SIGNATURE_NEWCTX, (prov_function *)new_context},
	{OSSL_FUNC_SIGNATURE_FREECTX, (prov_function *)free_context},
	{OSSL_FUNC_SIGNATURE_DUPCTX, (prov_function *)duplicate_context},
	{OSSL_FUNC_SIGNATURE_SIGN_INIT, (prov_function *)sign_init},
	{OSSL_FUNC_SIGNATURE_SIGN, (prov_function *)sign_digest},
	{OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (prov_function *)sign_message_init},
	{OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, (prov_function *)sign_message_update},
	{OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, (prov_function *)sign_message_final},
	{OSSL_FUNC_SIGNATURE_DIGEST_SIGN, (prov_function *)sign_message},
	{OSSL_FUNC_SIGNATURE_VERIFY_INIT, (prov_function *)verify_init},
	{OSSL_FUNC_SIGNATURE_VERIFY, (prov_function *)verify_digest},
	{OSSL_FUNC_SIGNATURE_VERIFY_RECOVER_INIT, (prov_function *)verify_recover_init},
	{OSSL_FUNC_SIGNATURE_VERIFY_RECOVER, (prov_function *)verify_recover},
	{OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, (prov_function *)verify_message_init},
	{OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, (prov_function *)verify_message_update},
	{OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, (prov_function *)verify_message_final},
	{OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, (prov_function *)verify_message},
	{OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (prov_function *)sign_set_params},
	{OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (prov_function *)sign_settable_params},
	{OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (prov_function *)sign_get_params},
	{OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (prov_function *)sign_gettable_params},
	{0, NULL},
};
