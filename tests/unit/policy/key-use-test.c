/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/key-use.h"
#include "tests/unit/policy/recipe.h"

static void names(void **state)
{
	(void)state;
	assert_string_equal(key_use_name(KEY_USE_TLS), "tls");
	assert_string_equal(key_use_name(KEY_USE_IKE), "ike");
	assert_string_equal(key_use_name(KEY_USE_CMS), "cms");
	assert_string_equal(key_use_name(KEY_USE_ANY), "any");
	assert_string_equal(key_use_name(KEY_USE_ALL), "unknown");
	assert_int_equal(key_use_narrowest(KEY_USE_ALL), KEY_USE_TLS);
	assert_int_equal(key_use_narrowest(KEY_USE_ANY | KEY_USE_CMS), KEY_USE_CMS);
	assert_int_equal(key_use_narrowest(KEY_USE_IKE), KEY_USE_IKE);
	assert_int_equal(key_use_narrowest(KEY_USE_ANY), KEY_USE_ANY);
	assert_int_equal(key_use_narrowest(0), KEY_USE_ANY);
}

static const char *const web_users[] = {"root", "www-data"};
static const char *const numbers[] = {"33", "4294967295", "4294967329", "007"};
static const char *const nginx[] = {"nginx.service", "nginx@2.service"};
static const char *const nobody[] = {""};

static const struct key_use_rule rules[] = {
	{"web", "R1", web_users, 2, nginx, 2, KEY_USE_TLS},
	{"numbers", "R1", numbers, 4, NULL, 0, KEY_USE_IKE | KEY_USE_CMS},
	{"late", "R1", web_users, 2, NULL, 0, KEY_USE_CMS},
	{"empty", "R1", nobody, 1, NULL, 0, KEY_USE_ANY},
};

static const struct {
	struct key_use_peer peer;
	unsigned wanted;
	enum key_use_refusal refusal;
	int rule; /* -1: none */
	unsigned uses;
} verdicts[] = {
	{{0, "root", "nginx.service"}, KEY_USE_TLS, KEY_USE_ALLOWED, 0, 5},
	{{0, "root", "nginx@2.service"}, KEY_USE_TLS | KEY_USE_ANY, KEY_USE_ALLOWED, 0, 5},
	{{0, "root", "nginx.service"}, KEY_USE_CMS | KEY_USE_ANY, KEY_USE_ALLOWED, 2, 5},
	{{0, "root", "nginx.service"}, KEY_USE_ALL, KEY_USE_ALLOWED, 0, 5},
	{{0, "root", "nginx.service"}, KEY_USE_IKE, KEY_USE_REFUSED_USE, 0, 5},
	{{0, "root", "nginx.service"}, KEY_USE_ANY, KEY_USE_REFUSED_USE, 0, 5},
	/* the unit is another, or not known */
	{{0, "root", "nginx@1.service"}, KEY_USE_CMS, KEY_USE_ALLOWED, 2, 4},
	{{0, "root", "nginx@1.service"}, KEY_USE_TLS, KEY_USE_REFUSED_USE, 2, 4},
	{{0, "root", "nginx"}, KEY_USE_TLS, KEY_USE_REFUSED_USE, 2, 4},
	{{0, "root", NULL}, KEY_USE_TLS, KEY_USE_REFUSED_USE, 2, 4},
	{{0, "root", NULL}, KEY_USE_CMS, KEY_USE_ALLOWED, 2, 4},
	/* by number; a number that is written longer, one past the range of numbers */
	{{33, "www-data", NULL}, KEY_USE_IKE, KEY_USE_ALLOWED, 1, 6},
	{{33, NULL, NULL}, KEY_USE_IKE, KEY_USE_ALLOWED, 1, 6},
	{{33, NULL, NULL}, KEY_USE_TLS, KEY_USE_REFUSED_USE, 1, 6},
	{{7, NULL, NULL}, KEY_USE_CMS, KEY_USE_ALLOWED, 1, 6},
	{{UINT32_MAX, NULL, NULL}, KEY_USE_IKE, KEY_USE_ALLOWED, 1, 6},
	{{34, "33", NULL}, KEY_USE_IKE, KEY_USE_REFUSED_USER, 0, 0},
	/* nobody's */
	{{34, NULL, NULL}, KEY_USE_ALL, KEY_USE_REFUSED_USER, 0, 0},
	{{34, "Root", "nginx.service"}, KEY_USE_ALL, KEY_USE_REFUSED_USER, 0, 0},
	{{34, "roo", "nginx.service"}, KEY_USE_ALL, KEY_USE_REFUSED_USER, 0, 0},
	/* root is a user as others are */
	{{0, "toor", NULL}, KEY_USE_ALL, KEY_USE_REFUSED_USER, 0, 0},
};

static void who(void **state)
{
	const struct key_use_peer root = {0, "root", NULL};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(verdicts); i++) {
		struct key_use_verdict verdict = key_use_judge(
			rules, ELEMENTS(rules), &verdicts[i].peer, verdicts[i].wanted);

		print_message("%zu\n", i);
		assert_int_equal(verdict.refusal, verdicts[i].refusal);
		assert_ptr_equal(verdict.rule, &rules[verdicts[i].rule]);
		assert_int_equal(verdict.uses, verdicts[i].uses);
	}
	struct key_use_verdict none = key_use_judge(NULL, 0, &root, KEY_USE_ALL);
	assert_int_equal(none.refusal, KEY_USE_REFUSED_KEY);
	assert_null(none.rule);
	assert_int_equal(none.uses, 0);
	/* alone the rule of a unit is the nearest */
	none = key_use_judge(rules, 1, &root, KEY_USE_TLS);
	assert_int_equal(none.refusal, KEY_USE_REFUSED_UNIT);
	assert_ptr_equal(none.rule, &rules[0]);
}

static const struct rsa_scheme
	pkcs1 = {RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA256, 0, 0},
	pss = {RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32},
	pss_512 = {RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA512, DIGEST_SHA512, 64},
	pkcs1_384 = {RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA384, 0, 0},
	sha1 = {RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA1, 0, 0},
	pss_sha1 = {RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA1, 20},
	md5 = {RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_MD5, 0, 0},
	pss_md5 = {RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_MD5, 20},
	digest = {RSA_PADDING_PKCS1, RSA_INPUT_DIGEST, DIGEST_SHA256, 0, 0},
	md5_digest = {RSA_PADDING_PKCS1, RSA_INPUT_DIGEST, DIGEST_MD5, 0, 0},
	bare = {RSA_PADDING_PKCS1, RSA_INPUT_BARE, DIGEST_NONE, 0, 0};

#define CMS_WITH_IKE                                                                               \
	"318188 303b 06022a03 3135 0433 3*00 21202208 00000000 00000040" IKE_PAYLOADS              \
		CMS_CONTENT_TYPE CMS_DIGEST
#define TLS12_WITH_IKE "17*11 202208 00000000 40*22 03001d 20 32*33"

#define TLS KEY_USE_TLS
#define CMS KEY_USE_CMS
#define ANY KEY_USE_ANY
/* A part of each sentence. */
#define PLAIN	     "neither a TLS handshake"
#define IS_TLS	     "this is a TLS handshake"
#define IS_IKE	     "IKEv2 authentication, and"
#define IS_CMS	     "signed message's attributes, and"
#define IS_TWO	     "authentication alone"
#define IS_ENROLMENT "asks for a certificate"
#define IS_BARE	     "bare digest"
#define NEEDS_SHA256 "sha256"
#define NEEDS_PSS    "RSA-PSS alone"
#define IS_MD5	     "nothing is signed over md5"

/* What a message is beside `any`, why a rule that allows only something else refuses it, and a rule
 * that has this use: NULL where it lets it through. */
static const struct {
	const char *message;
	const struct rsa_scheme *scheme;
	bool is_cms, enrols;
	unsigned found;
	const char *as_other, *as_itself, *as_any;
} asks[] = {
	{TLS13_SERVER "32*ab", &pss, 0, 0, TLS, IS_TLS, NULL, NULL},
	{TLS13_CLIENT "48*ab", &pss_512, 0, 0, TLS, IS_TLS, NULL, NULL},
	{TLS13_CLIENT "48*ab", &pkcs1, 0, 0, 0, IS_TLS, NEEDS_PSS, NULL},
	{TLS13_SERVER "32*ab", &pss_sha1, 0, 0, 0, IS_TLS, NEEDS_SHA256, NULL},
	{TLS13_SERVER "31*ab", &pss, 0, 0, 0, PLAIN, PLAIN, NULL},
	{TLS12_X25519, &pkcs1, 0, 0, TLS, IS_TLS, NULL, NULL},
	{TLS12_X25519, &pkcs1_384, 0, 0, TLS, IS_TLS, NULL, NULL},
	{TLS12_X25519, &pss, 0, 0, TLS, IS_TLS, NULL, NULL},
	{TLS12_X25519, &sha1, 0, 0, 0, IS_TLS, NEEDS_SHA256, NULL},
	{TLS12_X25519, &md5, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{TLS12_X25519, &pss_md5, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{TLS12_CLIENT, &pkcs1, 0, 0, TLS, IS_TLS, NULL, NULL},
	{TLS12_CLIENT, &sha1, 0, 0, 0, IS_TLS, NEEDS_SHA256, NULL},
	{IKE_AUTH, &pkcs1, 0, 0, KEY_USE_IKE, IS_IKE, NULL, NULL},
	{IKE_AUTH, &pss, 0, 0, KEY_USE_IKE, IS_IKE, NULL, NULL},
	{IKE_AUTH, &sha1, 0, 0, 0, IS_IKE, NEEDS_SHA256, NULL},
	{CMS_ATTRIBUTES, &pkcs1, 1, 0, CMS, IS_CMS, NULL, NULL},
	{CMS_ATTRIBUTES, &pss, 1, 0, CMS, IS_CMS, NULL, NULL},
	{CMS_ATTRIBUTES, &sha1, 1, 0, 0, IS_CMS, NEEDS_SHA256, NULL},
	{CMS_ATTRIBUTES, &pkcs1, 1, 1, 0, IS_ENROLMENT, IS_ENROLMENT, NULL},
	/* attributes of which one holds an IKEv2 message: whose reader knows no attributes */
	{CMS_WITH_IKE, &pkcs1, 1, 0, 0, IS_TWO, IS_TWO, NULL},
	{TLS12_WITH_IKE, &pkcs1, 0, 0, 0, IS_TWO, IS_TWO, NULL},
	/* what doesn't read as attributes, though it may look so */
	{CMS_ATTRIBUTES, &pkcs1, 0, 0, 0, PLAIN, PLAIN, NULL},
	{"'A text.'", &pkcs1, 0, 0, 0, PLAIN, PLAIN, NULL},
	{"'A text.'", &sha1, 0, 0, 0, PLAIN, PLAIN, NULL},
	{"", &pkcs1, 0, 0, 0, PLAIN, PLAIN, NULL},
	/* digests of whatever it may be */
	{"32*ab", &digest, 0, 0, 0, IS_BARE, IS_BARE, NULL},
	{"16*ab", &md5_digest, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{"36*ab", &bare, 0, 0, 0, IS_BARE, IS_BARE, NULL},
	/* DigestInfos: SHA-256, SHA-1, a name that is cut off; MD5, MD4 and MD2; without
	 * parameters, and with a length of indefinite form */
	{"3031 300d 0609 608648016503040201 0500 0420 32*ab", &bare, 0, 0, 0, IS_BARE, IS_BARE,
	 NULL},
	{"3021 3009 0605 2b0e03021a 0500 0414 20*ab", &bare, 0, 0, 0, IS_BARE, IS_BARE, NULL},
	{"3020 300c 0608 2a864886f70d02", &bare, 0, 0, 0, IS_BARE, IS_BARE, NULL},
	{"3020 300c 0608 2a864886f70d0205 0500 0410 16*ab", &bare, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{"3020 300c 0608 2a864886f70d0204 0500 0410 16*ab", &bare, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{"3020 300c 0608 2a864886f70d0202 0500 0410 16*ab", &bare, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{"301e 300a 0608 2a864886f70d0205 0410 16*ab", &bare, 0, 0, 0, IS_MD5, IS_MD5, IS_MD5},
	{"3080 300c 0608 2a864886f70d0205 0500 0410 16*ab 0000", &bare, 0, 0, 0, IS_MD5, IS_MD5,
	 IS_MD5},
	{TLS12_X25519, &bare, 0, 0, 0, IS_BARE, IS_BARE, NULL},
	{CMS_ATTRIBUTES, &bare, 1, 0, 0, IS_BARE, IS_BARE, NULL},
};

static void assert_sentence(const char *is, const char *part)
{
	if (!is || !part)
		assert_ptr_equal(is, part);
	else if (!strstr(is, part))
		fail_msg("%s: has no \"%s\"", is, part);
}

static void what(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(asks); i++) {
		_cleanup_(buffer_done) struct buffer message = recipe(asks[i].message);
		const struct key_use_ask ask = {asks[i].scheme, span_of_buffer(&message),
						asks[i].is_cms, asks[i].enrols};
		const unsigned all = KEY_USE_ALL & ~ANY;

		print_message("%zu: %s\n", i, asks[i].message);
		assert_int_equal(key_use_find(&ask), asks[i].found | ANY);
		assert_sentence(key_use_refuses_signature(all, &ask), asks[i].as_itself);
		assert_sentence(key_use_refuses_signature(KEY_USE_ALL, &ask), asks[i].as_any);
		assert_sentence(key_use_refuses_signature(ANY, &ask), asks[i].as_any);
		assert_sentence(key_use_refuses_signature(0, &ask), "no rule lets");
		if (!asks[i].found)
			continue;
		assert_sentence(key_use_refuses_signature(all & ~asks[i].found, &ask),
				asks[i].as_other);
		assert_null(key_use_refuses_signature(asks[i].found, &ask));
	}
}

/* Also where the scheme would not do: the sentence says what matters first. */
static void what_others_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(asks); i++) {
		_cleanup_(buffer_done) struct buffer message = recipe(asks[i].message);
		const struct key_use_ask ask = {asks[i].scheme, span_of_buffer(&message),
						asks[i].is_cms, asks[i].enrols};
		bool is_ike = !strcmp(asks[i].as_other, IS_IKE);

		assert_sentence(key_use_refuses_signature(is_ike ? KEY_USE_TLS : KEY_USE_IKE, &ask),
				asks[i].as_other);
	}
}

static void opening(void **state)
{
	(void)state;
	for (unsigned uses = 0; uses <= KEY_USE_ALL; uses++)
		assert_true(!key_use_refuses_opening(uses) == ((uses & (CMS | ANY)) != 0));
	assert_sentence(key_use_refuses_opening(0), "no rule lets");
	assert_sentence(key_use_refuses_opening(TLS), "only For=cms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(who),
		cmocka_unit_test(what),
		cmocka_unit_test(opening),
		cmocka_unit_test(what_others_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
