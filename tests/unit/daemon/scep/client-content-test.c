/* SPDX-License-Identifier: Apache-2.0 */
/* Some thousand changed answers and contents of answers, the same each time, judged against
 * OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/mutate.h"
#include "tests/unit/daemon/scep/reply-judge.h"

#define MESSAGES 5000
#define CONTENTS 1500
#define BODIES	 3000

struct score {
	size_t accepted, refused, exempt;
};

static void score_add(struct score *score, enum judgement judgement)
{
	score->accepted += judgement == JUDGED_ACCEPTED;
	score->refused += judgement == JUDGED_REFUSED;
	score->exempt += judgement == JUDGED_EXEMPT;
}

static void score_check(const struct score *score, const char *what)
{
	size_t n = score->accepted + score->refused + score->exempt;

	print_message("%s: %zu accepted and read alike, %zu refused, %zu not compared\n", what,
		      score->accepted, score->refused, score->exempt);
	/* a mutator that only breaks things would show nothing */
	assert_true(score->accepted * 20 >= n);
	assert_true(score->refused * 10 >= n);
	assert_true(score->exempt * 10 <= n);
}

#define SEEDS 6

static void seeds_make(struct bytes seeds[static SEEDS])
{
	const EVP_MD *const digests[] = {EVP_sha256(), EVP_sha1(), EVP_sha512()};

	for (size_t i = 0; i < SEEDS; i++) {
		struct certrep from = i == 4   ? certrep_empty("3", NULL)
				      : i == 5 ? certrep_empty("2", "2")
					       : certrep_usual("0");

		from.plan.digest = digests[i % ELEMENTS(digests)];
		from.plan.key_identifier = i % 2;
		from.without_content = i == 5;
		if (i == 1)
			from.plan.recipients[from.plan.n_recipients++] = world.stranger.certificate;
		if (i == 2)
			from.foreign = SPAN_LITERAL("whatever");
		if (i == 5)
			from.fail_text = "why not";
		seeds[i] = certrep_new(&from);
	}
}

static void test_seeds_are_accepted(void **state)
{
	struct bytes seeds[SEEDS];

	(void)state;
	seeds_make(seeds);
	for (size_t i = 0; i < SEEDS; i++) {
		assert_int_equal(judge_reply(span_of(seeds[i])), JUDGED_ACCEPTED);
		bytes_done(&seeds[i]);
	}
}

static void test_answers(void **state)
{
	struct dice dice = {0x9e3779b97f4a7c15};
	struct bytes seeds[SEEDS];
	struct score score = {0};

	(void)state;
	seeds_make(seeds);
	for (size_t i = 0; i < MESSAGES; i++) {
		struct bytes changed =
			mutate_message(span_of(seeds[i % SEEDS]), world.authority.key, &dice);

		score_add(&score, judge_reply(span_of(changed)));
		bytes_done(&changed);
	}
	for (size_t i = 0; i < SEEDS; i++)
		bytes_done(&seeds[i]);
	score_check(&score, "answers");
}

static void test_contents(void **state)
{
	X509 *const chain[] = {world.client.certificate, world.authority.certificate};
	_cleanup_(bytes_done) struct bytes two = degenerate_new(chain, 2, NULL);
	struct dice dice = {0xd1b54a32d192ed03};
	struct score score = {0};

	(void)state;
	for (size_t i = 0; i < CONTENTS; i++) {
		struct certrep from = certrep_usual("0");
		struct bytes changed = mutate_der(span_of(two), &dice);
		struct bytes message;

		from.plan.content = span_of(changed);
		message = certrep_new(&from);
		score_add(&score, judge_reply(span_of(message)));
		bytes_done(&message);
		bytes_done(&changed);
	}
	score_check(&score, "contents");
}

static void test_bodies(void **state)
{
	X509 *const chain[] = {world.client.certificate, world.authority.certificate};
	_cleanup_(bytes_done) struct bytes two = degenerate_new(chain, 2, NULL);
	const struct certrep next = {
		.plan = {.signer = &world.authority, .digest = EVP_sha256()},
	};
	_cleanup_(bytes_done) struct bytes signed_two = certrep_signed_new(&next, span_of(two));
	const struct span seeds[] = {span_of(two), span_of(world.authority_der),
				     span_of(signed_two)};
	struct dice dice = {0x2545f4914f6cdd1d};

	(void)state;
	for (size_t i = 0; i < BODIES; i++) {
		const struct span seed = seeds[i % ELEMENTS(seeds)];
		struct bytes changed;

		assert(seed.data);
		changed = i % 3 == 2 ? mutate_message(seed, world.authority.key, &dice)
				     : mutate_der(seed, &dice);
		judge_ca_answer(span_of(changed));
		bytes_done(&changed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds_are_accepted),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(tests, answers_make, answers_unmake);
}
