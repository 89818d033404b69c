/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "hsm/rsa-key-carry.h"
#include "hsm/rsa-key-wrap.h"
#include "tests/unit/hsm/fixture.h"

#define LABEL "claviger-backup"

/* Two tokens of one SoftHSM, opened one after the other: it has one login for each. */
static void open_token(struct fixture *f, const char *uri)
{
	struct hsm_slot slot;

	f->token = hsm_token_close(f->token);
	slot = fixture_pick(f, uri);
	assert_int_equal(hsm_token_open(f->module, &slot, &f->token), 0);
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
}

static void open_as_officer(struct fixture *f, const char *uri)
{
	struct hsm_slot slot;

	f->token = hsm_token_close(f->token);
	slot = fixture_pick(f, uri);
	assert_int_equal(hsm_token_open_as_officer(f->module, &slot, SO_PIN, &f->token), 0);
}

static struct hsm_session *open_session(struct fixture *f)
{
	struct hsm_session *session = NULL;

	assert_int_equal(hsm_session_open(f->token, true, &session), 0);
	return session;
}

static int start(void **state)
{
	struct fixture *f;

	crypto_init();
	assert_int_equal(fixture_start(state), 0);
	f = *state;
	f->token = hsm_token_close(f->token);
	fixture_make_token(f, "second", "pkcs11:token=second");
	open_token(f, "pkcs11:token=ca");
	return 0;
}

/* A trusted wrapping key on the token, as its officer makes it. */
static void make_wrapping_key(struct fixture *f, const char *uri)
{
	struct hsm_session *session;
	const char *why = NULL;

	open_as_officer(f, uri);
	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_make(session, LABEL, &why), 0);
	hsm_session_close(session);
	open_token(f, uri);
	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_hide(session, LABEL, &why), 0);
	hsm_session_close(session);
}

/* From the first token to the second, as operators do it. */
static void share(struct fixture *f)
{
	_cleanup_(bytes_done) struct bytes offered = {0}, given = {0};
	struct hsm_session *session;
	const char *why = NULL;

	open_token(f, "pkcs11:token=second");
	session = open_session(f);
	assert_int_equal(hsm_transport_make(session, LABEL, &offered, &why), 0);
	hsm_session_close(session);
	open_as_officer(f, "pkcs11:token=ca");
	session = open_session(f);
	assert_int_equal(hsm_transport_trust(session, LABEL, span_of(offered), &why), 0);
	hsm_session_close(session);
	open_token(f, "pkcs11:token=ca");
	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_give(session, LABEL, span_of(offered), &given, &why), 0);
	hsm_session_close(session);
	open_as_officer(f, "pkcs11:token=second");
	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_take(session, LABEL, span_of(given), &why), 0);
	hsm_session_close(session);
	open_token(f, "pkcs11:token=second");
	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_hide(session, LABEL, &why), 0);
	hsm_session_close(session);
}

static struct hsm_rsa_order order_of(const char *id)
{
	return (struct hsm_rsa_order){.bits = 2048,
				      .id = span_of_text(id),
				      .label = "key",
				      .decrypts = true,
				      .wrappable = true};
}

static void make_key(struct hsm_session *session, const char *id, struct bytes *ret_spki)
{
	struct hsm_rsa_order order = order_of(id);
	const char *why = NULL;

	assert_int_equal(hsm_rsa_key_make(session, &order, ret_spki, &why), 0);
}

static void a_token_without_a_wrapping_key_says_so(void **state)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(*state);
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct hsm_wrapped wrapped = {0};
	uint8_t check[HSM_WRAPPING_CHECK_SIZE];
	const char *why = NULL;

	make_key(session, "key", &spki);
	assert_int_equal(hsm_wrapping_key_find(session, LABEL, check, &why), HSM_WRAPPING_ABSENT);
	assert_int_equal(hsm_rsa_key_wrap(session,
					  &(struct hsm_rsa_key){SPAN_LITERAL("key"), span_of(spki)},
					  LABEL, &wrapped, &why),
			 HSM_WRAPPING_ABSENT);
	assert_non_null(strstr(why, "token share"));
}

static void what_was_made_wrappable_leaves_under_the_trusted_key_alone(void **state)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	_cleanup_(bytes_done) struct bytes spki = {0};
	_cleanup_(secret_done) struct secret out = {0};
	struct hsm_wrapped wrapped = {0};
	struct hsm_rsa_key key = {.id = SPAN_LITERAL("key")};
	const char *why = NULL;

	make_wrapping_key(*state, "pkcs11:token=ca");
	session = open_session(*state);
	make_key(session, "key", &spki);
	key.spki = span_of(spki);
	/* Under a key of somebody's own it does not leave, though its maker has the PIN. */
	assert_int_equal(hsm_rsa_key_extract(session, &key, &out), HSM_RSA_KEY_KEPT);
	assert_int_equal(hsm_rsa_key_wrap(session, &key, LABEL, &wrapped, &why), 0);
	assert_string_equal(wrapped.mechanism, "aes-key-wrap-pad");
	assert_true(wrapped.content.size > 1000);
	bytes_done(&wrapped.content);
}

static void what_was_not_stays(void **state)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	_cleanup_(bytes_done) struct bytes stays = {0}, leaves = {0};
	struct hsm_rsa_order order = order_of("stays");
	struct hsm_wrapped wrapped = {0};
	const char *why = NULL;

	make_wrapping_key(*state, "pkcs11:token=ca");
	session = open_session(*state);
	order.wrappable = false;
	assert_int_equal(hsm_rsa_key_make(session, &order, &stays, &why), 0);
	assert_int_equal(hsm_rsa_key_wrap(session, &(struct hsm_rsa_key){order.id, span_of(stays)},
					  LABEL, &wrapped, &why),
			 HSM_WRAP_KEPT);
	/* Nor what is exportable under a passphrase. */
	order.id = SPAN_LITERAL("leaves");
	order.extractable = true;
	assert_int_equal(hsm_rsa_key_make(session, &order, &leaves, &why), 0);
	assert_int_equal(hsm_rsa_key_wrap(session, &(struct hsm_rsa_key){order.id, span_of(leaves)},
					  LABEL, &wrapped, &why),
			 HSM_WRAP_KEPT);
	assert_int_equal(
		hsm_rsa_key_wrap(session,
				 &(struct hsm_rsa_key){SPAN_LITERAL("nobody"), span_of(leaves)},
				 LABEL, &wrapped, &why),
		HSM_WRAP_NO_KEY);
}

static void tokens_that_share_one_exchange_keys(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = {0}, signature = {0};
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	uint8_t first[HSM_WRAPPING_CHECK_SIZE], second[HSM_WRAPPING_CHECK_SIZE];
	struct hsm_wrapped wrapped = {0};
	struct hsm_rsa_order order = order_of("key");
	struct hsm_rsa_key key = {.id = order.id};
	uint8_t info[DIGEST_SIZE_MAX + 32];
	const char *why = NULL;

	make_wrapping_key(*state, "pkcs11:token=ca");
	share(*state);
	open_token(*state, "pkcs11:token=ca");
	session = open_session(*state);
	assert_int_equal(hsm_wrapping_key_find(session, LABEL, first, &why), 0);
	make_key(session, "key", &spki);
	key.spki = span_of(spki);
	assert_int_equal(hsm_rsa_key_wrap(session, &key, LABEL, &wrapped, &why), 0);
	session = hsm_session_close(session);
	open_token(*state, "pkcs11:token=second");
	session = open_session(*state);
	assert_int_equal(hsm_wrapping_key_find(session, LABEL, second, &why), 0);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(hsm_rsa_key_unwrap_pair(session, &order, key.spki, LABEL, &wrapped, &why),
			 0);
	assert_int_equal(
		hsm_rsa_key_sign(session, &key,
				 SPAN(info, digest_info(DIGEST_SHA256, SPAN_LITERAL("text"), info)),
				 &signature),
		0);
	bytes_done(&wrapped.content);
	/* It is wrappable there, too. */
	assert_int_equal(hsm_rsa_key_wrap(session, &key, LABEL, &wrapped, &why), 0);
	bytes_done(&wrapped.content);
}

static bool is_there(struct hsm_session *session, const char *id)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	int r = hsm_rsa_key_read(session, span_of_text(id), &spki);

	assert_true(r == 0 || r == HSM_RSA_KEY_ABSENT);
	return r == 0;
}

/* Each attempt in a session of its own: a failed one is good for closing alone. */
static int unwrap(struct fixture *f, const struct hsm_rsa_order *order, struct span spki,
		  const struct hsm_wrapped *wrapped)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f);
	const char *why = NULL;
	int r = hsm_rsa_key_unwrap_pair(session, order, spki, LABEL, wrapped, &why);

	assert_true(r <= 0 || why);
	return r;
}

static void what_was_changed_or_is_another_does_not_come_in(void **state)
{
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	_cleanup_(bytes_done) struct bytes spki = {0}, other = {0};
	struct hsm_wrapped wrapped = {0}, unknown = {.mechanism = "rot13"};
	struct hsm_rsa_order order = order_of("back");
	struct hsm_rsa_key key = {.id = SPAN_LITERAL("key")};
	const char *why = NULL;

	make_wrapping_key(*state, "pkcs11:token=ca");
	session = open_session(*state);
	make_key(session, "key", &spki);
	make_key(session, "other", &other);
	key.spki = span_of(spki);
	assert_int_equal(hsm_rsa_key_wrap(session, &key, LABEL, &wrapped, &why), 0);
	for (size_t i = 0; i < wrapped.content.size; i += 97) {
		wrapped.content.data[i] ^= 1;
		assert_int_equal(unwrap(*state, &order, span_of(spki), &wrapped),
				 HSM_WRAPPING_WRONG);
		wrapped.content.data[i] ^= 1;
	}
	assert_int_equal(unwrap(*state, &order, span_of(other), &wrapped), HSM_WRAP_OTHER);
	unknown.content = wrapped.content;
	assert_int_equal(unwrap(*state, &order, span_of(spki), &unknown), HSM_WRAPPING_UNABLE);
	assert_false(is_there(session, "back"));
	assert_int_equal(unwrap(*state, &order, span_of(spki), &wrapped), 0);
	assert_true(is_there(session, "back"));
	bytes_done(&wrapped.content);
}

/* Whoever has the PIN can neither make a trusted key nor another's trusted, nor open what is under
 * way between two tokens; and a wrong SO PIN is told. */
static void nothing_is_trusted_without_the_officer(void **state)
{
	_cleanup_(bytes_done) struct bytes offered = {0};
	struct fixture *f = *state;
	struct hsm_session *session;
	struct hsm_slot slot;
	uint8_t check[HSM_WRAPPING_CHECK_SIZE];
	const char *why = NULL;

	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_make(session, LABEL, &why), HSM_WRAPPING_UNABLE);
	hsm_session_close(session);
	session = open_session(f);
	assert_int_equal(hsm_transport_make(session, LABEL, &offered, &why), 0);
	assert_int_equal(hsm_transport_trust(session, LABEL, span_of(offered), &why),
			 HSM_WRAPPING_UNABLE);
	hsm_session_close(session);
	session = open_session(f);
	assert_int_equal(hsm_wrapping_key_find(session, LABEL, check, &why), HSM_WRAPPING_ABSENT);
	hsm_session_close(session);
	f->token = hsm_token_close(f->token);
	slot = fixture_pick(f, "pkcs11:token=ca");
	assert_int_equal(
		hsm_token_open_as_officer(f->module, &slot, SPAN_LITERAL("87654321"), &f->token),
		HSM_LOGIN_WRONG_PIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_token_without_a_wrapping_key_says_so, start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(
			what_was_made_wrappable_leaves_under_the_trusted_key_alone, start,
			fixture_stop),
		cmocka_unit_test_setup_teardown(what_was_not_stays, start, fixture_stop),
		cmocka_unit_test_setup_teardown(tokens_that_share_one_exchange_keys, start,
						fixture_stop),
		cmocka_unit_test_setup_teardown(what_was_changed_or_is_another_does_not_come_in,
						start, fixture_stop),
		cmocka_unit_test_setup_teardown(nothing_is_trusted_without_the_officer, start,
						fixture_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
