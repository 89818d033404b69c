/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct headers {
	struct reply_header *rows;
	size_t n;
};

static void add(struct headers *headers, const char *name, const char *value)
{
	struct reply_header *row = &headers->rows[headers->n++];

	assert(headers->n <= REPLY_HEADERS_MAX && strlen(value) < sizeof(row->value));
	row->name = name;
	memcpy(row->value, value, strlen(value) + 1);
}

static void add_number(struct headers *headers, const char *name, const char *prefix,
		       int64_t number)
{
	char text[REPLY_HEADER_SIZE];

	snprintf(text, sizeof(text), "%s%lld", prefix, (long long)number);
	add(headers, name, text);
}

/* IMF-fixdate (RFC 9110 §5.6.7). The programs never leave the C locale. */
static void add_date(struct headers *headers, const char *name, int64_t time_s)
{
	char text[REPLY_HEADER_SIZE];
	time_t seconds = time_s;
	struct tm parts;

	if (gmtime_r(&seconds, &parts) &&
	    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts))
		add(headers, name, text);
}

static void add_no_store(struct headers *headers, int64_t now_s)
{
	add_date(headers, "Expires", now_s);
	add_date(headers, "Last-Modified", now_s);
	add(headers, "Cache-Control", "no-store, no-cache, must-revalidate");
	add(headers, "Pragma", "no-cache");
}

static void add_cached(struct headers *headers, const struct reply *reply, int64_t now_s)
{
	int64_t age_s = reply->expires_s ? reply->expires_s - now_s : REPLY_UNKNOWN_AGE_S;

	add_date(headers, "Last-Modified", reply->modified_s);
	add_number(headers, "Cache-Control", "max-age=", age_s > 0 ? age_s : 0);
	add(headers, "ETag", reply->etag);
}

size_t reply_headers(const struct reply *reply, int64_t now_s,
		     struct reply_header ret[static REPLY_HEADERS_MAX])
{
	struct headers headers = {ret, 0};

	add_date(&headers, "Date", now_s);
	add(&headers, "Server", "claviger");
	add(&headers, "Content-Type", reply->content_type);
	if (reply->cached)
		add_cached(&headers, reply, now_s);
	else
		add_no_store(&headers, now_s);
	add(&headers, "Accept-Ranges", "none");
	if (reply->retry_after_s)
		add_number(&headers, "Retry-After", "", reply->retry_after_s);
	if (reply->status == 405)
		add(&headers, "Allow", "GET, HEAD, POST");
	return headers.n;
}

bool reply_matches(const char *if_none_match, const char *etag)
{
	const char *rest = if_none_match ? if_none_match : "";

	while (*rest) {
		rest += strspn(rest, " \t,");
		size_t size = strcspn(rest, " \t,");
		/* The weak comparison: what comes before the quote is left out. */
		size_t weak = strncmp(rest, "W/", 2) == 0 ? 2 : 0;
		if (size == 1 && *rest == '*')
			return true;
		if (size - weak == strlen(etag) && strncmp(rest + weak, etag, size - weak) == 0)
			return true;
		rest += size;
	}
	return false;
}
