/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A token's process in a thread of the test: it listens on a socket of its own and does one act per
 * question, the last act for ever. It counts connections and questions, and keeps the last
 * question.
 */

#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/ipc/channel.h"
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define FAKE_CONNECTIONS 32

struct fake_token;

/* What is done with a question: one of these, or ACT_ANSWER, which calls the test's own function.
 */
enum act {
	ACT_ANSWER,
	ACT_ANSWER_AND_CLOSE, /* this and all other connections, once they have their answer */
	ACT_CLOSE,	      /* without an answer */
	ACT_DIE,	      /* close everything, be away for a while, listen again */
	ACT_SILENCE,
	ACT_WRONG_TAG,
	ACT_LATER,
	ACT_REFUSED,
	ACT_NOT_FOUND,
	ACT_INVALID,
	ACT_FAULT,
	ACT_STRANGE_FAILURE,
};

struct fake_token {
	char folder[32], path[64];
	const enum act *acts;
	size_t n_acts;
	/* Sends the reply; called in the thread of the fake. */
	int (*answer)(int fd, const struct ipc_packet *question);
	atomic_uint n_connections, n_questions;
	int listener, stop;
	int connections[FAKE_CONNECTIONS];
	size_t n_open;
	pthread_t thread;
};

static int fake_listen(struct fake_token *fake)
{
	return socket_listen("", fake->path, SOCK_SEQPACKET, 0600, &fake->listener);
}

static void fake_close_all(struct fake_token *fake)
{
	while (fake->n_open > 0)
		close(fake->connections[--fake->n_open]);
}

static int fake_fail(int fd, uint64_t tag, enum act act)
{
	static const enum ipc_failure codes[] = {
		[ACT_LATER] = IPC_FAILURE_LATER,
		[ACT_REFUSED] = IPC_FAILURE_REFUSED,
		[ACT_NOT_FOUND] = IPC_FAILURE_NOT_FOUND,
		[ACT_INVALID] = IPC_FAILURE_INVALID,
		[ACT_FAULT] = IPC_FAILURE_FAULT,
		[ACT_STRANGE_FAILURE] = (enum ipc_failure)77,
	};

	return ipc_send_failed(fd, tag, codes[act], "because of %d", (int)codes[act]);
}

/* Nobody listens for 50 ms: the poll is the time that a restart takes. */
static void fake_die(struct fake_token *fake)
{
	struct pollfd stop = {.fd = fake->stop, .events = POLLIN};

	fake_close_all(fake);
	close(fake->listener);
	unlink(fake->path);
	(void)poll(&stop, 1, 50);
	if (fake_listen(fake) < 0)
		fake->listener = -1;
}

static void fake_act(struct fake_token *fake, size_t which, const struct ipc_packet *question)
{
	unsigned n = atomic_fetch_add(&fake->n_questions, 1);
	enum act act = fake->acts[n < fake->n_acts ? n : fake->n_acts - 1];
	int fd = fake->connections[which];
	struct ipc_done done = {};
	int r = 0;

	if (act == ACT_ANSWER || act == ACT_ANSWER_AND_CLOSE)
		r = fake->answer(fd, question);
	else if (act >= ACT_LATER)
		r = fake_fail(fd, question->header.tag, act);
	else if (act == ACT_WRONG_TAG)
		r = ipc_send(fd, IPC_DONE, question->header.tag + 1, &done);
	else if (act == ACT_DIE)
		fake_die(fake);
	if (act == ACT_ANSWER_AND_CLOSE)
		fake_close_all(fake);
	if (act == ACT_CLOSE || r < 0) {
		close(fd);
		fake->connections[which] = fake->connections[--fake->n_open];
	}
}

static void fake_serve(struct fake_token *fake, size_t which)
{
	struct ipc_packet question = {0};

	if (ipc_receive(fake->connections[which], &question) == 0) {
		fake_act(fake, which, &question);
	} else {
		close(fake->connections[which]);
		fake->connections[which] = fake->connections[--fake->n_open];
	}
	ipc_packet_done(&question);
}

static void *fake_run(void *data)
{
	struct fake_token *fake = data;

	for (;;) {
		struct pollfd fds[2 + FAKE_CONNECTIONS] = {{fake->stop, POLLIN, 0},
							   {fake->listener, POLLIN, 0}};
		size_t n = fake->n_open;

		for (size_t i = 0; i < n; i++)
			fds[2 + i] = (struct pollfd){fake->connections[i], POLLIN, 0};
		(void)poll(fds, (nfds_t)(2 + n), -1);
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents && fake->n_open < FAKE_CONNECTIONS) {
			fake->connections[fake->n_open++] =
				accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
			atomic_fetch_add(&fake->n_connections, 1);
			continue;
		}
		/* One at a time: what it does can change the list. */
		for (size_t i = 0; i < n; i++)
			if (fds[2 + i].revents) {
				fake_serve(fake, i);
				break;
			}
	}
}

/* A folder and a path, and nobody who listens there yet. */
static void fake_prepare(struct fake_token *fake)
{
	snprintf(fake->folder, sizeof(fake->folder), "/tmp/fake-token-XXXXXX");
	assert_non_null(mkdtemp(fake->folder));
	snprintf(fake->path, sizeof(fake->path), "%s/t.sock", fake->folder);
	fake->listener = -1;
	fake->stop = eventfd(0, EFD_CLOEXEC);
}

static void fake_start(struct fake_token *fake)
{
	fake_prepare(fake);
	assert_int_equal(fake_listen(fake), 0);
	assert_int_equal(pthread_create(&fake->thread, NULL, fake_run, fake), 0);
}

static void fake_stop(struct fake_token *fake)
{
	uint64_t one = 1;

	if (fake->thread) {
		assert_int_equal(write(fake->stop, &one, sizeof(one)), sizeof(one));
		pthread_join(fake->thread, NULL);
	}
	fake_close_all(fake);
	closep(&fake->listener);
	close(fake->stop);
	unlink(fake->path);
	rmdir(fake->folder);
}
