/* SPDX-License-Identifier: Apache-2.0 */
/* UTCTime and GeneralizedTime of der.h, both ways (RFC 5280 §4.1.2.5). */
#include "daemon/base/der.h"
#include <stdio.h>
#include <time.h>

#define DAY_S 86400

struct civil {
	int year, month, day, hour, minute, second;
};

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. Counted in years that begin
 * in March, so that the leap day comes last; timegm() would take the time zone's lock. */
static int64_t days_of_civil(const struct civil *c)
{
	int64_t year = c->month > 2 ? c->year : c->year - 1;
	int64_t month = c->month > 2 ? c->month - 3 : c->month + 9;
	int64_t leap_days = year / 4 - year / 100 + year / 400;

	if (year < 0) /* January and February of the year 0 belong to a year -1 */
		leap_days = -1;
	return year * 365 + leap_days + (month * 153 + 2) / 5 + c->day - 1 - 719468;
}

static bool civil_is_valid(const struct civil *c)
{
	static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = c->year % 4 == 0 && (c->year % 100 || c->year % 400 == 0);

	if (c->month < 1 || c->month > 12 || c->hour > 23 || c->minute > 59 || c->second > 59)
		return false;
	return c->day >= 1 && c->day <= days[c->month - 1] + (c->month == 2 && leap);
}

/* Two digits off the front of @rest; false where they are none. */
static bool digits_next(struct span *rest, int *ret)
{
	unsigned high;
	unsigned low;

	if (rest->size < 2)
		return false;
	high = (unsigned)rest->data[0] - '0';
	low = (unsigned)rest->data[1] - '0';
	if (high > 9 || low > 9)
		return false;
	*ret = (int)(high * 10 + low);
	*rest = span_slice(*rest, 2, SIZE_MAX);
	return true;
}

static bool year_next(uint8_t tag, struct span *rest, int *ret)
{
	int century;
	int year;

	if (tag == DER_GENERALIZED_TIME) {
		if (!digits_next(rest, &century) || !digits_next(rest, &year))
			return false;
		*ret = century * 100 + year;
		return true;
	}
	if (tag != DER_UTC_TIME || !digits_next(rest, &year))
		return false;
	*ret = year >= 50 ? 1900 + year : 2000 + year;
	return true;
}

int der_read_time(const struct der_item *item, int64_t *ret_s)
{
	struct span rest = item->content;
	struct civil c = {0};

	if (!year_next(item->tag, &rest, &c.year) || !digits_next(&rest, &c.month) ||
	    !digits_next(&rest, &c.day) || !digits_next(&rest, &c.hour) ||
	    !digits_next(&rest, &c.minute) || !digits_next(&rest, &c.second))
		return -EBADMSG;
	if (!span_equal(rest, SPAN_LITERAL("Z")) || !civil_is_valid(&c))
		return -EBADMSG;
	*ret_s = days_of_civil(&c) * DAY_S + c.hour * 3600 + c.minute * 60 + c.second;
	return 0;
}

void der_put_time(struct der_writer *w, int64_t time_s)
{
	time_t t = (time_t)time_s;
	struct tm tm;
	char text[80];
	bool utc;
	int year;

	if (!gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900) {
		if (w->out.error == 0)
			w->out.error = -EOVERFLOW;
		return;
	}
	year = tm.tm_year + 1900;
	utc = year >= 1950 && year < 2050;
	snprintf(text, sizeof(text), "%0*d%02d%02d%02d%02d%02dZ", utc ? 2 : 4,
		 utc ? year % 100 : year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		 tm.tm_sec);
	der_put(w, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, span_of_text(text));
}
