/* SPDX-License-Identifier: Apache-2.0 */
/* The client of claviger-fetch against a fetcher that answers what it is told. */
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/ipc/channel.h"
#include "daemon/ipc/fetch-client.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define URL "http://[2001:db8::1]/ca/ROOTCA.crl"

struct fetcher {
	char directory[32];
	char *path;
	int listening;
	pthread_t thread;
	/* what it answers */
	enum ipc_number answer;
	const void *message;
	/* what it was asked */
	struct ipc_header asked;
	char url[128], user[16], password[16], content[16];
};

static void remember(char *into, size_t size, struct span text)
{
	assert_true(text.size < size);
	memcpy(into, text.data ? (const char *)text.data : "", text.size);
	into[text.size] = '\0';
}

static void *answer_one(void *context)
{
	struct fetcher *fetcher = context;
	_cleanup_(closep) int fd = accept(fetcher->listening, NULL, NULL);
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_fetch_put put = {};
	struct ipc_fetch_get get = {};
	struct ipc_fetch_scep scep = {};

	if (fd < 0 || ipc_receive(fd, &packet) < 0)
		return NULL;
	fetcher->asked = packet.header;
	if (packet.header.number == IPC_FETCH_PUT) {
		assert_int_equal(ipc_decode(packet.content, IPC_FETCH_PUT, &put), 0);
		remember(fetcher->content, sizeof(fetcher->content), put.content);
		get = (struct ipc_fetch_get){
			.url = put.url, .user = put.user, .password = put.password};
	} else if (packet.header.number == IPC_FETCH_SCEP) {
		assert_int_equal(ipc_decode(packet.content, IPC_FETCH_SCEP, &scep), 0);
		remember(fetcher->content, sizeof(fetcher->content), scep.content);
		get.url = scep.url;
	} else {
		assert_int_equal(ipc_decode(packet.content, IPC_FETCH_GET, &get), 0);
	}
	remember(fetcher->url, sizeof(fetcher->url), get.url);
	remember(fetcher->user, sizeof(fetcher->user), get.user);
	remember(fetcher->password, sizeof(fetcher->password), get.password);
	if (fetcher->answer)
		assert_int_equal(ipc_send(fd, fetcher->answer, packet.header.tag, fetcher->message),
				 0);
	return NULL;
}

static void fetcher_start(struct fetcher *fetcher, enum ipc_number answer, const void *message)
{
	*fetcher = (struct fetcher){
		.directory = "/tmp/fetch-client-XXXXXX", .answer = answer, .message = message};
	assert_non_null(mkdtemp(fetcher->directory));
	assert_int_equal(text_format(&fetcher->path, "%s/fetch.sock", fetcher->directory), 0);
	assert_int_equal(
		socket_listen("none", fetcher->path, SOCK_SEQPACKET, 0600, &fetcher->listening), 0);
	assert_int_equal(pthread_create(&fetcher->thread, NULL, answer_one, fetcher), 0);
}

static void fetcher_end(struct fetcher *fetcher)
{
	pthread_join(fetcher->thread, NULL);
	closep(&fetcher->listening);
	unlink(fetcher->path);
	rmdir(fetcher->directory);
	free(fetcher->path);
}

static void what_is_there_is_brought(void **state)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(freep) char *reason = NULL;
	struct ipc_fetch_content answer = {.content = SPAN_LITERAL("a CRL")};
	struct fetcher fetcher;
	struct fetch_order order = {
		.url = URL, .user = "joe", .password = SPAN_LITERAL("secret"), .timeout_s = 5};

	(void)state;
	fetcher_start(&fetcher, IPC_FETCH_CONTENT, &answer);
	order.runtime_directory = fetcher.directory;
	assert_int_equal(fetch_get(&order, 5, &content, &reason), 0);
	fetcher_end(&fetcher);
	assert_null(reason);
	assert_true(span_equal(span_of(content), answer.content));
	assert_int_equal(fetcher.asked.number, IPC_FETCH_GET);
	assert_string_equal(fetcher.url, URL);
	assert_string_equal(fetcher.user, "joe");
	assert_string_equal(fetcher.password, "secret");
}

static void more_than_was_asked_for_is_not_taken(void **state)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(freep) char *reason = NULL;
	struct ipc_fetch_content answer = {.content = SPAN_LITERAL("a CRL")};
	struct fetch_order order = {.url = URL, .timeout_s = 5};
	struct fetcher fetcher;

	(void)state;
	fetcher_start(&fetcher, IPC_FETCH_CONTENT, &answer);
	order.runtime_directory = fetcher.directory;
	assert_int_equal(fetch_get(&order, 4, &content, &reason), FETCH_FAILED);
	fetcher_end(&fetcher);
	assert_non_null(strstr(reason, URL));
	assert_int_equal(content.size, 0);
}

static void what_is_put_arrives(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct ipc_done answer = {};
	struct fetch_order order = {.url = URL, .timeout_s = 5};
	struct fetcher fetcher;

	(void)state;
	fetcher_start(&fetcher, IPC_DONE, &answer);
	order.runtime_directory = fetcher.directory;
	assert_int_equal(fetch_put(&order, SPAN_LITERAL("a CRL"), &reason), 0);
	fetcher_end(&fetcher);
	assert_int_equal(fetcher.asked.number, IPC_FETCH_PUT);
	assert_string_equal(fetcher.content, "a CRL");
	assert_string_equal(fetcher.user, "");
}

static void a_scep_server_is_heard_whatever_it_says(void **state)
{
	_cleanup_(fetch_answer_done) struct fetch_answer heard = {};
	_cleanup_(freep) char *reason = NULL;
	struct ipc_fetch_answer answer = {503, 70000, SPAN_LITERAL("text/plain"),
					  SPAN_LITERAL("later")};
	struct fetch_order order = {.url = URL, .timeout_s = 5};
	struct fetcher fetcher;

	(void)state;
	fetcher_start(&fetcher, IPC_FETCH_ANSWER, &answer);
	order.runtime_directory = fetcher.directory;
	assert_int_equal(fetch_scep(&order, SPAN_LITERAL("PKCSReq"), 5, &heard, &reason), 0);
	fetcher_end(&fetcher);
	assert_null(reason);
	assert_int_equal(fetcher.asked.number, IPC_FETCH_SCEP);
	assert_string_equal(fetcher.url, URL);
	assert_string_equal(fetcher.content, "PKCSReq");
	assert_int_equal(heard.status, 503);
	assert_int_equal(heard.retry_after_s, 70000);
	assert_string_equal(heard.content_type, "text/plain");
	assert_true(span_equal(span_of(heard.content), answer.content));
}

static void a_message_too_long_for_a_url_is_not_asked_for(void **state)
{
	_cleanup_(fetch_answer_done) struct fetch_answer heard = {};
	_cleanup_(freep) char *reason = NULL;
	char url[20000] = "http://h/?message=";
	struct fetch_order order = {
		.runtime_directory = "/nonexistent", .url = url, .timeout_s = 5};

	(void)state;
	memset(url + strlen(url), 'A', sizeof(url) - strlen(url) - 1);
	assert_int_equal(fetch_scep(&order, (struct span){}, 5, &heard, &reason), FETCH_REFUSED);
	assert_non_null(strstr(reason, "POST"));
	assert_true(strlen(reason) < 1000);
}

/* As a certificate may name it. */
static void a_url_without_end_is_not_asked_for(void **state)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(freep) char *got = NULL, *put = NULL;
	char url[2050] = "http://h/";
	struct fetch_order order = {
		.runtime_directory = "/nonexistent", .url = url, .timeout_s = 5};

	(void)state;
	memset(url + strlen(url), 'A', sizeof(url) - strlen(url) - 1);
	assert_int_equal(fetch_get(&order, 5, &content, &got), FETCH_REFUSED);
	assert_non_null(strstr(got, "2048 bytes"));
	assert_true(strlen(got) < 1000);
	assert_int_equal(fetch_put(&order, SPAN_LITERAL("x"), &put), FETCH_REFUSED);
	assert_string_equal(put, got);
}

static void a_failure_is_told_apart(void **state)
{
	static const struct {
		enum ipc_failure code;
		int outcome;
	} cases[] = {
		{IPC_FAILURE_LATER, FETCH_FAILED},	  {IPC_FAILURE_FAULT, FETCH_FAILED},
		{IPC_FAILURE_NOT_FOUND, FETCH_NOT_FOUND}, {IPC_FAILURE_REFUSED, FETCH_REFUSED},
		{IPC_FAILURE_INVALID, FETCH_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(bytes_done) struct bytes content = {};
		_cleanup_(freep) char *reason = NULL;
		struct ipc_failed answer = {cases[i].code, SPAN_LITERAL(URL ": HTTP 507")};
		struct fetch_order order = {.url = URL, .timeout_s = 5};
		struct fetcher fetcher;

		fetcher_start(&fetcher, IPC_FAILED, &answer);
		order.runtime_directory = fetcher.directory;
		assert_int_equal(fetch_get(&order, 100, &content, &reason), cases[i].outcome);
		fetcher_end(&fetcher);
		assert_string_equal(reason, URL ": HTTP 507");
	}
}

/* It ended, or was killed, in the middle: that is no answer, and may be tried again. */
static void a_broken_connection_is_no_answer(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct fetch_order order = {.url = URL, .timeout_s = 5};
	struct fetcher fetcher;

	(void)state;
	fetcher_start(&fetcher, IPC_NONE, NULL);
	order.runtime_directory = fetcher.directory;
	assert_int_equal(fetch_put(&order, SPAN_LITERAL("x"), &reason), FETCH_FAILED);
	fetcher_end(&fetcher);
	assert_non_null(strstr(reason, URL));
}

static void nobody_there_says_what_to_start(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct fetch_order order = {
		.runtime_directory = "/nonexistent", .url = URL "?message=MIIB", .timeout_s = 5};

	(void)state;
	assert_int_equal(fetch_put(&order, SPAN_LITERAL("x"), &reason), FETCH_FAILED);
	assert_non_null(strstr(reason, "claviger-fetch.socket"));
	assert_non_null(strstr(reason, URL));
	assert_null(strchr(reason, '?'));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_brought),
		cmocka_unit_test(more_than_was_asked_for_is_not_taken),
		cmocka_unit_test(what_is_put_arrives),
		cmocka_unit_test(a_scep_server_is_heard_whatever_it_says),
		cmocka_unit_test(a_message_too_long_for_a_url_is_not_asked_for),
		cmocka_unit_test(a_url_without_end_is_not_asked_for),
		cmocka_unit_test(a_failure_is_told_apart),
		cmocka_unit_test(a_broken_connection_is_no_answer),
		cmocka_unit_test(nobody_there_says_what_to_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
