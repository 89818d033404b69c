/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/path.h"
#include "tests/unit/daemon/x509/made.h"

#define NOW  INT64_C(1700000000)
#define DAY  INT64_C(86400)
#define YEAR (365 * DAY)

static struct {
	EVP_PKEY *root, *sub, *leaf;
} keys;

/* What a certificate is made of; NULL and 0: the usual. */
struct wish {
	const char *subject, *issuer;
	EVP_PKEY *key, *signer;
	const char *basic, *usage, *crl;
	int64_t from_s, to_s;
	const EVP_MD *md;
	long serial;
};

static void extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = value ? X509V3_EXT_conf_nid(NULL, NULL, nid, value) : NULL;

	assert_true(!value || (extension && X509_add_ext(certificate, extension, -1) == 1));
	X509_EXTENSION_free(extension);
}

static void name(X509_NAME *to, const char *text)
{
	X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8, (const uint8_t *)text, -1, -1, 0);
}

static struct bytes make(const struct wish *wish)
{
	X509 *certificate = X509_new();
	struct bytes der;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), wish->serial ? wish->serial : 7);
	name(X509_get_subject_name(certificate), wish->subject);
	name(X509_get_issuer_name(certificate), wish->issuer);
	ASN1_TIME_set(X509_getm_notBefore(certificate), wish->from_s ? wish->from_s : NOW - DAY);
	ASN1_TIME_set(X509_getm_notAfter(certificate), wish->to_s ? wish->to_s : NOW + YEAR);
	X509_set_pubkey(certificate, wish->key);
	extend(certificate, NID_basic_constraints, wish->basic);
	extend(certificate, NID_key_usage, wish->usage);
	extend(certificate, NID_crl_distribution_points, wish->crl);
	assert_true(X509_sign(certificate, wish->signer, wish->md ? wish->md : EVP_sha256()) > 0);
	der = MADE_DER(i2d_X509, certificate);
	X509_free(certificate);
	return der;
}

static struct bytes make_root(void)
{
	return make(&(struct wish){.subject = "Root",
				   .issuer = "Root",
				   .key = keys.root,
				   .signer = keys.root,
				   .basic = "critical,CA:TRUE"});
}

static struct bytes make_sub(const char *basic, const char *usage)
{
	return make(&(struct wish){.subject = "Sub",
				   .issuer = "Root",
				   .key = keys.sub,
				   .signer = keys.root,
				   .basic = basic,
				   .usage = usage});
}

static struct wish leaf(void)
{
	return (struct wish){.subject = "router",
			     .issuer = "Sub",
			     .key = keys.leaf,
			     .signer = keys.sub,
			     .basic = "CA:FALSE"};
}

/* Of @issuer's, listing serial @revoked (0: none). */
static struct bytes make_crl(const char *issuer, EVP_PKEY *signer, long revoked, int64_t to_s)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *by = X509_NAME_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, NOW - DAY);
	struct bytes der;

	X509_CRL_set_version(crl, 1);
	name(by, issuer);
	X509_CRL_set_issuer_name(crl, by);
	X509_CRL_set1_lastUpdate(crl, time);
	if (revoked) {
		X509_REVOKED *entry = X509_REVOKED_new();
		ASN1_INTEGER *serial = ASN1_INTEGER_new();

		ASN1_INTEGER_set(serial, revoked);
		X509_REVOKED_set_serialNumber(entry, serial);
		X509_REVOKED_set_revocationDate(entry, time);
		X509_CRL_add0_revoked(crl, entry);
		ASN1_INTEGER_free(serial);
	}
	if (to_s && ASN1_TIME_set(time, to_s))
		X509_CRL_set1_nextUpdate(crl, time);
	assert_true(X509_CRL_sign(crl, signer, EVP_sha256()) > 0);
	der = MADE_DER(i2d_X509_CRL, crl);
	ASN1_TIME_free(time);
	X509_NAME_free(by);
	X509_CRL_free(crl);
	return der;
}

/* What comes of @certificate under @anchor with @other beside it; the rule of a fault. */
struct answer {
	int r;
	size_t n, at;
	const char *rule;
};

static struct answer ask(struct bytes anchor, struct bytes other, struct bytes certificate,
			 struct bytes crl)
{
	const struct span anchors[] = {span_of(anchor)}, others[] = {span_of(other)};
	const struct x509_path_question question = {
		.anchors = anchors,
		.n_anchors = 1,
		.others = others,
		.n_others = other.size ? 1 : 0,
		.certificate = span_of(certificate),
		.crl = span_of(crl),
		.now_s = NOW,
	};
	struct x509_path path;
	struct x509_path_fault fault;
	struct answer answer = {.r = x509_path_find(&question, &path, &fault)};

	answer.n = path.n;
	answer.at = fault.at;
	answer.rule = fault.rule ? fault.rule : "";
	if (answer.r >= 0)
		assert_true(path.n &&
			    span_equal(span_of(path.items[0].whole), span_of(certificate)));
	if (!answer.r)
		assert_true(span_equal(span_of(path.items[path.n - 1].whole), span_of(anchor)));
	x509_path_done(&path);
	return answer;
}

static const struct bytes none;

static void a_path_leads_to_an_anchor(void **state)
{
	_cleanup_(bytes_done) struct bytes root = make_root();
	_cleanup_(bytes_done) struct bytes sub =
		make_sub("critical,CA:TRUE", "keyCertSign,cRLSign");
	_cleanup_(bytes_done) struct bytes router = make(&(struct wish){
		.subject = "router", .issuer = "Sub", .key = keys.leaf, .signer = keys.sub});
	struct answer answer = ask(root, sub, router, none);

	(void)state;
	assert_int_equal(answer.r, 0);
	assert_int_equal(answer.n, 3);
	/* a CA that is no root may be trusted itself, and so may the certificate asked about */
	assert_int_equal(ask(sub, none, router, none).r, 0);
	assert_int_equal(ask(sub, none, sub, none).r, 0);
	/* what lies between is missing; what nobody trusts */
	answer = ask(root, none, router, none);
	assert_int_equal(answer.r, X509_PATH_REFUSED);
	assert_string_equal(answer.rule, "RFC 5280 §6.1.1 (d)");
	assert_int_equal(ask(router, none, sub, none).r, X509_PATH_REFUSED);
	assert_int_equal(ask(root, none, (struct bytes){(uint8_t *)"x", 1}, none).r, -EBADMSG);
}

static void each_fault_has_its_rule(void **state)
{
	const struct {
		struct wish wish; /* of the router's */
		const char *basic, *usage;
		size_t at;
		const char *rule;
	} rows[] = {
		{{.to_s = NOW - 1}, "CA:TRUE", NULL, 0, "RFC 5280 §6.1.3 (a)(2)"},
		{{.from_s = NOW + 1}, "CA:TRUE", NULL, 0, "RFC 5280 §6.1.3 (a)(2)"},
		{{.signer = keys.root}, "CA:TRUE", NULL, 0, "RFC 5280 §6.1.3 (a)(1)"},
		{{.md = EVP_md5()}, "CA:TRUE", NULL, 0, "RFC 6151 §2"},
		{{}, "CA:FALSE", NULL, 1, "RFC 5280 §6.1.4 (k), (n)"},
		{{}, "CA:TRUE", "digitalSignature", 1, "RFC 5280 §6.1.4 (k), (n)"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes root = make_root();
		_cleanup_(bytes_done) struct bytes sub = make_sub(rows[i].basic, rows[i].usage);
		_cleanup_(bytes_done) struct bytes router = {};
		struct wish wish = leaf();
		struct answer answer;

		wish.from_s = rows[i].wish.from_s;
		wish.to_s = rows[i].wish.to_s;
		wish.md = rows[i].wish.md;
		if (rows[i].wish.signer)
			wish.signer = rows[i].wish.signer;
		router = make(&wish);
		answer = ask(root, sub, router, none);
		assert_int_equal(answer.r, X509_PATH_REFUSED);
		if (strcmp(answer.rule, rows[i].rule) != 0 || answer.at != rows[i].at)
			fail_msg("row %zu: %s of certificate %zu", i, answer.rule, answer.at);
	}
}

static void sha1_of_old_routers_is_taken(void **state)
{
	_cleanup_(bytes_done) struct bytes sub = make_sub("CA:TRUE", NULL);
	_cleanup_(bytes_done) struct bytes router = {};
	struct wish wish = leaf();

	(void)state;
	wish.md = EVP_sha1();
	router = make(&wish);
	assert_int_equal(ask(sub, none, router, none).r, 0);
}

static void a_crl_speaks_for_its_own_ca(void **state)
{
	_cleanup_(bytes_done) struct bytes sub = make_sub("CA:TRUE", "keyCertSign,cRLSign");
	_cleanup_(bytes_done) struct bytes mute = make_sub("CA:TRUE", "keyCertSign");
	_cleanup_(bytes_done) struct bytes router = {};
	struct wish wish = leaf();
	const struct {
		struct bytes crl, anchor;
		int r;
		const char *rule;
	} rows[] = {
		{make_crl("Sub", keys.sub, 0, NOW + DAY), sub, 0, ""},
		{make_crl("Sub", keys.sub, 8, NOW + DAY), sub, 0, ""},
		{make_crl("Sub", keys.sub, 7, NOW + DAY), sub, X509_PATH_REVOKED,
		 "RFC 5280 §6.3.3 (i)"},
		/* what is wrong with the CRL comes before what it says */
		{make_crl("Sub", keys.root, 7, NOW + DAY), sub, X509_PATH_CRL,
		 "RFC 5280 §6.3.3 (g)"},
		{make_crl("Sub", keys.sub, 7, NOW - 1), sub, X509_PATH_CRL, "RFC 5280 §6.3.3 (a)"},
		{make_crl("Sub", keys.sub, 7, 0), sub, X509_PATH_CRL, "RFC 5280 §5.1.2.5"},
		{make_crl("Root", keys.root, 7, NOW + DAY), sub, X509_PATH_CRL,
		 "RFC 5280 §6.3.3 (b)"},
		{make_crl("Sub", keys.sub, 7, NOW + DAY), mute, X509_PATH_CRL,
		 "RFC 5280 §6.3.3 (f)"},
		{make_root(), sub, X509_PATH_CRL, "RFC 5280 §5.1"},
	};

	(void)state;
	router = make(&wish);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes crl = rows[i].crl;
		struct answer answer = ask(rows[i].anchor, none, router, crl);

		if (answer.r != rows[i].r || strcmp(answer.rule, rows[i].rule) != 0)
			fail_msg("row %zu: %d, %s", i, answer.r, answer.rule);
	}
}

static void dates_of_a_crl_are_read(void **state)
{
	_cleanup_(bytes_done) struct bytes crl = make_crl("Sub", keys.sub, 0, NOW + DAY);
	_cleanup_(bytes_done) struct bytes endless = make_crl("Sub", keys.sub, 0, 0);
	int64_t from_s, to_s;

	(void)state;
	assert_int_equal(x509_crl_dates(span_of(crl), &from_s, &to_s), 0);
	assert_int_equal(from_s, NOW - DAY);
	assert_int_equal(to_s, NOW + DAY);
	assert_int_equal(x509_crl_dates(span_of(endless), &from_s, &to_s), -EBADMSG);
	assert_int_equal(x509_crl_dates(SPAN_LITERAL("crl"), &from_s, &to_s), -EBADMSG);
}

static void places_are_those_of_the_issuer(void **state)
{
	_cleanup_(bytes_done) struct bytes router = {}, plain = {};
	struct x509_crl_places places;
	struct wish wish = leaf();

	(void)state;
	wish.crl =
		"URI:http://a/crl,URI:ldap://b/cn=x?certificateRevocationList,DNS:c,URI:http://d e";
	router = make(&wish);
	assert_int_equal(x509_crl_places_read(span_of(router), &places), 0);
	assert_int_equal(places.n, 2);
	assert_string_equal(places.urls[0], "http://a/crl");
	assert_string_equal(places.urls[1], "ldap://b/cn=x?certificateRevocationList");
	x509_crl_places_done(&places);
	wish.crl = NULL;
	plain = make(&wish);
	assert_int_equal(x509_crl_places_read(span_of(plain), &places), 0);
	assert_int_equal(places.n, 0);
	assert_int_equal(x509_crl_places_read(SPAN_LITERAL("x"), &places), -EBADMSG);
}

static int begin(void **state)
{
	(void)state;
	keys.root = EVP_RSA_gen(2048);
	keys.sub = EVP_RSA_gen(2048);
	keys.leaf = EVP_EC_gen("P-256");
	return !keys.root || !keys.sub || !keys.leaf;
}

static int end(void **state)
{
	(void)state;
	EVP_PKEY_free(keys.root);
	EVP_PKEY_free(keys.sub);
	EVP_PKEY_free(keys.leaf);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_leads_to_an_anchor),
		cmocka_unit_test(each_fault_has_its_rule),
		cmocka_unit_test(sha1_of_old_routers_is_taken),
		cmocka_unit_test(a_crl_speaks_for_its_own_ca),
		cmocka_unit_test(dates_of_a_crl_are_read),
		cmocka_unit_test(places_are_those_of_the_issuer),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
