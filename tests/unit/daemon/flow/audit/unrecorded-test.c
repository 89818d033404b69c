/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/flow/audit/unrecorded.h"
#include "daemon/flow/witness.h"
#include "tests/unit/daemon/flow/world.h"

#define SIGNED	  "what the token signed"
#define UNWRITTEN "checkpoint.unfinished"

/* A line of the token's log about the newest record, with its hash as the head. */
struct signed_line {
	struct signature_line line;
	char subject[32];
	int64_t seq;
};

static void sign(struct signed_line *ret)
{
	struct store_audit_newest newest;

	assert_int_equal(store_audit_newest(world.flow->store, &newest), 0);
	*ret = (struct signed_line){.seq = newest.seq, .line.number = 1};
	snprintf(ret->subject, sizeof(ret->subject), "%lld", (long long)newest.seq);
	ret->line.kind = SPAN_LITERAL("checkpoint");
	ret->line.subject = span_of_text(ret->subject);
	memcpy(ret->line.head, newest.hash, SHA256_SIZE);
	sha256(SPAN_LITERAL(SIGNED), ret->line.signed_);
}

static void happen(void)
{
	assert_int_equal(
		flow_audit_note(world.flow, AUDIT_CONFIG_RELOAD, NULL, "something", world.now_s),
		0);
}

static int note(const struct signed_line *from)
{
	struct unrecorded unrecorded = {.flow = world.flow, .token = "soft"};
	int r = unrecorded_note(&unrecorded, &from->line, world.now_s);

	unrecorded_done(&unrecorded);
	return r;
}

static void one_about_the_chain_is_written_into_it(void **state)
{
	_cleanup_(buffer_done) struct buffer wanted = {};
	_cleanup_(freep) char *text = NULL;
	struct signed_line line;

	(void)state;
	world_open("", "");
	happen();
	sign(&line);
	happen(); /* the head need not be the newest */
	assert_int_equal(note(&line), 0);
	assert_int_equal(audited(UNWRITTEN), 1);
	buffer_printf(&wanted, "\"note\":\"%lld ", (long long)line.seq);
	text_append_hex(&wanted, SPAN_ARRAY(line.line.signed_), false);
	assert_int_equal(buffer_take_text(&wanted, &text), 0);
	assert_int_equal(audited(text), 1);
	world_close();
}

/* Others may have recorded something between what it is about and its signature. */
static void its_head_may_be_later_than_what_it_is_about(void **state)
{
	struct signed_line about, line;

	(void)state;
	world_open("", "");
	happen();
	sign(&about);
	happen();
	sign(&line);
	line.line.subject = about.line.subject;
	assert_int_equal(note(&line), 0);
	assert_int_equal(audited(UNWRITTEN), 1);
	world_close();
}

static void what_the_database_has_is_not_written(void **state)
{
	struct signed_line line;
	struct store_checkpoint checkpoint = {
		.number = 1,
		.time_s = START,
		.token = "soft",
		.spki = SPAN_LITERAL("key"),
		.to_be_signed = SPAN_LITERAL(SIGNED),
		.signature = SPAN_LITERAL("signature"),
	};

	(void)state;
	world_open("", "");
	happen();
	sign(&line);
	checkpoint.seq = line.seq;
	assert_int_equal(store_checkpoint_add(world.flow->store, &checkpoint), 0);
	assert_int_equal(note(&line), 0);
	assert_int_equal(audited(UNWRITTEN), 0);
	world_close();
}

/* Whoever drops the newest records and the checkpoint about them gets no event that explains it. */
static void a_chain_that_lacks_the_head_explains_nothing(void **state)
{
	struct signed_line line;

	(void)state;
	world_open("", "");
	happen();
	sign(&line);
	line.line.head[SHA256_SIZE - 1] ^= 1;
	assert_int_equal(note(&line), UNRECORDED_FOREIGN);
	memset(line.line.head, 0, SHA256_SIZE); /* as where none came along */
	assert_int_equal(note(&line), UNRECORDED_FOREIGN);
	assert_int_equal(audited(UNWRITTEN), 0);
	world_close();
}

/* What was signed is about a record that the chain did not have yet when it came to that head. */
static void nor_does_a_head_before_what_it_is_about(void **state)
{
	static const char *const subjects[] = {"0", "-1", "", "-", "x", "9223372036854775807"};
	struct signed_line line, later;

	(void)state;
	world_open("", "");
	happen();
	sign(&line);
	happen();
	sign(&later);
	line.line.subject = later.line.subject;
	assert_int_equal(note(&line), UNRECORDED_FOREIGN);
	for (size_t i = 0; i < ELEMENTS(subjects); i++) {
		line.line.subject = span_of_text(subjects[i]);
		assert_int_equal(note(&line), UNRECORDED_FOREIGN);
	}
	assert_int_equal(audited(UNWRITTEN), 0);
	world_close();
}

/* One log: tried again and again under one head, then one that is recorded, then an older one. */
static void a_log_is_compared_line_by_line(void **state)
{
	struct unrecorded unrecorded = {.token = "soft"};
	struct signed_line old, line, later;

	(void)state;
	world_open("", "");
	unrecorded.flow = world.flow;
	happen();
	sign(&old);
	happen();
	sign(&line);
	happen();
	sign(&later);
	sha256(SPAN_LITERAL("another"), line.line.signed_);
	assert_int_equal(unrecorded_note(&unrecorded, &line.line, world.now_s), 0);
	sha256(SPAN_LITERAL("and another"), line.line.signed_);
	assert_int_equal(unrecorded_note(&unrecorded, &line.line, world.now_s), 0);
	assert_int_equal(audited(UNWRITTEN), 2);
	later.line.head[0] ^= 1;
	assert_int_equal(unrecorded_note(&unrecorded, &later.line, world.now_s),
			 UNRECORDED_FOREIGN);
	assert_int_equal(unrecorded_note(&unrecorded, &later.line, world.now_s),
			 UNRECORDED_FOREIGN);
	/* The database has it, about a record before those that were looked for. */
	assert_int_equal(store_checkpoint_add(world.flow->store,
					      &(struct store_checkpoint){
						      .number = 1,
						      .seq = old.seq,
						      .time_s = START,
						      .token = "soft",
						      .spki = SPAN_LITERAL("key"),
						      .to_be_signed = SPAN_LITERAL(SIGNED),
						      .signature = SPAN_LITERAL("signature"),
					      }),
			 0);
	assert_int_equal(unrecorded_note(&unrecorded, &old.line, world.now_s), 0);
	assert_int_equal(audited(UNWRITTEN), 2);
	unrecorded_done(&unrecorded);
	world_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_about_the_chain_is_written_into_it),
		cmocka_unit_test(its_head_may_be_later_than_what_it_is_about),
		cmocka_unit_test(what_the_database_has_is_not_written),
		cmocka_unit_test(a_chain_that_lacks_the_head_explains_nothing),
		cmocka_unit_test(nor_does_a_head_before_what_it_is_about),
		cmocka_unit_test(a_log_is_compared_line_by_line),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
