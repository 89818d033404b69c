/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/card-internal.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

#define SIGNATURE_BYTES 512 /* of an RSA key of 4096 bits */
#define ISSUER		"DECM0000100001"

/* id-TA-RSA-v1-5-SHA-256 */
static const uint8_t rsa_sha256[] = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x01, 0x02};

static int write_number(EVP_PKEY *key, const char *name, unsigned tag, struct buffer *out)
{
	uint8_t bytes[SIGNATURE_BYTES];
	BIGNUM *number = NULL;
	int size = -1;

	if (EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
	    BN_num_bytes(number) <= SIGNATURE_BYTES)
		size = BN_bn2bin(number, bytes);
	BN_free(number);
	if (size < 0)
		return -EIO;
	tlv_write(out, tag, SPAN(bytes, (size_t)size));
	return 0;
}

static int write_public_key(EVP_PKEY *key, struct buffer *out)
{
	_cleanup_(buffer_done) struct buffer fields = {0};
	int r;

	tlv_write(&fields, 0x06, SPAN_ARRAY(rsa_sha256));
	r = write_number(key, OSSL_PKEY_PARAM_RSA_N, 0x81, &fields);
	if (r == 0)
		r = write_number(key, OSSL_PKEY_PARAM_RSA_E, 0x82, &fields);
	tlv_write(out, 0x7F49, span_of_buffer(&fields));
	return r;
}

static int sign(EVP_PKEY *key, struct span what, struct buffer *out)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t signature[SIGNATURE_BYTES];
	size_t size = sizeof(signature);
	bool done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestSign(context, signature, &size, what.data, what.size) == 1;

	EVP_MD_CTX_free(context);
	if (!done)
		return -EIO;
	tlv_write(out, 0x5F37, SPAN(signature, size));
	return 0;
}

/* What is signed: version, issuer, key and holder, whose name is the serial number and a count. */
static int write_body(EVP_PKEY *key, const char *serial, struct buffer *out)
{
	_cleanup_(buffer_done) struct buffer fields = {0};
	char holder[CARD_SERIAL_SIZE + 8];
	static const uint8_t version[] = {0};
	int r;

	(void)snprintf(holder, sizeof(holder), "%s00001", serial);
	tlv_write(&fields, 0x5F29, SPAN_ARRAY(version));
	tlv_write(&fields, 0x42, SPAN_LITERAL(ISSUER));
	r = write_public_key(key, &fields);
	tlv_write(&fields, 0x5F20, span_of_text(holder));
	tlv_write(out, 0x7F4E, span_of_buffer(&fields));
	return r;
}

int card_certificate(EVP_PKEY *key, const char *serial, bool is_request, struct buffer *out)
{
	_cleanup_(buffer_done) struct buffer inner = {0}, frame = {0};
	uint8_t signature[SHA512_DIGEST_LENGTH];
	int r;

	r = write_body(key, serial, &inner);
	if (r == 0)
		r = sign(key, span_of_buffer(&inner), &inner);
	if (r < 0)
		return r;
	if (!is_request) {
		tlv_write(out, 0x7F21, span_of_buffer(&inner));
		return out->error;
	}
	tlv_write(&frame, 0x7F21, span_of_buffer(&inner));
	tlv_write(&frame, 0x42, SPAN_LITERAL(ISSUER));
	/* The real card's own key is an elliptic one; nobody here looks at what it says. */
	(void)EVP_Digest(frame.data, frame.size, signature, NULL, EVP_sha512(), NULL);
	tlv_write(&frame, 0x5F37, SPAN_ARRAY(signature));
	tlv_write(out, 0x67, span_of_buffer(&frame));
	return out->error;
}
