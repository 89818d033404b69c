/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/build.h"
#include "daemon/x509/name.h"
#include "token/signing.h"
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY INT64_C(86400)
#define NOW INT64_C(1700000000)

/* The CA's name and key, and another's. */
static struct {
	struct bytes name, spki;
} ca, other;

static struct bytes spki_of(EVP_PKEY *key)
{
	struct bytes spki = {};
	uint8_t *at;

	assert_int_equal(bytes_new((size_t)i2d_PUBKEY(key, NULL), &spki), 0);
	at = spki.data;
	assert_int_equal(i2d_PUBKEY(key, &at), spki.size);
	EVP_PKEY_free(key);
	return spki;
}

static int begin(void **state)
{
	(void)state;
	assert_int_equal(x509_name_from_text("CN=Sub", &ca.name, NULL), 0);
	assert_int_equal(x509_name_from_text("CN=r1", &other.name, NULL), 0);
	ca.spki = spki_of(EVP_RSA_gen(1024));
	other.spki = spki_of(EVP_RSA_gen(1024));
	return 0;
}

static int end(void **state)
{
	(void)state;
	bytes_done(&ca.name);
	bytes_done(&ca.spki);
	bytes_done(&other.name);
	bytes_done(&other.spki);
	return 0;
}

static struct charter charter_of(enum charter_role role)
{
	struct charter charter = {.role = role, .issuer = span_of(ca.name)};

	sha256(span_of(ca.spki), charter.key_sha256);
	return charter;
}

struct seen {
	const char *kind;
	int64_t end_s; /* where nothing was known; and where as much, less a day, was */
	int64_t again_s;
};

static struct seen look(struct span to_be_signed, enum charter_role role, int64_t until_s)
{
	static const struct server_facts server;
	struct charter charter = charter_of(role);
	struct signing signing;
	struct seen seen;

	signing_read(to_be_signed, DIGEST_SHA256, &server, &signing);
	seen.kind = signing_kind(&signing, &charter);
	seen.end_s = signing_end_s(&signing, &charter, 0);
	seen.again_s = signing_end_s(&signing, &charter, until_s - DAY);
	signing_done(&signing);
	return seen;
}

static struct bytes leaf(struct span subject, struct span spki, int64_t until_s)
{
	static const struct x509_extensions none = {.path_length = -1};
	const struct x509_client_certificate values = {
		.serial = SPAN_LITERAL("\x07"),
		.issuer = span_of(ca.name),
		.subject = subject,
		.not_before_s = NOW,
		.not_after_s = until_s,
		.spki = spki,
		.requested = &none,
		.add_key_usage = X509_DIGITAL_SIGNATURE,
		.authority_key_identifier = SPAN_LITERAL("01234567890123456789"),
		.digest = DIGEST_SHA256,
	};
	struct bytes to_be_signed = {};

	assert_int_equal(x509_build_client_certificate(&values, &to_be_signed), 0);
	return to_be_signed;
}

static void what_a_ca_issues_is_remembered_by_the_day(void **state)
{
	_cleanup_(bytes_done) struct bytes issued =
		leaf(span_of(other.name), span_of(other.spki), NOW + 100 * DAY);
	struct seen seen = look(span_of(issued), CHARTER_CA, NOW + 100 * DAY);

	(void)state;
	assert_string_equal(seen.kind, "certificate");
	assert_int_equal(seen.end_s, NOW + 100 * DAY);
	assert_int_equal(seen.again_s, 0);
	seen = look(span_of(issued), CHARTER_CA, NOW + 100 * DAY - 1);
	assert_int_equal(seen.again_s, NOW + 100 * DAY);
}

static void its_own_is_remembered_to_the_second(void **state)
{
	const struct x509_ca_certificate values = {
		.serial = SPAN_LITERAL("\x01"),
		.name = span_of(ca.name),
		.not_before_s = NOW,
		.not_after_s = NOW + 1000 * DAY,
		.spki = span_of(ca.spki),
		.key_usage = X509_KEY_CERT_SIGN,
		.digest = DIGEST_SHA256,
	};
	_cleanup_(bytes_done) struct bytes own = {};
	struct seen seen;

	(void)state;
	assert_int_equal(x509_build_ca_certificate(&values, &own), 0);
	seen = look(span_of(own), CHARTER_CA, NOW + 1000 * DAY);
	assert_string_equal(seen.kind, "certificate");
	assert_int_equal(seen.end_s, NOW + 1000 * DAY);
	assert_int_equal(seen.again_s, NOW + 1000 * DAY);
}

/* It signs a message to a superior CA, is shown to nobody else, and nothing rests on it. */
static void what_it_asks_with_is_no_certificate_of_a_ca(void **state)
{
	const struct x509_self_signed values = {
		.serial = SPAN_LITERAL("\x01"),
		.name = span_of(ca.name),
		.not_before_s = NOW,
		.not_after_s = NOW + 3650 * DAY,
		.spki = span_of(ca.spki),
		.key_usage = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		.digest = DIGEST_SHA256,
	};
	_cleanup_(bytes_done) struct bytes asks = {};
	_cleanup_(bytes_done) struct bytes another = {};
	struct seen seen;

	(void)state;
	assert_int_equal(x509_build_self_signed(&values, &asks), 0);
	seen = look(span_of(asks), CHARTER_CA, 0);
	assert_string_equal(seen.kind, "self-signed");
	assert_int_equal(seen.end_s, 0);
	/* Of another key, or for another name, it is one that the CA issued. */
	another = leaf(span_of(ca.name), span_of(other.spki), NOW + DAY);
	assert_string_equal(look(span_of(another), CHARTER_CA, 0).kind, "certificate");
	bytes_done(&another);
	another = leaf(span_of(other.name), span_of(ca.spki), NOW + DAY);
	assert_string_equal(look(span_of(another), CHARTER_CA, 0).kind, "certificate");
}

static void no_other_role_has_an_end(void **state)
{
	_cleanup_(bytes_done) struct bytes issued =
		leaf(span_of(ca.name), span_of(ca.spki), NOW + 100 * DAY);

	(void)state;
	for (enum charter_role role = CHARTER_EXCHANGE; role <= CHARTER_AUDIT; role++) {
		struct seen seen = look(span_of(issued), role, NOW);

		assert_string_equal(seen.kind, "self-signed");
		assert_int_equal(seen.end_s, 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_ca_issues_is_remembered_by_the_day),
		cmocka_unit_test(its_own_is_remembered_to_the_second),
		cmocka_unit_test(what_it_asks_with_is_no_certificate_of_a_ca),
		cmocka_unit_test(no_other_role_has_an_end),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
