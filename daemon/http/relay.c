/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/relay.h"

#include "daemon/base/log.h"
#include "daemon/base/socket.h"
#include "daemon/ipc/channel.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define UNDER_WAY_MAX 512
/* Between attempts to reach clavigerd: from this, doubled, up to that. */
#define PAUSE_LEAST_MS 50
#define PAUSE_MOST_MS  1000
#define RETRY_AFTER_S  10

struct relay {
	char *path;
	struct relay_patience patience;
	int fd;		       /* to clavigerd; -1: none */
	int wake;	       /* an eventfd: something was submitted */
	bool blocked;	       /* clavigerd's side of the socket is full */
	bool told;	       /* it was said that clavigerd can't be reached */
	int64_t pause_ms;      /* before the attempt after the next */
	int64_t connect_at_ms; /* not before */
	int64_t away_since_ms; /* nobody listens at the path; INT64_MAX: somebody did */
	struct book book;
	pthread_mutex_t lock; /* of what follows */
	struct exchanges submitted;
	bool closed; /* relay_give_up() was called */
};

int relay_new(const char *path, const struct relay_patience *patience, struct relay **ret)
{
	_cleanup_(relay_freep) struct relay *relay = calloc(1, sizeof(*relay));

	if (!relay)
		return -ENOMEM;
	relay->fd = -1;
	relay->pause_ms = PAUSE_LEAST_MS;
	relay->patience = *patience;
	relay->away_since_ms = INT64_MAX;
	pthread_mutex_init(&relay->lock, NULL);
	book_init(&relay->book, UNDER_WAY_MAX);
	TAILQ_INIT(&relay->submitted);
	relay->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (relay->wake < 0)
		return -errno;
	relay->path = strdup(path);
	if (!relay->path)
		return -ENOMEM;
	*ret = TAKE_PTR(relay);
	return 0;
}

struct relay *relay_free(struct relay *relay)
{
	if (!relay)
		return NULL;
	assert(!relay->book.n && TAILQ_EMPTY(&relay->submitted));
	closep(&relay->fd);
	closep(&relay->wake);
	pthread_mutex_destroy(&relay->lock);
	free(relay->path);
	free(relay);
	return NULL;
}

void relay_freep(struct relay **relay)
{
	relay_free(*relay);
}

static void finish_later(struct exchange *exchange, const char *why)
{
	exchange->status = 503;
	exchange->retry_after_s = RETRY_AFTER_S;
	if (bytes_copy(span_of_text(why), &exchange->body) < 0)
		exchange->body = (struct bytes){0};
	exchange->finish(exchange);
}

void relay_submit(struct relay *relay, struct exchange *exchange)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&relay->lock);
	bool closed = relay->closed;
	if (!closed)
		TAILQ_INSERT_TAIL(&relay->submitted, exchange, link);
	pthread_mutex_unlock(&relay->lock);
	if (closed)
		finish_later(exchange, "the front end is ending\n");
	/* It can only fail where the counter is full, and then it wakes all the same. */
	else if (write(relay->wake, &one, sizeof(one)) < 0)
		return;
}

static void take_submitted(struct relay *relay, int64_t now_ms)
{
	struct exchanges taken = TAILQ_HEAD_INITIALIZER(taken);
	struct exchange *exchange;
	uint64_t count;

	if (read(relay->wake, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&relay->lock);
	TAILQ_CONCAT(&taken, &relay->submitted, link);
	pthread_mutex_unlock(&relay->lock);
	while ((exchange = TAILQ_FIRST(&taken))) {
		TAILQ_REMOVE(&taken, exchange, link);
		if (!book_add(&relay->book, exchange, now_ms + relay->patience.most_ms))
			finish_later(exchange, "too many requests are under way\n");
	}
	/* Whoever is told that nobody is there is told what is so now, not what was a pause ago. */
	if (relay->away_since_ms != INT64_MAX)
		relay->connect_at_ms = now_ms;
}

static void disconnect(struct relay *relay, int64_t now_ms, int error)
{
	closep(&relay->fd);
	relay->fd = -1;
	relay->blocked = false;
	relay->connect_at_ms = now_ms + PAUSE_LEAST_MS;
	relay->pause_ms = PAUSE_LEAST_MS;
	book_disconnected(&relay->book);
	relay->told = true;
	log_notice(LOG_FIELDS(log_number("REQUESTS", (int64_t)relay->book.n)), "lost clavigerd: %s",
		   strerror(-error));
}

/* Also while nothing is to be sent: clavigerd tells by this connection that a front end is there.
 */
static void connect_again(struct relay *relay, int64_t now_ms)
{
	if (relay->fd >= 0 || now_ms < relay->connect_at_ms)
		return;
	int r = socket_connect(relay->path, SOCK_SEQPACKET, &relay->fd);
	if (r == 0 && fcntl(relay->fd, F_SETFL, O_NONBLOCK) < 0)
		closep(&relay->fd);
	if (r == 0) {
		if (relay->told)
			log_info(LOG_PLAIN, "clavigerd is there");
		relay->told = false;
		relay->away_since_ms = INT64_MAX;
		return;
	}
	relay->fd = -1;
	relay->connect_at_ms = now_ms + relay->pause_ms;
	relay->pause_ms = relay->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : relay->pause_ms * 2;
	if (!relay->told)
		log_warning(LOG_PLAIN, "clavigerd can't be reached by %s: %s", relay->path,
			    strerror(-r));
	relay->told = true;
	if (relay->away_since_ms == INT64_MAX)
		relay->away_since_ms = now_ms;
}

static void send_waiting(struct relay *relay, int64_t now_ms)
{
	struct exchange *exchange;

	relay->blocked = false;
	while (relay->fd >= 0 && (exchange = book_next(&relay->book))) {
		const struct ipc_scep_request request = {
			.server = span_of_text(exchange->server),
			.peer = span_of_text(exchange->peer),
			.message = exchange->message,
		};
		int r = ipc_send(relay->fd, IPC_SCEP_REQUEST, exchange->tag, &request);
		if (r == -EAGAIN) {
			relay->blocked = true;
			return;
		}
		if (r < 0 && r != -ENOMEM) {
			disconnect(relay, now_ms, r);
			return;
		}
		/* Out of memory it stays unsent on this connection and ends by its deadline. */
		book_sent(&relay->book, exchange);
	}
}

static int take_reply(struct exchange *exchange, const struct ipc_packet *packet)
{
	struct ipc_scep_reply reply;
	struct ipc_failed failed;
	int r;

	if (packet->header.number == IPC_FAILED) {
		r = ipc_decode(packet->content, IPC_FAILED, &failed);
		if (r < 0)
			return r;
		exchange->status = failed.code == IPC_FAILURE_LATER ? 503 : 500;
		exchange->retry_after_s = failed.code == IPC_FAILURE_LATER ? RETRY_AFTER_S : 0;
		return bytes_copy(failed.reason, &exchange->body);
	}
	r = ipc_decode(packet->content, IPC_SCEP_REPLY, &reply);
	if (r < 0)
		return r;
	exchange->status = reply.status;
	exchange->retry_after_s = reply.retry_after_s;
	return bytes_copy(reply.body, &exchange->body);
}

static int receive_one(struct relay *relay)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	int r = ipc_receive(relay->fd, &packet);

	if (r < 0)
		return r;
	struct exchange *exchange = book_answer(&relay->book, packet.header.tag);
	/* Nobody waits any more for an answer that took too long. */
	if (!exchange)
		return 0;
	r = take_reply(exchange, &packet);
	if (r < 0)
		finish_later(exchange, "no readable answer\n");
	else
		exchange->finish(exchange);
	return r;
}

static void receive_answers(struct relay *relay, int64_t now_ms)
{
	int r = 0;

	while (relay->fd >= 0 && r == 0)
		r = receive_one(relay);
	if (relay->fd >= 0 && r != -EAGAIN)
		disconnect(relay, now_ms, r);
}

/* The deadlines that have come; sooner than they say where nobody has listened for long enough. */
static int64_t over_ms(const struct relay *relay, int64_t now_ms)
{
	const struct relay_patience *patience = &relay->patience;

	if (now_ms - patience->away_ms < relay->away_since_ms)
		return now_ms;
	return now_ms + patience->most_ms - patience->away_ms;
}

/* When the next exchange ends unless something happens. */
static int64_t next_end_ms(const struct relay *relay)
{
	const struct relay_patience *patience = &relay->patience;
	int64_t end_ms = book_deadline_ms(&relay->book);

	if (end_ms == INT64_MAX || relay->away_since_ms == INT64_MAX)
		return end_ms;
	int64_t away_ms = relay->away_since_ms + patience->away_ms;
	int64_t sooner_ms = end_ms - patience->most_ms + patience->away_ms;
	if (sooner_ms < away_ms)
		sooner_ms = away_ms;
	return sooner_ms < end_ms ? sooner_ms : end_ms;
}

static void end_expired(struct relay *relay, int64_t until_ms)
{
	struct exchange *exchange;

	while ((exchange = book_expired(&relay->book, until_ms))) {
		log_info(LOG_FIELDS(log_text("SERVER", exchange->server),
				    log_text("PEER", exchange->peer),
				    log_number("SENDS", exchange->sends)),
			 "a request was not answered in time");
		finish_later(exchange, "the certificate server doesn't answer now\n");
	}
}

void relay_step(struct relay *relay, int64_t now_ms)
{
	take_submitted(relay, now_ms);
	receive_answers(relay, now_ms);
	connect_again(relay, now_ms);
	end_expired(relay, over_ms(relay, now_ms));
	send_waiting(relay, now_ms);
}

void relay_prepare(struct relay *relay, int64_t now_ms, struct pollfd fds[static RELAY_FDS],
		   int64_t *ret_timeout_ms)
{
	int64_t until_ms = next_end_ms(relay);

	fds[0] = (struct pollfd){.fd = relay->wake, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = relay->fd, .events = POLLIN};
	if (relay->blocked)
		fds[1].events |= POLLOUT;
	if (relay->fd < 0 && relay->connect_at_ms < until_ms)
		until_ms = relay->connect_at_ms;
	*ret_timeout_ms = until_ms > now_ms ? until_ms - now_ms : 0;
}

void relay_give_up(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->closed = true;
	pthread_mutex_unlock(&relay->lock);
	take_submitted(relay, 0);
	closep(&relay->fd);
	relay->fd = -1;
	book_disconnected(&relay->book);
	end_expired(relay, INT64_MAX);
}
