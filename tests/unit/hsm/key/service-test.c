/* SPDX-License-Identifier: Apache-2.0 */
/* The way to key.sock, with a clavigerd in a thread of the test. */
#include "hsm/key/service.h"

#include "daemon/base/spki.h"
#include "fake-token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define MODULUS_BYTES 256

static uint8_t id[SHA256_SIZE], other_id[SHA256_SIZE];
static struct bytes spki;
static const uint8_t signature[MODULUS_BYTES] = {1, 2, 3};
static const uint8_t encrypted[MODULUS_BYTES] = {4, 5, 6};
static const struct rsa_scheme pss = {
	.padding = RSA_PADDING_PSS,
	.input = RSA_INPUT_MESSAGE,
	.digest = DIGEST_SHA384,
	.mgf1 = DIGEST_SHA256,
	.salt_bytes = 48,
};
static const struct rsa_opening oaep = {
	.padding = RSA_PADDING_OAEP,
	.digest = DIGEST_SHA256,
	.mgf1 = DIGEST_SHA1,
	.label = {(const uint8_t *)"label", 5},
};
static const struct rsa_scheme pkcs1 = {
	.padding = RSA_PADDING_PKCS1,
	.input = RSA_INPUT_MESSAGE,
	.digest = DIGEST_SHA256,
};

static struct bytes make_spki(uint8_t filling)
{
	uint8_t modulus[MODULUS_BYTES];
	struct bytes made = {0};

	memset(modulus, filling, sizeof(modulus));
	assert_int_equal(spki_write(SPAN_ARRAY(modulus), SPAN_LITERAL("\x01\x00\x01"), &made), 0);
	return made;
}

static bool is_expected_signing(const struct ipc_packet *question)
{
	struct ipc_key_sign sign;

	return ipc_decode(question->content, IPC_KEY_SIGN, &sign) == 0 &&
	       span_equal(sign.name, SPAN_LITERAL("vpn")) && span_equal(sign.key, SPAN_ARRAY(id)) &&
	       sign.padding == RSA_PADDING_PSS && sign.input == RSA_INPUT_MESSAGE &&
	       sign.digest == DIGEST_SHA384 && sign.mgf1 == DIGEST_SHA256 &&
	       sign.salt_bytes == 48 && span_equal(sign.message, SPAN_LITERAL("message"));
}

static bool is_expected_opening(const struct ipc_packet *question)
{
	struct ipc_key_open open;

	return ipc_decode(question->content, IPC_KEY_OPEN, &open) == 0 &&
	       span_equal(open.name, SPAN_LITERAL("vpn")) && span_equal(open.key, SPAN_ARRAY(id)) &&
	       open.padding == RSA_PADDING_OAEP && open.digest == DIGEST_SHA256 &&
	       open.mgf1 == DIGEST_SHA1 && span_equal(open.label, SPAN_LITERAL("label")) &&
	       span_equal(open.encrypted, SPAN_ARRAY(encrypted));
}

/* Other schemes are signed with the number that stands at the message's beginning. */
static int answer_another(int fd, const struct ipc_packet *question)
{
	uint8_t made[MODULUS_BYTES] = {0};
	struct ipc_key_signature reply = {.signature = SPAN_ARRAY(made)};
	struct ipc_key_sign sign;

	if (ipc_decode(question->content, IPC_KEY_SIGN, &sign) != 0 || sign.message.size < 4)
		return ipc_send_failed(fd, question->header.tag, IPC_FAILURE_FAULT,
				       "not the expected question");
	memcpy(made, sign.message.data, 4);
	if (span_equal(sign.key, SPAN_ARRAY(other_id)))
		reply.signature.size--;
	return ipc_send(fd, IPC_KEY_SIGNATURE, question->header.tag, &reply);
}

/* A question that is not as expected is answered FAULT. */
static int answer(int fd, const struct ipc_packet *question)
{
	struct ipc_key_signature signed_ = {.signature = SPAN_ARRAY(signature)};
	struct ipc_key_opened opened = {.content = SPAN_LITERAL("content")};
	struct ipc_key_public_half half = {.spki = span_of(spki)};
	uint64_t tag = question->header.tag;
	struct ipc_key_public public;

	if (is_expected_signing(question))
		return ipc_send(fd, IPC_KEY_SIGNATURE, tag, &signed_);
	if (is_expected_opening(question))
		return ipc_send(fd, IPC_KEY_OPENED, tag, &opened);
	if (ipc_decode(question->content, IPC_KEY_PUBLIC, &public) != 0)
		return answer_another(fd, question);
	if (!span_equal(public.name, SPAN_LITERAL("vpn")))
		half.spki = SPAN_LITERAL("no key");
	return ipc_send(fd, IPC_KEY_PUBLIC_HALF, tag, &half);
}

struct scene {
	struct fake_token fake;
	struct key_service *service;
	struct key *key;
};

static void scene_start(struct scene *scene, int64_t timeout_ms, const enum act *acts,
			size_t n_acts)
{
	*scene = (struct scene){.fake = {.acts = acts, .n_acts = n_acts, .answer = answer}};
	fake_start(&scene->fake);
	assert_int_equal(key_service_new(scene->fake.path, timeout_ms, &scene->service), 0);
	assert_int_equal(key_new_service(scene->service, "vpn", span_of(spki), &scene->key), 0);
}

static void scene_stop(struct scene *scene)
{
	scene->key = key_unref(scene->key);
	scene->service = key_service_unref(scene->service);
	fake_stop(&scene->fake);
}

static const enum act answers[] = {ACT_ANSWER};

static int sign(struct key *key, struct bytes *ret, char **ret_reason)
{
	return key_use(key, &pss, SPAN_LITERAL("message"), ret, ret_reason);
}

static void assert_signs(struct key *key)
{
	_cleanup_(bytes_done) struct bytes made = {0};
	_cleanup_(freep) char *reason = NULL;

	assert_int_equal(sign(key, &made, &reason), 0);
	assert_true(span_equal(span_of(made), SPAN_ARRAY(signature)));
	assert_null(reason);
}

static void assert_fails(struct key *key, int expected, const char *expected_reason)
{
	_cleanup_(bytes_done) struct bytes made = {0};
	_cleanup_(freep) char *reason = NULL;

	assert_int_equal(sign(key, &made, &reason), expected);
	assert_null(made.data);
	assert_non_null(reason);
	if (!strstr(reason, expected_reason))
		fail_msg("'%s' instead of '%s'", reason, expected_reason);
}

static void each_question_and_its_answer(void **state)
{
	_cleanup_(secret_done) struct secret opened = {0};
	_cleanup_(bytes_done) struct bytes found = {0}, none = {0};
	_cleanup_(freep) char *reason = NULL;
	struct scene scene;

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	assert_signs(scene.key);
	assert_int_equal(key_open(scene.key, &oaep, SPAN_ARRAY(encrypted), &opened, &reason), 0);
	assert_true(span_equal(span_of_secret(opened), SPAN_LITERAL("content")));
	assert_int_equal(key_service_find(scene.service, "vpn", &found, &reason), 0);
	assert_true(span_equal(span_of(found), span_of(spki)));
	assert_null(reason);
	assert_int_equal(key_service_find(scene.service, "other", &none, &reason), -EBADMSG);
	assert_string_equal(reason, "what clavigerd gave is no RSA key");
	assert_null(none.data);
	/* All over one connection. */
	assert_int_equal(scene.fake.n_connections, 1);
	scene_stop(&scene);
}

/* The largest goes by a packet, too. */
static void messages_of_every_size(void **state)
{
	static const size_t sizes[] = {4, 60000, KEY_MESSAGE_MOST};
	_cleanup_(bytes_done) struct bytes message = {0};
	struct scene scene;

	(void)state;
	assert_int_equal(bytes_new(KEY_MESSAGE_MOST + 1, &message), 0);
	scene_start(&scene, 60000, answers, 1);
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		_cleanup_(bytes_done) struct bytes made = {0};

		memset(message.data, (int)i + 1, 4);
		assert_int_equal(
			key_use(scene.key, &pkcs1, SPAN(message.data, sizes[i]), &made, NULL), 0);
		assert_int_equal(made.size, MODULUS_BYTES);
		assert_memory_equal(made.data, message.data, 4);
	}
	scene_stop(&scene);
}

/* What is impossible is told without asking anybody. */
static void what_is_not_asked(void **state)
{
	static const uint8_t label[257], large[1025];
	_cleanup_(bytes_done) struct bytes message = {0}, made = {0};
	_cleanup_(secret_done) struct secret opened = {0};
	struct rsa_scheme strange = pkcs1;
	struct rsa_opening labelled = oaep;
	struct scene scene;

	(void)state;
	assert_int_equal(bytes_new(KEY_MESSAGE_MOST + 1, &message), 0);
	scene_start(&scene, 60000, answers, 1);
	const struct {
		const struct rsa_scheme *scheme;
		struct span message;
		const char *reason;
	} rows[] = {
		{&pkcs1, span_of(message), "a message of more than 64000 bytes is not signed"},
		{&strange, SPAN_ARRAY(label), "there is no such padding of signatures"},
	};
	strange.padding = RSA_PADDING_OAEP;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(
			key_use(scene.key, rows[i].scheme, rows[i].message, &made, &reason),
			-EINVAL);
		assert_string_equal(reason, rows[i].reason);
	}
	labelled.label = SPAN_ARRAY(label);
	assert_int_equal(key_open(scene.key, &labelled, SPAN_ARRAY(encrypted), &opened, NULL),
			 -EINVAL);
	assert_int_equal(key_open(scene.key, &oaep, SPAN_ARRAY(large), &opened, NULL), -EINVAL);
	assert_int_equal(key_open(scene.key, &oaep, (struct span){0}, &opened, NULL), -EINVAL);
	/* Our own messages don't go this way. */
	assert_int_equal(key_sign(scene.key, DIGEST_SHA256, SPAN_LITERAL("message"),
				  (struct span){0}, &made),
			 -EOPNOTSUPP);
	assert_int_equal(key_unwrap(scene.key, SPAN_ARRAY(encrypted), 24, &opened), -EOPNOTSUPP);
	assert_int_equal(scene.fake.n_connections, 0);
	scene_stop(&scene);
}

static void names_and_keys_that_are_none(void **state)
{
	static const uint8_t long_spki[2049];
	_cleanup_(key_service_unrefp) struct key_service *service = NULL;
	_cleanup_(key_unrefp) struct key *key = NULL;
	_cleanup_(freep) char *reason = NULL;
	_cleanup_(bytes_done) struct bytes found = {0};
	char longer[130], path[109];

	(void)state;
	memset(longer, 'n', sizeof(longer) - 1);
	longer[129] = '\0';
	memset(path, 'p', sizeof(path) - 1);
	path[108] = '\0';
	assert_int_equal(key_service_new("", 1, &service), -EINVAL);
	assert_int_equal(key_service_new(path, 1, &service), -EINVAL);
	assert_int_equal(key_service_new("/nonexistent", 1, &service), 0);
	assert_int_equal(key_new_service(service, "", span_of(spki), &key), -EINVAL);
	assert_int_equal(key_new_service(service, longer, span_of(spki), &key), -EINVAL);
	assert_int_equal(key_new_service(service, "\xff", span_of(spki), &key), -EINVAL);
	assert_int_equal(key_new_service(service, "vpn", (struct span){0}, &key), -EINVAL);
	assert_int_equal(key_new_service(service, "vpn", SPAN_ARRAY(long_spki), &key), -EINVAL);
	assert_null(key);
	assert_int_equal(key_service_find(service, longer, &found, &reason), -EINVAL);
	assert_string_equal(reason, "no key can have such a name");
}

/* One row: the acts, what comes of it, and how often it was asked. */
static const struct {
	enum act acts[3];
	size_t n_acts;
	int r;
	unsigned n_questions;
	const char *reason;
} rows[] = {
	/* One repetition for a connection that broke, and no second. */
	{{ACT_CLOSE, ACT_ANSWER}, 2, 0, 2, NULL},
	{{ACT_CLOSE, ACT_CLOSE, ACT_ANSWER}, 3, KEY_SERVICE_LOST, 2, "ended before it answered"},
	/* An answer is an answer, and not asked for again. */
	{{ACT_LATER, ACT_ANSWER}, 2, KEY_LATER, 1, "because of 1"},
	{{ACT_REFUSED, ACT_ANSWER}, 2, KEY_REFUSED, 1, "because of 2"},
	{{ACT_NOT_FOUND, ACT_ANSWER}, 2, KEY_NOT_THERE, 1, "because of 3"},
	{{ACT_INVALID, ACT_ANSWER}, 2, -EINVAL, 1, "because of 4"},
	{{ACT_FAULT, ACT_ANSWER}, 2, -EIO, 1, "because of 5"},
	{{ACT_STRANGE_FAILURE, ACT_ANSWER}, 2, -EBADMSG, 1, "no clavigerd of this version"},
	{{ACT_WRONG_TAG, ACT_ANSWER}, 2, -EBADMSG, 1, "no clavigerd of this version"},
};

static void outcomes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct scene scene;

		scene_start(&scene, 60000, rows[i].acts, rows[i].n_acts);
		if (rows[i].r)
			assert_fails(scene.key, rows[i].r, rows[i].reason);
		else
			assert_signs(scene.key);
		assert_int_equal(scene.fake.n_questions, rows[i].n_questions);
		/* Whatever it was, the next is answered. */
		assert_signs(scene.key);
		scene_stop(&scene);
	}
}

/* The connection that waited ended meanwhile: a new one, and nothing is noticed. */
static void it_outlives_a_restart(void **state)
{
	static const enum act acts[] = {ACT_ANSWER_AND_CLOSE, ACT_ANSWER};
	struct scene scene;

	(void)state;
	scene_start(&scene, 60000, acts, ELEMENTS(acts));
	assert_signs(scene.key);
	assert_signs(scene.key);
	assert_int_equal(scene.fake.n_connections, 2);
	scene_stop(&scene);
}

/* The answer is no signature of that key. */
static void a_short_signature_is_none(void **state)
{
	_cleanup_(bytes_done) struct bytes other = make_spki(0xbb), made = {0};
	_cleanup_(key_unrefp) struct key *key = NULL;
	_cleanup_(freep) char *reason = NULL;
	struct scene scene;

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	assert_int_equal(key_new_service(scene.service, "vpn", span_of(other), &key), 0);
	assert_int_equal(key_use(key, &pkcs1, SPAN_LITERAL("message"), &made, &reason), -EBADMSG);
	assert_string_equal(reason, "the answer is no signature of this key");
	scene_stop(&scene);
}

static void nobody_answers(void **state)
{
	static const enum act acts[] = {ACT_SILENCE, ACT_ANSWER};
	struct scene scene;

	(void)state;
	scene_start(&scene, 30, acts, ELEMENTS(acts));
	assert_fails(scene.key, KEY_SERVICE_LATE, "no answer in time from clavigerd at /tmp");
	scene_stop(&scene);
}

static void nobody_listens(void **state)
{
	_cleanup_(key_service_unrefp) struct key_service *service = NULL, *wrong = NULL;
	_cleanup_(key_unrefp) struct key *key = NULL;
	_cleanup_(freep) char *reason = NULL;
	_cleanup_(bytes_done) struct bytes found = {0};
	struct fake_token fake = {.acts = answers, .n_acts = 1, .answer = answer};

	(void)state;
	fake_prepare(&fake);
	assert_int_equal(key_service_new(fake.path, 60000, &service), 0);
	assert_int_equal(key_new_service(service, "vpn", span_of(spki), &key), 0);
	assert_fails(key, KEY_SERVICE_AWAY, "t.sock: is clavigerd-key.socket started?");
	assert_fails(key, KEY_SERVICE_AWAY, "there is no /tmp");
	/* The socket is there, and its daemon is not. */
	assert_int_equal(fake_listen(&fake), 0);
	closep(&fake.listener);
	fake.listener = -1;
	assert_fails(key, KEY_SERVICE_AWAY, "nobody listens at /tmp");
	assert_int_equal(key_service_new(fake.folder, 60000, &wrong), 0);
	assert_int_equal(key_service_find(wrong, "vpn", &found, &reason), KEY_SERVICE_AWAY);
	fake_stop(&fake);
}

/* As systemd's socket is while the daemon is not started: there is room for some who wait, and then
 * there is none. */
static void a_backlog_that_is_full_is_waited_for(void **state)
{
	_cleanup_(key_service_unrefp) struct key_service *service = NULL;
	_cleanup_(key_unrefp) struct key *key = NULL;
	struct fake_token fake = {.acts = answers, .n_acts = 1, .answer = answer};
	int waiting = -1, r = 0;
	struct pollfd all[256];
	size_t n = 0;

	(void)state;
	fake_prepare(&fake);
	assert_int_equal(fake_listen(&fake), 0);
	assert_int_equal(listen(fake.listener, 1), 0);
	for (; r == 0 && n < ELEMENTS(all); n++) {
		r = socket_connect_within(fake.path, SOCK_SEQPACKET, 20, &waiting);
		all[n].fd = r == 0 ? waiting : -1;
	}
	assert_int_equal(r, -ETIMEDOUT);
	assert_int_equal(key_service_new(fake.path, 20, &service), 0);
	assert_int_equal(key_new_service(service, "vpn", span_of(spki), &key), 0);
	assert_fails(key, KEY_SERVICE_LATE, "no answer in time");
	for (size_t i = 0; i < n; i++)
		closep(&all[i].fd);
	fake_stop(&fake);
}

struct worker {
	struct key *key;
	uint8_t number;
	bool good;
};

#define N_EACH 40

static void *work(void *data)
{
	struct worker *worker = data;

	worker->good = true;
	for (uint8_t i = 0; i < N_EACH; i++) {
		const uint8_t message[4] = {worker->number, i, 3, 4};
		_cleanup_(bytes_done) struct bytes made = {0};
		int r = key_use(worker->key, &pkcs1, SPAN_ARRAY(message), &made, NULL);

		worker->good &= r == 0 && made.size == MODULUS_BYTES &&
				memcmp(made.data, message, sizeof(message)) == 0;
	}
	return NULL;
}

#define N_WORKERS 8

static void threads_share_it(void **state)
{
	struct worker workers[N_WORKERS];
	pthread_t threads[N_WORKERS];
	struct scene scene;

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	for (uint8_t i = 0; i < N_WORKERS; i++) {
		workers[i] = (struct worker){.key = scene.key, .number = i};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < N_WORKERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(workers[i].good);
	}
	assert_true(scene.fake.n_connections <= N_WORKERS);
	scene_stop(&scene);
}

/* Runs @act in a child; what it gives must be true. */
static void assert_in_child(bool (*act)(struct scene *scene), struct scene *scene)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(act(scene) ? 0 : 1);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool works_in_child(struct scene *scene)
{
	struct worker worker = {.key = scene->key, .number = 77};

	work(&worker);
	return worker.good;
}

static bool lets_go_in_child(struct scene *scene)
{
	key_unref(scene->key);
	key_service_unref(scene->service);
	return true;
}

/* Each dials for itself, and no child ends or uses what its parent has. */
static void children_have_their_own(void **state)
{
	struct scene scene;

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	assert_signs(scene.key);
	assert_int_equal(scene.fake.n_connections, 1);
	assert_in_child(works_in_child, &scene);
	assert_int_equal(scene.fake.n_connections, 2);
	assert_in_child(lets_go_in_child, &scene);
	assert_signs(scene.key);
	assert_int_equal(scene.fake.n_connections, 2);
	scene_stop(&scene);
}

/* The descriptor that waits for the next question; -1. */
static int find_waiting(const struct scene *scene)
{
	for (int fd = 3; fd < 1024; fd++) {
		struct sockaddr_un peer = {0};
		socklen_t size = sizeof(peer);

		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
		    strcmp(peer.sun_path, scene->fake.path) == 0)
			return fd;
	}
	return -1;
}

/* A program closed all that it did not know, and has something of its own there now. */
static void what_the_program_put_there_stays(void **state)
{
	int pair[2], waiting;
	struct scene scene;
	char byte;

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	assert_signs(scene.key);
	waiting = find_waiting(&scene);
	assert_true(waiting >= 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(dup2(pair[0], waiting), waiting);
	assert_signs(scene.key);
	assert_int_equal(scene.fake.n_connections, 2);
	/* Nothing was written to it, and it is open still. */
	assert_int_equal(recv(pair[1], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(waiting, F_GETFD), 0);
	close(waiting);
	close(pair[0]);
	close(pair[1]);
	scene_stop(&scene);
}

/* Whatever a program prints that has closed its standard streams. */
static void standard_streams_are_left_free(void **state)
{
	struct scene scene;
	int input = dup(STDIN_FILENO);

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	close(STDIN_FILENO);
	assert_signs(scene.key);
	assert_true(find_waiting(&scene) > STDERR_FILENO);
	scene_stop(&scene);
	assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
	close(input);
}

/* A program that begins as root and goes on as somebody else is known as that one: what it opened
 * as root serves it no more. Without root's rights it stays who it is. */
static void another_user_is_known_as_such(void **state)
{
	unsigned n_expected = geteuid() == 0 ? 2 : 1;
	struct scene scene;

	(void)state;
	scene_start(&scene, 60000, answers, 1);
	assert_int_equal(chmod(scene.fake.folder, 0711), 0);
	assert_int_equal(chmod(scene.fake.path, 0666), 0);
	assert_signs(scene.key);
	assert_int_equal(seteuid(n_expected == 2 ? 65534 : geteuid()), 0);
	assert_signs(scene.key);
	assert_signs(scene.key);
	assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(scene.fake.n_connections, n_expected);
	scene_stop(&scene);
}

static void descriptors_do_not_grow(void **state)
{
	static const enum act acts[] = {ACT_CLOSE, ACT_ANSWER, ACT_REFUSED, ACT_WRONG_TAG};
	struct scene scene;
	int before, after;

	(void)state;
	scene_start(&scene, 60000, acts, ELEMENTS(acts));
	before = dup(0);
	close(before);
	for (unsigned i = 0; i < 200; i++) {
		_cleanup_(bytes_done) struct bytes made = {0};

		(void)!sign(scene.key, &made, NULL);
	}
	scene_stop(&scene);
	after = dup(0);
	close(after);
	assert_true(after <= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_and_its_answer),
		cmocka_unit_test(messages_of_every_size),
		cmocka_unit_test(what_is_not_asked),
		cmocka_unit_test(names_and_keys_that_are_none),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(it_outlives_a_restart),
		cmocka_unit_test(a_short_signature_is_none),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_backlog_that_is_full_is_waited_for),
		cmocka_unit_test(threads_share_it),
		cmocka_unit_test(children_have_their_own),
		cmocka_unit_test(what_the_program_put_there_stays),
		cmocka_unit_test(standard_streams_are_left_free),
		cmocka_unit_test(another_user_is_known_as_such),
		cmocka_unit_test(descriptors_do_not_grow),
	};
	_cleanup_(bytes_done) struct bytes other = {0};

	crypto_init();
	spki = make_spki(0xb5);
	other = make_spki(0xbb);
	sha256(span_of(spki), id);
	sha256(span_of(other), other_id);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	bytes_done(&spki);
	return failed;
}
