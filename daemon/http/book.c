/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/book.h"

void book_init(struct book *book, size_t n_max)
{
	*book = (struct book){.n_max = n_max};
	TAILQ_INIT(&book->waiting);
	TAILQ_INIT(&book->sent);
}

bool book_add(struct book *book, struct exchange *exchange, int64_t deadline_ms)
{
	if (book->n == book->n_max)
		return false;
	exchange->tag = ++book->last_tag;
	exchange->deadline_ms = deadline_ms;
	exchange->sends = 0;
	TAILQ_INSERT_TAIL(&book->waiting, exchange, link);
	book->n++;
	return true;
}

struct exchange *book_next(const struct book *book)
{
	struct exchange *exchange = TAILQ_FIRST(&book->waiting);

	return exchange && exchange->sends < BOOK_SENDS_MAX ? exchange : NULL;
}

void book_sent(struct book *book, struct exchange *exchange)
{
	exchange->sends++;
	TAILQ_REMOVE(&book->waiting, exchange, link);
	TAILQ_INSERT_TAIL(&book->sent, exchange, link);
}

static struct exchange *take(struct book *book, struct exchanges *from, struct exchange *exchange)
{
	TAILQ_REMOVE(from, exchange, link);
	book->n--;
	return exchange;
}

struct exchange *book_answer(struct book *book, uint64_t tag)
{
	struct exchange *exchange;

	TAILQ_FOREACH(exchange, &book->sent, link)
	if (exchange->tag == tag)
		return take(book, &book->sent, exchange);
	return NULL;
}

void book_disconnected(struct book *book)
{
	/* What was sent came before what waits. */
	TAILQ_CONCAT(&book->sent, &book->waiting, link);
	TAILQ_CONCAT(&book->waiting, &book->sent, link);
}

struct exchange *book_expired(struct book *book, int64_t now_ms)
{
	struct exchanges *lists[] = {&book->waiting, &book->sent};
	struct exchange *exchange;

	for (size_t i = 0; i < ELEMENTS(lists); i++) {
		exchange = TAILQ_FIRST(lists[i]);
		if (exchange && exchange->deadline_ms <= now_ms)
			return take(book, lists[i], exchange);
	}
	/* Those that were sent before stand ahead of those that weren't. */
	exchange = TAILQ_FIRST(&book->waiting);
	if (exchange && exchange->sends == BOOK_SENDS_MAX)
		return take(book, &book->waiting, exchange);
	return NULL;
}

int64_t book_deadline_ms(const struct book *book)
{
	const struct exchange *waiting = TAILQ_FIRST(&book->waiting);
	const struct exchange *sent = TAILQ_FIRST(&book->sent);
	int64_t deadline_ms = waiting ? waiting->deadline_ms : INT64_MAX;

	if (sent && sent->deadline_ms < deadline_ms)
		deadline_ms = sent->deadline_ms;
	return deadline_ms;
}
