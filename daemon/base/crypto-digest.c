/* SPDX-License-Identifier: Apache-2.0 */
/* The digests of crypto.h. */
#include "daemon/base/crypto-internal.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

struct digest_row {
	const char *name;
	enum oid oid;
	enum oid rsa_oid;
	size_t size;
};

static const struct digest_row rows[] = {
	[DIGEST_NONE] = {"none", OID_UNKNOWN, OID_UNKNOWN, 0},
	[DIGEST_MD5] = {"md5", OID_MD5, OID_MD5_WITH_RSA, 16},
	[DIGEST_SHA1] = {"sha1", OID_SHA1, OID_SHA1_WITH_RSA, 20},
	[DIGEST_SHA256] = {"sha256", OID_SHA256, OID_SHA256_WITH_RSA, 32},
	[DIGEST_SHA384] = {"sha384", OID_SHA384, OID_SHA384_WITH_RSA, 48},
	[DIGEST_SHA512] = {"sha512", OID_SHA512, OID_SHA512_WITH_RSA, 64},
};

static const struct digest_row *row_of(enum digest digest)
{
	assert(digest < ELEMENTS(rows));
	return &rows[digest];
}

const char *digest_name(enum digest digest)
{
	return row_of(digest)->name;
}

enum oid digest_oid(enum digest digest)
{
	return row_of(digest)->oid;
}

enum oid digest_rsa_oid(enum digest digest)
{
	return row_of(digest)->rsa_oid;
}

size_t digest_size(enum digest digest)
{
	return row_of(digest)->size;
}

enum digest digest_find(const char *name)
{
	for (unsigned i = DIGEST_NONE + 1; name && i < ELEMENTS(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return (enum digest)i;
	return DIGEST_NONE;
}

enum digest digest_find_oid(enum oid oid)
{
	for (unsigned i = DIGEST_NONE + 1; i < ELEMENTS(rows); i++)
		if (rows[i].oid == oid)
			return (enum digest)i;
	return DIGEST_NONE;
}

enum digest digest_find_rsa_oid(enum oid oid)
{
	for (unsigned i = DIGEST_NONE + 1; i < ELEMENTS(rows); i++)
		if (rows[i].rsa_oid == oid)
			return (enum digest)i;
	return DIGEST_NONE;
}

size_t digest_compute(enum digest digest, struct span data, uint8_t ret[static DIGEST_SIZE_MAX])
{
	unsigned size = 0;
	int done = EVP_Digest(data.data, data.size, ret, &size, crypto_md(digest), NULL);

	assert(done == 1 && size == digest_size(digest));
	return size;
}

void sha256(struct span data, uint8_t ret[static SHA256_SIZE])
{
	uint8_t digest[DIGEST_SIZE_MAX];

	digest_compute(DIGEST_SHA256, data, digest);
	memcpy(ret, digest, SHA256_SIZE);
}

void hmac_sha256(struct span key, struct span data, uint8_t ret[static SHA256_SIZE])
{
	char name[] = "SHA256";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *mac = EVP_MAC_CTX_new(crypto_hmac());
	size_t size = 0;
	int done;

	/* a key of no bytes is a key; a NULL one would mean "the one of before" */
	done = mac &&
	       EVP_MAC_init(mac, key.size ? key.data : (const uint8_t *)"", key.size, parameters) ==
		       1 &&
	       EVP_MAC_update(mac, data.data, data.size) == 1 &&
	       EVP_MAC_final(mac, ret, &size, SHA256_SIZE) == 1;
	EVP_MAC_CTX_free(mac);
	assert(done && size == SHA256_SIZE);
}

size_t digest_info_of(enum digest digest, struct span hash,
		      uint8_t ret[static DIGEST_SIZE_MAX + 32])
{
	struct span oid = oid_content(digest_oid(digest));
	size_t algorithm_size = 2 + oid.size + 2;
	size_t n = digest_size(digest);
	uint8_t *at = ret;

	assert(hash.size == n);
	/* every length is under 128, so all headers are two octets */
	*at++ = DER_SEQUENCE;
	*at++ = (uint8_t)(2 + algorithm_size + 2 + n);
	*at++ = DER_SEQUENCE;
	*at++ = (uint8_t)algorithm_size;
	*at++ = DER_OID;
	*at++ = (uint8_t)oid.size;
	memcpy(at, oid.data, oid.size);
	at += oid.size;
	*at++ = DER_NULL;
	*at++ = 0;
	*at++ = DER_OCTET_STRING;
	*at++ = (uint8_t)n;
	memcpy(at, hash.data, n);
	return (size_t)(at - ret) + n;
}

size_t digest_info(enum digest digest, struct span data, uint8_t ret[static DIGEST_SIZE_MAX + 32])
{
	uint8_t hash[DIGEST_SIZE_MAX];
	size_t size = digest_compute(digest, data, hash);

	return digest_info_of(digest, SPAN(hash, size), ret);
}
