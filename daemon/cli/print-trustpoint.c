/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/print-ios.h"
#include <stdio.h>
#include <string.h>

/* trustpoint.look */

static void print_looked(const json_t *certificate)
{
	const json_t *fingerprints = json_object_get(certificate, "fingerprints");

	print_line("Serial Number  : ", print_text_of(certificate, "serial"));
	puts("Subject Name   :");
	print_line("    ", print_text_of(certificate, "subject"));
	puts("Issued By      :");
	print_line("    ", print_text_of(certificate, "issuer"));
	print_ios_line("Validity Start : ", certificate, "notBefore");
	print_ios_line("Validity End   : ", certificate, "notAfter");
	puts("Certificate has the following attributes:");
	print_ios_fingerprint("   Fingerprint MD5", fingerprints, "md5");
	print_ios_fingerprint("  Fingerprint SHA1", fingerprints, "sha1");
	print_ios_fingerprint("Fingerprint SHA256", fingerprints, "sha256");
}

void print_trustpoint_look(const json_t *answer)
{
	const json_t *certificate;
	size_t i;

	print_looked(json_object_get(answer, "ca"));
	json_array_foreach(json_object_get(answer, "others"), i, certificate)
	{
		if (!i)
			puts("% With it came:");
		print_line("    ", print_text_of(certificate, "subject"));
		/* Requests may be enveloped to it, and the CA's fingerprint says nothing of it. */
		print_ios_fingerprint("  Fingerprint SHA256",
				      json_object_get(certificate, "fingerprints"), "sha256");
	}
	if (*print_text_of(answer, "pinned"))
		puts(!strcmp(print_text_of(answer, "pinned"), "yes")
			     ? "Trustpoint Fingerprint: matches"
			     : "Trustpoint Fingerprint: does NOT match");
	if (json_is_true(json_object_get(answer, "known")))
		puts("% This CA certificate is trusted already.");
	if (*print_text_of(answer, "replaces"))
		print_line("% It replaces the CA certificate in force: ",
			   print_text_of(answer, "replaces"));
}

/* trustpoint.show */

static void print_optional(const char *title, const json_t *object, const char *member)
{
	if (*print_text_of(object, member))
		print_line(title, print_text_of(object, member));
}

static void print_key(const json_t *trustpoint)
{
	const json_t *key = json_object_get(trustpoint, "key");

	if (!json_is_object(key))
		return;
	print_line("    Key: ", print_text_of(key, "label"));
	print_optional("    Token: ", key, "token");
	if (!strcmp(print_text_of(key, "exportable"), "yes"))
		puts("    ! RSA key pair associated with trustpoint is exportable");
}

/* What asks for somebody's attention. */
static void print_trouble(const json_t *trustpoint)
{
	const json_t *halt = json_object_get(trustpoint, "halt"),
		     *failure = json_object_get(trustpoint, "failure");

	print_optional("    Trouble: ", trustpoint, "keyTrouble");
	if (json_is_object(halt)) {
		print_line("    Stopped: ", print_text_of(halt, "reason"));
		print_line("    To do: ", print_text_of(halt, "todo"));
	}
	if (json_is_object(failure)) {
		print_line("    Last try failed: ", print_text_of(failure, "reason"));
		print_ios_line("    Last try: ", failure, "at");
	}
}

static void print_next(const json_t *trustpoint)
{
	const json_t *next;
	size_t i;

	json_array_foreach(json_object_get(trustpoint, "timers"), i, next)
	{
		char time[PRINT_TIME_SIZE];

		printf("    %s timer: %s\n", print_text_of(next, "timer"),
		       print_ios_time(json_object_get(next, "when"), time));
	}
	print_optional("    No rollover: ", trustpoint, "noRollover");
}

static void print_ca_lines(const json_t *trustpoint)
{
	const json_t *ca = json_object_get(trustpoint, "ca");

	puts("    Subject Name:");
	print_name(print_text_of(ca, "subject"));
	print_line("    Serial Number: ", print_text_of(ca, "serial"));
	puts("    Certificate configured.");
	if (json_is_object(json_object_get(trustpoint, "nextCa")))
		puts("    Rollover certificate configured.");
}

static void print_requests_of(const json_t *trustpoint)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(trustpoint, "requests"), i, one)
	{
		printf("    Request: %s, %s\n", print_text_of(one, "status"),
		       print_text_of(one, "usage"));
		print_optional("      Told: ", one, "told");
	}
}

void print_trustpoint(const json_t *answer)
{
	fputs("Trustpoint ", stdout);
	print_value(json_object_get(answer, "name"), 0);
	puts(":");
	if (json_is_object(json_object_get(answer, "ca")))
		print_ca_lines(answer);
	print_line("    State: ", print_text_of(answer, "state"));
	print_optional("    Server: ", answer, "server");
	print_optional("    Enrollment URL: ", answer, "url");
	if (*print_text_of(answer, "protocol")) {
		puts("    Enrollment Protocol:");
		print_line("      ", print_text_of(answer, "protocol"));
	}
	print_key(answer);
	print_requests_of(answer);
	print_trouble(answer);
	print_next(answer);
}

void print_trustpoints(const json_t *answer)
{
	print_list(json_object_get(answer, "trustpoints"), print_trustpoint, "no trustpoints");
}

void print_trustpoint_cleared(const json_t *answer)
{
	const json_t *key;
	size_t i;

	print_line("% Certificates deleted: ", print_text_of(answer, "name"));
	json_array_foreach(json_object_get(answer, "keys"), i, key)
		printf("%% Key %s %s\n", print_text_of(key, "label"), print_text_of(key, "done"));
}
