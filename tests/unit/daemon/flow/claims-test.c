/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/claims.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define THREADS 8
#define ROUNDS	2000

static struct claims *claims;
static unsigned inside, met, done;

static void *contend(void *name)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_t *claim = claim_take(claims, CLAIM_PASSWORD, span_of_text(name));

		met += inside++ != 0;
		inside--;
		done++;
		claim_releasep(&claim);
	}
	return NULL;
}

static void test_one_at_a_time(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	assert_int_equal(claims_new(&claims), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, contend, "one name"), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(met, 0);
	assert_int_equal(done,
			 THREADS * ROUNDS); /* counted without atomics: lost updates would show */
	claims_free(claims);
}

static void test_kinds_do_not_meet(void **state)
{
	pthread_mutex_t *transaction, *password;

	(void)state;
	assert_int_equal(claims_new(&claims), 0);
	transaction = claim_take(claims, CLAIM_TRANSACTION, SPAN_LITERAL("x"));
	password = claim_take(claims, CLAIM_PASSWORD, SPAN_LITERAL("x"));
	assert_ptr_not_equal(transaction, password);
	claim_releasep(&password);
	claim_releasep(&transaction);
	assert_null(transaction);
	claim_releasep(&transaction);
	claims_free(claims);
}

/* Two requesters under one transactionID do not wait for each other; one waits for itself. */
static void test_transactions(void **state)
{
	const uint8_t one[SHA256_SIZE] = {1}, other[SHA256_SIZE] = {2};
	pthread_mutex_t *first, *second;

	(void)state;
	assert_int_equal(claims_new(&claims), 0);
	first = claim_take_transaction(claims, SPAN_LITERAL("t"), one);
	assert_null(claim_try_transaction(claims, SPAN_LITERAL("t"), one));
	second = claim_take_transaction(claims, SPAN_LITERAL("t"), other);
	assert_ptr_not_equal(first, second);
	claim_releasep(&second);
	second = first;
	claim_releasep(&first);
	first = claim_take_transaction(claims, SPAN_LITERAL("t"), one);
	assert_ptr_equal(first, second);
	claim_releasep(&first);
	first = claim_try_transaction(claims, SPAN_LITERAL("t"), one);
	assert_ptr_equal(first, second);
	assert_null(claim_try_transaction(claims, SPAN_LITERAL("t"), one));
	claim_releasep(&first);
	claims_free(claims);
}

/* Names are more than claims: some other one is held by who holds the first, and he is told so. */
static void test_names_that_share_a_claim(void **state)
{
	uint8_t one[SHA256_SIZE] = {1}, other[SHA256_SIZE] = {2};
	pthread_mutex_t *first, *second;
	unsigned n = 0;
	bool covered;

	(void)state;
	assert_int_equal(claims_new(&claims), 0);
	first = claim_take_transaction(claims, SPAN_LITERAL("t"), one);
	do {
		n++;
		memcpy(other, &n, sizeof(n));
		second = claim_try_transaction(claims, SPAN_LITERAL("t"), other);
		covered = claim_covers_transaction(claims, first, SPAN_LITERAL("t"), other);
		assert_int_equal(covered, !second);
		claim_releasep(&second);
	} while (!covered);
	assert_true(claim_covers_transaction(claims, first, SPAN_LITERAL("t"), one));
	assert_false(claim_covers_transaction(claims, NULL, SPAN_LITERAL("t"), one));
	claim_releasep(&first);
	claims_free(claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_kinds_do_not_meet),
		cmocka_unit_test(test_transactions),
		cmocka_unit_test(test_names_that_share_a_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
