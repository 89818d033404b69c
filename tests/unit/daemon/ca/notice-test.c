/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/notice.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY   INT64_C(86400)
#define BIRTH INT64_C(1500000000)
#define END   (BIRTH + 365 * DAY)

static const struct ca_notice_facts identity = {
	.kind = CA_NOTICE_IDENTITY, .from_s = BIRTH, .until_s = END};

static void a_year_is_told_of_at_its_days(void **state)
{
	static const int days[] = {60, 53, 46, 39, 32, 25, 18, 11, 7, 6, 5, 4, 3, 2, 1};
	struct ca_notice_facts facts = identity;
	int64_t now_s = BIRTH;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(days); i++) {
		struct ca_notice notice = ca_notice_due(&facts, now_s);

		assert_int_equal(notice.level, CA_NOTICE_NONE);
		assert_int_equal(notice.next_s, END - days[i] * DAY);
		assert_int_equal(ca_notice_due(&facts, notice.next_s - 1).level, CA_NOTICE_NONE);
		now_s = notice.next_s;
		assert_int_equal(ca_notice_due(&facts, now_s).level,
				 days[i] > 7 ? CA_NOTICE_WARNING : CA_NOTICE_ALERT);
		facts.told_s = now_s;
	}
	assert_int_equal(ca_notice_due(&facts, now_s).next_s, INT64_MAX);
	assert_int_equal(ca_notice_due(&facts, END).level, CA_NOTICE_NONE);
}

/* Asked once a day, an hour late: told fifteen times, and never twice of one day. */
static void being_late_loses_and_doubles_nothing(void **state)
{
	struct ca_notice_facts facts = identity;
	unsigned warnings = 0, alerts = 0;

	(void)state;
	for (int64_t now_s = BIRTH + 3600; now_s < END + 10 * DAY; now_s += DAY) {
		enum ca_notice_level level = ca_notice_due(&facts, now_s).level;

		warnings += level == CA_NOTICE_WARNING;
		alerts += level == CA_NOTICE_ALERT;
		if (level)
			facts.told_s = now_s;
		assert_int_equal(ca_notice_due(&facts, now_s).level, CA_NOTICE_NONE);
	}
	assert_int_equal(warnings, 8);
	assert_int_equal(alerts, 7);
}

static void what_was_missed_is_told_once(void **state)
{
	struct ca_notice_facts facts = identity;
	struct ca_notice notice = ca_notice_due(&facts, END - 20 * DAY);

	(void)state;
	assert_int_equal(notice.level, CA_NOTICE_WARNING);
	assert_int_equal(notice.next_s, END - 18 * DAY);
	facts.told_s = END - 20 * DAY;
	assert_int_equal(ca_notice_due(&facts, END - 19 * DAY).level, CA_NOTICE_NONE);
	notice = ca_notice_due(&facts, END - 10);
	assert_int_equal(notice.level, CA_NOTICE_ALERT);
	facts.told_s = END - 10;
	assert_int_equal(ca_notice_due(&facts, END - 9).level, CA_NOTICE_NONE);
	/* After the end there is nothing to renew in time. */
	facts.told_s = 0;
	assert_int_equal(ca_notice_due(&facts, END + 1).level, CA_NOTICE_NONE);
}

static void a_clock_that_was_wrong_silences_nothing(void **state)
{
	struct ca_notice_facts facts = identity;

	(void)state;
	facts.told_s = END + 3650 * DAY;
	assert_int_equal(ca_notice_due(&facts, END - 30 * DAY).level, CA_NOTICE_WARNING);
	/* A minute is no wrong clock. */
	facts.told_s = END - 7 * DAY + 60;
	assert_int_equal(ca_notice_due(&facts, END - 7 * DAY).level, CA_NOTICE_NONE);
}

static void what_is_covered_or_excluded_is_not_told(void **state)
{
	struct ca_notice_facts facts = identity;

	(void)state;
	facts.covered = true;
	assert_int_equal(ca_notice_due(&facts, END - DAY).level, CA_NOTICE_NONE);
	assert_int_equal(ca_notice_due(&facts, BIRTH).next_s, INT64_MAX);
	facts = identity;
	facts.usage_keys = true;
	assert_int_equal(ca_notice_due(&facts, END - DAY).level, CA_NOTICE_NONE);
	facts = identity;
	facts.kind = CA_NOTICE_ANCHOR;
	assert_int_equal(ca_notice_due(&facts, END - DAY).level, CA_NOTICE_NONE);
	facts.has_identity = true;
	assert_int_equal(ca_notice_due(&facts, END - DAY).level, CA_NOTICE_ALERT);
	facts = identity;
	facts.kind = CA_NOTICE_SERVER_CA;
	assert_int_equal(ca_notice_due(&facts, END - DAY).level, CA_NOTICE_ALERT);
}

static void what_is_renewed_by_itself_is_told_of_when_it_was_not(void **state)
{
	const int64_t from_s = END - 20 * DAY;
	struct ca_notice_facts facts = identity;
	struct ca_notice notice;

	(void)state;
	facts.kind = CA_NOTICE_EXCHANGE;
	facts.silent_until_s = from_s;
	assert_true(ca_notice_is_of_server(facts.kind));
	notice = ca_notice_due(&facts, END - 60 * DAY);
	assert_int_equal(notice.level, CA_NOTICE_NONE);
	assert_int_equal(notice.next_s, from_s);
	notice = ca_notice_due(&facts, from_s);
	assert_int_equal(notice.level, CA_NOTICE_WARNING);
	assert_int_equal(notice.next_s, END - 18 * DAY);
	facts.told_s = from_s;
	assert_int_equal(ca_notice_due(&facts, from_s + DAY).level, CA_NOTICE_NONE);
	assert_int_equal(ca_notice_due(&facts, END - 18 * DAY).level, CA_NOTICE_WARNING);
}

static void a_crl_is_told_of_by_its_own_measure(void **state)
{
	struct ca_notice_facts facts = {
		.kind = CA_NOTICE_CRL, .from_s = BIRTH, .until_s = BIRTH + 160 * 3600};
	struct ca_notice notice = ca_notice_due(&facts, BIRTH);

	(void)state;
	assert_int_equal(notice.level, CA_NOTICE_NONE);
	assert_int_equal(notice.next_s, BIRTH + 120 * 3600);
	notice = ca_notice_due(&facts, BIRTH + 120 * 3600);
	assert_int_equal(notice.level, CA_NOTICE_WARNING);
	assert_int_equal(notice.next_s, BIRTH + 140 * 3600);
	facts.told_s = BIRTH + 120 * 3600;
	assert_int_equal(ca_notice_due(&facts, BIRTH + 130 * 3600).level, CA_NOTICE_NONE);
	notice = ca_notice_due(&facts, BIRTH + 145 * 3600);
	assert_int_equal(notice.level, CA_NOTICE_ALERT);
	assert_int_equal(notice.next_s, BIRTH + 150 * 3600);
	facts.told_s = BIRTH + 145 * 3600;
	notice = ca_notice_due(&facts, BIRTH + 150 * 3600);
	assert_int_equal(notice.level, CA_NOTICE_ALERT);
	assert_int_equal(notice.next_s, INT64_MAX);
}

static void check_text(const struct ca_notice_words *words, int64_t left_s, const char *wanted)
{
	_cleanup_(buffer_done) struct buffer out = {};
	_cleanup_(freep) char *text = NULL;

	ca_notice_append_text(&out, words, words->until_s - left_s);
	assert_int_equal(buffer_take_text(&out, &text), 0);
	assert_string_equal(text, wanted);
}

static void the_line_is_the_documented_one(void **state)
{
	struct ca_notice_words words = {
		.kind = CA_NOTICE_IDENTITY,
		.name = "check",
		.serial = SPAN_LITERAL("\x02\xec"),
		.issuer = "CN=cacert,OU=SPBU,O=CSCO,L=BGL,ST=KA,C=IN",
		.subject = "CN=cisco.com",
		.until_s = END,
	};

	(void)state;
	check_text(&words, 2 * DAY - 19,
		   "Certificate expiring WITHIN A WEEK. Trustpoint Name= check, Certificate Type= "
		   "ID, Serial Number= 02:EC, Issuer Name= "
		   "CN=cacert,OU=SPBU,O=CSCO,L=BGL,ST=KA,C=IN, Subject name= CN=cisco.com, Time "
		   "Left= 1 days, 23 hours, 59 minutes, 41 seconds");
	words.kind = CA_NOTICE_ANCHOR;
	words.issuer = words.subject = "CN=a";
	check_text(&words, 53 * DAY,
		   "Certificate expiring WITHIN 53 DAYS. Trustpoint Name= check, Certificate Type= "
		   "CA, Serial Number= 02:EC, Issuer Name= CN=a, Subject name= CN=a, Time Left= 53 "
		   "days, 0 hours, 0 minutes, 0 seconds");
	words.kind = CA_NOTICE_CRL;
	words.subject = NULL;
	words.serial = (struct span){};
	check_text(&words, 3661,
		   "CRL expiring. Server Name= check, Certificate Type= CRL, Serial Number= 00, "
		   "Issuer Name= CN=a, Time Left= 0 days, 1 hours, 1 minutes, 1 seconds");
	check_text(&words, -5,
		   "CRL expiring. Server Name= check, Certificate Type= CRL, Serial Number= 00, "
		   "Issuer Name= CN=a, Time Left= 0 days, 0 hours, 0 minutes, 0 seconds");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_is_told_of_at_its_days),
		cmocka_unit_test(being_late_loses_and_doubles_nothing),
		cmocka_unit_test(what_was_missed_is_told_once),
		cmocka_unit_test(a_clock_that_was_wrong_silences_nothing),
		cmocka_unit_test(what_is_covered_or_excluded_is_not_told),
		cmocka_unit_test(what_is_renewed_by_itself_is_told_of_when_it_was_not),
		cmocka_unit_test(a_crl_is_told_of_by_its_own_measure),
		cmocka_unit_test(the_line_is_the_documented_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
