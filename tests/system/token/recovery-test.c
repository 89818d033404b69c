/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "hsm/key/token.h"
#include "tests/system/token/requests.h"
#include <pthread.h>
#include <sys/resource.h>

/* A signature that somebody waits for on a thread of its own, through struct key. */
struct waiting {
	pthread_t thread;
	struct token_link *link;
	struct key *key;
	struct span to_be_signed;
	struct bytes signature;
	int result;
};

static void *wait_for_signature(void *argument)
{
	struct waiting *w = argument;

	w->result =
		key_sign(w->key, DIGEST_SHA256, w->to_be_signed, (struct span){0}, &w->signature);
	return NULL;
}

static void begin(struct waiting *w, struct harness *h, const struct made_key *made,
		  struct span to_be_signed)
{
	*w = (struct waiting){.to_be_signed = to_be_signed};
	assert_int_equal(token_link_new("soft", h->door, 20000, &w->link), 0);
	assert_int_equal(key_new_token(w->link, span_of(made->spki), &w->key), 0);
	assert_int_equal(pthread_create(&w->thread, NULL, wait_for_signature, w), 0);
}

static void assert_ends_well(struct waiting *w, const struct made_key *made)
{
	assert_int_equal(pthread_join(w->thread, NULL), 0);
	assert_int_equal(w->result, 0);
	assert_true(request_verifies(made, w->to_be_signed, span_of(w->signature)));
	bytes_done(&w->signature);
	key_unref(w->key);
	token_link_unref(w->link);
}

static void killed_in_mid_signature_the_next_one_works(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	struct waiting waiting;

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	for (unsigned i = 1; i <= 5; i++) {
		softhsm_spoil(&h->softhsm, "C_Sign hang\n");
		begin(&waiting, h, &made, span_of(cms));
		harness_until_called(h, "C_Sign", 3 * i - 2);
		harness_kill(h);
		softhsm_spoil(&h->softhsm, "");
		harness_start_ready(h);
		/* Whoever waited asks again, and gets it; so does who comes after. */
		assert_ends_well(&waiting, &made);
		request_signature(h, &made, span_of(cms));
	}
	harness_stop(h);
}

static void a_hanging_module_costs_its_limit_a_restart_and_one_retry(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	struct waiting waiting;
	unsigned calls;

	harness_start(h, 50); /* a slow machine is no module that hangs */
	harness_expect(h, "→ ready");
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	calls = softhsm_calls(&h->softhsm, "C_Sign");
	softhsm_spoil(&h->softhsm, "C_Sign hang count=1\n");
	begin(&waiting, h, &made, span_of(cms));
	harness_expect(h, "the module hangs (to sign took over 5000 ms)");
	assert_int_equal(harness_wait_end(h), 1);
	softhsm_spoil(&h->softhsm, "");
	harness_start_ready(h);
	assert_ends_well(&waiting, &made);
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Sign"), calls + 2);
	harness_stop(h);
}

static const struct {
	const char *spoilt, *operation;
} hangs[] = {
	{"C_Initialize hang\n", "to load the module"},
	{"C_GetSlotList hang\n", "to open the token"},
	{"C_OpenSession hang\n", "to open the token"},
	{"C_Login hang\n", "to log in"},
};

static void every_hang_at_the_start_has_its_limit(void **state)
{
	struct harness *h = *state;

	for (size_t i = 0; i < ELEMENTS(hangs); i++) {
		softhsm_spoil(&h->softhsm, hangs[i].spoilt);
		harness_start(h, 10);
		/* The status is served meanwhile. */
		harness_expect(h, "the module hangs");
		harness_expect(h, hangs[i].operation);
		assert_int_equal(harness_wait_end(h), 1);
	}
	softhsm_spoil(&h->softhsm, "");
	harness_start_ready(h);
	harness_stop(h);
}

/* What a session, a login, a handle may die of, once. */
static const char *const once[] = {
	"C_Sign answer=0x30 count=1\n",	      /* CKR_DEVICE_ERROR, operation left active */
	"C_Sign answer=0x30 after count=1\n", /* the same, operation ended */
	"C_Sign answer=0x5 count=1\n",	      /* CKR_GENERAL_ERROR */
	"C_Sign answer=0xb3 count=1\n",	      /* CKR_SESSION_HANDLE_INVALID */
	"C_SignInit answer=0xb3 count=1\n",
	"C_SignInit answer=0xb0 count=1\n",  /* CKR_SESSION_CLOSED */
	"C_SignInit answer=0x82 count=1\n",  /* CKR_OBJECT_HANDLE_INVALID */
	"C_SignInit answer=0x60 count=1\n",  /* CKR_KEY_HANDLE_INVALID */
	"C_SignInit answer=0x90 count=1\n",  /* CKR_OPERATION_ACTIVE */
	"C_SignInit answer=0x101 count=1\n", /* CKR_USER_NOT_LOGGED_IN */
	"C_Sign answer=0x101 count=1\n",
	"C_Sign answer=0x32 count=1\n",		  /* CKR_DEVICE_REMOVED, and back at once */
	"C_SignInit answer=0x80000001 count=1\n", /* a vendor's own */
	"C_SignInit answer=0x190 count=1\n",	  /* CKR_CRYPTOKI_NOT_INITIALIZED */
	/* Twice: with a new session still, so that the token is opened anew. */
	"C_Sign answer=0x30 count=2\n",
	"C_SignInit answer=0x82 count=2\n",
	/* And what may go wrong on the way back. */
	"C_Sign answer=0xb3 count=1\nC_OpenSession answer=0x30 count=1\n",
	"C_Sign answer=0x30 count=1\nC_FindObjectsInit answer=0x30 count=1\n",
};

static void a_single_fault_is_not_seen_outside(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	pid_t pid;

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	pid = h->pid;
	for (size_t i = 0; i < ELEMENTS(once); i++) {
		softhsm_spoil(&h->softhsm, once[i]);
		request_signature(h, &made, span_of(cms));
		softhsm_spoil(&h->softhsm, "");
		request_signature(h, &made, span_of(cms));
	}
	assert_int_equal(h->pid, pid);
	assert_int_equal(harness_state(h), TOKEN_READY);
	harness_stop(h);
}

/* Faults that last are told as "later"; and are over by themselves when the token is well. */
static void a_lasting_fault_is_not_now(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	_cleanup_(answer_done) struct answer answer = {0};

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	softhsm_spoil(&h->softhsm, "C_Sign answer=0x30\n");
	answer = request_sign(h, &made, span_of(cms), NULL);
	assert_int_equal(answer.failure, IPC_FAILURE_LATER);
	assert_non_null(strstr(answer.reason, "C_Sign: CKR_DEVICE_ERROR"));
	harness_expect(h, "ready → degraded");
	softhsm_spoil(&h->softhsm, "");
	request_signature(h, &made, span_of(cms));
	harness_stop(h);
}

static void a_module_beyond_repair_is_left_to_a_new_process(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	_cleanup_(answer_done) struct answer answer = {0};

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	/* The sessions die, and none can be opened: reopened, reloaded, in vain. */
	softhsm_spoil(&h->softhsm, "C_Sign answer=0x30\nC_OpenSession answer=0x30\n");
	answer = request_sign(h, &made, span_of(cms), NULL);
	assert_int_equal(answer.failure, IPC_FAILURE_LATER);
	harness_expect(h, "the token can't be recovered: starting anew");
	assert_int_equal(harness_wait_end(h), 1);
	assert_true(softhsm_calls(&h->softhsm, "C_Finalize") >= 2);
	softhsm_spoil(&h->softhsm, "");
	harness_start_ready(h);
	request_signature(h, &made, span_of(cms));
	harness_stop(h);
}

static void a_token_that_is_pulled_and_put_back_goes_on(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	_cleanup_(answer_done) struct answer answer = {0};

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	request_signature(h, &made, span_of(cms));
	softhsm_spoil(&h->softhsm, "absent\n");
	answer = request_sign(h, &made, span_of(cms), NULL);
	assert_int_equal(answer.failure, IPC_FAILURE_LATER);
	assert_int_equal(harness_state(h), TOKEN_ABSENT);
	harness_expect(h, "→ absent");
	softhsm_spoil(&h->softhsm, "");
	harness_expect(h, "absent → ready");
	request_signature(h, &made, span_of(cms));
	/* Also when nobody asks for anything. */
	softhsm_spoil(&h->softhsm, "absent\n");
	harness_expect(h, "ready → absent");
	softhsm_spoil(&h->softhsm, "");
	harness_expect(h, "absent → ready");
	harness_stop(h);
}

static void a_token_comes_after_the_program_has_started(void **state)
{
	struct harness *h = *state;

	softhsm_spoil(&h->softhsm, "absent\n");
	harness_start(h, 100);
	harness_expect(h, "no token matches pkcs11:token=ca; there is no token at all");
	assert_int_equal(harness_state(h), TOKEN_ABSENT);
	softhsm_spoil(&h->softhsm, "");
	harness_expect(h, "absent → ready");
	harness_stop(h);
}

static unsigned count_keys(struct harness *h)
{
	struct ipc_token_state token;
	_cleanup_(answer_done) struct answer answer =
		harness_ask(h->door, IPC_TOKEN_STATUS, &(struct ipc_token_status){}, &token);

	assert_int_equal(answer.failure, 0);
	return token.keys;
}

static void *make_key(void *argument)
{
	struct harness *h = argument;
	_cleanup_(bytes_done) struct bytes name = request_name("RootCA");
	struct ipc_token_make make = {
		.role = ROLE_CA,
		.issuer = span_of(name),
		.bits = 2048,
		.label = SPAN_LITERAL("ROOTCA"),
	};
	struct answer answer = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);

	answer_done(&answer);
	return NULL;
}

static void kill_while_making(struct harness *h, const char *spoilt, const char *function)
{
	unsigned calls = softhsm_calls(&h->softhsm, function);
	pthread_t thread;

	softhsm_spoil(&h->softhsm, spoilt);
	assert_int_equal(pthread_create(&thread, NULL, make_key, h), 0);
	harness_until_called(h, function, calls + 1);
	harness_kill(h);
	assert_int_equal(pthread_join(thread, NULL), 0);
	softhsm_spoil(&h->softhsm, "");
}

/* Between intention and key nothing is left; between key and charter the charter is completed, and
 * the key signs. */
static void killed_while_making_a_key_nothing_is_left_without_a_charter(void **state)
{
	struct harness *h = *state;
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	struct ipc_token_key_info info;
	struct ipc_token_signature signature;

	harness_start_ready(h);
	kill_while_making(h, "C_GenerateKeyPair hang\n", "C_GenerateKeyPair");
	harness_start_ready(h);
	assert_int_equal(count_keys(h), 0);
	kill_while_making(h, "C_GetAttributeValue hang\n", "C_GetAttributeValue");
	harness_start_ready(h);
	assert_int_equal(count_keys(h), 1);
	{
		_cleanup_(answer_done) struct answer listed =
			harness_ask(h->door, IPC_TOKEN_KEY, &(struct ipc_token_key){0}, &info);
		uint8_t name[SHA256_SIZE];
		struct ipc_token_sign sign = {
			.digest = DIGEST_SHA256,
			.to_be_signed = span_of(cms),
		};

		assert_int_equal(listed.failure, 0);
		assert_true(info.present);
		sha256(info.spki, name);
		sign.key = SPAN_ARRAY(name);
		_cleanup_(answer_done) struct answer answer =
			harness_ask(h->door, IPC_TOKEN_SIGN, &sign, &signature);
		assert_int_equal(answer.failure, 0);
	}
	harness_stop(h);
}

/* The key that was made as the fault came is found again when the token is opened anew. */
static void a_fault_while_making_a_key_is_looked_into(void **state)
{
	struct harness *h = *state;
	_cleanup_(bytes_done) struct bytes name = request_name("RootCA");
	struct ipc_token_make make = {
		.role = ROLE_CA,
		.issuer = span_of(name),
		.bits = 2048,
		.label = SPAN_LITERAL("ROOTCA"),
	};
	_cleanup_(answer_done) struct answer before = {0}, after = {0};

	harness_start_ready(h);
	softhsm_spoil(&h->softhsm, "C_GenerateKeyPair answer=0x30 count=1\n");
	before = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
	assert_int_equal(before.failure, IPC_FAILURE_LATER);
	assert_int_equal(count_keys(h), 0);
	softhsm_spoil(&h->softhsm, "C_GenerateKeyPair answer=0x30 after count=1\n");
	after = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
	assert_int_equal(after.failure, IPC_FAILURE_LATER);
	assert_int_equal(count_keys(h), 1);
	harness_stop(h);
}

/* Nothing was made, so it may be asked again. */
static void a_login_lost_before_a_key_is_made_is_done_again(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};

	harness_start_ready(h);
	softhsm_spoil(&h->softhsm, "C_GenerateKeyPair answer=0x101 count=1\n");
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	assert_int_equal(count_keys(h), 1);
	harness_stop(h);
}

/* A key that was made as the login was lost is found, and not made twice. */
static void a_login_lost_after_a_key_was_made_is_looked_into(void **state)
{
	struct harness *h = *state;
	_cleanup_(bytes_done) struct bytes name = request_name("RootCA");
	struct ipc_token_make make = {
		.role = ROLE_CA,
		.issuer = span_of(name),
		.bits = 2048,
		.label = SPAN_LITERAL("ROOTCA"),
	};
	_cleanup_(answer_done) struct answer answer = {0};

	harness_start_ready(h);
	softhsm_spoil(&h->softhsm, "C_GetAttributeValue answer=0x101 count=1\n");
	answer = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
	assert_int_equal(answer.failure, IPC_FAILURE_LATER);
	softhsm_spoil(&h->softhsm, "");
	assert_int_equal(count_keys(h), 1);
	harness_stop(h);
}

static const struct {
	const char *spoilt, *says;
} makings[] = {
	{"C_GenerateKeyPair answer=0x31\n", "the token is full: remove"},
	{"C_GenerateKeyPair answer=0xe2\n", "write-protected"},
	{"C_GenerateKeyPair answer=0x70\n", "another token"},
};

/* Refused, so that the reason reaches the operator. */
static void a_key_that_cannot_be_made_is_explained(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes name = request_name("RootCA");
	struct ipc_token_make make = {
		.role = ROLE_CA,
		.issuer = span_of(name),
		.bits = 2048,
		.label = SPAN_LITERAL("ROOTCA"),
	};

	harness_start_ready(h);
	for (size_t i = 0; i < ELEMENTS(makings); i++) {
		_cleanup_(answer_done) struct answer answer = {0};

		softhsm_spoil(&h->softhsm, makings[i].spoilt);
		answer = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
		assert_int_equal(answer.failure, IPC_FAILURE_REFUSED);
		assert_non_null(strstr(answer.reason, makings[i].says));
	}
	softhsm_spoil(&h->softhsm, "");
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	harness_stop(h);
}

/* How large files of the running process may become. */
static void limit_files(const struct harness *h, rlim_t most)
{
	const struct rlimit limit = {most, RLIM_INFINITY};

	assert_int_equal(prlimit(h->pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* As on a full disk: what can't be recorded is not given out. */
static void without_its_log_nothing_is_signed(void **state)
{
	struct harness *h = *state;
	_cleanup_(made_key_done) struct made_key made = {0};
	_cleanup_(bytes_done) struct bytes cms = request_cms();
	_cleanup_(answer_done) struct answer answer = {0};
	struct ipc_token_signature none = {0};

	harness_start_ready(h);
	made = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	limit_files(h, 0);
	answer = request_sign(h, &made, span_of(cms), &none);
	assert_int_equal(answer.failure, IPC_FAILURE_FAULT);
	assert_int_equal(none.signature.size, 0);
	harness_expect(h, "a signature is kept back, since it can't be recorded");
	limit_files(h, RLIM_INFINITY);
	request_signature(h, &made, span_of(cms));
	harness_stop(h);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(killed_in_mid_signature_the_next_one_works),
		TEST(a_hanging_module_costs_its_limit_a_restart_and_one_retry),
		TEST(every_hang_at_the_start_has_its_limit),
		TEST(a_single_fault_is_not_seen_outside),
		TEST(a_lasting_fault_is_not_now),
		TEST(a_module_beyond_repair_is_left_to_a_new_process),
		TEST(a_token_that_is_pulled_and_put_back_goes_on),
		TEST(a_token_comes_after_the_program_has_started),
		TEST(killed_while_making_a_key_nothing_is_left_without_a_charter),
		TEST(a_fault_while_making_a_key_is_looked_into),
		TEST(a_login_lost_before_a_key_is_made_is_done_again),
		TEST(a_login_lost_after_a_key_was_made_is_looked_into),
		TEST(a_key_that_cannot_be_made_is_explained),
		TEST(without_its_log_nothing_is_signed),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
