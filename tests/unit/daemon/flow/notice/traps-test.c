/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/log.h"
#include "daemon/flow/notice/traps.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW	     INT64_C(1800000000)
#define WAITING_MOST 256

static const struct ca_notice_words words = {
	.kind = CA_NOTICE_IDENTITY,
	.name = "CORP",
	.issuer = "CN=ca",
	.subject = "CN=r1",
	.until_s = NOW + 86400,
};

/* What adding one more says on stderr. */
static const char *said_by_adding(struct flow *flow, char *text, size_t size)
{
	int real = dup(STDERR_FILENO),
	    captured = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	ssize_t n;

	assert_true(real >= 0 && captured >= 0);
	dup2(captured, STDERR_FILENO);
	assert_int_equal(notice_traps_add(flow, &words, CA_NOTICE_ALERT, NOW), 0);
	dup2(real, STDERR_FILENO);
	n = pread(captured, text, size - 1, 0);
	assert_true(n >= 0);
	text[n] = 0;
	close(real);
	close(captured);
	return text;
}

static void one_that_finds_no_room_is_told(void **state)
{
	char *sinks[] = {strdup("v2c:nms.example.com")};
	struct conf conf = {.notify = {.snmp_trap = sinks, .n_snmp_trap = ELEMENTS(sinks)}};
	struct flow flow = {.conf = &conf};
	char text[4096];

	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_init("tester", LOG_LEVEL_INFO);
	assert_int_equal(notice_traps_new(&flow.traps), 0);
	assert_false(notice_traps_wait(&flow));
	for (int i = 0; i < WAITING_MOST; i++)
		assert_string_equal(said_by_adding(&flow, text, sizeof(text)), "");
	assert_true(notice_traps_wait(&flow));
	said_by_adding(&flow, text, sizeof(text));
	assert_non_null(strstr(text, "warning tester: an SNMP trap could not be sent: "));
	assert_non_null(strstr(text, "it is given up"));
	assert_non_null(strstr(text, "SINK=v2c:nms.example.com TRUSTPOINT=CORP"));
	notice_traps_free(flow.traps);
	free(sinks[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_finds_no_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
