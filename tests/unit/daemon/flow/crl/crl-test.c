/* SPDX-License-Identifier: Apache-2.0 */
/* Whose key signs which CRL, before, at and after a succession. */
#include "daemon/flow/crl/import.h"
#include "daemon/flow/server/round.h"
#include "tests/unit/daemon/flow/shadow.h"

#define LIFE (168 * HOUR)

/* A CRL as it is told apart here. */
struct seen {
	uint64_t number;
	int64_t this_update_s;
	bool is_first, is_second; /* whose key signed it */
	bool is_empty;
};

static bool is_signed_by(struct key *key, const struct x509_crl *crl)
{
	struct x509_key public;

	assert_int_equal(x509_key_read(key_spki(key), &public), 0);
	return !x509_verify(&public, crl->digest, crl->to_be_signed, crl->signature);
}

static struct seen see(struct span der)
{
	struct x509_crl crl;
	struct seen seen = {};

	assert_int_equal(x509_crl_read(der, &crl), 0);
	for (size_t i = 0; i < crl.number.size; i++)
		seen.number = seen.number << 8 | crl.number.data[i];
	seen.this_update_s = crl.this_update_s;
	seen.is_first = is_signed_by(world.key, &crl);
	seen.is_second = shadow.key && is_signed_by(shadow.key, &crl);
	seen.is_empty = !crl.revoked.size;
	return seen;
}

/* Of a file of the front end's; number 0 where it is not there. */
static struct seen published(const char *name)
{
	_cleanup_(bytes_done) struct bytes der = {};
	_cleanup_(freep) char *path = NULL;

	assert_true(text_format(&path, "%s/CA/%s", world.flow->public_directory, name) >= 0);
	if (file_read(path, 1 << 20, &der))
		return (struct seen){};
	return see(span_of(der));
}

static int note_ahead(void *context, const struct ca_crl_record *crl)
{
	struct ca_crl_record *last = context;

	*last = *crl;
	return 0;
}

/* The last that is signed ahead; number 0 without one. */
static struct ca_crl_record ahead(void)
{
	struct ca_crl_record last = {};

	assert_int_equal(store_crl_ahead_list(world.flow->store, "CA", note_ahead, &last), 0);
	return last;
}

static int sign(void)
{
	int r = flow_sign_crl(world.flow, world.authority, "test", world.now_s);

	use_both_keys();
	return r;
}

static struct key *take_key(size_t which)
{
	struct generation *generation = &world.authority->shared->generations->items[which];
	struct key *key = generation->key;

	generation->key = NULL;
	return key;
}

/* As while its token is away: it has no key to sign with. */
static int sign_without(size_t which)
{
	struct key *key = take_key(which);
	int r = flow_sign_crl(world.flow, world.authority, "test", world.now_s);

	key_unref(key);
	use_both_keys();
	return r;
}

static void close_world(void)
{
	shadow_done();
	world_close();
}

static void the_first_of_a_shadow_is_its_own_and_fresh(void **state)
{
	struct ca_crl_record first, again;
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct seen newest;

	(void)state;
	world_open("", "Grant=auto");
	certificate = expect_certificate(enroll(&router, NULL));
	world.now_s = TAKES_OVER - 5 * DAY;
	shadow_make();
	assert_int_equal(sign(), 0);
	assert_int_equal(ahead().number, 0);
	shadow_offer();
	assert_int_equal(sign(), 0);
	first = ahead();
	newest = published("crl");
	assert_true(newest.is_first && !newest.is_second);
	assert_int_equal(first.generation_id, shadow.id);
	assert_int_equal(first.this_update_s, TAKES_OVER);
	assert_int_equal(first.number, newest.number + 1);
	assert_int_equal(published("crl.2").number, 0);
	assert_int_equal(published("crl.1").number, newest.number);
	world.now_s++;
	revoke_certificate(span_of(certificate), 4);
	assert_int_equal(flow_renew_crl(world.flow, world.authority, world.now_s), 0);
	use_both_keys();
	again = ahead();
	assert_int_equal(published("crl").number, first.number + 1);
	assert_int_equal(again.number, first.number + 2);
	assert_int_equal(again.this_update_s, TAKES_OVER);
	router_done(&router);
	close_world();
}

static void a_shadow_s_token_that_is_away_keeps_nothing_else(void **state)
{
	struct key *key;
	int r;

	(void)state;
	world_open("", "");
	world.now_s = TAKES_OVER - 5 * DAY;
	shadow_make();
	shadow_offer();
	assert_int_equal(sign_without(1), 0);
	assert_int_equal(published("crl").number, 1);
	assert_int_equal(ahead().number, 0);
	/* Who asks for a series is told. */
	world.now_s++;
	key = take_key(1);
	r = flow_sign_crl_until(world.flow, world.authority, "test", TAKES_OVER + LIFE,
				world.now_s);
	key_unref(key);
	use_both_keys();
	assert_int_equal(r, FLOW_LATER);
	assert_int_equal(published("crl").number, 2);
	assert_true(ahead().number > 0 && ahead().generation_id != shadow.id);
	assert_int_equal(flow_sign_crl_ahead(world.flow, world.authority, world.now_s), 0);
	assert_int_equal(ahead().generation_id, shadow.id);
	assert_true(ahead().next_update_s >= TAKES_OVER + LIFE);
	close_world();
}

static void at_its_second_it_is_served_without_a_key(void **state)
{
	struct seen before, after;

	(void)state;
	world_open("", "");
	world.now_s = TAKES_OVER - DAY;
	shadow_make();
	shadow_offer();
	assert_int_equal(sign(), 0);
	before = published("crl");
	key_unref(take_key(0));
	key_unref(take_key(1));
	world.now_s = TAKES_OVER - 1;
	assert_int_equal(flow_publish_crl_ahead(world.flow, world.authority, world.now_s), 0);
	assert_int_equal(published("crl").number, before.number);
	world.now_s = TAKES_OVER;
	assert_int_equal(flow_publish_crl_ahead(world.flow, world.authority, world.now_s), 0);
	after = published("crl");
	assert_true(after.is_second && !after.is_first);
	assert_int_equal(after.number, before.number + 1);
	assert_int_equal(after.this_update_s, TAKES_OVER);
	assert_int_equal(published("crl.2").number, after.number);
	assert_int_equal(published("crl.1").number, 0);
	close_world();
}

/* An emergency: the second is active a day after the first, which has issued. */
static struct bytes displace(const char *options)
{
	struct router router = router_of(0, "r1", "t1");
	struct bytes certificate;

	world_open("", options);
	certificate = expect_certificate(enroll(&router, NULL));
	shadow_make_for(START + DAY);
	assert_int_equal(sign(), 0);
	world.now_s = START + DAY;
	assert_int_equal(sign(), 0);
	router_done(&router);
	return certificate;
}

static int sign_own(void)
{
	int r = flow_sign_own_crl(world.flow, world.authority, 1, world.now_s);

	use_both_keys();
	return r;
}

static void a_displaced_one_signs_its_own(void **state)
{
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct seen active, own;
	struct ca_crl_record last;

	(void)state;
	certificate = displace("Grant=auto");
	active = published("crl");
	own = published("crl.1");
	assert_true(active.is_second);
	assert_true(own.is_first);
	assert_int_equal(published("crl.2").number, active.number);
	assert_int_equal(own.number, 1);
	/* Not before it is due. */
	assert_int_equal(sign_own(), 0);
	assert_int_equal(published("crl.1").number, own.number);
	/* Another's series stays: it may be all that there is of it. */
	assert_int_equal(flow_sign_crl_until(world.flow, world.authority, "test",
					     world.now_s + 2 * LIFE, world.now_s + 1),
			 0);
	use_both_keys();
	world.now_s += 2;
	last = ahead();
	revoke_certificate(span_of(certificate), 4);
	assert_int_equal(sign_own(), 0);
	own = published("crl.1");
	assert_true(own.is_first && !own.is_empty);
	assert_int_equal(own.number, last.number + 1);
	assert_int_equal(ahead().number, last.number);
	assert_int_equal(flow_renew_crl(world.flow, world.authority, world.now_s), 0);
	use_both_keys();
	active = published("crl");
	assert_true(active.is_second && !active.is_empty);
	assert_int_equal(active.number, own.number + 1);
	assert_true(ahead().number > active.number);
	assert_int_equal(published("crl.1").number, own.number);
	close_world();
}

/* Told, but no failure of the server, whose own CRL is fresh. */
static void one_that_cannot_be_renewed_stops_nothing(void **state)
{
	_cleanup_(bytes_done) struct bytes certificate = {};
	const struct crl_told *told = NULL;
	char text[FAILURES_TEXT_SIZE];
	int64_t next_s;

	(void)state;
	certificate = displace("Grant=auto");
	world.now_s = START + LIFE;
	assert_int_equal(sign(), 0);
	key_unref(take_key(0));
	assert_false(flow_server_round(world.flow, world.authority, world.now_s, &next_s));
	for (size_t i = 0; i < ELEMENTS(world.authority->shared->crl_told); i++)
		if (world.authority->shared->crl_told[i].generation == 1)
			told = &world.authority->shared->crl_told[i];
	assert_non_null(told);
	assert_int_equal(told->percent, 100);
	assert_false(failures_tell(world.authority->shared->failures, text));
	close_world();
}

static int list_nothing(void *context, struct x509_crl_sink *sink)
{
	(void)context;
	(void)sink;
	return 0;
}

static int bring(struct key *key, uint64_t number, int64_t now_s)
{
	static const struct span extra;
	_cleanup_(bytes_done) struct bytes to_be_signed = {}, signature = {}, der = {};
	_cleanup_(freep) char *reason = NULL;
	struct hand hand = by_hand();
	const struct x509_crl_content content = {
		.issuer = span_of(world.authority->name),
		.this_update_s = now_s,
		.next_update_s = now_s + LIFE,
		.authority_key_identifier = SPAN_LITERAL("01234567890123456789"),
		.number = number,
		.digest = DIGEST_SHA256,
		.list = list_nothing,
	};
	int r;

	assert_int_equal(x509_build_crl(&content, &to_be_signed), 0);
	assert_int_equal(key_sign(key, DIGEST_SHA256, span_of(to_be_signed), extra, &signature), 0);
	assert_int_equal(x509_seal(span_of(to_be_signed), DIGEST_SHA256, span_of(signature), &der),
			 0);
	r = flow_import_crl(&hand, span_of(der), &reason);
	use_both_keys();
	return r;
}

static void one_from_elsewhere_is_of_who_signed_it(void **state)
{
	_cleanup_(bytes_done) struct bytes certificate = {};
	uint64_t newest;

	(void)state;
	certificate = displace("Grant=auto");
	newest = published("crl").number;
	assert_int_equal(published("crl.1").number, 1);
	assert_int_equal(bring(world.key, 1, world.now_s), FLOW_REFUSED);
	assert_int_equal(bring(world.key, 2, world.now_s), 0);
	assert_int_equal(published("crl.1").number, 2);
	assert_int_equal(published("crl").number, newest);
	assert_int_equal(bring(shadow.key, newest, world.now_s), FLOW_REFUSED);
	assert_int_equal(bring(shadow.key, newest + 7, world.now_s), 0);
	assert_int_equal(published("crl").number, newest + 7);
	assert_int_equal(published("crl.2").number, newest + 7);
	assert_int_equal(published("crl.1").number, 2);
	close_world();
}

static void none_of_a_shadow_is_taken_in(void **state)
{
	(void)state;
	world_open("", "");
	shadow_make();
	assert_int_equal(sign(), 0);
	assert_int_equal(bring(shadow.key, 9, world.now_s), FLOW_REFUSED);
	assert_true(published("crl").is_first);
	close_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_of_a_shadow_is_its_own_and_fresh),
		cmocka_unit_test(a_shadow_s_token_that_is_away_keeps_nothing_else),
		cmocka_unit_test(at_its_second_it_is_served_without_a_key),
		cmocka_unit_test(a_displaced_one_signs_its_own),
		cmocka_unit_test(one_that_cannot_be_renewed_stops_nothing),
		cmocka_unit_test(one_from_elsewhere_is_of_who_signed_it),
		cmocka_unit_test(none_of_a_shadow_is_taken_in),
	};
	return cmocka_run_group_tests(tests, world_begin, world_end);
}
