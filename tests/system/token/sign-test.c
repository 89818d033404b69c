/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "hsm/key/token.h"
#include "tests/system/token/requests.h"
#include <pthread.h>

static struct bytes own_certificate(const struct made_key *key, int64_t not_after_s)
{
	const struct certificate_facts facts = {
		.issuer = "RootCA",
		.subject = "RootCA",
		.key = key->public,
		.version = 2,
		.basic_constraints = "critical,CA:TRUE",
		.key_usage = "critical,digitalSignature,keyCertSign,cRLSign",
		.not_after_s = not_after_s,
	};

	return request_certificate(&facts);
}

static struct bytes router_certificate(void)
{
	const struct certificate_facts facts = {
		.issuer = "RootCA",
		.subject = "router1",
		.version = 2,
		.key_usage = "critical,digitalSignature,keyEncipherment",
	};

	return request_certificate(&facts);
}

static void a_ca_key_signs_all_that_a_ca_signs(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	struct bytes all[5];
	const char *log;

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	all[0] = own_certificate(&key, 1800000000);
	all[1] = router_certificate();
	all[2] = request_crl("RootCA");
	all[3] = request_csr("RootCA", key.public);
	all[4] = request_cms();
	for (size_t i = 0; i < ELEMENTS(all); i++) {
		request_signature(h, &key, span_of(all[i]));
		bytes_done(&all[i]);
	}
	log = harness_signatures(h);
	assert_int_equal(harness_count(log, "\n"), 5);
	assert_int_equal(strncmp(log, "1\t2023-11-14T22:13:20Z\t", 23), 0);
	assert_non_null(strstr(log, "\tcertificate\t1234\tCN=RootCA,O=Cisco\t"));
	assert_non_null(strstr(log, "\tcertificate\t1234\tCN=router1,O=Cisco\t"));
	assert_non_null(strstr(log, "\tcrl\t-\tCN=RootCA,O=Cisco\t"));
	assert_non_null(strstr(log, "\trequest\t-\tCN=RootCA,O=Cisco\t"));
	assert_non_null(strstr(log, "\n5\t"));
	harness_stop(h);
}

static void the_log_of_signatures_goes_on_after_a_restart(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes crl = request_crl("RootCA");

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	request_signature(h, &key, span_of(crl));
	harness_stop(h);
	harness_start_ready(h);
	request_signature(h, &key, span_of(crl));
	assert_non_null(strstr(harness_signatures(h), "\n2\t"));
	harness_stop(h);
}

static void pkcs11_tool_shows_what_the_key_is(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	assert_int_equal(
		system("pkcs11-tool --module " SOFTHSM_MODULE
		       " --token-label ca --login --pin 1234 -O --type privkey 2>/dev/null | "
		       "grep -q 'Access: *sensitive, always sensitive, never extractable, local'"),
		0);
	harness_stop(h);
}

static void keys_are_listed_with_their_charters(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key ca = {0}, exchange = {0};
	_cleanup_(bytes_done) struct bytes name = request_name("RootCA");
	struct ipc_token_key_info info;
	unsigned found = 0;

	harness_start_ready(h);
	ca = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	exchange = request_key(h, ROLE_EXCHANGE, "RootCA", "ROOTCA-x");
	for (uint16_t i = 0; i < 2; i++) {
		struct ipc_token_key ask = {i};
		_cleanup_(answer_done) struct answer answer =
			harness_ask(i ? h->door : h->admin, IPC_TOKEN_KEY, &ask, &info);
		assert_int_equal(answer.failure, 0);
		assert_true(info.present && info.decrypts);
		assert_true(span_equal(info.issuer, span_of(name)));
		if (info.role == ROLE_CA && span_equal(info.spki, span_of(ca.spki)) &&
		    span_equal(info.id, span_of(ca.id)) &&
		    span_equal(info.label, SPAN_LITERAL("ROOTCA")))
			found |= 1;
		if (info.role == ROLE_EXCHANGE && span_equal(info.spki, span_of(exchange.spki)))
			found |= 2;
	}
	assert_int_equal(found, 3);
	assert_int_equal(
		harness_ask(h->door, IPC_TOKEN_KEY, &(struct ipc_token_key){2}, &info).failure,
		IPC_FAILURE_NOT_FOUND);
	harness_stop(h);
}

static void assert_opens(struct harness *h, const struct made_key *key, struct span content)
{
	_cleanup_(bytes_done) struct bytes encrypted = request_encrypt(key, content);
	struct ipc_token_content_key opened;
	_cleanup_(answer_done) struct answer answer =
		request_unwrap(h, key, span_of(encrypted), (uint16_t)content.size, &opened);

	assert_int_equal(answer.failure, 0);
	assert_true(span_equal(opened.content_key, content));
}

/* Damaged, of another size, too short, too long: 16 bytes come back, and the same 16 each time. */
static void assert_substitutes(struct harness *h, const struct made_key *key, struct span encrypted)
{
	struct ipc_token_content_key first, second;
	_cleanup_(answer_done) struct answer one = request_unwrap(h, key, encrypted, 16, &first);
	_cleanup_(answer_done) struct answer two = request_unwrap(h, key, encrypted, 16, &second);

	assert_int_equal(one.failure, 0);
	assert_int_equal(two.failure, 0);
	assert_int_equal(first.content_key.size, 16);
	assert_true(span_equal(first.content_key, second.content_key));
}

static void content_keys_open(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0}, audit = {0};
	_cleanup_(bytes_done) struct bytes other = {0};
	struct ipc_token_content_key none;
	uint8_t large[1024];

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	assert_opens(h, &key, SPAN_LITERAL("eight by"));
	assert_opens(h, &key, SPAN_LITERAL("sixteen bytes..."));
	assert_opens(h, &key, SPAN_LITERAL("thirty-two bytes are in this key"));
	other = request_encrypt(&key, SPAN_LITERAL("twenty-four bytes here.."));
	assert_substitutes(h, &key, span_of(other));
	other.data[77] ^= 1;
	assert_substitutes(h, &key, span_of(other));
	assert_substitutes(h, &key, SPAN(other.data, 255));
	memset(large, 0xff, sizeof(large));
	assert_substitutes(h, &key, SPAN_ARRAY(large));
	assert_substitutes(h, &key, SPAN(large, 256));
	assert_opens(h, &key, SPAN_LITERAL("sixteen bytes..."));

	assert_int_equal(request_unwrap(h, &key, span_of(other), 0, &none).failure,
			 IPC_FAILURE_INVALID);
	assert_int_equal(request_unwrap(h, &key, span_of(other), 65, &none).failure,
			 IPC_FAILURE_INVALID);
	audit = request_key(h, ROLE_AUDIT, "RootCA", "audit");
	assert_int_equal(request_unwrap(h, &audit, span_of(other), 16, &none).failure,
			 IPC_FAILURE_REFUSED);
	harness_expect(h, "refused to decrypt");
	harness_stop(h);
}

static struct answer destroy(struct harness *h, const struct made_key *key)
{
	return harness_ask(h->door, IPC_TOKEN_DESTROY,
			   &(struct ipc_token_destroy){SPAN_ARRAY(key->sha256)}, NULL);
}

static void a_ca_key_is_destroyed_after_its_certificates_end_alone(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes certificate = {0};
	_cleanup_(answer_done) struct answer early = {0}, again = {0}, late = {0}, gone = {0};

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	certificate = own_certificate(&key, 1800000000);
	request_signature(h, &key, span_of(certificate));
	early = destroy(h, &key);
	assert_int_equal(early.failure, IPC_FAILURE_REFUSED);
	harness_expect(h, "refused to destroy a key");
	/* The end is remembered by the charter, not by the process. */
	harness_stop(h);
	harness_start_ready(h);
	again = destroy(h, &key);
	assert_int_equal(again.failure, IPC_FAILURE_REFUSED);
	harness_set_time(h, 1800000001);
	late = destroy(h, &key);
	assert_int_equal(late.failure, 0);
	harness_expect(h, "a key was destroyed");
	gone = destroy(h, &key);
	assert_int_equal(gone.failure, IPC_FAILURE_NOT_FOUND);
	assert_int_equal(system("pkcs11-tool --module " SOFTHSM_MODULE
				" --token-label ca --login --pin 1234 -O 2>/dev/null | "
				"grep -q ROOTCA"),
			 256);
	harness_stop(h);
}

/* What clavigerd may not, the operator may: straight from his command. */
static void an_operator_destroys_a_ca_key_before_its_time(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	_cleanup_(bytes_done) struct bytes certificate = {0};
	_cleanup_(answer_done) struct answer refused = {0}, done = {0}, gone = {0};
	struct ipc_token_zeroize ask;

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	certificate = own_certificate(&key, 1800000000);
	request_signature(h, &key, span_of(certificate));
	ask = (struct ipc_token_zeroize){SPAN_ARRAY(key.sha256)};
	refused = harness_ask(h->door, IPC_TOKEN_ZEROIZE, &ask, NULL);
	assert_true(refused.failure < 0);
	done = harness_ask(h->admin, IPC_TOKEN_ZEROIZE, &ask, NULL);
	assert_int_equal(done.failure, 0);
	harness_expect(h, "a key was destroyed");
	gone = harness_ask(h->admin, IPC_TOKEN_ZEROIZE, &ask, NULL);
	assert_int_equal(gone.failure, IPC_FAILURE_NOT_FOUND);
	assert_int_equal(system("pkcs11-tool --module " SOFTHSM_MODULE
				" --token-label ca --login --pin 1234 -O 2>/dev/null | "
				"grep -q ROOTCA"),
			 256);
	harness_stop(h);
}

static void a_key_is_relabelled_on_the_token_and_in_its_charter(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key key = {0};
	struct ipc_token_relabel ask;
	struct ipc_token_key_info info;
	_cleanup_(answer_done) struct answer done = {0}, listed = {0}, wrong = {0};

	harness_start_ready(h);
	key = request_key(h, ROLE_CA, "RootCA", "ROOTCA#");
	ask = (struct ipc_token_relabel){SPAN_ARRAY(key.sha256), SPAN_LITERAL("ROOTCA")};
	done = harness_ask(h->door, IPC_TOKEN_RELABEL, &ask, NULL);
	assert_int_equal(done.failure, 0);
	assert_int_equal(system("pkcs11-tool --module " SOFTHSM_MODULE
				" --token-label ca --login --pin 1234 -O 2>/dev/null | "
				"grep -c 'label: *ROOTCA$' | grep -qx 2"),
			 0);
	ask.label = SPAN_LITERAL("two\nlines");
	wrong = harness_ask(h->door, IPC_TOKEN_RELABEL, &ask, NULL);
	assert_int_equal(wrong.failure, IPC_FAILURE_INVALID);
	harness_stop(h);
	harness_start_ready(h);
	listed = harness_ask(h->door, IPC_TOKEN_KEY, &(struct ipc_token_key){0}, &info);
	assert_int_equal(listed.failure, 0);
	assert_true(span_equal(info.label, SPAN_LITERAL("ROOTCA")));
	harness_stop(h);
}

static const struct {
	uint8_t role;
	const char *issuer; /* a common name; "": none; NULL: not a name */
	uint16_t bits;
	const char *label;
	int failure;
} orders[] = {
	/* clang-format off */
	{0, "RootCA", 2048, "x", IPC_FAILURE_INVALID},
	{5, "RootCA", 2048, "x", IPC_FAILURE_INVALID},
	{ROLE_CA, "", 2048, "x", IPC_FAILURE_INVALID},
	{ROLE_CA, NULL, 2048, "x", IPC_FAILURE_INVALID},
	{ROLE_CA, "RootCA", 2048, "", IPC_FAILURE_INVALID},
	{ROLE_CA, "RootCA", 2048, "a\tb", IPC_FAILURE_INVALID},
	/* What this token can't do is told to the operator. */
	{ROLE_CA, "RootCA", 64, "x", IPC_FAILURE_REFUSED},
	{ROLE_CA, "RootCA", 65535, "x", IPC_FAILURE_REFUSED},
	/* clang-format on */
};

static void senseless_orders_make_no_key(void **state)
{
	struct harness *h = *state;

	harness_start_ready(h);
	for (size_t i = 0; i < ELEMENTS(orders); i++) {
		_cleanup_(bytes_done) struct bytes name = {0};
		struct ipc_token_make make = {
			.role = orders[i].role,
			.bits = orders[i].bits,
			.label = span_of_text(orders[i].label),
			.issuer = SPAN_LITERAL("CN=RootCA"),
		};
		_cleanup_(answer_done) struct answer answer = {0};

		if (orders[i].issuer) {
			name = request_name(orders[i].issuer);
			make.issuer = *orders[i].issuer ? span_of(name) : (struct span){0};
		}
		answer = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
		assert_int_equal(answer.failure, orders[i].failure);
	}
	assert_int_equal(
		system("pkcs11-tool --module " SOFTHSM_MODULE
		       " --token-label ca --login --pin 1234 -O 2>/dev/null | grep -q Key"),
		256);
	harness_stop(h);
}

#define THREADS	     8
#define EACH_THREADS 25

struct signer {
	struct key *key;
	const struct made_key *made;
	struct span to_be_signed;
	unsigned right;
};

static void *sign_many(void *argument)
{
	struct signer *signer = argument;

	for (int i = 0; i < EACH_THREADS; i++) {
		_cleanup_(bytes_done) struct bytes signature = {0};

		if (key_sign(signer->key, DIGEST_SHA256, signer->to_be_signed, (struct span){0},
			     &signature) == 0 &&
		    request_verifies(signer->made, signer->to_be_signed, span_of(signature)))
			signer->right++;
	}
	return NULL;
}

/* As the daemon does it: through struct key, its threads sharing one link. */
static void eight_threads_sign_at_once(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes certificate = router_certificate();
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	_cleanup_(key_unrefp) struct key *key = NULL;
	struct signer signers[THREADS];
	pthread_t threads[THREADS];

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	assert_int_equal(token_link_new("soft", h->door, 5000, &link), 0);
	assert_int_equal(key_new_token(link, span_of(made.spki), &key), 0);
	for (size_t i = 0; i < THREADS; i++) {
		signers[i] = (struct signer){key, &made, span_of(certificate), 0};
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, &signers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(signers[i].right, EACH_THREADS);
	}
	assert_int_equal(harness_count(harness_signatures(h), "\n"), THREADS * EACH_THREADS);
	/* One operation of the token for each: nothing was done twice. */
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Sign"), THREADS * EACH_THREADS);
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 1);
	harness_stop(h);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ca_key_signs_all_that_a_ca_signs),
		TEST(the_log_of_signatures_goes_on_after_a_restart),
		TEST(pkcs11_tool_shows_what_the_key_is),
		TEST(keys_are_listed_with_their_charters),
		TEST(content_keys_open),
		TEST(a_ca_key_is_destroyed_after_its_certificates_end_alone),
		TEST(an_operator_destroys_a_ca_key_before_its_time),
		TEST(a_key_is_relabelled_on_the_token_and_in_its_charter),
		TEST(senseless_orders_make_no_key),
		TEST(eight_threads_sign_at_once),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
