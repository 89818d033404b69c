/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "tests/system/token/requests.h"
#include <sys/stat.h>

static struct answer login(struct harness *h, const char *pin)
{
	return harness_ask(h->admin, IPC_TOKEN_LOGIN, &(struct ipc_token_login){span_of_text(pin)},
			   NULL);
}

static void assert_signs(struct harness *h)
{
	_cleanup_(made_key_done) struct made_key key = request_key(h, ROLE_CA, "RootCA", "ROOTCA");
	_cleanup_(bytes_done) struct bytes cms = request_cms();

	request_signature(h, &key, span_of(cms));
}

static void a_wrong_pin_is_tried_once_and_not_after_a_restart(void **state)
{
	struct harness *h = *state;

	harness_set_pin(h, "4321\n");
	harness_start(h, 100);
	harness_expect(h, "absent → failed (PIN refused)");
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 1);
	for (int i = 0; i < 3; i++) {
		harness_kill(h);
		harness_start(h, 100);
		harness_expect(h, "this PIN was refused by the token before");
		assert_int_equal(harness_state(h), TOKEN_FAILED);
	}
	/* Touched, moved in anew, the configuration too: it is the same PIN. */
	harness_set_pin(h, "4321");
	harness_configure(h, &(struct harness_configuration){.token_more = "Sessions=3"});
	harness_expect(h, "the configuration was read again");
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 1);
	harness_set_pin(h, "1234\n");
	harness_expect(h, "failed → ready");
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 2);
	assert_signs(h);
	harness_stop(h);
}

static void a_refused_pin_is_nowhere_in_the_clear(void **state)
{
	struct harness *h = *state;
	char command[3 * PATH_MAX];

	harness_set_pin(h, "87654321");
	harness_start(h, 100);
	harness_expect(h, "→ failed (PIN refused)");
	assert_false(harness_logged(h, "87654321"));
	(void)snprintf(command, sizeof(command),
		       "test -s %s/refused-pins && ! grep -rq 87654321 %s", h->state, h->state);
	assert_int_equal(system(command), 0);
	harness_stop(h);
}

static void the_last_try_is_never_used_up(void **state)
{
	struct harness *h = *state;
	_cleanup_(answer_done) struct answer typed = {0};

	softhsm_spoil(&h->softhsm, "token-flags=0x20000\n");
	harness_start(h, 100);
	harness_expect(h, "one more wrong PIN would lock the token");
	/* Not by an operator either. */
	typed = login(h, "1234");
	assert_int_equal(typed.failure, IPC_FAILURE_REFUSED);
	assert_non_null(strstr(typed.reason, "pkcs11-tool --login"));
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 0);
	{
		struct ipc_token_state token;
		_cleanup_(answer_done) struct answer answer = harness_ask(
			h->door, IPC_TOKEN_STATUS, &(struct ipc_token_status){}, &token);
		assert_int_equal(answer.failure, 0);
		assert_int_equal(token.pin_final_try, 1);
		assert_int_equal(token.state, TOKEN_FAILED);
	}
	/* Another program has logged in, and the count is new: that is seen without being told. */
	softhsm_spoil(&h->softhsm, "");
	harness_expect(h, "failed → ready");
	assert_signs(h);
	harness_stop(h);
}

static void without_a_pin_it_starts_locked_and_takes_one_from_the_operator(void **state)
{
	struct harness *h = *state;
	_cleanup_(answer_done) struct answer early = {0}, wrong = {0}, again = {0}, right = {0};
	struct ipc_token_make make = {.role = ROLE_AUDIT, .bits = 2048, .label = SPAN_LITERAL("x")};

	harness_configure(h, &(struct harness_configuration){.pin = "ask"});
	harness_start(h, 100);
	harness_expect(h, "absent → locked (needs a PIN)");
	assert_int_equal(harness_state(h), TOKEN_LOCKED);
	early = harness_ask(h->door, IPC_TOKEN_MAKE, &make, NULL);
	assert_int_equal(early.failure, IPC_FAILURE_LATER);
	assert_non_null(strstr(early.reason, "claviger token login"));
	wrong = login(h, "0000");
	assert_int_equal(wrong.failure, IPC_FAILURE_REFUSED);
	again = login(h, "0000");
	assert_int_equal(again.failure, IPC_FAILURE_REFUSED);
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 1);
	right = login(h, "1234");
	assert_int_equal(right.failure, 0);
	harness_expect(h, "→ ready");
	assert_signs(h);
	/* It is kept, for when the token comes back. */
	softhsm_spoil(&h->softhsm, "absent\n");
	harness_expect(h, "→ absent");
	softhsm_spoil(&h->softhsm, "");
	harness_expect(h, "absent → ready");
	assert_signs(h);
	harness_stop(h);
	/* Though not beyond the process. */
	harness_start(h, 100);
	harness_expect(h, "absent → locked");
	harness_stop(h);
}

static void a_pin_file_that_others_read_is_not_used(void **state)
{
	struct harness *h = *state;

	assert_int_equal(chmod(h->pin, 0644), 0);
	harness_start(h, 100);
	harness_expect(h, "absent → locked");
	harness_expect(h, "give it mode 0600");
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 0);
	assert_int_equal(chmod(h->pin, 0600), 0);
	harness_expect(h, "locked → ready");
	harness_stop(h);
}

static void a_pin_comes_as_a_credential(void **state)
{
	struct harness *h = *state;
	char path[PATH_MAX];

	softhsm_set_path("CREDENTIALS_DIRECTORY", h->softhsm.directory, "credentials", path);
	assert_int_equal(mkdir(path, 0700), 0);
	softhsm_set_path(NULL, h->softhsm.directory, "credentials/token-pin", path);
	assert_int_equal(rename(h->pin, path), 0);
	harness_configure(h, &(struct harness_configuration){.pin = "token-pin"});
	harness_start_ready(h);
	harness_stop(h);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void a_pad_is_asked_only_where_there_is_one(void **state)
{
	struct harness *h = *state;
	_cleanup_(answer_done) struct answer none = {0};

	harness_configure(h, &(struct harness_configuration){.pin = "pinpad"});
	harness_start(h, 100);
	harness_expect(h, "typed on its own pad");
	none = login(h, "");
	assert_int_equal(none.failure, IPC_FAILURE_REFUSED);
	assert_non_null(strstr(none.reason, "no PIN pad"));
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 0);
	/* The token takes the PIN from its pad: the module is asked without one. */
	softhsm_spoil(&h->softhsm, "token-flags=0x100\nC_Login answer=0xa0 count=1\n");
	{
		_cleanup_(answer_done) struct answer wrong = login(h, "");
		assert_int_equal(wrong.failure, IPC_FAILURE_REFUSED);
	}
	assert_int_equal(softhsm_calls(&h->softhsm, "C_Login"), 1);
	harness_stop(h);
}

static const struct {
	const char *module, *uri, *says;
	const char *spoilt;
	int state;
} unfit[] = {
	{"/nonexistent/module.so", NULL, "correct Module=", "", TOKEN_FAILED},
	{"/usr/lib/x86_64-linux-gnu/libm.so.6", NULL, "is no PKCS#11 module", "", TOKEN_FAILED},
	{NULL, "pkcs11:token=nobody", "no token matches pkcs11:token=nobody; there are: token=", "",
	 TOKEN_ABSENT},
	{NULL, "pkcs11:manufacturer=SoftHSM%20project", "several tokens match", "", TOKEN_FAILED},
	{NULL, "pkcs11:manufacturer=SoftHSM%20project", "token=other (serial=", "", TOKEN_FAILED},
	{NULL, "pkcs11:object=key", "only token=, serial=, manufacturer= and model=", "",
	 TOKEN_FAILED},
	{NULL, NULL, "cannot sign with RSA", "hide-mechanism=0x1\n", TOKEN_FAILED},
	{NULL, NULL, "does not start (C_Initialize: CKR_DEVICE_ERROR)",
	 "C_Initialize answer=0x30\n", TOKEN_FAILED},
};

static void what_does_not_fit_is_explained_and_waits_for_better(void **state)
{
	struct harness *h = *state;

	harness_add_token(h, "other");
	for (size_t i = 0; i < ELEMENTS(unfit); i++) {
		harness_configure(h, &(struct harness_configuration){.module = unfit[i].module,
								     .uri = unfit[i].uri});
		softhsm_spoil(&h->softhsm, unfit[i].spoilt);
		harness_start(h, 100);
		harness_expect(h, unfit[i].says);
		assert_int_equal(harness_state(h), unfit[i].state);
		softhsm_spoil(&h->softhsm, "");
		harness_configure(h, &(struct harness_configuration){0});
		harness_expect(h, "→ ready");
		harness_stop(h);
	}
}

static struct answer init(struct harness *h, const char *label, const char *pin)
{
	const struct ipc_token_init ask = {
		.so_pin = SPAN_LITERAL("12345678"),
		.pin = span_of_text(pin),
		.label = span_of_text(label),
	};

	return harness_ask(h->admin, IPC_TOKEN_INIT, &ask, NULL);
}

static void a_token_is_initialised_by_the_operator(void **state)
{
	struct harness *h = *state;
	_cleanup_(answer_done) struct answer other = {0}, empty = {0}, done = {0}, twice = {0};

	harness_configure(
		h, &(struct harness_configuration){.pin = "ask", .uri = "pkcs11:token=fresh"});
	harness_start(h, 100);
	harness_expect(h, "→ absent");
	other = init(h, "another", "567890");
	assert_int_equal(other.failure, IPC_FAILURE_REFUSED);
	assert_non_null(strstr(other.reason, "token="));
	empty = init(h, "fresh", "");
	assert_int_equal(empty.failure, IPC_FAILURE_INVALID);
	done = init(h, "fresh", "567890");
	if (done.failure)
		fail_msg("%d %s", done.failure, done.reason);
	assert_int_equal(harness_state(h), TOKEN_READY);
	assert_signs(h);
	twice = init(h, "fresh", "567890");
	assert_int_equal(twice.failure, IPC_FAILURE_REFUSED);
	assert_non_null(strstr(twice.reason, "initialised already"));
	assert_int_equal(system("pkcs11-tool --module " SOFTHSM_MODULE
				" --token-label fresh --login --pin 567890 -O 2>/dev/null | "
				"grep -q ROOTCA"),
			 0);
	/* The one beside it was not touched. */
	assert_int_equal(system("pkcs11-tool --module " SOFTHSM_MODULE
				" --token-label ca --login --pin 1234 -O >/dev/null 2>&1"),
			 0);
	harness_stop(h);
}

static void it_takes_its_options_as_every_program_does(void **state)
{
	struct harness *h = *state;
	char command[3 * PATH_MAX], program[PATH_MAX];
	static const struct {
		const char *arguments;
		int status;
	} rows[] = {
		{"--help | grep -q -- --config", 0},
		{"--version | grep -q '^claviger-token [0-9]'", 0},
		{"", 2},
		{"one two", 2},
		{"../other", 2},
		{"--nonsense soft", 2},
		{"--config /nonexistent/claviger.conf soft", 1},
	};

	(void)snprintf(program, sizeof(program), "%s", h->softhsm.fault_module);
	*strrchr(program, '/') = '\0';
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		(void)snprintf(command, sizeof(command), "%s/claviger-token %s 2>/dev/null",
			       program, rows[i].arguments);
		assert_int_equal(system(command), rows[i].status << 8);
	}
	(void)snprintf(command, sizeof(command),
		       "%s/claviger-token --config %s nobody 2>&1 | grep -q 'no .Token nobody'",
		       program, h->configuration);
	assert_int_equal(system(command), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_wrong_pin_is_tried_once_and_not_after_a_restart),
		TEST(a_refused_pin_is_nowhere_in_the_clear),
		TEST(the_last_try_is_never_used_up),
		TEST(without_a_pin_it_starts_locked_and_takes_one_from_the_operator),
		TEST(a_pin_file_that_others_read_is_not_used),
		TEST(a_pin_comes_as_a_credential),
		TEST(a_pad_is_asked_only_where_there_is_one),
		TEST(what_does_not_fit_is_explained_and_waits_for_better),
		TEST(a_token_is_initialised_by_the_operator),
		TEST(it_takes_its_options_as_every_program_does),
	};

	crypto_init();
	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
