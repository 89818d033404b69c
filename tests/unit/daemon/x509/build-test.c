/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/x509/made.h"

static const struct {
	const char *file, *spki;
	uint8_t serial;
	int64_t not_before_s, not_after_s;
} roots[] = {
	{"root-active.der", "root-active.spki.der", 1, MADE_2015_S, MADE_2017_S},
	{"root-rollover.der", "root-rollover.spki.der", 3, MADE_2017_S, MADE_2019_S},
};

/* The known roots again, byte for byte, from what an operator typed. */
static void known_roots(void **state)
{
	_cleanup_(bytes_done) struct bytes name = made_name("CN=RootCA,OU=TAC,O=Cisco");

	(void)state;
	for (size_t i = 0; i < ELEMENTS(roots); i++) {
		_cleanup_(bytes_done) struct bytes known = made_vector(roots[i].file);
		_cleanup_(bytes_done) struct bytes spki = made_vector(roots[i].spki);
		_cleanup_(bytes_done) struct bytes tbs = {0};
		_cleanup_(bytes_done) struct bytes sealed = {0};
		const struct x509_ca_certificate from = {
			.serial = SPAN(&roots[i].serial, 1),
			.name = span_of(name),
			.not_before_s = roots[i].not_before_s,
			.not_after_s = roots[i].not_after_s,
			.spki = span_of(spki),
			.key_usage = 0x8600,
			.digest = DIGEST_MD5,
		};
		struct x509_certificate c;

		assert_int_equal(x509_certificate_read(span_of(known), &c), 0);
		assert_int_equal(x509_build_ca_certificate(&from, &tbs), 0);
		assert_true(span_equal(span_of(tbs), c.to_be_signed));
		assert_int_equal(x509_seal(span_of(tbs), DIGEST_MD5, c.signature, &sealed), 0);
		assert_true(span_equal(span_of(sealed), span_of(known)));
	}
}

#define REQUESTED                                                                                  \
	"3029 3016 0603551d11 0101ff 040c 300a 8208 72312e6c6f63616c"                              \
	"300f 0603551d25 0408 3006 0604 551d2500"

struct made {
	struct bytes name, spki, requested;
	struct x509_extensions extensions;
};

static struct x509_client_certificate ordinary(struct made *made)
{
	made->name = made_name("CN=r1,O=Cisco");
	made->spki = made_spki(made_key());
	made->requested = HEX(REQUESTED);
	assert_int_equal(x509_extensions_read(span_of(made->requested), &made->extensions), 0);
	return (struct x509_client_certificate){
		.serial = SPAN_LITERAL("\xf1\x02\x03"),
		.issuer = span_of(made->name),
		.subject = span_of(made->name),
		.not_before_s = MADE_2015_S,
		.not_after_s = INT64_C(2600000000),
		.spki = span_of(made->spki),
		.requested = &made->extensions,
		.add_key_usage = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		.authority_key_identifier = SPAN_LITERAL("abcdefghijklmnopqrst"),
		.cdp = SPAN_LITERAL("http://ca.example/crl/ROOTCA.crl"),
		.digest = DIGEST_SHA256,
	};
}

static void made_done(struct made *made)
{
	bytes_done(&made->name);
	bytes_done(&made->spki);
	bytes_done(&made->requested);
}

static void assert_order(X509 *x, const int *nids, const int *critical, int n)
{
	assert_int_equal(X509_get_ext_count(x), n);
	for (int i = 0; i < n; i++) {
		X509_EXTENSION *extension = X509_get_ext(x, i);

		assert_int_equal(OBJ_obj2nid(X509_EXTENSION_get_object(extension)), nids[i]);
		assert_int_equal(X509_EXTENSION_get_critical(extension), critical[i]);
	}
}

static void assert_url(X509 *x, const char *expected)
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
	const GENERAL_NAMES *names;
	const ASN1_STRING *url;
	int type;

	assert_non_null(points);
	assert_int_equal(sk_DIST_POINT_num(points), 1);
	names = sk_DIST_POINT_value(points, 0)->distpoint->name.fullname;
	assert_int_equal(sk_GENERAL_NAME_num(names), 1);
	url = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 0), &type);
	assert_int_equal(type, GEN_URI);
	assert_true(span_equal(SPAN(ASN1_STRING_get0_data(url), (size_t)ASN1_STRING_length(url)),
			       span_of_text(expected)));
	CRL_DIST_POINTS_free(points);
}

static X509 *openssl_reads(struct span to_be_signed, enum digest digest)
{
	_cleanup_(bytes_done) struct bytes sealed = made_sealed(to_be_signed, digest);
	const uint8_t *at = sealed.data;
	X509 *x = d2i_X509(NULL, &at, (long)sealed.size);

	assert_non_null(x);
	assert_ptr_equal(at, sealed.data + sealed.size);
	assert_int_equal(X509_verify(x, made_key()), 1);
	return x;
}

static void read_by_openssl(void **state)
{
	static const int nids[] = {NID_subject_alt_name,
				   NID_ext_key_usage,
				   NID_key_usage,
				   NID_authority_key_identifier,
				   NID_subject_key_identifier,
				   NID_crl_distribution_points};
	static const int critical[] = {1, 0, 1, 0, 0, 0};
	_cleanup_(made_done) struct made made;
	const struct x509_client_certificate from = ordinary(&made);
	_cleanup_(bytes_done) struct bytes tbs = {0};
	struct x509_key key;
	uint8_t identifier[20];
	X509 *x;
	const ASN1_OCTET_STRING *found;

	(void)state;
	assert_int_equal(x509_build_client_certificate(&from, &tbs), 0);
	x = openssl_reads(span_of(tbs), DIGEST_SHA256);
	assert_int_equal(X509_get_version(x), 2);
	assert_int_equal(ASN1_INTEGER_get(X509_get0_serialNumber(x)), 0xf10203);
	assert_int_equal(X509_get0_notBefore(x)->type, V_ASN1_UTCTIME);
	assert_int_equal(X509_get0_notAfter(x)->type, V_ASN1_GENERALIZEDTIME);
	assert_order(x, nids, critical, ELEMENTS(nids));
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
	assert_url(x, "http://ca.example/crl/ROOTCA.crl");
	assert_int_equal(x509_key_read(from.spki, &key), 0);
	x509_key_identifier(&key, identifier);
	found = X509_get0_subject_key_id(x);
	assert_true(span_equal(SPAN_ARRAY(identifier), SPAN(found->data, (size_t)found->length)));
	found = X509_get0_authority_key_id(x);
	assert_true(made_is(SPAN(found->data, (size_t)found->length), "abcdefghijklmnopqrst"));
	assert_int_equal(X509_check_ca(x), 0);
	X509_free(x);
}

/* The root of a CA as OpenSSL judges it. */
static void ca_by_openssl(void **state)
{
	_cleanup_(bytes_done) struct bytes name = made_name("CN=Root");
	_cleanup_(bytes_done) struct bytes spki = made_spki(made_key());
	static const enum digest digests[] = {DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
					      DIGEST_SHA512};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(digests); i++) {
		_cleanup_(bytes_done) struct bytes tbs = {0};
		const struct x509_ca_certificate from = {
			.serial = SPAN_LITERAL("\x01"),
			.name = span_of(name),
			.not_before_s = MADE_2015_S,
			.not_after_s = INT64_C(4000000000),
			.spki = span_of(spki),
			.key_usage = 0xa600,
			.digest = digests[i],
		};
		X509 *x;

		assert_int_equal(x509_build_ca_certificate(&from, &tbs), 0);
		x = openssl_reads(span_of(tbs), digests[i]);
		assert_int_equal(X509_check_ca(x), 1);
		assert_int_equal(X509_check_issued(x, x), X509_V_OK);
		assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT |
								KU_KEY_CERT_SIGN | KU_CRL_SIGN);
		X509_free(x);
	}
}

static void without_what_is_optional(void **state)
{
	static const int nids[] = {NID_authority_key_identifier, NID_subject_key_identifier};
	static const int critical[] = {0, 0};
	static const struct x509_extensions none;
	_cleanup_(made_done) struct made made;
	struct x509_client_certificate from = ordinary(&made);
	_cleanup_(bytes_done) struct bytes tbs = {0};
	X509 *x;

	(void)state;
	from.requested = &none;
	from.add_key_usage = 0;
	from.cdp = (struct span){0};
	assert_int_equal(x509_build_client_certificate(&from, &tbs), 0);
	x = openssl_reads(span_of(tbs), DIGEST_SHA256);
	assert_order(x, nids, critical, ELEMENTS(nids));
	X509_free(x);
}

/* A CA's: what makes it one comes first, then what else it asked for. */
static void a_subordinate_by_openssl(void **state)
{
	static const int nids[] = {NID_basic_constraints,	 NID_key_usage,
				   NID_subject_alt_name,	 NID_ext_key_usage,
				   NID_authority_key_identifier, NID_subject_key_identifier,
				   NID_crl_distribution_points};
	static const int critical[] = {1, 1, 1, 0, 0, 0, 0};
	static const int64_t lengths[] = {-1, 0, 1, 200};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(lengths); i++) {
		_cleanup_(made_done) struct made made;
		const struct x509_authority authority = {.path_length = lengths[i],
							 .key_usage = 0x8600};
		struct x509_client_certificate from = ordinary(&made);
		_cleanup_(bytes_done) struct bytes tbs = {0};
		X509 *x;

		from.authority = &authority;
		from.add_key_usage = 0;
		assert_int_equal(x509_build_client_certificate(&from, &tbs), 0);
		x = openssl_reads(span_of(tbs), DIGEST_SHA256);
		assert_order(x, nids, critical, ELEMENTS(nids));
		assert_int_equal(X509_check_ca(x), 1);
		assert_int_equal(X509_get_pathlen(x), lengths[i]);
		assert_int_equal(X509_get_key_usage(x),
				 KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN | KU_CRL_SIGN);
		X509_free(x);
		bytes_done(&tbs);
		from.add_key_usage = X509_DIGITAL_SIGNATURE;
		assert_int_equal(x509_build_client_certificate(&from, &tbs), -EINVAL);
	}
}

static int build_authority_with(const char *extensions_hex)
{
	static const struct x509_authority authority = {.path_length = -1, .key_usage = 0x0600};
	_cleanup_(made_done) struct made made;
	struct x509_client_certificate from = ordinary(&made);
	_cleanup_(bytes_done) struct bytes tbs = {0};
	_cleanup_(bytes_done) struct bytes der = HEX(extensions_hex);
	struct x509_extensions extensions;

	assert_int_equal(x509_extensions_read(span_of(der), &extensions), 0);
	from.requested = &extensions;
	from.authority = &authority;
	from.add_key_usage = 0;
	return x509_build_client_certificate(&from, &tbs);
}

static int build_with_requested(const char *extensions_hex, uint16_t add_key_usage, const char *cdp)
{
	_cleanup_(made_done) struct made made;
	struct x509_client_certificate from = ordinary(&made);
	_cleanup_(bytes_done) struct bytes tbs = {0};
	_cleanup_(bytes_done) struct bytes der = HEX(extensions_hex);
	struct x509_extensions extensions;

	assert_int_equal(x509_extensions_read(span_of(der), &extensions), 0);
	from.requested = &extensions;
	from.add_key_usage = add_key_usage;
	from.cdp = span_of_text(cdp);
	return x509_build_client_certificate(&from, &tbs);
}

static void no_extension_twice(void **state)
{
	static const char ku[] = "300d 300b 0603551d0f 0404 0302 07 80";
	static const char cdp[] = "300b 3009 0603551d1f 0402 3000";

	(void)state;
	assert_int_equal(build_with_requested(ku, 0, "http://x"), 0);
	assert_int_equal(build_with_requested(ku, X509_DIGITAL_SIGNATURE, "http://x"), -EINVAL);
	assert_int_equal(build_with_requested(cdp, X509_DIGITAL_SIGNATURE, ""), 0);
	assert_int_equal(build_with_requested(cdp, X509_DIGITAL_SIGNATURE, "http://x"), -EINVAL);
	assert_int_equal(build_with_requested("300b 3009 0603551d23 0402 3000", 0, ""), -EINVAL);
	assert_int_equal(build_with_requested("300b 3009 0603551d0e 0402 0400", 0, ""), -EINVAL);
	assert_int_equal(build_with_requested("3000", 0, "http://\xc3\xbc"), -EINVAL);
	assert_int_equal(build_with_requested("3000", 0, "http://x y"), -EINVAL);
	assert_int_equal(build_authority_with("3000"), 0);
	assert_int_equal(build_authority_with(ku), -EINVAL);
	assert_int_equal(build_authority_with("300b 3009 0603551d13 0402 3000"), -EINVAL);
}

static void values_that_are_none(void **state)
{
	_cleanup_(made_done) struct made made;
	const struct x509_client_certificate good = ordinary(&made);
	struct x509_client_certificate rows[8];
	_cleanup_(bytes_done) struct bytes tbs = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		rows[i] = good;
	rows[0].serial = (struct span){0};
	rows[1].issuer = SPAN_LITERAL("CN=r1");
	rows[2].subject = (struct span){0};
	rows[3].not_after_s = good.not_before_s - 1;
	rows[4].spki = SPAN_LITERAL("\x30\x00");
	rows[5].authority_key_identifier = (struct span){0};
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(x509_build_client_certificate(&rows[i], &tbs), -EINVAL);
	/* past the year 9999 */
	rows[6].not_after_s = INT64_C(253402300800);
	assert_int_equal(x509_build_client_certificate(&rows[6], &tbs), -EOVERFLOW);
	assert_null(tbs.data);
	rows[7].not_after_s = INT64_C(253402300799);
	assert_int_equal(x509_build_client_certificate(&rows[7], &tbs), 0);
}

/* CRLs: @n entries, numbered from @first. */
struct entries {
	unsigned n, first;
	int error;
	int reason; /* -1: one after the other */
	uint8_t serial[16];
};

static int put_entry(struct entries *e, unsigned number, struct x509_crl_sink *sink)
{
	struct x509_crl_entry entry = {.serial = SPAN_ARRAY(e->serial),
				       .revoked_s = MADE_2015_S + number,
				       .reason = e->reason < 0 ? (int)(number % 7) : e->reason};

	memset(e->serial, 0, sizeof(e->serial));
	for (size_t i = 0; i < 4; i++)
		e->serial[i] = (uint8_t)(number >> (24 - 8 * i));
	return x509_crl_put(sink, &entry);
}

static int list_entries(void *context, struct x509_crl_sink *sink)
{
	struct entries *e = context;
	int r = 0;

	for (unsigned i = 0; i < e->n && !r; i++)
		r = put_entry(e, e->first + i, sink);
	return r ? r : e->error;
}

static int build_crl(struct entries *entries, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes issuer = made_name("CN=RootCA");
	const struct x509_crl_content content = {
		.issuer = span_of(issuer),
		.this_update_s = MADE_2015_S,
		.next_update_s = MADE_2017_S,
		.authority_key_identifier = SPAN_LITERAL("abcdefghijklmnopqrst"),
		.number = UINT64_C(0xff00000000000001),
		.digest = DIGEST_SHA256,
		.list = list_entries,
		.context = entries,
	};

	return x509_build_crl(&content, ret);
}

static X509_CRL *openssl_reads_crl(struct span to_be_signed)
{
	_cleanup_(bytes_done) struct bytes sealed = made_sealed(to_be_signed, DIGEST_SHA256);
	const uint8_t *at = sealed.data;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)sealed.size);
	struct x509_crl ours;

	assert_non_null(crl);
	assert_int_equal(X509_CRL_verify(crl, made_key()), 1);
	assert_int_equal(x509_crl_read(span_of(sealed), &ours), 0);
	assert_true(span_equal(ours.number, SPAN_LITERAL("\xff\0\0\0\0\0\0\x01")));
	return crl;
}

static void assert_entry(X509_REVOKED *entry, unsigned number)
{
	ASN1_ENUMERATED *code = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(entry);
	ASN1_TIME *time = ASN1_TIME_set(NULL, MADE_2015_S + number);

	assert_int_equal(serial->data[3], number & 0xff);
	assert_int_equal(ASN1_TIME_compare(X509_REVOKED_get0_revocationDate(entry), time), 0);
	if (number % 7)
		assert_int_equal(ASN1_ENUMERATED_get(code), number % 7);
	else
		assert_null(code);
	ASN1_ENUMERATED_free(code);
	ASN1_TIME_free(time);
}

static void crl_by_openssl(void **state)
{
	struct entries entries = {.n = 100, .first = 0x7fffffd0, .reason = -1};
	_cleanup_(bytes_done) struct bytes tbs = {0};
	STACK_OF(X509_REVOKED) * list;
	X509_CRL *crl;

	(void)state;
	assert_int_equal(build_crl(&entries, &tbs), 0);
	crl = openssl_reads_crl(span_of(tbs));
	assert_int_equal(X509_CRL_get_version(crl), 1);
	assert_int_equal(X509_CRL_get_ext_count(crl), 2);
	assert_int_equal(X509_CRL_get_ext_by_NID(crl, NID_authority_key_identifier, -1), 0);
	assert_int_equal(X509_CRL_get_ext_by_NID(crl, NID_crl_number, -1), 1);
	list = X509_CRL_get_REVOKED(crl);
	assert_int_equal(sk_X509_REVOKED_num(list), 100);
	for (int i = 0; i < 100; i++)
		assert_entry(sk_X509_REVOKED_value(list, i), entries.first + (unsigned)i);
	X509_CRL_free(crl);
}

static void nothing_revoked(void **state)
{
	struct entries entries = {0};
	_cleanup_(bytes_done) struct bytes tbs = {0};
	X509_CRL *crl;

	(void)state;
	assert_int_equal(build_crl(&entries, &tbs), 0);
	crl = openssl_reads_crl(span_of(tbs));
	assert_null(X509_CRL_get_REVOKED(crl));
	X509_CRL_free(crl);
}

static void reasons(void **state)
{
	(void)state;
	for (int reason = 0; reason < 40; reason++) {
		bool known = reason <= 10 && reason != 7 && reason != 8;
		struct entries entries = {.n = 1, .reason = reason};
		_cleanup_(bytes_done) struct bytes tbs = {0};

		assert_int_equal(build_crl(&entries, &tbs), known ? 0 : -EINVAL);
	}
}

static void a_source_that_fails(void **state)
{
	struct entries entries = {.n = 3, .error = -EIO};
	_cleanup_(bytes_done) struct bytes tbs = {0};

	(void)state;
	assert_int_equal(build_crl(&entries, &tbs), -EIO);
	assert_null(tbs.data);
}

static void a_hundred_thousand(void **state)
{
	struct entries entries = {.n = 100000, .first = 1, .reason = -1};
	_cleanup_(bytes_done) struct bytes tbs = {0};
	_cleanup_(bytes_done) struct bytes sealed = {0};
	struct x509_crl crl;
	struct span rest;
	struct der_item entry;
	size_t n = 0;

	(void)state;
	assert_int_equal(build_crl(&entries, &tbs), 0);
	sealed = made_sealed(span_of(tbs), DIGEST_SHA256);
	assert_int_equal(x509_crl_read(span_of(sealed), &crl), 0);
	for (rest = crl.revoked; rest.size; n++)
		assert_int_equal(der_next(&rest, &entry), 0);
	assert_int_equal(n, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(read_by_openssl),
		cmocka_unit_test(ca_by_openssl),
		cmocka_unit_test(without_what_is_optional),
		cmocka_unit_test(a_subordinate_by_openssl),
		cmocka_unit_test(no_extension_twice),
		cmocka_unit_test(values_that_are_none),
		cmocka_unit_test(crl_by_openssl),
		cmocka_unit_test(nothing_revoked),
		cmocka_unit_test(reasons),
		cmocka_unit_test(a_source_that_fails),
		cmocka_unit_test(a_hundred_thousand),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
