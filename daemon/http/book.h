/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The PKIOperations on their way to clavigerd and back: which wait to be sent, which wait for their
 * answer, which have waited long enough. An unanswered one is sent once more when the connection it
 * was sent over ends: clavigerd answers a repeated message with the same certificate. No I/O, no
 * clock; one thread.
 */

#include "daemon/base/bytes.h"
#include <sys/queue.h>

#define BOOK_SENDS_MAX 2

struct exchange {
	/* Set by whoever asks; borrowed until the end. */
	const char *server;
	const char *peer;
	struct span message;
	/* Called once, with the answer set; the exchange isn't touched afterwards. */
	void (*finish)(struct exchange *exchange);

	/* The answer. */
	unsigned status; /* of HTTP */
	unsigned retry_after_s;
	struct bytes body; /* the exchange's */

	/* The book's. */
	TAILQ_ENTRY(exchange) link;
	uint64_t tag;
	int64_t deadline_ms;
	unsigned sends;
};
TAILQ_HEAD(exchanges, exchange);

/* Both lists in the order in which their exchanges came, and so of their deadlines. */
struct book {
	struct exchanges waiting; /* to be sent */
	struct exchanges sent;	  /* for their answer */
	size_t n, n_max;
	uint64_t last_tag;
};

void book_init(struct book *book, size_t n_max);
/* Takes @exchange in, to end by @deadline_ms; false where the book is full. Deadlines never go
 * back. */
bool book_add(struct book *book, struct exchange *exchange, int64_t deadline_ms);
/* The next to be sent, which stays until book_sent() says so; NULL. */
struct exchange *book_next(const struct book *book);
void book_sent(struct book *book, struct exchange *exchange);
/* Takes out the one whose answer bears @tag; NULL where nobody waits for it. */
struct exchange *book_answer(struct book *book, uint64_t tag);
/* The connection ended: what was sent goes back to be sent again, ahead of what waits. */
void book_disconnected(struct book *book);
/* Takes out one that is at its end: past its deadline, or sent as often as may be. NULL where there
 * is none. */
struct exchange *book_expired(struct book *book, int64_t now_ms);
/* The earliest deadline; INT64_MAX. */
int64_t book_deadline_ms(const struct book *book);
