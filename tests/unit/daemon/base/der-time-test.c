/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/der.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define DAY_S 86400

struct time_row {
	uint8_t tag;
	const char *text;
	int64_t time_s;
};

static const struct time_row rows[] = {
	{DER_UTC_TIME, "700101000000Z", 0},
	{DER_UTC_TIME, "700101000001Z", 1},
	{DER_UTC_TIME, "691231235959Z", -1},
	{DER_UTC_TIME, "500101000000Z", -631152000},
	{DER_UTC_TIME, "000229120000Z", 951825600},
	{DER_UTC_TIME, "171008121416Z", 1507464856},
	{DER_UTC_TIME, "380119031408Z", 2147483648},
	{DER_UTC_TIME, "491231235959Z", 2524607999},
	{DER_GENERALIZED_TIME, "20500101000000Z", 2524608000},
	{DER_GENERALIZED_TIME, "21000228235959Z", 4107542399},
	{DER_GENERALIZED_TIME, "21000301000000Z", 4107542400},
	{DER_GENERALIZED_TIME, "99991231235959Z", 253402300799},
	{DER_GENERALIZED_TIME, "19491231235959Z", -631152001},
	{DER_GENERALIZED_TIME, "00000101000000Z", -62167219200},
	{DER_GENERALIZED_TIME, "00000301000000Z", -62162035200},
};

static int read_text(uint8_t tag, const char *text, int64_t *ret_s)
{
	struct der_item item = {tag, span_of_text(text), span_of_text(text)};

	return der_read_time(&item, ret_s);
}

static void known_dates_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes der = {0};
		struct der_writer w = {0};
		struct der_item item;
		int64_t time_s = 12345;

		assert_int_equal(read_text(rows[i].tag, rows[i].text, &time_s), 0);
		if (time_s != rows[i].time_s)
			fail_msg("%s: %lld", rows[i].text, (long long)time_s);
		der_put_time(&w, rows[i].time_s);
		assert_int_equal(der_finish(&w, &der), 0);
		assert_int_equal(der_only(span_of(der), rows[i].tag, &item), 0);
		assert_true(span_equal(item.content, span_of_text(rows[i].text)));
	}
}

static void generalized_time_may_be_early(void **state)
{
	int64_t time_s = 0;

	(void)state;
	assert_int_equal(read_text(DER_GENERALIZED_TIME, "20171008121416Z", &time_s), 0);
	assert_int_equal(time_s, 1507464856);
}

static void other_forms_are_refused(void **state)
{
	static const struct time_row bad[] = {
		{DER_UTC_TIME, "1710081214Z"},
		{DER_UTC_TIME, "171008121416"},
		{DER_UTC_TIME, "171008121416+0000"},
		{DER_UTC_TIME, "171008121416z"},
		{DER_UTC_TIME, "171008121416ZZ"},
		{DER_UTC_TIME, "20171008121416Z"},
		{DER_UTC_TIME, "171308121416Z"},
		{DER_UTC_TIME, "170008121416Z"},
		{DER_UTC_TIME, "170229121416Z"},
		{DER_UTC_TIME, "160230121416Z"},
		{DER_UTC_TIME, "170431121416Z"},
		{DER_UTC_TIME, "170400121416Z"},
		{DER_UTC_TIME, "170430241416Z"},
		{DER_UTC_TIME, "170430126016Z"},
		{DER_UTC_TIME, "170430121460Z"},
		{DER_UTC_TIME, "17 430121416Z"},
		{DER_UTC_TIME, "1704301214-1Z"},
		{DER_UTC_TIME, ""},
		{DER_GENERALIZED_TIME, "20171008121416.5Z"},
		{DER_GENERALIZED_TIME, "20171008121416.Z"},
		{DER_GENERALIZED_TIME, "20171008121416"},
		{DER_GENERALIZED_TIME, "20171008121416+0100"},
		{DER_GENERALIZED_TIME, "201710081214Z"},
		{DER_GENERALIZED_TIME, "21000229000000Z"},
		{DER_GENERALIZED_TIME, "171008121416Z"},
		{DER_PRINTABLE_STRING, "171008121416Z"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		int64_t time_s = 5;

		if (read_text(bad[i].tag, bad[i].text, &time_s) != -EBADMSG || time_s != 5)
			fail_msg("%s was taken", bad[i].text);
	}
}

/* Every day of four hundred years and some, against the C library. */
static void every_day_as_the_c_library_counts(void **state)
{
	(void)state;
	for (int64_t day = -30000; day < 150000; day += 1) {
		time_t t = (time_t)(day * DAY_S + (day % 7 + 7) * 3601);
		int64_t time_s = 0;
		struct tm tm;
		char text[32];

		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
		if (read_text(DER_GENERALIZED_TIME, text, &time_s) != 0 || time_s != t)
			fail_msg("%s: %lld", text, (long long)time_s);
	}
}

static void years_that_have_no_form(void **state)
{
	static const int64_t times[] = {253402300800, -62167219201, INT64_MAX, INT64_MIN};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(times); i++) {
		struct bytes der = {0};
		struct der_writer w = {0};

		der_put_time(&w, times[i]);
		assert_int_equal(der_finish(&w, &der), -EOVERFLOW);
		assert_null(der.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_dates_both_ways),
		cmocka_unit_test(generalized_time_may_be_early),
		cmocka_unit_test(other_forms_are_refused),
		cmocka_unit_test(every_day_as_the_c_library_counts),
		cmocka_unit_test(years_that_have_no_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
