/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How an RSA key signs and decrypts for others: a value that goes with the question from a program
 * by clavigerd to the token's process, each of which looks at it again. Pure. Source: RFC 8017 §7
 * to §9.
 */

#include "daemon/base/crypto.h"

/* On the wire: numbers are for ever. */
enum rsa_padding {
	RSA_PADDING_PKCS1 = 1, /* RSASSA-PKCS1-v1_5, RSAES-PKCS1-v1_5 */
	RSA_PADDING_PSS = 2,
	RSA_PADDING_OAEP = 3,
};

/* What is handed over to be signed. */
enum rsa_input {
	RSA_INPUT_MESSAGE = 1, /* all of it, so that whoever signs can look into it */
	RSA_INPUT_DIGEST = 2,  /* its digest */
	RSA_INPUT_BARE = 3,    /* what PKCS#1 v1.5 pads as it is, without a DigestInfo of ours */
};

struct rsa_scheme {
	enum rsa_padding padding;
	enum rsa_input input;
	enum digest digest;  /* DIGEST_NONE for RSA_INPUT_BARE alone */
	enum digest mgf1;    /* of PSS, else DIGEST_NONE */
	unsigned salt_bytes; /* of PSS, else 0 */
};

struct rsa_opening {
	enum rsa_padding padding;
	enum digest digest, mgf1; /* of OAEP, else DIGEST_NONE */
	struct span label;	  /* of OAEP, else empty */
};

/* What is wrong with the scheme, or with so many bytes of input by a key of so many bytes of
 * modulus: a sentence for people, borrowed for ever; NULL where nothing is. */
const char *rsa_scheme_find_fault(const struct rsa_scheme *scheme, size_t modulus_bytes,
				  size_t input_bytes);
/* The same of a decryption. */
const char *rsa_opening_find_fault(const struct rsa_opening *opening, size_t modulus_bytes,
				   size_t encrypted_bytes);

/* The digest that is signed, of a message or as it was handed over, into @ret; how many bytes it
 * took. Not for RSA_INPUT_BARE. The scheme is without fault. */
size_t rsa_scheme_digest(const struct rsa_scheme *scheme, struct span input,
			 uint8_t ret[static DIGEST_SIZE_MAX]);

/* What is padded by PKCS#1 v1.5: the DigestInfo, in @place, or for RSA_INPUT_BARE @input itself.
 * The scheme is without fault. */
struct span rsa_scheme_info(const struct rsa_scheme *scheme, struct span input,
			    uint8_t place[static DIGEST_SIZE_MAX + 32]);

/* Whether it is this input's signature by the scheme, which is without fault. 0, -EBADMSG, or
 * -ENOMEM. */
_checked_ int rsa_scheme_verify(const struct rsa_scheme *scheme, const struct rsa_public *key,
				struct span input, struct span signature);
