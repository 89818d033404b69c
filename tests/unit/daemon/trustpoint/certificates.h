/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates that a trustpoint may be given, for tests: of a root, a CA under it, that CA's RAs
 * and one of its routers, a stranger, a forger, and the root's successor. Made once for a group by
 * make_all(), and dropped by drop_all().
 */

#include "daemon/trustpoint/ca.h"
#include "daemon/x509/build.h"
#include "daemon/x509/name.h"
#include "daemon/x509/put.h"
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY   INT64_C(86400)
#define BIRTH INT64_C(1500000000)
#define END   (BIRTH + 1000 * DAY)

#define EC_KEY 6

/* Keys by number, made once. */
static inline EVP_PKEY *key(unsigned number)
{
	static EVP_PKEY *keys[7];

	assert_true(number < ELEMENTS(keys));
	if (!keys[number])
		keys[number] = number == EC_KEY ? EVP_EC_gen("P-256") : EVP_RSA_gen(1024);
	return keys[number];
}

static inline struct bytes spki_of(unsigned number)
{
	struct bytes spki = {};
	uint8_t *at;

	assert_int_equal(bytes_new((size_t)i2d_PUBKEY(key(number), NULL), &spki), 0);
	at = spki.data;
	assert_int_equal(i2d_PUBKEY(key(number), &at), spki.size);
	return spki;
}

struct plan {
	const char *subject, *issuer;
	unsigned key, signer;
	bool ca;
	uint16_t key_usage; /* 0: none */
	int64_t from_s, until_s;
};

static inline struct bytes name_of(const char *text)
{
	struct bytes name = {};

	assert_int_equal(x509_name_from_text(text, &name, NULL), 0);
	return name;
}

static inline struct bytes extensions_of(const struct plan *plan)
{
	_cleanup_(der_writer_done) struct der_writer w = {};
	struct bytes extensions = {};

	der_begin(&w, DER_SEQUENCE);
	x509_begin_extension(&w, OID_BASIC_CONSTRAINTS, true);
	der_begin(&w, DER_SEQUENCE);
	if (plan->ca)
		der_put_boolean(&w, true);
	der_end(&w);
	x509_end_extension(&w);
	if (plan->key_usage) {
		x509_begin_extension(&w, OID_KEY_USAGE, true);
		der_put_named_bits(&w, plan->key_usage);
		x509_end_extension(&w);
	}
	der_end(&w);
	assert_int_equal(der_finish(&w, &extensions), 0);
	return extensions;
}

static inline struct bytes seal(struct span to_be_signed, unsigned signer)
{
	uint8_t signature[128];
	size_t size = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct bytes sealed = {};

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key(signer)), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, signature, &size, to_be_signed.data, to_be_signed.size), 1);
	EVP_MD_CTX_free(ctx);
	assert_int_equal(x509_seal(to_be_signed, DIGEST_SHA256, SPAN(signature, size), &sealed), 0);
	return sealed;
}

static inline struct bytes make(struct plan plan)
{
	_cleanup_(bytes_done) struct bytes subject = name_of(plan.subject),
					   issuer = name_of(plan.issuer), spki = spki_of(plan.key),
					   extensions = extensions_of(&plan), to_be_signed = {};
	struct x509_extensions requested;
	const struct x509_client_certificate from = {
		.serial = SPAN_LITERAL("\x01"),
		.issuer = span_of(issuer),
		.subject = span_of(subject),
		.not_before_s = plan.from_s ? plan.from_s : BIRTH,
		.not_after_s = plan.until_s ? plan.until_s : END,
		.spki = span_of(spki),
		.requested = &requested,
		.authority_key_identifier = SPAN_LITERAL("01234567890123456789"),
		.digest = DIGEST_SHA256,
	};

	assert_int_equal(x509_extensions_read(span_of(extensions), &requested), 0);
	assert_int_equal(x509_build_client_certificate(&from, &to_be_signed), 0);
	return seal(span_of(to_be_signed), plan.signer);
}

#define CA_USAGE (X509_DIGITAL_SIGNATURE | X509_KEY_CERT_SIGN | X509_CRL_SIGN)

/* A root (key 0), a CA under it (1), RAs of that (2, 3), a stranger (4). */
static struct {
	struct bytes root, ca, ra_signs, ra_opens, ra_ended, router, stranger, forged, next;
} made;

static inline int make_all(void **state)
{
	(void)state;
	made.root = make((struct plan){"CN=root", "CN=root", 0, 0, true, CA_USAGE, 0, 0});
	made.ca = make((struct plan){"CN=ca", "CN=root", 1, 0, true, CA_USAGE, 0, 0});
	made.ra_signs =
		make((struct plan){"CN=ra", "CN=ca", 2, 1, false, X509_DIGITAL_SIGNATURE, 0, 0});
	made.ra_opens =
		make((struct plan){"CN=ra", "CN=ca", 3, 1, false, X509_KEY_ENCIPHERMENT, 0, 0});
	made.ra_ended = make((struct plan){"CN=ra", "CN=ca", 3, 1, false, X509_KEY_ENCIPHERMENT, 0,
					   BIRTH + DAY});
	made.router = make((struct plan){"CN=router", "CN=ca", 4, 1, false,
					 X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT, 0, 0});
	made.stranger = make((struct plan){"CN=ca", "CN=ca", 4, 4, true, CA_USAGE, 0, 0});
	/* The name is right, the key is the stranger's. */
	made.forged =
		make((struct plan){"CN=ra", "CN=ca", 4, 4, false, X509_KEY_ENCIPHERMENT, 0, 0});
	made.next = make((struct plan){"CN=root", "CN=root", 5, 5, true, CA_USAGE, END, 2 * END});
	return 0;
}

static inline int drop_all(void **state)
{
	struct bytes *each = (struct bytes *)&made;

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(*each); i++)
		bytes_done(&each[i]);
	for (unsigned i = 0; i <= EC_KEY; i++)
		EVP_PKEY_free(key(i));
	return 0;
}

#define NOW (BIRTH + 500 * DAY)

static inline bool is(struct span span, struct bytes bytes)
{
	return span_equal(span, span_of(bytes));
}

/* A state with the CA active, with one RA, and the next root coming. */
struct known {
	struct ca_anchor_record anchors[2];
	struct ca_trustpoint_state state;
};

static inline void know(struct known *known)
{
	const struct trustpoint_ca ca = {
		.certificate = span_of(made.ca),
		.others = {span_of(made.ra_opens), span_of(made.root)},
		.n_others = 2,
	};

	*known = (struct known){};
	known->anchors[0].id = 1;
	known->anchors[0].certificate = made.ca;
	assert_int_equal(trustpoint_ca_join_others(&ca, &known->anchors[0].others), 0);
	known->anchors[0].takes_over_s = BIRTH;
	known->anchors[1].id = 2;
	known->anchors[1].certificate = made.next;
	known->anchors[1].takes_over_s = END;
	known->state.anchors = known->anchors;
	known->state.n_anchors = 2;
}
