/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/ipc */
/*
 * Asks claviger-fetch as the programs do: `get RUNDIR URL LIMIT TIMEOUT [USER PASSWORD]` writes
 * what came to its output, `put RUNDIR URL SIZE TIMEOUT [USER PASSWORD]` puts that many bytes,
 * `scep RUNDIR URL LIMIT TIMEOUT` exchanges its input, where there is any, with a SCEP server, and
 * writes a line of what the answer says of itself before it. Exit status 0, or the outcome's
 * number; the reason goes to the error output.
 */
#include "daemon/ipc/fetch-client.h"
#include "daemon/ipc/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int exchange(const struct fetch_order *order, size_t size, char **ret_reason)
{
	_cleanup_(fetch_answer_done) struct fetch_answer answer = {};
	static uint8_t message[FETCH_MESSAGE_MOST];
	size_t n = fread(message, 1, sizeof(message), stdin);
	int r = fetch_scep(order, SPAN(message, n), size, &answer, ret_reason);

	if (r)
		return r;
	printf("%u %u %s\n", answer.status, answer.retry_after_s, answer.content_type);
	fwrite(answer.content.data, 1, answer.content.size, stdout);
	return 0;
}

static int run(const struct fetch_order *order, const char *verb, size_t size)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(freep) char *reason = NULL;
	int r;

	if (!strcmp(verb, "scep")) {
		r = exchange(order, size, &reason);
	} else if (!strcmp(verb, "put")) {
		if (bytes_new(size, &content) < 0)
			return EXIT_FAILURE;
		memset(content.data, 'x', size);
		r = fetch_put(order, span_of(content), &reason);
	} else {
		r = fetch_get(order, size, &content, &reason);
		if (!r)
			fwrite(content.data, 1, content.size, stdout);
	}
	if (r)
		fprintf(stderr, "%s\n", reason ? reason : strerrordesc_np(-r));
	return r < 0 ? EXIT_FAILURE * 100 : r;
}

/* Protocols are told by their numbers. */
static int tell(int argc, char **argv)
{
	_cleanup_(freep) char *reason = NULL;
	struct fetch_order order = {.runtime_directory = argv[2], .url = argv[3], .timeout_s = 10};
	struct ipc_fetch_trap trap = {
		.sink = span_of_text(argv[3]),
		.community = span_of_text(argv[4]),
		.auth = FETCH_TRAP_SHA,
		.privacy = FETCH_TRAP_CLEAR,
		.engine = SPAN_LITERAL("sixteen bytes ok"),
		.uptime_s = (uint32_t)strtoul(argv[5], NULL, 10),
		.notification = 2,
		.type = 1,
		.name = SPAN_LITERAL("check"),
		.serial = SPAN_LITERAL("\x02\xec"),
		.issuer = SPAN_LITERAL("CN=cacert,O=CSCO"),
		.subject = SPAN_LITERAL("CN=gr\xc3\xbc\xc3\x9f.example"),
		.not_after_s = 1507464856, /* 2017-10-08T12:14:16Z */
		.left_s = 172781,
	};
	int r;

	if (argc == 10) {
		trap.auth = (uint8_t)atoi(argv[6]);
		trap.auth_password = span_of_text(argv[7]);
		trap.privacy = (uint8_t)atoi(argv[8]);
		trap.privacy_password = span_of_text(argv[9]);
	}
	r = fetch_trap(&order, &trap, &reason);
	if (r)
		fprintf(stderr, "%s\n", reason ? reason : strerrordesc_np(-r));
	return r < 0 ? EXIT_FAILURE * 100 : r;
}

int main(int argc, char **argv)
{
	struct fetch_order order = {};

	if (argc >= 6 && !strcmp(argv[1], "trap"))
		return tell(argc, argv);
	if (argc != 6 && argc != 8)
		return EXIT_FAILURE;
	order.runtime_directory = argv[2];
	order.url = argv[3];
	order.timeout_s = (unsigned)strtoul(argv[5], NULL, 10);
	if (argc == 8) {
		order.user = argv[6];
		order.password = span_of_text(argv[7]);
	}
	return run(&order, argv[1], strtoul(argv[4], NULL, 10));
}
