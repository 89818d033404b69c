/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One client of the load: sends its messages one after the other over one connection, and sends one
 * again, as it was, where the connection broke or the server asked it to come back.
 */

#include "tests/bench/http.h"
#include "tests/bench/router.h"
#include <stdatomic.h>
#include <stdint.h>

#define CLIENT_PATIENCE_S 120 /* for one enrolment, all its tries together */

/* One message's fate. */
struct fate {
	unsigned char *answer; /* owned */
	size_t size;
	int status; /* of the last answer; 0: none came */
	uint64_t latency_ns;
	const char *complaint;
	char serial[65];
};

struct client {
	struct http http;
	const char *target;
	unsigned attempts, broken, come_back;
	atomic_uint flying;   /* the attempt whose request is out, 0: none */
	atomic_uint answered; /* the newest attempt that was answered, but by "come back" */
};

uint64_t client_now_ns(void);
void client_enroll(struct client *client, const struct message *message, struct fate *ret);
