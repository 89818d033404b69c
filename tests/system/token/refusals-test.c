/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What whoever speaks to NAME.sock, with all of the daemon's rights, does not get signed. Each is
 * refused by the token's process, which logs it with kind, key and rule.
 */
#include "daemon/base/crypto.h"
#include "tests/system/token/requests.h"

struct asked {
	const char *what;
	const char *kind; /* as it is logged */
	const char *rule; /* a part of it */
	struct bytes to_be_signed;
};

static struct bytes copy(struct span from)
{
	struct bytes bytes = {0};

	assert_int_equal(bytes_copy(from, &bytes), 0);
	return bytes;
}

static struct bytes random_bytes(size_t size)
{
	struct bytes bytes = {0};

	assert_int_equal(bytes_new(size, &bytes), 0);
	random_fill(bytes.data, size);
	return bytes;
}

static struct bytes a_digest_info(void)
{
	uint8_t info[DIGEST_SIZE_MAX + 32];
	size_t size = digest_info(DIGEST_SHA256, SPAN_LITERAL("a forged certificate"), info);

	return copy(SPAN(info, size));
}

static struct bytes certificate(const char *issuer, const char *subject, EVP_PKEY *key,
				const char *constraints, const char *usage)
{
	const struct certificate_facts facts = {
		.issuer = issuer,
		.subject = subject,
		.key = key,
		.version = 2,
		.basic_constraints = constraints,
		.key_usage = usage,
	};

	return request_certificate(&facts);
}

static struct bytes a_version_1_certificate(void)
{
	const struct certificate_facts facts = {.issuer = "RootCA", .subject = "router1"};

	return request_certificate(&facts);
}

/* A certificate that is allowed, with something after it. */
static struct bytes a_longer_certificate(void)
{
	struct bytes right = certificate("RootCA", "router1", NULL, NULL, "digitalSignature");
	struct bytes longer = {0};

	assert_int_equal(bytes_new(right.size + 1, &longer), 0);
	memcpy(longer.data, right.data, right.size);
	bytes_done(&right);
	return longer;
}

static void is_refused(struct harness *h, const struct made_key *key, struct asked *asked)
{
	char line[128];
	_cleanup_(answer_done) struct answer answer =
		request_sign(h, key, span_of(asked->to_be_signed), NULL);

	if (answer.failure != IPC_FAILURE_REFUSED || !strstr(answer.reason, asked->rule))
		fail_msg("%s: %d %s", asked->what, answer.failure, answer.reason);
	harness_expect(h, "refused to sign: ");
	(void)snprintf(line, sizeof(line), "KIND=%s ", asked->kind);
	harness_expect(h, line);
	harness_expect(h, asked->rule);
	bytes_done(&asked->to_be_signed);
}

static void a_ca_key_refuses(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes right =
		certificate("RootCA", "router1", NULL, NULL, "digitalSignature");

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	struct asked all[] = {
		/* clang-format off */
		{"32 random bytes", "unknown", "nothing else", random_bytes(32)},
		{"nothing", "unknown", "nothing else", random_bytes(0)},
		{"a DigestInfo", "unknown", "nothing else", a_digest_info()},
		{"a TLS CertificateVerify block", "unknown", "nothing else", request_tls()},
		{"another issuer's certificate", "certificate", "issuer name", certificate("OtherCA", "router1", NULL, NULL, NULL)},
		{"another issuer's own certificate", "certificate", "issuer name", certificate("OtherCA", "OtherCA", key.public, "CA:TRUE", NULL)},
		{"a subordinate CA", "certificate", "IssueSubordinates", certificate("RootCA", "SubCA", NULL, "critical,CA:TRUE", "keyCertSign,cRLSign")},
		{"a CA that doesn't say critical", "certificate", "IssueSubordinates", certificate("RootCA", "SubCA", NULL, "CA:TRUE", NULL)},
		{"keyCertSign alone", "certificate", "IssueSubordinates", certificate("RootCA", "SubCA", NULL, NULL, "keyCertSign")},
		{"cRLSign alone", "certificate", "IssueSubordinates", certificate("RootCA", "SubCA", NULL, NULL, "cRLSign")},
		{"its name over another key, without keyUsage", "certificate", "keyUsage", certificate("RootCA", "RootCA", NULL, NULL, NULL)},
		{"itself with another key", "certificate", "IssueSubordinates", certificate("RootCA", "RootCA", NULL, "critical,CA:TRUE", "keyCertSign,cRLSign")},
		{"its key under another name", "certificate", "IssueSubordinates", certificate("RootCA", "SubCA", key.public, "critical,CA:TRUE", "keyCertSign")},
		{"a version 1 certificate", "certificate", "version 3", a_version_1_certificate()},
		{"a certificate and a byte", "unknown", "nothing else", a_longer_certificate()},
		{"another issuer's CRL", "crl", "issuer name", request_crl("OtherCA")},
		{"a request for another name", "request", "name of its charter", request_csr("OtherCA", key.public)},
		{"a request over another key", "request", "own public key", request_csr("RootCA", NULL)},
		/* clang-format on */
	};
	for (size_t i = 0; i < ELEMENTS(all); i++)
		is_refused(h, &key, &all[i]);
	/* The token was never asked, and what is right is still signed. */
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Sign"), 0);
	request_signature(h, &key, span_of(right));
	harness_stop(h);
}

static void other_roles_refuse_what_a_ca_signs(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key exchange = {0}, identity = {0}, audit = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();

	harness_start_ready(h);
	exchange = request_key(h, ROLE_EXCHANGE, "RootCA", "x");
	identity = request_key(h, ROLE_IDENTITY, "router1", "i");
	audit = request_key(h, ROLE_AUDIT, "RootCA", "a");
	struct asked by_exchange[] = {
		/* clang-format off */
		{"a certificate", "certificate", "own public key", certificate("RootCA", "router1", NULL, NULL, NULL)},
		{"a CA", "certificate", "only a ca key", certificate("RootCA", "RootCA", exchange.public, "critical,CA:TRUE", NULL)},
		{"a CRL", "crl", "nothing else", request_crl("RootCA")},
		{"random bytes", "unknown", "nothing else", random_bytes(32)},
		/* clang-format on */
	};
	struct asked by_audit[] = {
		{"CMS attributes", "cms", "checkpoints and nothing else", request_cms()},
	};
	for (size_t i = 0; i < ELEMENTS(by_exchange); i++)
		is_refused(h, &exchange, &by_exchange[i]);
	is_refused(h, &audit, &by_audit[0]);
	request_signature(h, &exchange, span_of(cms));
	request_signature(h, &identity, span_of(cms));
	harness_stop(h);
}

/* The token's process reads IssueSubordinates= itself, and hears of it without a restart. */
static void subordinates_are_the_configurations_to_allow(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes sub =
		certificate("RootCA", "SubCA", NULL, "critical,CA:TRUE", "keyCertSign,cRLSign");
	_cleanup_(answer_done) struct answer refused = {0}, again = {0};

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	refused = request_sign(h, &key, span_of(sub), NULL);
	assert_int_equal(refused.failure, IPC_FAILURE_REFUSED);
	harness_configure(h,
			  &(struct harness_configuration){.server_more = "IssueSubordinates=yes"});
	harness_expect(h, "the configuration was read again");
	request_signature(h, &key, span_of(sub));
	/* Another server's permission is no permission. */
	harness_configure(h, &(struct harness_configuration){.server_more =
								     "[Server OTHER]\nToken=soft\n"
								     "IssueSubordinates=yes"});
	harness_expect(h, "the configuration was read again");
	again = request_sign(h, &key, span_of(sub), NULL);
	assert_int_equal(again.failure, IPC_FAILURE_REFUSED);
	harness_stop(h);
}

static int unwrap_by(struct harness *h, const struct made_key *key)
{
	_cleanup_(bytes_done) struct bytes encrypted =
		request_encrypt(key, SPAN_LITERAL("sixteen bytes..."));
	struct ipc_token_content_key opened;
	_cleanup_(answer_done) struct answer answer =
		request_unwrap(h, key, span_of(encrypted), 16, &opened);

	return answer.failure;
}

/* Whoever speaks for the daemon: where an exchange key opens requests, a CA key opens none, not
 * even one that could, and the token isn't asked. */
static void a_ca_key_beside_an_exchange_key_opens_nothing(void **state)
{
	static const char beside[] = "ExchangeKey=hsm\n[Token hsm]\nModule=/none.so\n"
				     "URI=pkcs11:token=hsm\nPIN=/none";
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0}, born = {0}, exchange = {0};
	_cleanup_(bytes_done) struct bytes right =
		certificate("RootCA", "router1", NULL, NULL, "digitalSignature");
	unsigned asked;

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	assert_int_equal(unwrap_by(h, &key), 0);
	asked = softhsm_calls(&h->softhsm, "C_Decrypt");
	assert_int_not_equal(asked, 0);
	harness_configure(h, &(struct harness_configuration){.server_more = beside});
	harness_expect(h, "the configuration was read again");
	born = request_key(h, ROLE_CA, "RootCA", "ROOTCA#");
	assert_int_equal(unwrap_by(h, &key), IPC_FAILURE_REFUSED);
	assert_int_equal(unwrap_by(h, &born), IPC_FAILURE_REFUSED);
	harness_expect(h, "refused to decrypt");
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Decrypt"), asked);
	/* Both still sign, and the exchange key is what opens. */
	request_signature(h, &key, span_of(right));
	request_signature(h, &born, span_of(right));
	exchange = request_key(h, ROLE_EXCHANGE, "RootCA", "ROOTCA-exchange");
	assert_int_equal(unwrap_by(h, &exchange), 0);
	harness_stop(h);
}

static int sign_over(struct harness *h, const struct made_key *key, enum digest digest,
		     struct span to_be_signed)
{
	const struct ipc_token_sign sign = {
		.key = SPAN_ARRAY(key->sha256),
		.digest = (uint8_t)digest,
		.to_be_signed = to_be_signed,
	};
	_cleanup_(answer_done) struct answer answer =
		harness_ask(h->door, IPC_TOKEN_SIGN, &sign, NULL);

	return answer.failure;
}

/* Whoever writes a certificate, a CRL or a request can write another of the same MD5 or SHA-1. */
static void weak_digests_are_the_configurations_to_allow(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes router =
		certificate("RootCA", "router1", NULL, NULL, "digitalSignature");
	_cleanup_(bytes_done) struct bytes crl = request_crl("RootCA"), cms = request_cms();

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	assert_int_equal(sign_over(h, &key, DIGEST_MD5, span_of(router)), IPC_FAILURE_REFUSED);
	assert_int_equal(sign_over(h, &key, DIGEST_SHA1, span_of(router)), IPC_FAILURE_REFUSED);
	assert_int_equal(sign_over(h, &key, DIGEST_SHA1, span_of(crl)), IPC_FAILURE_REFUSED);
	assert_int_equal(sign_over(h, &key, DIGEST_MD5, span_of(cms)), IPC_FAILURE_REFUSED);
	harness_expect(h, "never signed over MD5");
	assert_int_equal(sign_over(h, &key, DIGEST_SHA1, span_of(cms)), 0);
	harness_configure(h, &(struct harness_configuration){.server_more = "AllowWeak=yes"});
	harness_expect(h, "the configuration was read again");
	assert_int_equal(sign_over(h, &key, DIGEST_SHA1, span_of(router)), 0);
	assert_int_equal(sign_over(h, &key, DIGEST_MD5, span_of(cms)), IPC_FAILURE_REFUSED);
	harness_stop(h);
}

/* One that can't be read changes nothing, and the process goes on. */
static void a_wrong_configuration_is_not_taken_over(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes right =
		certificate("RootCA", "router1", NULL, NULL, "digitalSignature");

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	harness_configure(h, &(struct harness_configuration){.token_more = "Nonsense=yes"});
	harness_expect(h, "Nonsense= is no option");
	request_signature(h, &key, span_of(right));
	harness_stop(h);
}

static void a_charter_is_not_there_for_the_asking(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes right =
		certificate("RootCA", "router1", NULL, NULL, "digitalSignature");
	_cleanup_(answer_done) struct answer unknown = {0}, digest = {0};
	struct ipc_token_sign sign;

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	sign = (struct ipc_token_sign){
		.key = SPAN_ARRAY(key.sha256),
		.to_be_signed = span_of(right),
	};
	digest = harness_ask(h->door, IPC_TOKEN_SIGN, &sign, NULL);
	assert_int_equal(digest.failure, IPC_FAILURE_INVALID);
	key.sha256[0] ^= 1;
	unknown = request_sign(h, &key, span_of(right), NULL);
	assert_int_equal(unknown.failure, IPC_FAILURE_NOT_FOUND);
	harness_stop(h);
}

/* A key that is to succeed another takes over from its charter what it may, and clavigerd chooses
 * nothing: only an identity's key is succeeded so, and only by one. */
static void only_identities_keys_are_succeeded(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key ca = {0}, identity = {0};
	const uint8_t unknown[32] = {1};
	struct ipc_token_make make = {.bits = 2048, .label = SPAN_LITERAL("next")};
	struct span issuer;
	struct bytes name;

	harness_start_ready(h);
	ca = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	identity = request_key(h, ROLE_IDENTITY, "RootCA", "router");
	name = request_name("RootCA");
	issuer = span_of(name);
	const struct {
		uint8_t role;
		struct span issuer, like;
		enum ipc_failure failure;
	} rows[] = {
		{ROLE_IDENTITY, {0}, SPAN_ARRAY(ca.sha256), IPC_FAILURE_REFUSED},
		{ROLE_IDENTITY, {0}, SPAN_ARRAY(unknown), IPC_FAILURE_REFUSED},
		{ROLE_CA, issuer, SPAN_ARRAY(identity.sha256), IPC_FAILURE_REFUSED},
		{ROLE_EXCHANGE, {0}, SPAN_ARRAY(identity.sha256), IPC_FAILURE_REFUSED},
		{ROLE_IDENTITY, {0}, SPAN_ARRAY(identity.sha256), 0},
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(answer_done) struct answer answer = {0};

		make.role = rows[i].role;
		make.issuer = rows[i].issuer;
		make.like = rows[i].like;
		answer = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
		assert_int_equal(answer.failure, rows[i].failure);
	}
	bytes_done(&name);
	harness_stop(h);
}

/* By an identity's name go the rules of [Use] sections; a shadow's key loses its mark. */
static void an_identity_keeps_its_name(void **state)
{
	static const struct {
		uint8_t role;
		const char *is, *wanted;
		int failure;
	} rows[] = {
		{ROLE_IDENTITY, "CORP#", "WEB", IPC_FAILURE_REFUSED},
		{ROLE_IDENTITY, "CORP#", "CORP", 0},
		{ROLE_CA, "ROOTCA#", "ROOTCA#cancelled", 0},
	};
	struct harness *h = *state;

	harness_start_ready(h);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(made_key_done) struct made_key key =
			request_key(h, rows[i].role, "RootCA", rows[i].is);
		struct ipc_token_relabel relabel = {.key = SPAN_ARRAY(key.sha256),
						    .label = span_of_text(rows[i].wanted)};
		_cleanup_(answer_done) struct answer answer =
			harness_ask(h->door, IPC_TOKEN_RELABEL, &relabel, NULL);

		assert_int_equal(answer.failure, rows[i].failure);
	}
	harness_stop(h);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ca_key_refuses),
		TEST(other_roles_refuse_what_a_ca_signs),
		TEST(subordinates_are_the_configurations_to_allow),
		TEST(a_ca_key_beside_an_exchange_key_opens_nothing),
		TEST(weak_digests_are_the_configurations_to_allow),
		TEST(a_wrong_configuration_is_not_taken_over),
		TEST(a_charter_is_not_there_for_the_asking),
		TEST(only_identities_keys_are_succeeded),
		TEST(an_identity_keeps_its_name),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
