/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/book.h"

static struct exchange a, b, c;

static struct book fresh(void)
{
	a = b = c = (struct exchange){0};
	return (struct book){0};
}

static void in_order_there_and_in_any_order_back(void **state)
{
	(void)state;
	struct book book = fresh();

	book_init(&book, 10);
	assert_null(book_next(&book));
	assert_true(book_add(&book, &a, 100));
	assert_true(book_add(&book, &b, 200));
	assert_ptr_equal(book_next(&book), &a);
	assert_ptr_equal(book_next(&book), &a);
	/* What wasn't sent can't be answered. */
	assert_null(book_answer(&book, a.tag));
	book_sent(&book, &a);
	book_sent(&book, book_next(&book));
	assert_null(book_next(&book));
	assert_true(a.tag != b.tag);
	assert_null(book_answer(&book, a.tag + b.tag));
	assert_ptr_equal(book_answer(&book, b.tag), &b);
	assert_null(book_answer(&book, b.tag));
	assert_ptr_equal(book_answer(&book, a.tag), &a);
	assert_int_equal(book.n, 0);
}

static void full(void **state)
{
	(void)state;
	struct book book = fresh();

	book_init(&book, 2);
	assert_true(book_add(&book, &a, 1));
	assert_true(book_add(&book, &b, 1));
	assert_false(book_add(&book, &c, 1));
	book_sent(&book, &a);
	assert_false(book_add(&book, &c, 1));
	assert_ptr_equal(book_answer(&book, a.tag), &a);
	assert_true(book_add(&book, &c, 1));
}

static void repeated_once(void **state)
{
	(void)state;
	struct book book = fresh();

	book_init(&book, 10);
	book_add(&book, &a, 1000);
	book_add(&book, &b, 1000);
	book_add(&book, &c, 1000);
	book_sent(&book, &a);
	book_sent(&book, &b);
	book_disconnected(&book);
	assert_null(book_expired(&book, 0));
	assert_null(book_answer(&book, a.tag));

	/* In the order in which they came, ahead of what was never sent. */
	assert_ptr_equal(book_next(&book), &a);
	book_sent(&book, &a);
	assert_ptr_equal(book_next(&book), &b);
	book_disconnected(&book);

	/* The second time is the last. */
	assert_null(book_next(&book));
	assert_ptr_equal(book_expired(&book, 0), &a);
	assert_null(book_expired(&book, 0));
	assert_ptr_equal(book_next(&book), &b);
	book_sent(&book, &b);
	assert_ptr_equal(book_answer(&book, b.tag), &b);
	assert_ptr_equal(book_next(&book), &c);
}

static void deadlines(void **state)
{
	(void)state;
	struct book book = fresh();

	book_init(&book, 10);
	assert_int_equal(book_deadline_ms(&book), INT64_MAX);
	book_add(&book, &a, 100);
	book_add(&book, &b, 200);
	book_add(&book, &c, 300);
	book_sent(&book, &a);
	assert_int_equal(book_deadline_ms(&book), 100);
	assert_null(book_expired(&book, 99));
	assert_ptr_equal(book_expired(&book, 100), &a);
	assert_null(book_expired(&book, 199));
	assert_int_equal(book_deadline_ms(&book), 200);
	assert_ptr_equal(book_expired(&book, 400), &b);
	assert_ptr_equal(book_expired(&book, 400), &c);
	assert_null(book_expired(&book, INT64_MAX));
	assert_int_equal(book.n, 0);
	/* An answer that comes now is nobody's. */
	assert_null(book_answer(&book, a.tag));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order_there_and_in_any_order_back),
		cmocka_unit_test(full),
		cmocka_unit_test(repeated_once),
		cmocka_unit_test(deadlines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
