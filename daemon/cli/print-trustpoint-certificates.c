/* SPDX-License-Identifier: Apache-2.0 */
/* What a trustpoint holds and waits for, certificate by certificate. */
#include "daemon/cli/print-ios.h"
#include "daemon/cli/print-trustpoint.h"
#include <stdio.h>

/* Attribute by attribute, as routers show a subject. */
static void print_subject(const json_t *certificate)
{
	puts("  Subject Name");
	if (*print_text_of(certificate, "name"))
		print_line("    Name: ", print_text_of(certificate, "name"));
	if (*print_text_of(certificate, "ipAddress"))
		print_line("    IP Address: ", print_text_of(certificate, "ipAddress"));
	if (*print_text_of(certificate, "deviceSerial"))
		print_line("    Serial Number: ", print_text_of(certificate, "deviceSerial"));
	print_line("    ", print_text_of(certificate, "subject"));
}

static void print_points(const json_t *points)
{
	const json_t *point;
	size_t i;

	json_array_foreach(points, i, point)
	{
		if (!i)
			puts("  CRL Distribution Points:");
		print_line("    ", json_string_value(point));
	}
}

static void print_body(const char *name, const json_t *certificate)
{
	print_line("  Certificate Serial Number (hex): ", print_text_of(certificate, "serial"));
	print_line("  Key Usage: ", print_text_of(certificate, "usage"));
	print_line("  Issuer: ", print_text_of(certificate, "issuer"));
	print_subject(certificate);
	print_points(json_object_get(certificate, "cdp"));
	puts("  Validity Date:");
	print_ios_line("    start date: ", certificate, "notBefore");
	print_ios_line("    end   date: ", certificate, "notAfter");
	if (json_is_string(json_object_get(certificate, "renews")))
		print_ios_line("    renew date: ", certificate, "renews");
	print_line("  Associated Trustpoints: ", name);
	if (*print_text_of(certificate, "token"))
		print_line("  Storage: ", print_text_of(certificate, "token"));
}

static void print_titled(const char *title, const char *name, const json_t *certificate)
{
	puts(title);
	print_line("  Status: ", *print_text_of(certificate, "status")
					 ? print_text_of(certificate, "status")
					 : "Available");
	print_body(name, certificate);
}

void print_trustpoint_certificate(const char *name, const json_t *certificate)
{
	print_titled("Certificate", name, certificate);
}

/* Until it is granted all that is known of it is what was asked for. */
static void print_request(const json_t *request)
{
	const json_t *fingerprints = json_object_get(request, "fingerprints");

	puts("Certificate");
	print_subject(request);
	print_line("  Status: ", print_text_of(request, "status"));
	print_line("  Key Usage: ", print_text_of(request, "usage"));
	print_ios_fingerprint("Fingerprint", fingerprints, "md5");
	print_ios_fingerprint("Fingerprint SHA1", fingerprints, "sha1");
	print_ios_fingerprint("Fingerprint SHA256", fingerprints, "sha256");
	if (*print_text_of(request, "told"))
		print_line("  Told: ", print_text_of(request, "told"));
}

static bool print_each(const char *title, const char *name, const json_t *list, bool more)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (more || i)
			putchar('\n');
		print_titled(title, name, one);
	}
	return more || json_array_size(list);
}

static bool print_ca(const char *title, const char *name, const json_t *ca, bool more)
{
	if (!json_is_object(ca))
		return more;
	if (more)
		putchar('\n');
	print_titled(title, name, ca);
	return true;
}

void print_trustpoint_certificates(const json_t *trustpoint)
{
	const char *name = print_text_of(trustpoint, "name");
	const json_t *one;
	bool more;
	size_t i;

	more = print_each("Certificate (Rollover)", name,
			  json_object_get(trustpoint, "nextIdentities"), false);
	more = print_each("Certificate", name, json_object_get(trustpoint, "identities"), more);
	json_array_foreach(json_object_get(trustpoint, "requests"), i, one)
	{
		if (more)
			putchar('\n');
		print_request(one);
		more = true;
	}
	more = print_ca("CA Certificate (Rollover)", name, json_object_get(trustpoint, "nextCa"),
			more);
	(void)print_ca("CA Certificate", name, json_object_get(trustpoint, "ca"), more);
}

static void print_entry(const char *words, const json_t *certificate)
{
	if (!json_is_object(certificate))
		return;
	printf(" %s %s\n", words, print_text_of(certificate, "serial"));
	print_hex_block(print_text_of(certificate, "pem"));
}

void print_trustpoint_chain(const json_t *trustpoint)
{
	const json_t *one;
	size_t i;

	print_line("crypto pki certificate chain ", print_text_of(trustpoint, "name"));
	json_array_foreach(json_object_get(trustpoint, "identities"), i, one)
		print_entry("certificate", one);
	print_entry("certificate ca", json_object_get(trustpoint, "ca"));
	json_array_foreach(json_object_get(trustpoint, "nextIdentities"), i, one)
		print_entry("certificate rollover", one);
	print_entry("certificate rollover ca", json_object_get(trustpoint, "nextCa"));
}
