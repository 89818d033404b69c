/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print.h"
#include "daemon/base/text.h"
#include <stdio.h>
#include <string.h>

struct column {
	const char *title;
	const char *member;
	int width; /* 0: the rest of the line */
};

void print_json(const json_t *answer)
{
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
}

void print_nothing(const json_t *answer)
{
	(void)answer;
}

void print_append(struct buffer *out, struct span text)
{
	while (text.size) {
		char piece[5] = {(char)text.data[0]};

		if (piece[0] == '"' || piece[0] == '\'')
			text = span_slice(text, 1, SIZE_MAX);
		else
			text_escape_next(&text, piece);
		buffer_append_text(out, piece);
	}
}

/* A value on one line; texts escaped. */
static void print_value(const json_t *value, int width)
{
	_cleanup_(buffer_done) struct buffer text = {};

	if (json_is_string(value))
		print_append(&text, SPAN(json_string_value(value), json_string_length(value)));
	else if (json_is_integer(value))
		buffer_printf(&text, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buffer_append_text(&text, json_is_true(value) ? "yes" : "no");
	else
		buffer_append_text(&text, "-");
	printf("%-*.*s", width, (int)text.size, text.data ? (const char *)text.data : "");
}

static void print_member(const char *title, const json_t *object, const char *member)
{
	printf("    %s: ", title);
	print_value(json_object_get(object, member), 0);
	putchar('\n');
}

static void print_rows(const struct column *columns, size_t n, const json_t *rows)
{
	size_t row;
	const json_t *object;

	for (size_t i = 0; i < n; i++)
		printf("%-*s%s", columns[i].width, columns[i].title, i + 1 < n ? " " : "\n");
	json_array_foreach(rows, row, object) for (size_t i = 0; i < n; i++)
	{
		print_value(json_object_get(object, columns[i].member), columns[i].width);
		fputs(i + 1 < n ? " " : "\n", stdout);
	}
}

/* What has lines of its own, and is ours. */
static bool is_pem(const json_t *value)
{
	static const char begin[] = "-----BEGIN ";

	return json_is_string(value) &&
	       !strncmp(json_string_value(value), begin, sizeof(begin) - 1);
}

static void print_members(const json_t *object, int indent)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
	{
		if (is_pem(value)) {
			fputs(json_string_value(value), stdout);
			continue;
		}
		printf("%*s%s: ", indent, "", name);
		if (json_is_object(value)) {
			putchar('\n');
			print_members(value, indent + 4);
			continue;
		}
		print_value(value, 0);
		putchar('\n');
	}
}

void print_object(const json_t *answer)
{
	print_members(answer, 0);
}

void print_server(const json_t *answer)
{
	const json_t *fingerprints = json_object_get(answer, "fingerprints");

	printf("Certificate Server %s:\n", json_string_value(json_object_get(answer, "name")));
	print_member("State", answer, "state");
	if (json_string_length(json_object_get(answer, "reason")))
		print_member("Reason", answer, "reason");
	print_member("Mode", answer, "mode");
	print_member("Issuer name", answer, "issuer");
	if (json_object_size(fingerprints)) {
		print_member("CA cert fingerprint MD5", fingerprints, "md5");
		print_member("CA cert fingerprint SHA1", fingerprints, "sha1");
		print_member("CA cert fingerprint SHA256", fingerprints, "sha256");
	}
	print_member("Granting mode is", answer, "grant");
	print_member("Last certificate issued serial number (hex)", answer, "lastSerial");
	print_member("CA certificate expiration timer", answer, "caNotAfter");
	print_member("CRL NextUpdate timer", answer, "crlNextUpdate");
}

/* Sections in the order IOS lists them; an empty one keeps its header. */
static const struct {
	const char *title, *class;
	bool renewal;
} request_sections[] = {
	{"Subordinate CA certificate requests:", "subordinate", false},
	{"Subordinate CA renewal requests:", "subordinate", true},
	{"RA certificate requests:", "ra", false},
	{"RA renewal requests:", "ra", true},
	{"Router certificate requests:", "router", false},
	{"Router renewal requests:", "router", true},
};

static json_t *requests_of(const json_t *requests, const char *class, bool renewal)
{
	json_t *section = json_array(), *request;
	size_t i;

	json_array_foreach(
		(json_t *)requests, i,
		request) if (!strcmp(json_string_value(json_object_get(request, "class")), class) &&
			     json_is_true(json_object_get(request, "renewal")) == renewal)
		json_array_append(section, request);
	return section;
}

void print_requests(const json_t *answer)
{
	static const struct column columns[] = {{"ReqID", "id", 6},
						{"State", "state", 11},
						{"Fingerprint", "fingerprint", 33},
						{"SubjectName", "subject", 0}};

	for (size_t i = 0; i < sizeof(request_sections) / sizeof(request_sections[0]); i++) {
		json_t *section =
			requests_of(json_object_get(answer, "requests"), request_sections[i].class,
				    request_sections[i].renewal);

		printf("%s%s\n", i ? "\n" : "", request_sections[i].title);
		print_rows(columns, sizeof(columns) / sizeof(columns[0]), section);
		json_decref(section);
	}
}

void print_certificates(const json_t *answer)
{
	static const struct column columns[] = {
		{"Number", "counter", 7},   {"Serial", "serial", 40},
		{"Class", "class", 11},	    {"Expires", "notAfter", 20},
		{"Revoked", "revoked", 20}, {"SubjectName", "subject", 0}};

	print_rows(columns, sizeof(columns) / sizeof(columns[0]),
		   json_object_get(answer, "certificates"));
}

void print_done(const json_t *answer)
{
	const json_t *done = json_object_get(answer, "done"),
		     *failed = json_object_get(answer, "failed");
	size_t i;
	const json_t *row;

	json_array_foreach(done, i, row)
		printf("request %lld: done\n", (long long)json_integer_value(row));
	json_array_foreach(failed, i, row)
	{
		printf("request %lld: ", (long long)json_integer_value(json_object_get(row, "id")));
		print_value(json_object_get(row, "reason"), 0);
		putchar('\n');
	}
	if (!json_array_size(done) && !json_array_size(failed))
		puts("no request waits");
}

bool print_has_failures(const json_t *answer)
{
	return json_array_size(json_object_get(answer, "failed")) > 0;
}

void print_password(const json_t *answer)
{
	printf("One-time password: %s\nGood for %lld minutes, until %s, and for one enrolment.\n",
	       json_string_value(json_object_get(answer, "password")),
	       (long long)json_integer_value(json_object_get(answer, "minutes")),
	       json_string_value(json_object_get(answer, "expires")));
}

void print_tokens(const json_t *answer)
{
	static const struct column columns[] = {{"Token", "name", 16},	{"State", "state", 10},
						{"Label", "label", 20}, {"Serial", "serial", 18},
						{"Keys", "keys", 5},	{"Reason", "reason", 0}};

	print_rows(columns, sizeof(columns) / sizeof(columns[0]),
		   json_object_get(answer, "tokens"));
}

void print_timers(const json_t *answer)
{
	static const struct column columns[] = {{"Server", "server", 16},
						{"Timer", "timer", 24},
						{"When", "when", 21},
						{"Seconds", "inSeconds", 0}};

	print_rows(columns, sizeof(columns) / sizeof(columns[0]),
		   json_object_get(answer, "timers"));
	print_member("Time source", answer, "timeSource");
	print_member("Time is good", answer, "timeGood");
}

void print_status(const json_t *answer)
{
	static const struct column servers[] = {
		{"Server", "name", 16}, {"State", "state", 12}, {"Reason", "reason", 0}};

	print_rows(servers, sizeof(servers) / sizeof(servers[0]),
		   json_object_get(answer, "servers"));
	putchar('\n');
	print_tokens(answer);
	putchar('\n');
	print_member("Version", answer, "version");
	print_member("Time is good", json_object_get(answer, "time"), "good");
	print_member("Storage is good", json_object_get(answer, "storage"), "good");
}
