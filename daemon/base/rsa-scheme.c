/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/rsa-scheme.h"
#include <string.h>

#define PKCS1_OVERHEAD 11 /* RFC 8017 §9.2: two zeros, the type, eight bytes of padding */

static bool is_digest(enum digest digest)
{
	return digest >= DIGEST_MD5 && digest <= DIGEST_SHA512;
}

static size_t info_bytes(enum digest digest)
{
	static const uint8_t nothing;
	uint8_t info[DIGEST_SIZE_MAX + 32];

	return digest_info(digest, SPAN(&nothing, 0), info);
}

static const char *find_pkcs1_fault(const struct rsa_scheme *scheme, size_t modulus_bytes,
				    size_t input_bytes)
{
	bool is_bare = scheme->input == RSA_INPUT_BARE;
	size_t content;

	if (scheme->mgf1 != DIGEST_NONE || scheme->salt_bytes)
		return "PKCS#1 v1.5 has no mask and no salt";
	if (is_bare != (scheme->digest == DIGEST_NONE))
		return "a digest is named but for what is padded as it is";
	/* Some tokens take this ill, and it says nothing. */
	if (is_bare && !input_bytes)
		return "there is nothing to sign";
	content = is_bare ? input_bytes : info_bytes(scheme->digest);
	return content + PKCS1_OVERHEAD > modulus_bytes ? "too long for this key" : NULL;
}

/* RFC 8017 §9.1.1: the encoded message has a bit less than the modulus. */
static const char *find_pss_fault(const struct rsa_scheme *scheme, size_t modulus_bytes)
{
	if (scheme->input == RSA_INPUT_BARE || !is_digest(scheme->mgf1))
		return "PSS needs a digest and one for its mask";
	return digest_size(scheme->digest) + scheme->salt_bytes + 2 > modulus_bytes
		       ? "the salt is too long for this key"
		       : NULL;
}

const char *rsa_scheme_find_fault(const struct rsa_scheme *scheme, size_t modulus_bytes,
				  size_t input_bytes)
{
	if (scheme->input < RSA_INPUT_MESSAGE || scheme->input > RSA_INPUT_BARE)
		return "there is no such kind of input";
	if (scheme->input != RSA_INPUT_BARE && !is_digest(scheme->digest))
		return "there is no such digest";
	if (scheme->input == RSA_INPUT_DIGEST && input_bytes != digest_size(scheme->digest))
		return "the digest has another length";
	if (scheme->padding == RSA_PADDING_PKCS1)
		return find_pkcs1_fault(scheme, modulus_bytes, input_bytes);
	if (scheme->padding == RSA_PADDING_PSS)
		return find_pss_fault(scheme, modulus_bytes);
	return "there is no such padding of signatures";
}

const char *rsa_opening_find_fault(const struct rsa_opening *opening, size_t modulus_bytes,
				   size_t encrypted_bytes)
{
	bool is_oaep = opening->padding == RSA_PADDING_OAEP;

	if (!is_oaep && opening->padding != RSA_PADDING_PKCS1)
		return "there is no such padding of what is encrypted";
	if (is_oaep != is_digest(opening->digest) || is_oaep != is_digest(opening->mgf1))
		return "OAEP alone needs a digest and one for its mask";
	if (!is_oaep && opening->label.size)
		return "OAEP alone has a label";
	if (is_oaep && 2 * digest_size(opening->digest) + 2 > modulus_bytes)
		return "the digest is too long for this key";
	return encrypted_bytes != modulus_bytes
		       ? "what is encrypted is as long as the key's modulus"
		       : NULL;
}

size_t rsa_scheme_digest(const struct rsa_scheme *scheme, struct span input,
			 uint8_t ret[static DIGEST_SIZE_MAX])
{
	assert(scheme->input != RSA_INPUT_BARE);
	if (scheme->input == RSA_INPUT_MESSAGE)
		return digest_compute(scheme->digest, input, ret);
	memcpy(ret, input.data, input.size);
	return input.size;
}

struct span rsa_scheme_info(const struct rsa_scheme *scheme, struct span input,
			    uint8_t place[static DIGEST_SIZE_MAX + 32])
{
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t size;

	if (scheme->input == RSA_INPUT_BARE)
		return input;
	size = rsa_scheme_digest(scheme, input, digest);
	return SPAN(place, digest_info_of(scheme->digest, SPAN(digest, size), place));
}
