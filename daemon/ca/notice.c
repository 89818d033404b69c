/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/notice.h"

#define DAY_S INT64_C(86400)

static const struct notice_row {
	bool of_crl;
	int64_t left; /* days, or one in so many of its life */
	enum ca_notice_level level;
} rows[] = {
#define NOTICE(days, level)	    {false, days, CA_NOTICE_##level},
#define NOTICE_OF_CRL(share, level) {true, share, CA_NOTICE_##level},
#include "daemon/ca/notice.def"
#undef NOTICE
#undef NOTICE_OF_CRL
};

const char *ca_notice_type(enum ca_notice_kind kind)
{
	static const char *const names[] = {
		[CA_NOTICE_IDENTITY] = "ID",  [CA_NOTICE_ANCHOR] = "CA",
		[CA_NOTICE_SERVER_CA] = "CA", [CA_NOTICE_EXCHANGE] = "ID",
		[CA_NOTICE_CRL] = "CRL",
	};

	return (size_t)kind < ELEMENTS(names) ? names[kind] : "unknown";
}

bool ca_notice_is_of_server(enum ca_notice_kind kind)
{
	return kind == CA_NOTICE_SERVER_CA || kind == CA_NOTICE_EXCHANGE || kind == CA_NOTICE_CRL;
}

static bool is_told(const struct ca_notice_facts *facts)
{
	if (facts->covered || (facts->kind == CA_NOTICE_IDENTITY && facts->usage_keys))
		return false;
	return facts->kind != CA_NOTICE_ANCHOR || facts->has_identity;
}

static int64_t row_s(const struct notice_row *row, const struct ca_notice_facts *facts)
{
	int64_t left_s = row->of_crl ? (facts->until_s - facts->from_s) / row->left
				     : row->left * DAY_S,
		when_s = facts->until_s - left_s;

	return when_s > facts->silent_until_s ? when_s : facts->silent_until_s;
}

struct ca_notice ca_notice_due(const struct ca_notice_facts *facts, int64_t now_s)
{
	const int64_t told_s = facts->told_s > now_s + DAY_S ? 0 : facts->told_s;
	struct ca_notice notice = {CA_NOTICE_NONE, INT64_MAX};

	if (!is_told(facts) || now_s > facts->until_s)
		return notice;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		int64_t when_s = row_s(&rows[i], facts);

		if (rows[i].of_crl != (facts->kind == CA_NOTICE_CRL))
			continue;
		if (when_s > now_s) {
			notice.next_s = when_s;
			break;
		}
		notice.level = told_s < when_s ? rows[i].level : CA_NOTICE_NONE;
	}
	return notice;
}

void ca_notice_append_serial(struct buffer *out, struct span serial)
{
	if (!serial.size)
		buffer_append_text(out, "00");
	for (size_t i = 0; i < serial.size; i++)
		buffer_printf(out, "%s%02X", i ? ":" : "", serial.data[i]);
}

/* A CRL's days are few, so none are told. */
static void append_headline(struct buffer *out, enum ca_notice_kind kind, int64_t left_s)
{
	if (kind == CA_NOTICE_CRL)
		buffer_append_text(out, "CRL expiring. Server Name= ");
	else if (left_s <= 7 * DAY_S)
		buffer_append_text(out, "Certificate expiring WITHIN A WEEK. Trustpoint Name= ");
	else
		buffer_printf(out, "Certificate expiring WITHIN %lld DAYS. Trustpoint Name= ",
			      (long long)((left_s + DAY_S - 1) / DAY_S));
}

static void append_left(struct buffer *out, int64_t left_s)
{
	buffer_printf(out, "%lld days, %d hours, %d minutes, %d seconds",
		      (long long)(left_s / DAY_S), (int)(left_s / 3600 % 24),
		      (int)(left_s / 60 % 60), (int)(left_s % 60));
}

void ca_notice_append_text(struct buffer *out, const struct ca_notice_words *words, int64_t now_s)
{
	int64_t left_s = words->until_s > now_s ? words->until_s - now_s : 0;

	append_headline(out, words->kind, left_s);
	buffer_printf(out, "%s, Certificate Type= %s, Serial Number= ", words->name,
		      ca_notice_type(words->kind));
	ca_notice_append_serial(out, words->serial);
	buffer_printf(out, ", Issuer Name= %s, ", words->issuer);
	if (words->subject)
		buffer_printf(out, "Subject name= %s, ", words->subject);
	buffer_append_text(out, "Time Left= ");
	append_left(out, left_s);
}
