/* SPDX-License-Identifier: Apache-2.0 */
/* The workers of tokens that come and go. */
#include "daemon/main/crews.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct conf_token one[] = {{.name = "one", .sessions = 1}};
static struct conf_token both[] = {{.name = "two", .sessions = 1}, {.name = "one", .sessions = 1}};
static const struct conf none = {}, first = {.tokens = one, .n_tokens = 1},
			 second = {.tokens = both, .n_tokens = 2};

static bool done;

static void run(struct job *job)
{
	(void)job;
}

static struct crew *borrowed;

/* As a message's job ends: on the event loop, inside the workers' own completion. */
static void complete(struct job *job)
{
	crew_give_back(borrowed);
	free(job);
	done = true;
}

static void test_fit(void **state)
{
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct crews *crews;
	struct crew *crew;
	struct workers *workers;

	(void)state;
	assert_return_code(sd_event_new(&loop), 0);
	assert_return_code(crews_new(loop, &crews), 0);
	assert_int_equal(crews_fit(crews, &first), 0);
	crew = crews_borrow(crews, "one");
	assert_non_null(crew);
	assert_null(crews_borrow(crews, "two"));
	workers = crew_workers(crew);
	crew_give_back(crew);
	/* The same workers go on beside the new ones. */
	assert_int_equal(crews_fit(crews, &second), 0);
	while (sd_event_run(loop, 0) > 0)
		;
	crew = crews_borrow(crews, "one");
	assert_ptr_equal(crew_workers(crew), workers);
	crew_give_back(crew);
	crew_give_back(NULL);
	crews_stop(crews);
	crews_free(crews);
}

static void test_gone_when_the_last_job_is_done(void **state)
{
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct job *job = calloc(1, sizeof(*job));
	struct crews *crews;

	(void)state;
	assert_non_null(job);
	done = false;
	assert_return_code(sd_event_new(&loop), 0);
	assert_return_code(crews_new(loop, &crews), 0);
	assert_int_equal(crews_fit(crews, &first), 0);
	borrowed = crews_borrow(crews, "one");
	assert_int_equal(crews_fit(crews, &none), 0);
	while (sd_event_run(loop, 0) > 0)
		;
	*job = (struct job){.known = true, .run = run, .complete = complete};
	assert_int_equal(workers_push(crew_workers(borrowed), job), 0);
	while (!done)
		assert_return_code(sd_event_run(loop, UINT64_MAX), 0);
	while (sd_event_run(loop, 0) > 0)
		;
	assert_null(crews_borrow(crews, "one"));
	crews_free(crews);
}

/* A server that passes messages on has workers of its own, whatever a token is called. */
static void test_of_servers(void **state)
{
	struct conf_server servers[] = {{.label = "one", .mode = CONF_MODE_RA_TRANSPARENT},
					{.label = "ra", .mode = CONF_MODE_RA},
					{.label = "root", .mode = CONF_MODE_ROOT}};
	const struct conf conf = {
		.tokens = one, .n_tokens = 1, .servers = servers, .n_servers = ELEMENTS(servers)};
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct crew *of_token, *of_server;
	struct crews *crews;

	(void)state;
	assert_return_code(sd_event_new(&loop), 0);
	assert_return_code(crews_new(loop, &crews), 0);
	assert_int_equal(crews_fit(crews, &conf), 0);
	of_token = crews_borrow(crews, "one");
	of_server = crews_borrow_relay(crews, "one");
	assert_non_null(of_server);
	assert_ptr_not_equal(crew_workers(of_token), crew_workers(of_server));
	crew_give_back(of_token);
	crew_give_back(of_server);
	assert_null(crews_borrow(crews, "ra"));
	assert_null(crews_borrow_relay(crews, "root"));
	of_server = crews_borrow_relay(crews, "ra");
	assert_non_null(of_server);
	crew_give_back(of_server);
	assert_int_equal(crews_fit(crews, &first), 0);
	while (sd_event_run(loop, 0) > 0)
		;
	assert_null(crews_borrow_relay(crews, "one"));
	crew_give_back(crews_borrow(crews, "one"));
	crews_stop(crews);
	crews_free(crews);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_gone_when_the_last_job_is_done),
		cmocka_unit_test(test_of_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
