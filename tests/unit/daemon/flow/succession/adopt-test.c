/* SPDX-License-Identifier: Apache-2.0 */
/* What is recorded of a token that took another's place: what its process vouches for, and no more.
 */
#include "daemon/flow/succession/adopt.h"
#include "tests/unit/daemon/flow/world.h"
#include "tests/unit/hsm/key/fake-token.h"

/* What the token's process tells: the CA's key at the second position, another at the first. */
static struct {
	enum token_state state;
	bool present; /* the CA's key is on the token */
	uint8_t ca_spki[1024];
	size_t ca_spki_size;
} told;

static int answer(int fd, const struct ipc_packet *question)
{
	struct ipc_token_state state = {.state = (uint8_t)told.state, .serial = span_of_text("22")};
	struct ipc_token_key_info info = {.role = 1, .present = 1, .spki = SPAN_LITERAL("other")};
	uint64_t tag = question->header.tag;
	struct ipc_token_key key;

	if (question->header.number == IPC_TOKEN_STATUS)
		return ipc_send(fd, IPC_TOKEN_STATE, tag, &state);
	if (ipc_decode(question->content, IPC_TOKEN_KEY, &key) < 0)
		return -EBADMSG;
	if (key.position > 1)
		return ipc_send_failed(fd, tag, IPC_FAILURE_NOT_FOUND, "no more");
	if (key.position == 1) {
		info.spki = SPAN(told.ca_spki, told.ca_spki_size);
		info.present = told.present;
	}
	return ipc_send(fd, IPC_TOKEN_KEY_INFO, tag, &info);
}

static void open_world(enum token_state state, bool present)
{
	struct span spki;

	world_open("", "");
	spki = key_spki(world.key);
	assert_true(spki.size <= sizeof(told.ca_spki));
	memcpy(told.ca_spki, spki.data, spki.size);
	told.ca_spki_size = spki.size;
	told.state = state;
	told.present = present;
}

/* As if the operator's command had asked; @acts: of the token's process, one per question. */
static int adopt(const enum act *acts, size_t n_acts, struct adopted *ret, char **ret_reason)
{
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	struct fake_token fake = {.acts = acts, .n_acts = n_acts, .answer = answer};
	int r;

	fake_start(&fake);
	assert_int_equal(token_link_new("soft", fake.path, 0, &link), 0);
	r = flow_adopt_token(world.flow, link, "uid 0", world.now_s, ret, ret_reason);
	fake_stop(&fake);
	return r;
}

static const enum act answers[] = {ACT_ANSWER};

static void expect_serial(const char *serial)
{
	struct ca_generation_record *records = NULL;
	size_t n = 0;

	assert_int_equal(store_generations_load(world.flow->store, "CA", &records, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(records[0].token_serial, serial);
	ca_generation_records_free(records, n);
	assert_string_equal(world.authority->shared->generations->records[0].token_serial, serial);
}

/* On disk, in memory and in the audit; asked again it is no change, and told all the same. */
static void its_keys_have_the_new_serial(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct adopted adopted = {};

	(void)state;
	open_world(TOKEN_READY, true);
	expect_serial("1");
	assert_int_equal(adopt(answers, 1, &adopted, &reason), 0);
	assert_null(reason);
	assert_string_equal(adopted.serial, "22");
	assert_int_equal(adopted.records, 1);
	expect_serial("22");
	assert_int_equal(audited("serial 22, 2 keys"), 1);
	assert_int_equal(adopt(answers, 1, &adopted, &reason), 0);
	assert_int_equal(adopted.records, 0);
	expect_serial("22");
	assert_int_equal(audited("token.adopt"), 2);
	world_close();
}

/* Its charter is there, and the key is not: the process vouches for nothing. */
static void a_key_that_is_not_there_keeps_its_serial(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct adopted adopted = {};

	(void)state;
	open_world(TOKEN_READY, false);
	assert_int_equal(adopt(answers, 1, &adopted, &reason), 0);
	assert_int_equal(adopted.records, 0);
	expect_serial("1");
	assert_int_equal(audited("1 keys"), 1);
	world_close();
}

static void a_token_that_is_not_ready_is_asked_later(void **state)
{
	static const enum token_state states[] = {TOKEN_ABSENT, TOKEN_SEEN,	TOKEN_MAPPED,
						  TOKEN_LOCKED, TOKEN_DEGRADED, TOKEN_FAILED};

	(void)state;
	open_world(TOKEN_READY, true);
	for (size_t i = 0; i < ELEMENTS(states); i++) {
		_cleanup_(freep) char *reason = NULL;
		struct adopted adopted = {};

		told.state = states[i];
		assert_int_equal(adopt(answers, 1, &adopted, &reason), FLOW_LATER);
		assert_non_null(strstr(reason, "token soft is "));
		assert_non_null(strstr(reason, token_state_name(states[i])));
		assert_string_equal(adopted.serial, "");
	}
	expect_serial("1");
	assert_int_equal(audited("token.adopt"), 0);
	world_close();
}

/* It ends, or is refused, in the midst of the list: what is known by then is not all. */
static void half_a_list_changes_nothing(void **state)
{
	static const struct {
		enum act acts[3]; /* of STATUS and KEYs; the last again and again */
		int r;
	} rows[] = {
		{{ACT_CLOSE, ACT_CLOSE, ACT_CLOSE}, FLOW_LATER},
		{{ACT_ANSWER, ACT_CLOSE, ACT_CLOSE}, FLOW_LATER},
		{{ACT_ANSWER, ACT_ANSWER, ACT_LATER}, FLOW_LATER},
		{{ACT_ANSWER, ACT_ANSWER, ACT_FAULT}, -EIO},
		{{ACT_ANSWER, ACT_ANSWER, ACT_WRONG_TAG}, -EBADMSG},
	};

	(void)state;
	open_world(TOKEN_READY, true);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *reason = NULL;
		struct adopted adopted = {};

		assert_int_equal(adopt(rows[i].acts, ELEMENTS(rows[i].acts), &adopted, &reason),
				 rows[i].r);
	}
	expect_serial("1");
	assert_int_equal(audited("token.adopt"), 0);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_keys_have_the_new_serial),
		cmocka_unit_test(a_key_that_is_not_there_keeps_its_serial),
		cmocka_unit_test(a_token_that_is_not_ready_is_asked_later),
		cmocka_unit_test(half_a_list_changes_nothing),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
