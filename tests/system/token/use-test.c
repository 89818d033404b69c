/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the token's process signs and opens for other programs, whatever clavigerd lets through: by
 * the [Use] sections that it reads itself, by keys of role identity alone; and what its log of
 * signatures says of it.
 */
#include "daemon/base/clock.h"
#include "daemon/base/rsa-scheme.h"
#include "tests/system/token/requests.h"
#include <openssl/rsa.h>
#include <sys/resource.h>

#define PKCS1 RSA_PADDING_PKCS1
#define PSS   RSA_PADDING_PSS
#define OAEP  RSA_PADDING_OAEP

static const struct rsa_scheme tls_13 = {PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32};
static const struct rsa_scheme plain = {PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_NONE, 0};
static const struct rsa_scheme digest = {PKCS1, RSA_INPUT_DIGEST, DIGEST_SHA256, DIGEST_NONE, 0};
static const struct rsa_scheme bare = {PKCS1, RSA_INPUT_BARE, DIGEST_NONE, DIGEST_NONE, 0};

static void configure(struct harness *h, const char *uses)
{
	harness_configure(h, &(struct harness_configuration){.server_more = uses});
}

static void reconfigure(struct harness *h, const char *uses)
{
	configure(h, uses);
	harness_expect(h, "the configuration was read again");
}

static struct answer use(struct harness *h, const struct made_key *key,
			 const struct rsa_scheme *scheme, struct span message,
			 struct ipc_token_signature *ret)
{
	const struct ipc_token_use ask = {
		.key = SPAN_ARRAY(key->sha256),
		.padding = (uint8_t)scheme->padding,
		.input = (uint8_t)scheme->input,
		.digest = (uint8_t)scheme->digest,
		.mgf1 = (uint8_t)scheme->mgf1,
		.salt_bytes = (uint16_t)scheme->salt_bytes,
		.message = message,
	};

	return harness_ask(h->door, IPC_TOKEN_USE, &ask, ret);
}

/* By OpenSSL's own functions, over what it is a digest of. */
static void verify(const struct made_key *key, const struct rsa_scheme *scheme, struct span message,
		   struct span signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->public, NULL);
	bool is_pss = scheme->padding == PSS;
	uint8_t hash[DIGEST_SIZE_MAX];

	assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, is_pss ? RSA_PKCS1_PSS_PADDING
								  : RSA_PKCS1_PADDING),
			 1);
	if (scheme->input == RSA_INPUT_MESSAGE)
		message = SPAN(hash, digest_compute(scheme->digest, message, hash));
	if (scheme->digest)
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(
					 ctx, EVP_get_digestbyname(digest_name(scheme->digest))),
				 1);
	if (is_pss)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)scheme->salt_bytes), 1);
	assert_int_equal(
		EVP_PKEY_verify(ctx, signature.data, signature.size, message.data, message.size),
		1);
	EVP_PKEY_CTX_free(ctx);
}

static void is_signed(struct harness *h, const struct made_key *key,
		      const struct rsa_scheme *scheme, struct span message)
{
	struct ipc_token_signature signature;
	_cleanup_(answer_done) struct answer answer = use(h, key, scheme, message, &signature);

	if (answer.failure)
		fail_msg("%d: %s", answer.failure, answer.reason);
	verify(key, scheme, message, signature.signature);
}

static void is_refused_again(struct harness *h, const struct made_key *key,
			     const struct rsa_scheme *scheme, struct span message, const char *kind)
{
	_cleanup_(answer_done) struct answer answer = use(h, key, scheme, message, NULL);

	if (answer.failure != IPC_FAILURE_REFUSED || !answer.reason[0])
		fail_msg("%s: %d %s", kind, answer.failure, answer.reason);
}

/* The first of a minute is told to the log. */
static void is_refused(struct harness *h, const struct made_key *key,
		       const struct rsa_scheme *scheme, struct span message, const char *kind)
{
	char line[64];

	is_refused_again(h, key, scheme, message, kind);
	harness_expect(h, "refused to let a program use a key: ");
	(void)snprintf(line, sizeof(line), "KIND=%s ", kind);
	harness_expect(h, line);
}

static unsigned signed_by_token(struct harness *h)
{
	return softhsm_calls(&h->softhsm, "C_Sign");
}

static void each_use_lets_through_what_it_is(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes tls = request_tls(), cms = request_cms(), csr = {0};
	uint8_t hash[32] = {1};
	unsigned before;

	configure(h, "[Use web]\nKey=router1\nUser=root\nFor=tls");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	csr = request_csr("router1", key.public);

	is_signed(h, &key, &tls_13, span_of(tls));
	before = signed_by_token(h);
	is_refused(h, &key, &plain, span_of(csr), "any");
	is_refused(h, &key, &plain, span_of(cms), "cms");
	is_refused_again(h, &key, &plain, SPAN_LITERAL("a text"), "any");
	is_refused_again(h, &key, &digest, SPAN_ARRAY(hash), "any");
	is_refused_again(h, &key, &bare, SPAN_LITERAL("bare"), "any");
	/* What is refused does not bother the token. */
	assert_int_equal(signed_by_token(h), before);

	/* At once, without a restart. */
	reconfigure(h, "[Use mail]\nKey=router1\nUser=root\nFor=cms");
	is_signed(h, &key, &plain, span_of(cms));
	is_refused(h, &key, &tls_13, span_of(tls), "tls");
	is_refused_again(h, &key, &plain, span_of(csr), "any");
	is_refused_again(h, &key, &digest, SPAN_ARRAY(hash), "any");

	reconfigure(h, "[Use all]\nKey=router1\nUser=root\nFor=any");
	is_signed(h, &key, &tls_13, span_of(tls));
	is_signed(h, &key, &plain, span_of(cms));
	is_signed(h, &key, &plain, span_of(csr));
	is_signed(h, &key, &digest, SPAN_ARRAY(hash));
	is_signed(h, &key, &bare, SPAN_LITERAL("bare"));
	harness_stop(h);
}

static void a_key_without_a_section_is_used_by_nobody(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0}, next = {0};
	_cleanup_(bytes_done) struct bytes tls = request_tls();

	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "edge");
	next = request_key(h, ROLE_IDENTITY, "router1", "edge#");
	is_refused(h, &key, &tls_13, span_of(tls), "tls");
	/* A trustpoint's name stands for its key's label, and the next key goes by both. */
	reconfigure(h, "[Trustpoint branch]\nKey=edge\nToken=soft\n"
		       "[Use web]\nKey=branch\nUser=root\nFor=tls");
	is_signed(h, &key, &tls_13, span_of(tls));
	is_signed(h, &next, &tls_13, span_of(tls));
	reconfigure(h, "[Use web]\nKey=edge\nUser=root\nFor=tls");
	is_signed(h, &key, &tls_13, span_of(tls));
	is_signed(h, &next, &tls_13, span_of(tls));
	reconfigure(h, "[Use web]\nKey=edges\nUser=root\nFor=any");
	is_refused_again(h, &key, &tls_13, span_of(tls), "tls");
	is_refused(h, &next, &tls_13, span_of(tls), "tls");
	harness_stop(h);
}

static const struct {
	uint8_t role;
	const char *issuer, *label;
} others[] = {
	{ROLE_CA, "RootCA", "ca"},
	{ROLE_EXCHANGE, "RootCA", "exchange"},
	{ROLE_AUDIT, "RootCA", "audit"},
};

/* Whatever a section says: what such a key signs is never a program's business. */
static void only_identities_are_used(void **state)
{
	struct harness *h = *state;
	_cleanup_(bytes_done) struct bytes tls = request_tls();
	const struct ipc_token_use nobodys = {
		.key = SPAN_LITERAL("0123456789abcdef0123456789abcdef"), .padding = PKCS1};
	_cleanup_(answer_done) struct answer unknown = {0};

	configure(h, "[Use a]\nKey=ca\nUser=root\nFor=any\n"
		     "[Use b]\nKey=exchange\nUser=root\nFor=any\n"
		     "[Use c]\nKey=audit\nUser=root\nFor=any");
	harness_start_ready(h);
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		_cleanup_(made_key_done) struct made_key key =
			request_key(h, others[i].role, others[i].issuer, others[i].label);
		_cleanup_(bytes_done) struct bytes encrypted =
			request_encrypt(&key, SPAN_LITERAL("content"));
		const struct ipc_token_open ask = {
			.key = SPAN_ARRAY(key.sha256),
			.padding = PKCS1,
			.encrypted = span_of(encrypted),
		};
		_cleanup_(answer_done) struct answer answer = {0};

		is_refused(h, &key, &tls_13, span_of(tls), "tls");
		answer = harness_ask(h->door, IPC_TOKEN_OPEN, &ask, NULL);
		assert_int_equal(answer.failure, IPC_FAILURE_REFUSED);
		assert_non_null(strstr(answer.reason, "identity keys alone"));
	}
	unknown = harness_ask(h->door, IPC_TOKEN_USE, &nobodys, NULL);
	assert_int_equal(unknown.failure, IPC_FAILURE_NOT_FOUND);
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Sign"), 0);
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Decrypt"), 0);
	harness_stop(h);
}

static const struct {
	struct rsa_scheme scheme;
	size_t bytes; /* of the message */
	const char *reason;
} senseless[] = {
	/* clang-format off */
	{{0, RSA_INPUT_MESSAGE, DIGEST_SHA256, 0, 0}, 5, "no such padding"},
	{{OAEP, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 0}, 5, "no such padding"},
	{{PKCS1, 9, DIGEST_SHA256, 0, 0}, 5, "no such kind of input"},
	{{PKCS1, RSA_INPUT_MESSAGE, 200, 0, 0}, 5, "no such digest"},
	{{PKCS1, RSA_INPUT_DIGEST, DIGEST_SHA256, 0, 0}, 33, "another length"},
	{{PKCS1, RSA_INPUT_BARE, 0, 0, 0}, 246, "too long"},
	{{PKCS1, RSA_INPUT_BARE, 0, 0, 0}, 0, "nothing to sign"},
	{{PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 223}, 5, "salt"},
	{{PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, 250, 32}, 5, "mask"},
	/* clang-format on */
};

static void senseless_questions_are_told_so(void **state)
{
	static const uint8_t zeros[256];
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};

	configure(h, "[Use all]\nKey=router1\nUser=root\nFor=any");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	for (size_t i = 0; i < ELEMENTS(senseless); i++) {
		_cleanup_(answer_done) struct answer answer =
			use(h, &key, &senseless[i].scheme, SPAN(zeros, senseless[i].bytes), NULL);

		if (answer.failure != IPC_FAILURE_INVALID ||
		    !strstr(answer.reason, senseless[i].reason))
			fail_msg("row %zu: %d %s", i, answer.failure, answer.reason);
	}
	/* What the token itself can't is told likewise, and does it no harm. */
	softhsm_spoil(&h->softhsm, "hide-mechanism=0xd\nhide-mechanism=0x3\n");
	{
		_cleanup_(answer_done) struct answer answer =
			use(h, &key, &tls_13, SPAN_LITERAL("text"), NULL);

		assert_int_equal(answer.failure, IPC_FAILURE_INVALID);
		assert_non_null(strstr(answer.reason, "raw RSA"));
	}
	is_signed(h, &key, &plain, SPAN_LITERAL("text"));
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 1);
	harness_stop(h);
}

static struct answer open_it(struct harness *h, const struct made_key *key,
			     enum rsa_padding padding, struct span encrypted,
			     struct ipc_token_opened *ret)
{
	bool is_oaep = padding == OAEP;
	const struct ipc_token_open ask = {
		.key = SPAN_ARRAY(key->sha256),
		.padding = (uint8_t)padding,
		.digest = is_oaep ? DIGEST_SHA256 : DIGEST_NONE,
		.mgf1 = is_oaep ? DIGEST_SHA1 : DIGEST_NONE,
		.encrypted = encrypted,
	};

	return harness_ask(h->door, IPC_TOKEN_OPEN, &ask, ret);
}

static struct bytes encrypt_oaep(const struct made_key *key, struct span content)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->public, NULL);
	struct bytes encrypted = {0};
	size_t size = 256;

	assert_int_equal(bytes_new(size, &encrypted), 0);
	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha1()), 1);
	assert_int_equal(EVP_PKEY_encrypt(ctx, encrypted.data, &size, content.data, content.size),
			 1);
	EVP_PKEY_CTX_free(ctx);
	return encrypted;
}

static void opens(struct harness *h, const struct made_key *key, enum rsa_padding padding,
		  struct span encrypted)
{
	struct ipc_token_opened opened;
	_cleanup_(answer_done) struct answer answer = open_it(h, key, padding, encrypted, &opened);

	if (answer.failure)
		fail_msg("%d: %s", answer.failure, answer.reason);
	assert_true(span_equal(opened.content, SPAN_LITERAL("what was sent")));
}

static void not_opened(struct harness *h, const struct made_key *key, enum rsa_padding padding,
		       struct span encrypted, int failure)
{
	_cleanup_(answer_done) struct answer answer = open_it(h, key, padding, encrypted, NULL);

	assert_int_equal(answer.failure, failure);
}

static void what_was_encrypted_opens_by_cms_and_any(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes pkcs1 = {0}, oaep = {0};
	struct ipc_token_opened one, two;
	_cleanup_(answer_done) struct answer first = {0}, second = {0};

	configure(h, "[Use web]\nKey=router1\nUser=root\nFor=tls ike");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	pkcs1 = request_encrypt(&key, SPAN_LITERAL("what was sent"));
	oaep = encrypt_oaep(&key, SPAN_LITERAL("what was sent"));
	not_opened(h, &key, PKCS1, span_of(pkcs1), IPC_FAILURE_REFUSED);
	harness_expect(h, "refused to let a program use a key: ");
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Decrypt"), 0);

	reconfigure(h, "[Use mail]\nKey=router1\nUser=root\nFor=cms");
	opens(h, &key, PKCS1, span_of(pkcs1));
	opens(h, &key, OAEP, span_of(oaep));
	not_opened(h, &key, OAEP, SPAN(oaep.data, 255), IPC_FAILURE_INVALID);
	not_opened(h, &key, PSS, span_of(oaep), IPC_FAILURE_INVALID);
	/* Under the other padding: that of OAEP is told, that of PKCS#1 v1.5 never. */
	not_opened(h, &key, OAEP, span_of(pkcs1), IPC_FAILURE_INVALID);
	first = open_it(h, &key, PKCS1, span_of(oaep), &one);
	second = open_it(h, &key, PKCS1, span_of(oaep), &two);
	assert_int_equal(first.failure, 0);
	assert_int_equal(second.failure, 0);
	assert_true(span_equal(one.content, two.content));
	assert_true(one.content.size <= 245);

	reconfigure(h, "[Use all]\nKey=router1\nUser=root\nFor=any");
	opens(h, &key, OAEP, span_of(oaep));
	harness_stop(h);
}

static void the_log_tells_of_the_first_of_each_minute_but_of_handshakes(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes tls = request_tls(), cms = request_cms(), csr = {0};
	const char *log;

	configure(h, "[Use all]\nKey=router1\nUser=root\nFor=any");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	csr = request_csr("router1", key.public);
	for (int i = 0; i < 12; i++)
		is_signed(h, &key, &tls_13, span_of(tls));
	is_signed(h, &key, &plain, span_of(cms));
	is_signed(h, &key, &plain, span_of(csr));
	for (int i = 0; i < 25; i++)
		is_signed(h, &key, &bare, SPAN_LITERAL("bare"));
	log = harness_signatures(h);
	assert_int_equal(harness_count(log, "\n"), 11);
	assert_int_equal(harness_count(log, "\tcms\t-\t\t"), 1);
	assert_int_equal(harness_count(log, "\tuse\t-\tCN=router1,O=Cisco\t"), 1);
	assert_int_equal(harness_count(log, "\tuse\t-\t\t"), 9);
	/* What was counted is written at the end at the latest. */
	harness_stop(h);
	log = harness_signatures(h);
	assert_int_equal(harness_count(log, "\n"), 13);
	assert_int_equal(harness_count(log, "\n13\t"), 1);
	assert_int_equal(harness_count(log, "\ttls\t-\t12 signatures\t-\t-\n"), 1);
	assert_int_equal(harness_count(log, "\tuse\t-\t16 signatures more\t-\t-\n"), 1);
}

/* Asked for again and again, for as long as one may wait. */
static void until_told(struct harness *h, const char *part)
{
	int64_t end_ms = clock_monotonic_ms() + HARNESS_PATIENCE_MS;
	bool told = false;

	while (!told) {
		struct ipc_token_log_page page;
		_cleanup_(answer_done) struct answer answer =
			harness_ask(h->door, IPC_TOKEN_LOG, &(struct ipc_token_log){0}, &page);

		assert_int_equal(answer.failure, 0);
		told = memmem(page.lines.data, page.lines.size, part, strlen(part));
		assert_true(told || clock_monotonic_ms() < end_ms);
	}
}

static void handshakes_are_told_once_a_minute(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0}, other = {0};
	_cleanup_(bytes_done) struct bytes tls = request_tls();

	configure(h, "[Use web]\nKey=router1\nUser=root\nFor=tls\n"
		     "[Use mail]\nKey=router2\nUser=root\nFor=tls");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	other = request_key(h, ROLE_IDENTITY, "router2", "router2");
	for (int i = 0; i < 3; i++)
		is_signed(h, &key, &tls_13, span_of(tls));
	is_signed(h, &other, &tls_13, span_of(tls));
	harness_set_time(h, 1700000061);
	until_told(h, "\ttls\t-\t3 signatures\t-\t-\n");
	until_told(h, "\ttls\t-\t1 signature\t-\t-\n");
	is_signed(h, &key, &tls_13, span_of(tls));
	is_signed(h, &key, &tls_13, span_of(tls));
	harness_set_time(h, 1700000130);
	until_told(h, "\ttls\t-\t2 signatures\t-\t-\n");
	harness_stop(h);
	assert_int_equal(harness_count(harness_signatures(h), "\n"), 3);
}

/* As much as a message may be; what is more is no message. */
static void the_longest_message_is_signed(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes large = {0};

	configure(h, "[Use all]\nKey=router1\nUser=root\nFor=any");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	assert_int_equal(bytes_new(64000, &large), 0);
	is_signed(h, &key, &plain, span_of(large));
	is_signed(h, &key, &tls_13, span_of(large));
	harness_stop(h);
}

/* Where the log can't be written, what says something each is kept back. */
static void what_cannot_be_recorded_is_kept_back(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(answer_done) struct answer answer = {0};
	struct rlimit before, small = {0, RLIM_INFINITY};

	configure(h, "[Use all]\nKey=router1\nUser=root\nFor=any");
	harness_start_ready(h);
	key = request_key(h, ROLE_IDENTITY, "router1", "router1");
	assert_int_equal(prlimit(h->pid, RLIMIT_FSIZE, &small, &before), 0);
	answer = use(h, &key, &plain, SPAN_LITERAL("text"), NULL);
	assert_int_equal(answer.failure, IPC_FAILURE_FAULT);
	assert_int_equal(prlimit(h->pid, RLIMIT_FSIZE, &before, NULL), 0);
	is_signed(h, &key, &plain, SPAN_LITERAL("text"));
	harness_stop(h);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_use_lets_through_what_it_is),
		TEST(a_key_without_a_section_is_used_by_nobody),
		TEST(only_identities_are_used),
		TEST(senseless_questions_are_told_so),
		TEST(what_was_encrypted_opens_by_cms_and_any),
		TEST(the_log_tells_of_the_first_of_each_minute_but_of_handshakes),
		TEST(handshakes_are_told_once_a_minute),
		TEST(the_longest_message_is_signed),
		TEST(what_cannot_be_recorded_is_kept_back),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
