/* SPDX-License-Identifier: Apache-2.0 */
/* Twenty thousand changed messages and contents, the same each time, judged against OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/differential.h"
#include "tests/unit/daemon/scep/mutate.h"

#define MESSAGES 16000
#define CONTENTS 4000

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
	assert_true(score->accepted * 10 >= n);
	assert_true(score->refused * 10 >= n);
	assert_true(score->exempt * 10 <= n);
}

#define SEEDS 10

static void seeds_make(struct bytes seeds[static SEEDS])
{
	static const char *const types[] = {"17", "19", "20", "21", "22"};
	const EVP_CIPHER *const ciphers[] = {EVP_aes_128_cbc(), EVP_aes_256_cbc(),
					     EVP_des_ede3_cbc(), EVP_des_cbc()};
	const EVP_MD *const digests[] = {EVP_sha256(), EVP_sha1(), EVP_sha512(), EVP_md5()};
	_cleanup_(bytes_done) struct bytes names =
		issuer_and_subject_new(world.authority.certificate, world.client.certificate);
	_cleanup_(bytes_done) struct bytes serial = issuer_and_serial_new(world.client.certificate);
	const struct span contents[] = {span_of(world.csr), span_of(world.csr), span_of(names),
					span_of(serial), span_of(serial)};

	for (size_t i = 0; i < SEEDS; i++) {
		struct plan plan = plan_usual();

		plan.type = types[i % 5];
		plan.content = contents[i % 5];
		plan.cipher = ciphers[i % ELEMENTS(ciphers)];
		plan.digest = digests[i % ELEMENTS(digests)];
		plan.key_identifier = i % 3 == 2;
		if (i % 2)
			plan.recipients[plan.n_recipients++] = world.stranger.certificate;
		seeds[i] = request_new(&plan);
	}
}

static void test_seeds_are_accepted(void **state)
{
	struct bytes seeds[SEEDS];

	(void)state;
	seeds_make(seeds);
	for (size_t i = 0; i < SEEDS; i++) {
		assert_int_equal(judge(span_of(seeds[i])), JUDGED_ACCEPTED);
		bytes_done(&seeds[i]);
	}
}

static void test_messages(void **state)
{
	struct dice dice = {0x9e3779b97f4a7c15};
	struct bytes seeds[SEEDS];
	struct score score = {0};

	(void)state;
	seeds_make(seeds);
	for (size_t i = 0; i < MESSAGES; i++) {
		struct bytes changed =
			mutate_message(span_of(seeds[i % SEEDS]), world.client.key, &dice);

		score_add(&score, judge(span_of(changed)));
		bytes_done(&changed);
	}
	for (size_t i = 0; i < SEEDS; i++)
		bytes_done(&seeds[i]);
	score_check(&score, "messages");
}

/* Opens what was enveloped; accepted means that the content was read. */
static enum judgement judge_enveloped(const struct plan *plan)
{
	_cleanup_(bytes_done) struct bytes message = request_new(plan);
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(scep_content_done) struct scep_content content = {0};
	_cleanup_(bytes_done) struct bytes key = {0};
	enum scep_trouble trouble;

	assert_int_equal(judge(span_of(message)), JUDGED_ACCEPTED);
	assert_int_equal(scep_request_open(span_of(message), &legacy, &request, &trouble), 0);
	key = unwrap(world.authority.key, request.recipients[0].encrypted_key);
	assert_int_equal(scep_request_read_content(&request, span_of(key), &content, &trouble), 0);
	return trouble ? JUDGED_REFUSED : JUDGED_ACCEPTED;
}

static void test_contents(void **state)
{
	_cleanup_(bytes_done) struct bytes names =
		issuer_and_subject_new(world.authority.certificate, world.client.certificate);
	_cleanup_(bytes_done) struct bytes serial = issuer_and_serial_new(world.client.certificate);
	const struct span contents[] = {span_of(world.csr), span_of(names), span_of(serial)};
	static const char *const types[] = {"19", "20", "22"};
	struct dice dice = {0xd1b54a32d192ed03};
	struct score score = {0};

	(void)state;
	for (size_t i = 0; i < CONTENTS; i++) {
		size_t which = i % 4 < 2 ? 0 : i % 4 - 1;
		struct bytes changed = mutate_der(contents[which], &dice);
		struct plan plan = plan_usual();

		plan.type = types[which];
		plan.content = span_of(changed);
		score_add(&score, judge_enveloped(&plan));
		bytes_done(&changed);
	}
	score_check(&score, "contents");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds_are_accepted),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_contents),
	};

	return cmocka_run_group_tests(tests, world_make, world_unmake);
}
