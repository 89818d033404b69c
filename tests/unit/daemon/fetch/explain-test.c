/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/explain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct url_scheme http = {.name = "http", .is_http = true};
static const struct url_scheme ftp = {.name = "ftp"};
static const struct url_scheme sftp = {.name = "sftp", .is_ssh = true};

static void done_is_told_by_scheme(void **state)
{
	static const struct {
		const struct url_scheme *scheme;
		struct transfer_end end;
		bool done;
	} cases[] = {
		{&http, {.status = 200}, true},
		{&http, {.status = 204}, false},
		{&http, {.status = 206}, false},
		{&http, {.status = 302}, false},
		{&http, {.status = 404}, false},
		{&http, {.status = 200, .breach = BREACH_SIZE}, false},
		{&http, {.code = CURLE_PARTIAL_FILE, .status = 200}, false},
		{&http, {.status = 200, .is_put = true}, true},
		{&http, {.status = 201, .is_put = true}, true},
		{&http, {.status = 204, .is_put = true}, true},
		{&http, {.status = 202, .is_put = true}, false},
		{&ftp, {.status = 226}, true},
		{&ftp, {.code = CURLE_UPLOAD_FAILED, .status = 553, .is_put = true}, false},
		{&sftp, {.status = 0}, true},
		{&http, {.status = 503, .is_scep = true}, true},
		{&http, {.status = 302, .is_scep = true}, true},
		{&http, {.status = 404, .is_scep = true, .is_post = true}, true},
		{&http, {.status = 307, .is_scep = true, .is_post = true}, false},
		{&http, {.status = 200, .breach = BREACH_SIZE, .is_scep = true}, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(explain_is_done(cases[i].scheme, &cases[i].end), cases[i].done);
}

static void failures_say_what_to_do(void **state)
{
	static const struct {
		const struct url_scheme *scheme;
		struct transfer_end end;
		enum ipc_failure failure;
		const char *words;
	} cases[] = {
		{&http, {.code = CURLE_COULDNT_CONNECT}, IPC_FAILURE_LATER, "nobody answers"},
		{&http, {.status = 404}, IPC_FAILURE_NOT_FOUND, "no such file"},
		{&http, {.status = 404, .is_put = true}, IPC_FAILURE_FAULT, "no such directory"},
		{&http, {.status = 301, .is_put = true}, IPC_FAILURE_FAULT, "redirects"},
		{&http, {.status = 507, .is_put = true}, IPC_FAILURE_LATER, "trouble of its own"},
		{&http, {.status = 418}, IPC_FAILURE_FAULT, "refuses"},
		{&http, {.code = CURLE_PEER_FAILED_VERIFICATION}, IPC_FAILURE_FAULT, "certificate"},
		{&sftp, {.code = CURLE_PEER_FAILED_VERIFICATION}, IPC_FAILURE_FAULT, "known_hosts"},
		{&ftp, {.code = CURLE_LOGIN_DENIED}, IPC_FAILURE_FAULT, "password"},
		{&ftp,
		 {.code = CURLE_REMOTE_FILE_NOT_FOUND},
		 IPC_FAILURE_NOT_FOUND,
		 "no such file"},
		{&http,
		 {.code = CURLE_WRITE_ERROR, .breach = BREACH_SIZE},
		 IPC_FAILURE_REFUSED,
		 "larger"},
		{&http,
		 {.code = CURLE_WRITE_ERROR, .breach = BREACH_HEADER},
		 IPC_FAILURE_REFUSED,
		 "headers"},
		{&http,
		 {.status = 302, .is_scep = true, .is_post = true},
		 IPC_FAILURE_FAULT,
		 "give the URL that it leads to"},
		{&http, {.code = CURLE_COULDNT_RESOLVE_HOST}, IPC_FAILURE_LATER, "address"},
		{&http, {.code = CURLE_FILESIZE_EXCEEDED}, IPC_FAILURE_REFUSED, "larger"},
		{&http, {.code = CURLE_BAD_CONTENT_ENCODING}, IPC_FAILURE_FAULT, ""},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct explanation why = explain(cases[i].scheme, &cases[i].end);

		assert_int_equal(why.failure, cases[i].failure);
		assert_non_null(strstr(why.advice, cases[i].words));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_is_told_by_scheme),
		cmocka_unit_test(failures_say_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
