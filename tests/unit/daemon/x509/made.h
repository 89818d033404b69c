/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What these tests share: the vectors, one RSA key, its signatures, and OpenSSL's own structures as
 * DER. */

#include "daemon/x509/build.h"
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEX(text) made_hex(text)

/* 2015-10-09T12:14:16Z, 2017-10-08T12:14:16Z, 2019-10-08T12:14:16Z */
#define MADE_2015_S INT64_C(1444392856)
#define MADE_2017_S INT64_C(1507464856)
#define MADE_2019_S INT64_C(1570536856)

static inline bool made_is(struct span span, const char *text)
{
	return span_equal(span, span_of_text(text));
}

/* Bytes from hex with blanks between. */
static inline struct bytes made_hex(const char *text)
{
	struct bytes bytes = {0};
	unsigned byte;

	assert_int_equal(bytes_new(strlen(text) / 2 + 1, &bytes), 0);
	bytes.size = 0;
	for (; *text; text++) {
		if (*text == ' ')
			continue;
		assert_int_equal(sscanf(text++, "%2x", &byte), 1);
		bytes.data[bytes.size++] = (uint8_t)byte;
	}
	return bytes;
}

/* A file of tests/vectors. */
static inline struct bytes made_vector(const char *name)
{
	struct bytes bytes = {0};
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%.*s/tests/vectors/%s",
		 (int)(strstr(__FILE__, "/tests/unit/") - __FILE__), __FILE__, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(bytes_new(4096, &bytes), 0);
	bytes.size = fread(bytes.data, 1, bytes.size, file);
	fclose(file);
	return bytes;
}

static inline struct bytes made_name(const char *text)
{
	struct bytes name = {0};

	assert_int_equal(x509_name_from_text(text, &name, NULL), 0);
	return name;
}

/* One RSA key of 2048 bits for the whole program. */
static inline EVP_PKEY *made_key(void)
{
	static EVP_PKEY *key;

	if (!key)
		key = EVP_RSA_gen(2048);
	assert_non_null(key);
	return key;
}

/* What i2d_X() of @object gives. */
#define MADE_DER(i2d, object)                                                                      \
	({                                                                                         \
		struct bytes der_ = {0};                                                           \
		uint8_t *at_;                                                                      \
		assert_int_equal(bytes_new((size_t)i2d(object, NULL), &der_), 0);                  \
		at_ = der_.data;                                                                   \
		assert_int_equal(i2d(object, &at_), der_.size);                                    \
		der_;                                                                              \
	})

/* Whether d2i_X() takes all of @span; frees what it gives. */
#define MADE_OPENSSL_READS(d2i, free_, span)                                                       \
	({                                                                                         \
		const uint8_t *at_ = (span).data;                                                  \
		bool taken_;                                                                       \
		__auto_type object_ = d2i(NULL, &at_, (long)(span).size);                          \
		taken_ = object_ && at_ == (span).data + (span).size;                              \
		free_(object_);                                                                    \
		ERR_clear_error();                                                                 \
		taken_;                                                                            \
	})

static inline struct bytes made_spki(EVP_PKEY *key)
{
	return MADE_DER(i2d_PUBKEY, key);
}

static inline const EVP_MD *made_md(enum digest digest)
{
	return EVP_get_digestbyname(digest_name(digest));
}

static inline struct bytes made_signature(struct span message, enum digest digest)
{
	struct bytes signature = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(bytes_new(256, &signature), 0);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, made_md(digest), NULL, made_key()), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, signature.data, &signature.size, message.data, message.size),
		1);
	EVP_MD_CTX_free(ctx);
	return signature;
}

static inline struct bytes made_sealed(struct span to_be_signed, enum digest digest)
{
	struct bytes signature = made_signature(to_be_signed, digest);
	struct bytes sealed = {0};

	assert_int_equal(x509_seal(to_be_signed, digest, span_of(signature), &sealed), 0);
	bytes_done(&signature);
	return sealed;
}

/* One byte of a structure changed, or its end cut off: @read gets each, once per bit and per place.
 * A copy of the exact size, so that the address sanitizer sees a read past the end. */
static inline void made_mutate(struct span whole, void (*read)(struct span mutated))
{
	struct bytes copy = {0};

	assert_int_equal(bytes_copy(whole, &copy), 0);
	for (size_t i = 0; i < whole.size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			copy.data[i] ^= (uint8_t)(1u << bit);
			read(span_of(copy));
			copy.data[i] ^= (uint8_t)(1u << bit);
		}
	bytes_done(&copy);
	for (size_t size = 0; size < whole.size; size++) {
		assert_int_equal(bytes_copy(span_slice(whole, 0, size), &copy), 0);
		read(span_of(copy));
		bytes_done(&copy);
	}
}

/* @whole with something behind it. */
static inline struct bytes made_longer(struct span whole, struct span more)
{
	struct buffer longer = {0};
	struct bytes bytes = {0};

	buffer_append(&longer, whole);
	buffer_append(&longer, more);
	assert_int_equal(buffer_take(&longer, &bytes), 0);
	return bytes;
}

/* Whether @part lies in @whole, as everything does that a reader gives. */
static inline bool made_lies_in(struct span part, struct span whole)
{
	return part.size == 0 ||
	       (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}
