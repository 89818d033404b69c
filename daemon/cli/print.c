/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print.h"
#include "daemon/base/text.h"
#include "daemon/cli/print-rollover.h"
#include "daemon/cli/print-server.h"
#include "daemon/ipc/control.h"
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

int print_pem(const char *pem, const char *label, bool headers)
{
	_cleanup_(bytes_done) struct bytes der = {};
	_cleanup_(buffer_done) struct buffer text = {};
	const size_t line = 48; /* bytes in one of 64 letters */
	int r = pem ? text_read_pem(span_of_text(pem), label, &der) : -ENOENT;

	if (r < 0)
		return r;
	if (headers)
		buffer_append_text(&text, pem);
	for (size_t i = 0; !headers && i < der.size; i += line) {
		text_append_base64(&text, span_slice(span_of(der), i, line));
		buffer_append_byte(&text, '\n');
	}
	fwrite(text.data, 1, text.size, stdout);
	return text.error;
}

void print_nothing(const json_t *answer)
{
	(void)answer;
}

static void print_head(const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%-*s%s", columns[i].width, columns[i].title, i + 1 < n ? " " : "\n");
}

static void print_body(const struct column *columns, size_t n, const json_t *rows)
{
	size_t row;
	const json_t *object;

	json_array_foreach(rows, row, object) for (size_t i = 0; i < n; i++)
	{
		print_value(json_object_get(object, columns[i].member), columns[i].width);
		fputs(i + 1 < n ? " " : "\n", stdout);
	}
}

static void print_rows(const struct column *columns, size_t n, const json_t *rows)
{
	print_head(columns, n);
	print_body(columns, n, rows);
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

static const struct column request_columns[] = {{"ReqID", "id", 6},
						{"State", "state", 11},
						{"Fingerprint", "fingerprint", 33},
						{"SubjectName", "subject", 0}};

void print_requests_head(const char *title)
{
	puts(title);
	print_head(request_columns, ELEMENTS(request_columns));
	puts("--------------------------------------------------------------");
}

void print_requests(const json_t *answer)
{
	print_body(request_columns, ELEMENTS(request_columns), json_object_get(answer, "requests"));
}

void print_certificates(const json_t *answer)
{
	static const struct column columns[] = {
		{"Number", "counter", 7},     {"Serial", "serial", 40},
		{"Class", "class", 11},	      {"Standing", "standing", 9},
		{"Expires", "notAfter", 20},  {"Revoked", "revoked", 20},
		{"SubjectName", "subject", 0}};

	print_rows(columns, sizeof(columns) / sizeof(columns[0]),
		   json_object_get(answer, "certificates"));
}

/* A hint on standard error, where no program takes it for the answer. */
void print_revoked(const json_t *answer)
{
	const json_t *beside = json_object_get(answer, "beside"), *one;
	_cleanup_(control_jsonp) json_t *alone = json_copy((json_t *)answer);
	size_t i;

	json_object_del(alone, "beside");
	print_object(alone);
	json_array_foreach(beside, i, one)
	{
		const char *standing = json_string_value(json_object_get(one, "standing"));

		fprintf(stderr,
			"hint: the same subject holds certificate 0x%s %s, which is not revoked\n",
			json_string_value(json_object_get(one, "serial")),
			standing && *standing ? "of the CA certificate to come"
					      : "of another CA certificate");
	}
}

/* "CA" is the generation whose key signed: what another's certificate is checked with. */
static void print_crls(const json_t *crls)
{
	static const struct column columns[] = {{"Number", "number", 8},
						{"CA", "generation", 4},
						{"This update", "thisUpdate", 21},
						{"Next update", "nextUpdate", 21},
						{"Status", "status", 0}};
	const size_t n = sizeof(columns) / sizeof(columns[0]);

	print_rows(columns, json_object_get(json_array_get(crls, 0), "status") ? n : n - 1, crls);
}

/* As IOS shows it, those of displaced generations and what is signed ahead; PEM alone where that
 * was asked for. */
void print_crl(const json_t *answer)
{
	const json_t *displaced = json_object_get(answer, "displaced"),
		     *ahead = json_object_get(answer, "ahead");

	if (!json_object_get(answer, "number")) {
		print_object(answer);
		return;
	}
	puts("Certificate Revocation List:");
	print_member("Issuer", answer, "issuer");
	print_member("This Update", answer, "thisUpdate");
	print_member("Next Update", answer, "nextUpdate");
	print_member("CRL Number", answer, "number");
	print_member("Number of CRL entries", answer, "entries");
	print_member("CRL size in bytes", answer, "size");
	print_member("Status", answer, "status");
	if (json_is_array(displaced)) {
		puts("CRLs of displaced CA certificates:");
		print_crls(displaced);
	}
	if (!json_is_object(ahead))
		return;
	if (json_is_string(json_object_get(ahead, "until")))
		print_member("Signed ahead until", ahead, "until");
	else
		puts("Signed ahead:");
	print_crls(json_object_get(ahead, "crls"));
}

void print_done(const json_t *answer)
{
	const json_t *done = json_object_get(answer, "done"),
		     *failed = json_object_get(answer, "failed"),
		     *removed = json_object_get(answer, "removed"),
		     *left = json_object_get(answer, "left");
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
	if (removed)
		printf("%lld requests removed\n", (long long)json_integer_value(removed));
	else if (!json_array_size(done) && !json_array_size(failed) && !json_array_size(left))
		puts("no request waits");
	json_array_foreach(left, i, row)
	{
		printf("request %lld, class %s: left out: who gets it is given authority; grant it "
		       "by its number\n",
		       (long long)json_integer_value(json_object_get(row, "id")),
		       print_text_of(row, "class"));
	}
}

bool print_has_failures(const json_t *answer)
{
	return json_array_size(json_object_get(answer, "failed")) > 0 ||
	       json_is_false(json_object_get(answer, "whole")) ||
	       json_is_false(json_object_get(answer, "good"));
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

static void print_low_space(const json_t *places)
{
	const json_t *place;
	size_t i;

	json_array_foreach(places, i, place) if (json_is_true(json_object_get(place, "low")))
		printf("Low space: %s has %lld MiB left\n",
		       json_string_value(json_object_get(place, "path")),
		       json_integer_value(json_object_get(place, "freeMiB")));
}

void print_report(const json_t *answer)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(answer, "report"), i, line)
	{
		_cleanup_(buffer_done) struct buffer text = {};

		print_append(&text, span_of_text(json_string_value(line)));
		printf("warning: %.*s\n", (int)text.size, (const char *)text.data);
	}
	puts("read again, and in force");
}

void print_status(const json_t *answer)
{
	static const struct column servers[] = {
		{"Server", "name", 16}, {"State", "state", 12}, {"Reason", "reason", 0}};
	static const struct column trustpoints[] = {
		{"Trustpoint", "name", 16}, {"State", "state", 18}, {"Reason", "reason", 0}};
	const json_t *routers = json_object_get(answer, "trustpoints");

	if (json_array_size(json_object_get(answer, "servers")) || !json_array_size(routers))
		print_rows(servers, ELEMENTS(servers), json_object_get(answer, "servers"));
	print_rollover_troubles(json_object_get(answer, "servers"));
	print_waiting_servers(json_object_get(answer, "servers"));
	if (json_array_size(routers))
		print_rows(trustpoints, ELEMENTS(trustpoints), routers);
	putchar('\n');
	print_tokens(answer);
	putchar('\n');
	print_member("Version", answer, "version");
	print_member("Time is good", json_object_get(answer, "time"), "good");
	print_member("Storage is good", json_object_get(answer, "storage"), "good");
	print_low_space(json_object_get(answer, "space"));
}
