/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-rollover.h"
#include "daemon/cli/print-ios.h"
#include <stdio.h>
#include <string.h>

#define MINUTE_S 60
#define HOUR_S	 3600
#define DAY_S	 86400

static void print_foreign(const json_t *object, const char *member)
{
	print_value(json_object_get(object, member), 0);
}

/* "25 days"; IOS has no words for an overlap with hours and minutes. */
static void print_overlap(long long overlap_s)
{
	const struct {
		long long n;
		const char *unit;
	} parts[] = {{overlap_s / DAY_S, "days"},
		     {overlap_s / HOUR_S % 24, "hours"},
		     {overlap_s / MINUTE_S % 60, "minutes"}};

	fputs("    Auto-Rollover configured, overlap period", stdout);
	for (size_t i = 0; i < ELEMENTS(parts); i++)
		if (parts[i].n || (!i && overlap_s % DAY_S == 0))
			printf(" %lld %s", parts[i].n, parts[i].unit);
	putchar('\n');
}

/* The certificate to come, and where its key is: that one is called LABEL# until it takes over. */
static void print_shadow(const json_t *server, const json_t *rollover)
{
	const json_t *fingerprints = json_object_get(rollover, "fingerprints");

	print_ios_fingerprint("Rollover CA certificate fingerprint", fingerprints, "md5");
	print_ios_fingerprint("Rollover CA certificate fingerprint SHA1", fingerprints, "sha1");
	print_ios_fingerprint("Rollover CA certificate fingerprint SHA256", fingerprints, "sha256");
	print_ios_moment("Rollover CA certificate start time", rollover, "notBefore");
	print_ios_moment("Rollover CA certificate expiration time", rollover, "notAfter");
	fputs("    Rollover CA key: ", stdout);
	print_foreign(server, "name");
	fputs("# on ", stdout);
	print_foreign(rollover, "token");
	putchar('\n');
}

static void print_displaced(const char *indent, const json_t *server)
{
	const json_t *list = json_object_get(json_object_get(server, "rollover"), "displaced");
	const json_t *one;
	char time[PRINT_TIME_SIZE];
	size_t i;

	json_array_foreach(list, i, one)
	{
		printf("%sWARNING: CA certificate %s of ", indent, print_text_of(one, "serial"));
		print_foreign(server, "name");
		printf(" was displaced before its end: what it issued has a CRL of its own, by its "
		       "key, until %s\n",
		       print_ios_time(json_object_get(one, "issuedUntil"), time));
	}
}

static const char *status_of(const json_t *rollover)
{
	const char *status = print_text_of(rollover, "status");

	return !strcmp(status, "available") ? "available for rollover" : status;
}

void print_rollover(const json_t *server)
{
	const json_t *rollover = json_object_get(server, "rollover");
	long long overlap_s = json_integer_value(json_object_get(rollover, "overlap"));
	bool has_shadow = json_object_get(rollover, "serial");

	if (*print_text_of(rollover, "status") &&
	    strcmp(print_text_of(rollover, "status"), "none") != 0)
		printf("    Rollover status: %s\n", status_of(rollover));
	if (*print_text_of(rollover, "reason"))
		print_member("Rollover waits", rollover, "reason");
	if (has_shadow)
		print_shadow(server, rollover);
	if (overlap_s)
		print_overlap(overlap_s);
	if (!has_shadow && json_is_string(json_object_get(rollover, "timer")))
		print_ios_moment("Autorollover timer", rollover, "timer");
	print_displaced("    ", server);
}

void print_rollover_troubles(const json_t *servers)
{
	const json_t *server;
	size_t i;

	json_array_foreach(servers, i, server)
	{
		const json_t *rollover = json_object_get(server, "rollover");

		if (*print_text_of(rollover, "reason")) {
			fputs("Rollover of ", stdout);
			print_foreign(server, "name");
			fputs(" waits: ", stdout);
			print_foreign(rollover, "reason");
			putchar('\n');
		}
		print_displaced("", server);
	}
}
