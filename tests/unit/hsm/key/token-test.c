/* SPDX-License-Identifier: Apache-2.0 */
/* Each request of a token_link: what is asked of the token's process, what is made of its replies.
 */
#include "hsm/key/token.h"

#include "fake-token.h"

/* What the next answer is; set before the question is asked. */
static struct {
	struct ipc_token_state state;
	struct ipc_token_key_info key;
	struct ipc_token_made made;
	struct ipc_done done;
} replies;

/* What was asked, checked in the thread of the fake: a wrong question is answered FAULT. */
static bool is_expected(const struct ipc_packet *packet)
{
	union {
		struct ipc_token_key key;
		struct ipc_token_make make;
		struct ipc_token_relabel relabel;
		struct ipc_token_destroy destroy;
	} m;
	uint8_t id[SHA256_SIZE];

	sha256(SPAN_LITERAL("spki"), id);
	if (ipc_decode(packet->content, packet->header.number, &m) < 0)
		return false;
	if (packet->header.number == IPC_TOKEN_KEY)
		return m.key.position == 65535;
	if (packet->header.number == IPC_TOKEN_MAKE)
		return m.make.role == 2 && m.make.bits == 3072 &&
		       span_equal(m.make.issuer, SPAN_LITERAL("issuer")) &&
		       span_equal(m.make.label, SPAN_LITERAL("ROOTCA#"));
	if (packet->header.number == IPC_TOKEN_RELABEL)
		return span_equal(m.relabel.key, SPAN_ARRAY(id)) &&
		       span_equal(m.relabel.label, SPAN_LITERAL("ROOTCA"));
	if (packet->header.number == IPC_TOKEN_DESTROY)
		return span_equal(m.destroy.key, SPAN_ARRAY(id));
	return packet->header.number == IPC_TOKEN_STATUS;
}

static int answer(int fd, const struct ipc_packet *question)
{
	static const struct {
		enum ipc_number question;
		const void *reply;
	} rows[] = {
		{IPC_TOKEN_STATUS, &replies.state}, {IPC_TOKEN_KEY, &replies.key},
		{IPC_TOKEN_MAKE, &replies.made},    {IPC_TOKEN_RELABEL, &replies.done},
		{IPC_TOKEN_DESTROY, &replies.done},
	};
	uint64_t tag = question->header.tag;

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].question == question->header.number && is_expected(question))
			return ipc_send(fd, ipc_reply(rows[i].question), tag, rows[i].reply);
	return ipc_send_failed(fd, tag, IPC_FAILURE_FAULT, "not the expected question");
}

/* A fake, a link to it and a key on it. */
struct scene {
	struct fake_token fake;
	struct token_link *link;
	struct key *key;
};

static void scene_start(struct scene *scene, const enum act *acts, size_t n_acts)
{
	*scene = (struct scene){.fake = {.acts = acts, .n_acts = n_acts, .answer = answer}};
	memset(&replies, 0, sizeof(replies));
	fake_start(&scene->fake);
	assert_int_equal(token_link_new("t", scene->fake.path, 60000, &scene->link), 0);
	assert_int_equal(key_new_token(scene->link, SPAN_LITERAL("spki"), &scene->key), 0);
}

static void scene_stop(struct scene *scene)
{
	/* The key holds the link: the order does not matter. */
	scene->link = token_link_unref(scene->link);
	scene->key = key_unref(scene->key);
	fake_stop(&scene->fake);
}

static const enum act answers[] = {ACT_ANSWER};
/* What each function makes of a failure, in this order. */
static const enum act failures[] = {ACT_LATER, ACT_REFUSED, ACT_NOT_FOUND, ACT_INVALID, ACT_FAULT};
static const int results[] = {KEY_LATER, KEY_REFUSED, -ENOENT, -EINVAL, -EIO};

static void status(void **state)
{
	char reason[1024], label[64];
	struct token_facts facts;
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	memset(reason, 'r', sizeof(reason));
	memset(label, 'l', sizeof(label));
	replies.state = (struct ipc_token_state){
		.state = TOKEN_LOCKED,
		.reason = SPAN_ARRAY(reason),
		.label = SPAN_ARRAY(label),
		.serial = SPAN_LITERAL("4711"),
		.manufacturer = SPAN_LITERAL("maker"),
		.sessions = 10,
		.least_bits = 1024,
		.most_bits = 4096,
		.keys = 3,
		.pin_final_try = 1,
	};
	assert_int_equal(token_link_status(scene.link, &facts), 0);
	assert_int_equal(facts.state, TOKEN_LOCKED);
	assert_int_equal(strlen(facts.reason), 1024);
	assert_int_equal(strlen(facts.label), 64);
	assert_string_equal(facts.serial, "4711");
	assert_string_equal(facts.manufacturer, "maker");
	assert_string_equal(facts.model, "");
	assert_int_equal(facts.sessions, 10);
	assert_int_equal(facts.least_bits, 1024);
	assert_int_equal(facts.most_bits, 4096);
	assert_int_equal(facts.keys, 3);
	assert_false(facts.pin_count_low);
	assert_true(facts.pin_final_try);
	assert_false(facts.pin_locked);
	scene_stop(&scene);
}

static void states_out_of_the_list_are_refused(void **state)
{
	struct token_facts facts;
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	for (unsigned value = 0; value < 256; value++) {
		bool good = value >= TOKEN_ABSENT && value <= TOKEN_MAPPED;

		replies.state.state = (uint8_t)value;
		assert_int_equal(token_link_status(scene.link, &facts), good ? 0 : -EBADMSG);
	}
	replies.state = (struct ipc_token_state){.state = TOKEN_READY, .pin_locked = 2};
	assert_int_equal(token_link_status(scene.link, &facts), -EBADMSG);
	scene_stop(&scene);
}

static void keys_by_position(void **state)
{
	static const enum act acts[] = {ACT_ANSWER, ACT_ANSWER, ACT_NOT_FOUND};
	_cleanup_(token_key_done) struct token_key key = {0};
	struct scene scene;

	(void)state;
	scene_start(&scene, acts, ELEMENTS(acts));
	replies.key = (struct ipc_token_key_info){
		.role = 1,
		.present = 1,
		.decrypts = 0,
		.id = SPAN_LITERAL("id"),
		.spki = SPAN_LITERAL("spki"),
		.issuer = SPAN_LITERAL("issuer"),
		.label = SPAN_LITERAL("ROOTCA"),
	};
	assert_int_equal(token_link_key(scene.link, 65535, &key), 0);
	assert_int_equal(key.role, 1);
	assert_true(key.present);
	assert_false(key.decrypts);
	assert_true(span_equal(span_of(key.id), SPAN_LITERAL("id")));
	assert_true(span_equal(span_of(key.spki), SPAN_LITERAL("spki")));
	assert_true(span_equal(span_of(key.issuer), SPAN_LITERAL("issuer")));
	assert_string_equal(key.label, "ROOTCA");
	replies.key.decrypts = 2;
	assert_int_equal(token_link_key(scene.link, 65535, &key), -EBADMSG);
	assert_int_equal(token_link_key(scene.link, 65535, &key), TOKEN_LINK_NO_KEY);
	/* Past what a position can be nobody is asked. */
	assert_int_equal(token_link_key(scene.link, 65536, &key), TOKEN_LINK_NO_KEY);
	assert_int_equal(scene.fake.n_questions, 3);
	scene_stop(&scene);
}

static void making(void **state)
{
	struct token_order order = {
		.role = 2, .issuer = SPAN_LITERAL("issuer"), .bits = 3072, .label = "ROOTCA#"};
	_cleanup_(token_key_done) struct token_key key = {0};
	struct token_key none = {0};
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	replies.made = (struct ipc_token_made){SPAN_LITERAL("id"), SPAN_LITERAL("spki"),
					       SPAN_LITERAL("4711")};
	assert_int_equal(token_link_make(scene.link, &order, &key, NULL), 0);
	assert_int_equal(key.role, 2);
	assert_true(key.present);
	assert_true(span_equal(span_of(key.id), SPAN_LITERAL("id")));
	assert_true(span_equal(span_of(key.spki), SPAN_LITERAL("spki")));
	assert_true(span_equal(span_of(key.issuer), SPAN_LITERAL("issuer")));
	assert_string_equal(key.label, "ROOTCA#");
	assert_string_equal(key.serial, "4711");
	replies.made.spki = (struct span){0};
	assert_int_equal(token_link_make(scene.link, &order, &none, NULL), -EBADMSG);
	assert_null(none.label);
	scene_stop(&scene);
}

static void orders_too_large_are_not_sent(void **state)
{
	static const uint8_t zeros[5000];
	char label[130] = "";
	struct token_order orders[] = {
		{1, SPAN(zeros, 4097), 2048, "x", {0}},	  {1, SPAN_LITERAL("i"), 65536, "x", {0}},
		{1, SPAN_LITERAL("i"), 2048, label, {0}}, {3, {0}, 2048, "x", SPAN(zeros, 31)},
		{3, {0}, 2048, "x", SPAN(zeros, 33)},
	};
	struct token_key none = {0};
	struct scene scene;

	(void)state;
	memset(label, 'l', 129);
	scene_start(&scene, answers, 1);
	for (size_t i = 0; i < ELEMENTS(orders); i++)
		assert_int_equal(token_link_make(scene.link, &orders[i], &none, NULL), -EINVAL);
	assert_int_equal(token_link_relabel(scene.link, key_id(scene.key), label), -EINVAL);
	assert_int_equal(token_link_relabel(scene.link, SPAN(zeros, 31), "x"), -EINVAL);
	assert_int_equal(token_link_relabel(scene.link, key_id(scene.key), "\xff"), -EINVAL);
	assert_int_equal(token_link_destroy(scene.link, SPAN(zeros, 33), NULL), -EINVAL);
	assert_int_equal(scene.fake.n_questions, 0);
	scene_stop(&scene);
}

static void relabelling_and_destroying(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene, answers, 1);
	assert_int_equal(token_link_relabel(scene.link, key_id(scene.key), "ROOTCA"), 0);
	assert_int_equal(token_link_destroy(scene.link, key_id(scene.key), NULL), 0);
	scene_stop(&scene);
}

static void failures_of_requests(void **state)
{
	struct token_order order = {
		.role = 2, .issuer = SPAN_LITERAL("issuer"), .bits = 3072, .label = "ROOTCA#"};
	struct token_key key = {0};
	struct token_facts facts;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		_cleanup_(freep) char *made = NULL, *destroyed = NULL;
		struct scene scene;

		scene_start(&scene, &failures[i], 1);
		assert_int_equal(token_link_status(scene.link, &facts), results[i]);
		assert_int_equal(token_link_key(scene.link, 0, &key),
				 failures[i] == ACT_NOT_FOUND ? TOKEN_LINK_NO_KEY : results[i]);
		assert_int_equal(token_link_make(scene.link, &order, &key, &made), results[i]);
		assert_int_equal(token_link_relabel(scene.link, key_id(scene.key), "x"),
				 results[i]);
		assert_int_equal(token_link_destroy(scene.link, key_id(scene.key), &destroyed),
				 results[i]);
		if (results[i] > 0) {
			assert_non_null(strstr(made, "because of"));
			assert_non_null(strstr(destroyed, "because of"));
		}
		scene_stop(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),
		cmocka_unit_test(states_out_of_the_list_are_refused),
		cmocka_unit_test(keys_by_position),
		cmocka_unit_test(making),
		cmocka_unit_test(orders_too_large_are_not_sent),
		cmocka_unit_test(relabelling_and_destroying),
		cmocka_unit_test(failures_of_requests),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
