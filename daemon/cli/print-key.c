/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for people, as routers list them: the key's data is the DER of its SubjectPublicKeyInfo. */
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

#define WORD	8 /* hex digits between two blanks */
#define OF_LINE 8 /* words */

static void print_data(const char *hex)
{
	size_t n = strlen(hex);

	for (size_t i = 0; i < n; i += WORD)
		printf("%s%.*s%s", i % (WORD * OF_LINE) ? "" : "  ", WORD, hex + i,
		       i + WORD >= n || (i + WORD) % (WORD * OF_LINE) == 0 ? "\n" : " ");
}

static void print_key(const json_t *key)
{
	const char *made = print_text_of(key, "madeAt"), *server = print_text_of(key, "server");

	print_line("% Key pair was generated at: ", *made ? made : "unknown");
	print_line("Key name: ", print_text_of(key, "name"));
	puts("Key type: RSA KEYS");
	print_line(" Storage Device: ", print_text_of(key, "token"));
	print_line(" Usage: ", print_text_of(key, "usageWords"));
	print_line(" Role: ", print_text_of(key, "role"));
	if (*server)
		print_line(" Server: ", server);
	if (!json_is_true(json_object_get(key, "present")))
		puts(" Key is not on the token that is there.");
	print_line(" ", print_text_of(key, "exportableWords"));
	puts(" Key Data:");
	print_data(print_text_of(key, "publicKey"));
}

void print_keys(const json_t *answer)
{
	print_list(json_object_get(answer, "keys"), print_key, "no keys");
}

/* "RSA General purpose": what IOS XR calls the usage. */
static const char *xr_type(const json_t *key)
{
	const char *usage = print_text_of(key, "usage");

	return !strcmp(usage, "signature")    ? "RSA Signature"
	       : !strcmp(usage, "encryption") ? "RSA Encryption"
					      : "RSA General purpose";
}

static void print_key_xr(const json_t *key)
{
	const char *made = print_text_of(key, "madeAt");

	print_line("Key label:", print_text_of(key, "name"));
	printf("Type      :%s\nSize      :%d\n", xr_type(key),
	       (int)json_integer_value(json_object_get(key, "bits")));
	print_line("Created   :", *made ? made : "unknown");
	puts("Data      :");
	print_data(print_text_of(key, "publicKey"));
}

void print_keys_xr(const json_t *answer)
{
	print_list(json_object_get(answer, "keys"), print_key_xr, NULL);
}

/* A member's texts, a blank between; @otherwise where there are none. */
static void print_texts(const char *title, const json_t *texts, const char *otherwise)
{
	_cleanup_(buffer_done) struct buffer line = {};
	const json_t *text;
	size_t i;

	json_array_foreach(texts, i, text)
	{
		if (i)
			buffer_append_byte(&line, ' ');
		print_append(&line, span_of_text(json_string_value(text)));
	}
	printf("%s%.*s\n", title, i ? (int)line.size : (int)strlen(otherwise),
	       i ? (const char *)line.data : otherwise);
}

static long long number_of(const json_t *object, const char *member)
{
	return (long long)json_integer_value(json_object_get(object, member));
}

/* "412 tls, 3 cms"; what never happened is left out. */
static void print_allowed(const json_t *use)
{
	const char *last = print_text_of(use, "lastUse"), *separator = "", *kind;
	const json_t *count;

	fputs("    allowed: ", stdout);
	json_object_foreach((json_t *)json_object_get(use, "allowedFor"), kind, count)
	{
		if (!json_integer_value(count))
			continue;
		printf("%s%lld %s", separator, (long long)json_integer_value(count), kind);
		separator = ", ";
	}
	printf("%s%s%s\n", *separator ? "" : "nothing yet", *last ? "; last at " : "", last);
}

static void print_refused(const json_t *use)
{
	const char *last = print_text_of(use, "lastRefusal");

	printf("    refused: %lld%s%s\n", number_of(use, "refused"), *last ? "; last at " : "",
	       last);
	if (*last)
		print_line("      ", print_text_of(use, "lastRefusalReason"));
	if (number_of(use, "failed"))
		printf("    failed:  %lld\n", number_of(use, "failed"));
}

static void print_use(const json_t *use)
{
	print_line("Use ", print_text_of(use, "name"));
	print_line("    key:     ", print_text_of(use, "key"));
	print_texts("    users:   ", json_object_get(use, "users"), "nobody");
	print_texts("    units:   ", json_object_get(use, "units"), "any");
	print_texts("    for:     ", json_object_get(use, "for"), "nothing");
	printf("    rate:    %lld a second for each user\n", number_of(use, "rateLimit"));
	print_allowed(use);
	print_refused(use);
}

/* Whom no section is about; nothing where nobody came. */
static void print_strangers(const json_t *strangers)
{
	if (!number_of(strangers, "refused"))
		return;
	printf("\nRefused to users of no section: %lld; last at %s\n",
	       number_of(strangers, "refused"), print_text_of(strangers, "lastRefusal"));
	print_line("      ", print_text_of(strangers, "lastRefusalReason"));
}

void print_key_uses(const json_t *answer)
{
	print_list(json_object_get(answer, "uses"), print_use,
		   "no [Use] section: no program but claviger's own uses a key");
	print_strangers(json_object_get(answer, "strangers"));
}
