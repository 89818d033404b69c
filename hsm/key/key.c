/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/kind.h"

#include "daemon/base/spki.h"
#include <pthread.h>
#include <string.h>

int key_init(struct key *key, const struct key_kind *kind, struct span spki)
{
	struct bytes copy = {0};
	int r;

	if (spki.size == 0)
		return -EINVAL;
	r = bytes_copy(spki, &copy);
	if (r < 0)
		return r;
	key->kind = kind;
	key->spki = copy;
	atomic_init(&key->references, 1);
	sha256(spki, key->id);
	return 0;
}

struct key *key_ref(struct key *key)
{
	atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
	return key;
}

struct key *key_unref(struct key *key)
{
	if (!key || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
		return NULL;
	bytes_done(&key->spki);
	key->kind->free(key);
	return NULL;
}

void key_unrefp(struct key **key)
{
	*key = key_unref(*key);
}

struct span key_spki(const struct key *key)
{
	return span_of(key->spki);
}

struct span key_id(const struct key *key)
{
	return SPAN_ARRAY(key->id);
}

int key_sign(struct key *key, enum digest digest, struct span to_be_signed, struct span audit_head,
	     struct bytes *ret)
{
	assert(digest != DIGEST_NONE);
	assert(audit_head.size == 0 || audit_head.size == SHA256_SIZE);
	if (!key->kind->sign)
		return -EOPNOTSUPP;
	return key->kind->sign(key, digest, to_be_signed, audit_head, ret);
}

int key_unwrap(struct key *key, struct span encrypted, size_t size, struct secret *ret)
{
	uint8_t pretended[KEY_CONTENT_MOST];

	assert(size >= 1 && size <= KEY_CONTENT_MOST);
	if (!key->kind->unwrap)
		return -EOPNOTSUPP;
	/* No RSA key makes such a ciphertext. It comes from the network, so it gets the answer that
	 * every bad one gets. */
	if (encrypted.size == 0 || encrypted.size > KEY_ENCRYPTED_MOST) {
		key_pretend(encrypted, size, pretended);
		return secret_copy(SPAN(pretended, size), ret);
	}
	return key->kind->unwrap(key, encrypted, size, ret);
}

/* How long the modulus is; 0 where this is no RSA key. */
static size_t modulus_bytes(const struct key *key)
{
	struct span modulus, exponent;

	return spki_read(span_of(key->spki), &modulus, &exponent) < 0 ? 0 : modulus.size;
}

int key_use(struct key *key, const struct rsa_scheme *scheme, struct span message,
	    struct bytes *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes signature = {0};
	size_t size = modulus_bytes(key);
	const char *fault =
		size ? rsa_scheme_find_fault(scheme, size, message.size) : "this is no RSA key";
	int r;

	if (!fault && message.size > KEY_MESSAGE_MOST)
		fault = "a message of more than 64000 bytes is not signed";
	if (fault)
		return key_explain(-EINVAL, ret_reason, fault);
	r = key->kind->use(key, scheme, message, &signature, ret_reason);
	if (r == 0 && signature.size != size)
		r = key_explain(-EBADMSG, ret_reason, "the answer is no signature of this key");
	if (r == 0)
		*ret = TAKE_STRUCT(signature);
	return r;
}

int key_open(struct key *key, const struct rsa_opening *opening, struct span encrypted,
	     struct secret *ret, char **ret_reason)
{
	size_t size = modulus_bytes(key);
	const char *fault =
		size ? rsa_opening_find_fault(opening, size, encrypted.size) : "this is no RSA key";

	if (!fault && opening->label.size > KEY_LABEL_MOST)
		fault = "an OAEP label of more than 256 bytes is not taken";
	if (!fault && encrypted.size > KEY_ENCRYPTED_MOST)
		fault = "what a key of more than 8192 bits opens is not taken";
	if (fault)
		return key_explain(-EINVAL, ret_reason, fault);
	return key->kind->open(key, opening, encrypted, ret, ret_reason);
}

static uint8_t pretext[SHA256_SIZE];

static void pretext_fill(void)
{
	random_fill(pretext, sizeof(pretext));
}

void key_pretend(struct span encrypted, size_t size, uint8_t ret[static KEY_CONTENT_MOST])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint8_t message[SHA256_SIZE + 2];

	assert(size <= KEY_CONTENT_MOST);
	pthread_once(&once, pretext_fill);
	/* One HMAC gives 32 bytes. The size is in it, so that asking for another size does not show
	 * a beginning of the same value. */
	sha256(encrypted, message);
	message[SHA256_SIZE] = (uint8_t)size;
	for (size_t at = 0; at < size; at += SHA256_SIZE) {
		message[SHA256_SIZE + 1] = (uint8_t)(at / SHA256_SIZE);
		hmac_sha256(SPAN_ARRAY(pretext), SPAN_ARRAY(message), ret + at);
	}
}
