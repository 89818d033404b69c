/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/token-link.h"

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/socket.h"
#include "hsm/key/kind.h"
#include "hsm/key/link-idle.h"
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_FIRST_MS 10
#define PAUSE_MOST_MS  200

struct token_link {
	char *name;
	char *path;
	int64_t patience_ms;
	atomic_uint references;
	atomic_bool ending;
	struct link_idle idle;
};

/* How long each operation may take, its token's own limit and a restart included; whether it may be
 * asked again when nobody knows what became of it; and whether it waits while nobody listens: how a
 * token stands is told at once, its absence too. */
static const struct operation {
	enum ipc_number number;
	int64_t limit_ms;
	bool repeatable;
	bool patient;
} operations[] = {
	/* clang-format off */
	{IPC_TOKEN_STATUS,    5000, true,  false},
	{IPC_TOKEN_KEY,       5000, true,  true},
	{IPC_TOKEN_MAKE,    320000, false, true},
	{IPC_TOKEN_SIGN,     15000, true,  true},
	{IPC_TOKEN_UNWRAP,   15000, true,  true},
	{IPC_TOKEN_RELABEL,  15000, true,  true},
	{IPC_TOKEN_DESTROY,  15000, true,  true},
	{IPC_TOKEN_LOG,      15000, true,  false},
	{IPC_TOKEN_NOTE,     15000, true,  false},
	{IPC_TOKEN_ARCHIVE,  20000, true,  true},
	{IPC_TOKEN_SEAL,     15000, true,  true},
	/* A program waits for these, and gives up after 10 s. */
	{IPC_TOKEN_USE,       8000, true,  true},
	{IPC_TOKEN_OPEN,      8000, true,  true},
	/* clang-format on */
};

int token_link_new(const char *name, const char *path, int64_t patience_ms, struct token_link **ret)
{
	struct token_link *link = calloc(1, sizeof(*link));

	if (!link)
		return -ENOMEM;
	link->name = strdup(name);
	link->path = strdup(path);
	link->patience_ms = patience_ms;
	atomic_init(&link->references, 1);
	atomic_init(&link->ending, false);
	link_idle_init(&link->idle);
	if (!link->name || !link->path) {
		token_link_unref(link);
		return -ENOMEM;
	}
	*ret = link;
	return 0;
}

struct token_link *token_link_ref(struct token_link *link)
{
	atomic_fetch_add_explicit(&link->references, 1, memory_order_relaxed);
	return link;
}

struct token_link *token_link_unref(struct token_link *link)
{
	if (!link || atomic_fetch_sub_explicit(&link->references, 1, memory_order_acq_rel) != 1)
		return NULL;
	link_idle_done(&link->idle);
	free(link->name);
	free(link->path);
	free(link);
	return NULL;
}

void token_link_unrefp(struct token_link **link)
{
	*link = token_link_unref(*link);
}

const char *token_link_name(const struct token_link *link)
{
	return link->name;
}

void token_link_end(struct token_link *link)
{
	atomic_store(&link->ending, true);
}

static const struct operation *operation_of(enum ipc_number number)
{
	for (size_t i = 0; i < ELEMENTS(operations); i++)
		if (operations[i].number == number)
			return &operations[i];
	return NULL;
}

/* One question as it goes through its attempts. */
struct attempt {
	const struct operation *operation;
	const void *message;
	int64_t deadline_ms; /* of patience */
	int64_t pause_ms;
	unsigned n_broken;    /* connections that ended, or gave no answer in time, in mid-flight */
	unsigned n_timed_out; /* of these, the latter */
	bool sent;	      /* it may have been: the token's process may act on it */
};

/*
 * One attempt on one connection. 0, IPC_CALL_FAILED, or how connection or call broke.
 *
 * What may be asked once only goes over a new connection: an idle one can have ended long ago,
 * which must not count as the one time.
 */
static int try_once(struct token_link *link, struct attempt *attempt, struct ipc_packet *ret)
{
	const struct operation *operation = attempt->operation;
	_cleanup_(closep) int fd = operation->repeatable ? link_idle_take(&link->idle) : -1;
	int r;

	attempt->sent = false;
	if (fd < 0 && atomic_load(&link->ending))
		return -ECONNREFUSED;
	if (fd < 0) {
		r = socket_connect(link->path, SOCK_SEQPACKET, &fd);
		if (r < 0)
			return r;
	}
	attempt->sent = true;
	r = ipc_call(fd, operation->number, attempt->message, operation->limit_ms, ret);
	if (r >= 0) {
		link_idle_keep(&link->idle, fd);
		fd = -1;
	}
	return r;
}

/* Nobody listens: the token's process is not there, or is just being started. */
static bool is_absent(int r)
{
	return r == -ECONNREFUSED || r == -ENOENT || r == -EAGAIN;
}

static bool is_broken(int r)
{
	return r == -EPIPE || r == -ECONNRESET || r == -ETIMEDOUT || r == -ENOTCONN;
}

/* Whether there is another attempt after this one, which ended with @r. */
static bool may_retry(struct attempt *attempt, int r)
{
	bool patient = clock_monotonic_ms() < attempt->deadline_ms;

	if (!attempt->sent)
		return (is_absent(r) || is_broken(r)) && patient;
	if (!is_broken(r) || !attempt->operation->repeatable)
		return false;
	attempt->n_broken++;
	if (r == -ETIMEDOUT)
		return ++attempt->n_timed_out == 1 && patient;
	return attempt->n_broken == 1 || patient;
}

/* Twice as long each time, and never past the end of patience. */
static void pause_before_retry(struct attempt *attempt)
{
	int64_t left_ms = attempt->deadline_ms - clock_monotonic_ms();
	int64_t pause_ms = attempt->pause_ms < left_ms ? attempt->pause_ms : left_ms;

	if (pause_ms > 0) {
		struct timespec pause = {.tv_nsec = (long)pause_ms * 1000000};

		(void)ppoll(NULL, 0, &pause, NULL);
	}
	attempt->pause_ms *= 2;
	if (attempt->pause_ms > PAUSE_MOST_MS)
		attempt->pause_ms = PAUSE_MOST_MS;
}

/* As try_once(), until it is answered or there is no sense in trying again. */
static int try_until_answered(struct token_link *link, struct attempt *attempt,
			      struct ipc_packet *ret)
{
	for (;;) {
		int r = try_once(link, attempt, ret);
		if (r >= 0)
			return r;
		log_debug(LOG_FIELDS(log_text("TOKEN", link->name)), "no answer to %s: %s",
			  ipc_name(attempt->operation->number), strerrordesc_np(-r));
		if (is_broken(r))
			link_idle_drop(&link->idle);
		if (!may_retry(attempt, r))
			return r;
		pause_before_retry(attempt);
	}
}

/* What the token's process gave as its refusal or fault. */
static int read_failure(struct token_link *link, enum ipc_number number,
			const struct ipc_packet *packet, char **ret_reason)
{
	_cleanup_(freep) char *reason = NULL;
	int r = key_read_failure(packet, &reason);

	log_debug(LOG_FIELDS(log_text("TOKEN", link->name), log_text("REASON", reason)),
		  "%s failed", ipc_name(number));
	if (ret_reason)
		*ret_reason = TAKE_PTR(reason);
	return r;
}

/* Nobody answered. @sent: somebody may have understood the question nevertheless. */
static int give_up(const struct attempt *attempt, int r, char **ret_reason)
{
	const char *reason = "the token's process does not answer";

	if (!is_absent(r) && !is_broken(r))
		return r;
	if (attempt->sent && !attempt->operation->repeatable)
		reason = "the token's process went away before it answered; see what it did "
			 "before asking again";
	return key_explain(TOKEN_LINK_ASK_LATER, ret_reason, reason);
}

int token_link_ask(struct token_link *link, enum ipc_number number, const void *message,
		   struct ipc_packet *ret, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct attempt attempt = {
		.operation = operation_of(number),
		.message = message,
		.deadline_ms = clock_monotonic_ms(),
		.pause_ms = PAUSE_FIRST_MS,
	};

	assert(attempt.operation);
	if (attempt.operation->patient && !atomic_load(&link->ending))
		attempt.deadline_ms += link->patience_ms;
	int r = try_until_answered(link, &attempt, &packet);
	if (r < 0)
		return give_up(&attempt, r, ret_reason);
	if (r == IPC_CALL_FAILED)
		return read_failure(link, number, &packet, ret_reason);
	*ret = TAKE_STRUCT(packet);
	return 0;
}
