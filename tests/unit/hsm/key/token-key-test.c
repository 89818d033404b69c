/* SPDX-License-Identifier: Apache-2.0 */
/* A key on a token: what is asked of the token's process, and what is made of its replies. */
#include "hsm/key/token.h"

#include "daemon/base/spki.h"
#include "fake-token.h"

static const uint8_t head[SHA256_SIZE] = {7};
static struct ipc_token_signature signature;
static struct ipc_token_content_key content_key;
static uint8_t id[SHA256_SIZE];

/* A question that is not as expected is answered FAULT. */
static int answer(int fd, const struct ipc_packet *question)
{
	uint64_t tag = question->header.tag;
	struct ipc_token_unwrap unwrap;
	struct ipc_token_sign sign;

	if (ipc_decode(question->content, IPC_TOKEN_SIGN, &sign) == 0 &&
	    span_equal(sign.key, SPAN_ARRAY(id)) && sign.digest == DIGEST_SHA384 &&
	    span_equal(sign.to_be_signed, SPAN_LITERAL("to be signed")) &&
	    (sign.head.size == 0 || span_equal(sign.head, SPAN_ARRAY(head))))
		return ipc_send(fd, IPC_TOKEN_SIGNATURE, tag, &signature);
	if (ipc_decode(question->content, IPC_TOKEN_UNWRAP, &unwrap) == 0 &&
	    span_equal(unwrap.key, SPAN_ARRAY(id)) && unwrap.size == 24 &&
	    (unwrap.encrypted.size == 1024 ||
	     span_equal(unwrap.encrypted, SPAN_LITERAL("encrypted"))))
		return ipc_send(fd, IPC_TOKEN_CONTENT_KEY, tag, &content_key);
	return ipc_send_failed(fd, tag, IPC_FAILURE_FAULT, "not the expected question");
}

struct scene {
	struct fake_token fake;
	struct key *key;
};

static void scene_start(struct scene *scene, const enum act *acts, size_t n_acts)
{
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;

	*scene = (struct scene){.fake = {.acts = acts, .n_acts = n_acts, .answer = answer}};
	sha256(SPAN_LITERAL("spki"), id);
	fake_start(&scene->fake);
	assert_int_equal(token_link_new("t", scene->fake.path, 60000, &link), 0);
	/* The key keeps the link. */
	assert_int_equal(key_new_token(link, SPAN_LITERAL("spki"), &scene->key), 0);
}

static void scene_stop(struct scene *scene)
{
	scene->key = key_unref(scene->key);
	fake_stop(&scene->fake);
}

static const enum act answers[] = {ACT_ANSWER};

static int sign(struct key *key, struct span audit_head, struct bytes *ret)
{
	return key_sign(key, DIGEST_SHA384, SPAN_LITERAL("to be signed"), audit_head, ret);
}

static void keys_have_their_name(void **state)
{
	static const uint8_t long_spki[2049];
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	_cleanup_(key_unrefp) struct key *key = NULL;

	(void)state;
	sha256(SPAN_LITERAL("spki"), id);
	assert_int_equal(token_link_new("t", "/nowhere", 0, &link), 0);
	assert_int_equal(key_new_token(link, (struct span){0}, &key), -EINVAL);
	assert_int_equal(key_new_token(link, SPAN_ARRAY(long_spki), &key), -EINVAL);
	assert_int_equal(key_new_token(link, SPAN_LITERAL("spki"), &key), 0);
	assert_true(span_equal(key_spki(key), SPAN_LITERAL("spki")));
	assert_true(span_equal(key_id(key), SPAN_ARRAY(id)));
}

static void signing(void **state)
{
	_cleanup_(bytes_done) struct bytes with = {0}, without = {0}, none = {0};
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	signature.signature = SPAN_LITERAL("signature");
	assert_int_equal(sign(scene.key, SPAN_ARRAY(head), &with), 0);
	assert_true(span_equal(span_of(with), SPAN_LITERAL("signature")));
	assert_int_equal(sign(scene.key, (struct span){0}, &without), 0);
	assert_true(span_equal(span_of(without), SPAN_LITERAL("signature")));
	signature.signature = (struct span){0};
	assert_int_equal(sign(scene.key, (struct span){0}, &none), -EBADMSG);
	assert_null(none.data);
	scene_stop(&scene);
}

/* It was in flight when the token's process was killed; the repetition is signed after its restart.
 */
static void signing_survives_a_restart(void **state)
{
	static const enum act acts[] = {ACT_DIE, ACT_ANSWER};
	_cleanup_(bytes_done) struct bytes out = {0};
	struct scene scene;

	(void)state;
	scene_start(&scene, acts, ELEMENTS(acts));
	signature.signature = SPAN_LITERAL("signature");
	assert_int_equal(sign(scene.key, SPAN_ARRAY(head), &out), 0);
	assert_true(span_equal(span_of(out), SPAN_LITERAL("signature")));
	assert_int_equal(scene.fake.n_questions, 2);
	scene_stop(&scene);
}

static void what_is_too_large_to_sign(void **state)
{
	_cleanup_(bytes_done) struct bytes huge = {0}, out = {0};
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	assert_int_equal(bytes_new(67108864 + 1, &huge), 0);
	assert_int_equal(key_sign(scene.key, DIGEST_SHA384, span_of(huge), (struct span){0}, &out),
			 -EMSGSIZE);
	assert_int_equal(scene.fake.n_questions, 0);
	scene_stop(&scene);
}

static void unwrapping(void **state)
{
	static const uint8_t largest[1024] = {1};
	const uint8_t *plain = (const uint8_t *)"0123456789abcdef0123456789abcdef";
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	for (size_t size = 0; size <= 32; size++) {
		_cleanup_(secret_done) struct secret out = {0};

		content_key.content_key = SPAN(plain, size);
		/* Exactly the size that was asked for, or it is no answer at all. */
		assert_int_equal(key_unwrap(scene.key, SPAN_LITERAL("encrypted"), 24, &out),
				 size == 24 ? 0 : -EBADMSG);
		assert_true(span_equal(span_of_secret(out), SPAN(plain, size == 24 ? 24 : 0)));
	}
	_cleanup_(secret_done) struct secret out = {0};
	content_key.content_key = SPAN(plain, 24);
	assert_int_equal(key_unwrap(scene.key, SPAN_ARRAY(largest), 24, &out), 0);
	scene_stop(&scene);
}

/* A ciphertext that no message could carry gets what any bad one gets, and asks nobody. */
static void what_is_no_ciphertext(void **state)
{
	static const uint8_t zeros[100000];
	static const size_t sizes[] = {0, 1025, 65536, 100000};
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		_cleanup_(secret_done) struct secret out = {0}, again = {0};

		assert_int_equal(key_unwrap(scene.key, SPAN(zeros, sizes[i]), 24, &out), 0);
		assert_int_equal(key_unwrap(scene.key, SPAN(zeros, sizes[i]), 24, &again), 0);
		assert_int_equal(out.size, 24);
		assert_true(span_equal(span_of_secret(out), span_of_secret(again)));
	}
	assert_int_equal(scene.fake.n_questions, 0);
	scene_stop(&scene);
}

static void failures(void **state)
{
	static const struct {
		enum act act;
		int r;
	} rows[] = {
		{ACT_LATER, KEY_LATER}, {ACT_REFUSED, KEY_REFUSED}, {ACT_NOT_FOUND, -ENOENT},
		{ACT_INVALID, -EINVAL}, {ACT_FAULT, -EIO},	    {ACT_WRONG_TAG, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes signed_ = {0};
		_cleanup_(secret_done) struct secret opened = {0};
		struct scene scene;

		scene_start(&scene, &rows[i].act, 1);
		assert_int_equal(sign(scene.key, (struct span){0}, &signed_), rows[i].r);
		assert_int_equal(key_unwrap(scene.key, SPAN_LITERAL("encrypted"), 24, &opened),
				 rows[i].r);
		assert_null(signed_.data);
		assert_null(opened.data);
		scene_stop(&scene);
	}
}

/* A key of 2048 bits: what programs do with it depends on its length. */
static struct bytes rsa_spki(void)
{
	uint8_t modulus[256];
	struct bytes spki = {0};

	memset(modulus, 0xb5, sizeof(modulus));
	assert_int_equal(spki_write(SPAN_ARRAY(modulus), SPAN_LITERAL("\x01\x00\x01"), &spki), 0);
	return spki;
}

static const uint8_t ciphertext[256] = {3};

/* A question that is not as expected is answered FAULT. */
static int answer_program(int fd, const struct ipc_packet *question)
{
	static const uint8_t made[256] = {9};
	struct ipc_token_signature signed_ = {.signature = SPAN_ARRAY(made)};
	struct ipc_token_opened opened = {.content = SPAN_LITERAL("content")};
	uint64_t tag = question->header.tag;
	struct ipc_token_use use;
	struct ipc_token_open open;

	if (ipc_decode(question->content, IPC_TOKEN_USE, &use) == 0 &&
	    span_equal(use.key, SPAN_ARRAY(id)) && use.padding == RSA_PADDING_PSS &&
	    use.input == RSA_INPUT_MESSAGE && use.digest == DIGEST_SHA384 &&
	    use.mgf1 == DIGEST_SHA256 && use.salt_bytes == 48 &&
	    span_equal(use.message, SPAN_LITERAL("message")))
		return ipc_send(fd, IPC_TOKEN_SIGNATURE, tag, &signed_);
	if (ipc_decode(question->content, IPC_TOKEN_OPEN, &open) == 0 &&
	    span_equal(open.key, SPAN_ARRAY(id)) && open.padding == RSA_PADDING_OAEP &&
	    open.digest == DIGEST_SHA256 && open.mgf1 == DIGEST_SHA1 &&
	    span_equal(open.label, SPAN_LITERAL("label")) &&
	    span_equal(open.encrypted, SPAN_ARRAY(ciphertext)))
		return ipc_send(fd, IPC_TOKEN_OPENED, tag, &opened);
	return ipc_send_failed(fd, tag, IPC_FAILURE_FAULT, "not the expected question");
}

static void scene_start_of_program(struct scene *scene, const enum act *acts, size_t n_acts)
{
	_cleanup_(token_link_unrefp) struct token_link *link = NULL;
	_cleanup_(bytes_done) struct bytes spki = rsa_spki();

	*scene = (struct scene){.fake = {.acts = acts, .n_acts = n_acts, .answer = answer_program}};
	sha256(span_of(spki), id);
	fake_start(&scene->fake);
	assert_int_equal(token_link_new("t", scene->fake.path, 60000, &link), 0);
	assert_int_equal(key_new_token(link, span_of(spki), &scene->key), 0);
}

static int use_for_program(struct key *key, struct bytes *ret, char **ret_reason)
{
	static const struct rsa_scheme pss = {RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA384,
					      DIGEST_SHA256, 48};

	return key_use(key, &pss, SPAN_LITERAL("message"), ret, ret_reason);
}

static int open_for_program(struct key *key, struct secret *ret, char **ret_reason)
{
	const struct rsa_opening oaep = {RSA_PADDING_OAEP, DIGEST_SHA256, DIGEST_SHA1,
					 SPAN_LITERAL("label")};

	return key_open(key, &oaep, SPAN_ARRAY(ciphertext), ret, ret_reason);
}

static void programs_use_it(void **state)
{
	_cleanup_(secret_done) struct secret opened = {0};
	_cleanup_(bytes_done) struct bytes made = {0};
	struct scene scene;

	(void)state;
	scene_start_of_program(&scene, answers, 1);
	assert_int_equal(use_for_program(scene.key, &made, NULL), 0);
	assert_int_equal(made.size, 256);
	assert_int_equal(made.data[0], 9);
	assert_int_equal(open_for_program(scene.key, &opened, NULL), 0);
	assert_true(span_equal(span_of_secret(opened), SPAN_LITERAL("content")));
	scene_stop(&scene);
}

/* What the token's process says reaches the program. */
static void programs_are_told_why(void **state)
{
	static const struct {
		enum act act;
		int r;
		const char *reason;
	} rows[] = {
		{ACT_LATER, KEY_LATER, "because of 1"},
		{ACT_REFUSED, KEY_REFUSED, "because of 2"},
		{ACT_NOT_FOUND, KEY_NOT_THERE, "because of 3"},
		{ACT_INVALID, -EINVAL, "because of 4"},
		{ACT_FAULT, -EIO, "because of 5"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(secret_done) struct secret opened = {0};
		_cleanup_(bytes_done) struct bytes made = {0};
		_cleanup_(freep) char *use_reason = NULL, *open_reason = NULL;
		struct scene scene;

		scene_start_of_program(&scene, &rows[i].act, 1);
		assert_int_equal(use_for_program(scene.key, &made, &use_reason), rows[i].r);
		assert_string_equal(use_reason, rows[i].reason);
		assert_int_equal(open_for_program(scene.key, &opened, &open_reason), rows[i].r);
		assert_string_equal(open_reason, rows[i].reason);
		assert_null(made.data);
		assert_null(opened.data);
		scene_stop(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_their_name),
		cmocka_unit_test(signing),
		cmocka_unit_test(signing_survives_a_restart),
		cmocka_unit_test(what_is_too_large_to_sign),
		cmocka_unit_test(unwrapping),
		cmocka_unit_test(what_is_no_ciphertext),
		cmocka_unit_test(failures),
		cmocka_unit_test(programs_use_it),
		cmocka_unit_test(programs_are_told_why),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
