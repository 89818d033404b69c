/* SPDX-License-Identifier: Apache-2.0 */
/* SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) and what is done with the key in it. */
#include "daemon/x509/parts.h"
#include <string.h>

struct spki_items {
	struct der_item algorithm, bits;
};

static const struct der_field spki_fields[] = {
	DER_FIELD(struct spki_items, algorithm, DER_SEQUENCE),
	DER_FIELD(struct spki_items, bits, DER_BIT_STRING),
};

struct rsa_items {
	struct der_item modulus, exponent;
};

static const struct der_field rsa_fields[] = {
	DER_FIELD(struct rsa_items, modulus, DER_INTEGER),
	DER_FIELD(struct rsa_items, exponent, DER_INTEGER),
};

/* RSAPublicKey: RFC 8017 appendix A.1.1. */
static int rsa_key_read(const struct x509_algorithm *algorithm, struct x509_key *key)
{
	struct der_item sequence;
	struct rsa_items items;

	if (der_present(&algorithm->parameters) && algorithm->parameters.tag != DER_NULL)
		return -EBADMSG;
	if (der_only(key->key_bits, DER_SEQUENCE, &sequence) < 0 ||
	    der_match(sequence.content, rsa_fields, ELEMENTS(rsa_fields), &items) < 0 ||
	    der_read_magnitude(&items.modulus, &key->modulus) < 0 ||
	    der_read_magnitude(&items.exponent, &key->exponent) < 0)
		return -EBADMSG;
	key->kind = X509_KEY_RSA;
	return 0;
}

int x509_key_read(struct span spki, struct x509_key *ret)
{
	struct x509_key key = {.spki = spki};
	struct x509_algorithm algorithm;
	struct der_item sequence;
	struct spki_items items;
	unsigned unused;

	if (der_only(spki, DER_SEQUENCE, &sequence) < 0 ||
	    der_match(sequence.content, spki_fields, ELEMENTS(spki_fields), &items) < 0 ||
	    x509_algorithm_read(&items.algorithm, &algorithm) < 0 ||
	    der_read_bits(&items.bits, &key.key_bits, &unused) < 0 || unused)
		return -EBADMSG;
	if (algorithm.oid == OID_EC_PUBLIC_KEY)
		key.kind = X509_KEY_EC;
	else if (algorithm.oid == OID_RSA_ENCRYPTION && rsa_key_read(&algorithm, &key) < 0)
		return -EBADMSG;
	*ret = key;
	return 0;
}

void x509_key_sha256(const struct x509_key *key, uint8_t ret[static SHA256_SIZE])
{
	sha256(key->spki, ret);
}

void x509_key_identifier(const struct x509_key *key, uint8_t ret[static 20])
{
	uint8_t digest[DIGEST_SIZE_MAX];

	digest_compute(DIGEST_SHA1, key->key_bits, digest);
	memcpy(ret, digest, 20);
}

int x509_verify(const struct x509_key *key, enum digest digest, struct span to_be_signed,
		struct span signature)
{
	_cleanup_(rsa_public_freep) struct rsa_public *public = NULL;
	int r;

	if (key->kind != X509_KEY_RSA)
		return -EKEYREJECTED;
	if (digest == DIGEST_NONE)
		return -EBADMSG;
	r = rsa_public_new(key->modulus, key->exponent, &public);
	if (r < 0)
		return r;
	return rsa_public_verify(public, digest, to_be_signed, signature);
}
