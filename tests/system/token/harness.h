/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One claviger-token in a directory of its own, and what it logs. Everything waits for an event and
 * gives up after HARNESS_PATIENCE_MS with a failed test.
 */

#include "daemon/ipc/channel.h"
#include "tests/modules/softhsm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <sys/types.h>

#include <cmocka.h>

#define HARNESS_PATIENCE_MS 180000

struct harness {
	struct softhsm softhsm;
	char configuration[PATH_MAX], pin[PATH_MAX], clock[PATH_MAX], state[PATH_MAX];
	char door[PATH_MAX], admin[PATH_MAX]; /* the sockets */
	pid_t pid;			      /* 0: it does not run */
	int log_fd;
	char log[1 << 18]; /* since it was started last */
	size_t log_size, log_read;
};

/* cmocka's set-up and tear-down. A SoftHSM with token "ca" (PIN 1234) behind the fault module, and
 * a configuration with PIN= in a file, server ROOTCA "CN=RootCA,O=Cisco". Nothing is started. */
int harness_setup(void **state);
int harness_teardown(void **state);

/* Another token in the same SoftHSM. */
void harness_add_token(struct harness *h, const char *label);
/* Writes the configuration anew; NULL leaves out. */
struct harness_configuration {
	const char *module, *uri, *pin, *token_more, *server_more;
};
void harness_configure(struct harness *h, const struct harness_configuration *with);
void harness_set_pin(struct harness *h, const char *pin);
void harness_set_time(struct harness *h, int64_t now_s);

/* Starts the program; what it logs is kept from here on. @limits_percent: of its time limits. */
void harness_start(struct harness *h, unsigned limits_percent);
/* Waits until it has logged @text, from where the last wait ended. */
void harness_expect(struct harness *h, const char *text);
/* Whether it has logged @text at all, up to now. */
bool harness_logged(struct harness *h, const char *text);
/* The process's log of signatures, and how often a text has a part. */
const char *harness_signatures(const struct harness *h);
unsigned harness_count(const char *text, const char *part);
/* start, and the token is ready. */
void harness_start_ready(struct harness *h);
/* Ends it by SIGTERM, and checks that it ended well. */
void harness_stop(struct harness *h);
/* Ends it by SIGKILL. */
void harness_kill(struct harness *h);
/* Waits for its own end; its exit status. */
int harness_wait_end(struct harness *h);
/* Waits until the fault module was asked for @function @n times. */
void harness_until_called(struct harness *h, const char *function, unsigned n);

/* Asks over a socket of its own. IPC_DONE…: decode into @reply; returns -1; else the code of
 * FAILED, with its reason. */
struct answer {
	int failure; /* enum ipc_failure; 0: the reply came */
	char reason[1025];
	struct ipc_packet packet;
};
void answer_done(struct answer *answer);
/* @door: h->door or h->admin. @reply may be NULL. */
struct answer harness_ask(const char *door, enum ipc_number number, const void *message,
			  void *reply);
/* enum token_state. */
int harness_state(struct harness *h);
