/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/audit.h"
#include "daemon/base/text.h"
#include "daemon/cli/print.h"
#include <stdio.h>

/* Adds the number of an option, if it was given. False with a message where it is none. */
static bool add_number(json_t *parameters, const char *name, const char *text, int64_t least)
{
	int64_t value;

	if (!text)
		return true;
	if (text_read_number(span_of_text(text), least, INT64_MAX, &value) < 0) {
		fprintf(stderr, "claviger: --%s %s: must be a number from %lld\n", name, text,
			(long long)least);
		return false;
	}
	return json_object_set_new(parameters, name, json_integer(value)) == 0;
}

json_t *audit_list_parameters(const struct invocation *invocation)
{
	json_t *parameters =
		json_pack("{s:s*, s:s*}", "server", invocation->server, "type", invocation->type);

	if (!parameters) {
		fputs("claviger: an argument is no UTF-8 text\n", stderr);
		return NULL;
	}
	if (add_number(parameters, "after", invocation->after, 0) &&
	    add_number(parameters, "limit", invocation->limit, 1))
		return parameters;
	json_decref(parameters);
	return NULL;
}

json_t *audit_verify_parameters(const struct invocation *invocation)
{
	return json_pack("{s:b}", "token", invocation->token);
}

static void print_text(const json_t *value)
{
	_cleanup_(buffer_done) struct buffer text = {};
	const char *string = json_string_value(value);

	print_append(&text, span_of_text(string ? string : "-"));
	printf("%.*s", (int)text.size, text.size ? (const char *)text.data : "");
}

/* NAME=VALUE for each member, foreign values escaped. */
static void print_details(const json_t *details)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)details, name, value)
	{
		printf("  %s=", name);
		if (json_is_integer(value))
			printf("%lld", (long long)json_integer_value(value));
		else
			print_text(value);
	}
	putchar('\n');
}

void audit_list_print(const json_t *answer)
{
	const json_t *record;
	size_t i;

	json_array_foreach(json_object_get(answer, "records"), i, record)
	{
		printf("%lld  ", (long long)json_integer_value(json_object_get(record, "seq")));
		print_text(json_object_get(record, "time"));
		fputs("  ", stdout);
		print_text(json_object_get(record, "type"));
		fputs("  by ", stdout);
		print_text(json_object_get(record, "actor"));
		print_details(json_object_get(record, "details"));
	}
	if (json_is_true(json_object_get(answer, "more")))
		puts("There are more: claviger audit list --after SEQ [--limit N]");
}

static void print_sentences(const char *before, const json_t *sentences)
{
	const json_t *sentence;
	size_t i;

	json_array_foreach(sentences, i, sentence)
	{
		fputs(before, stdout);
		print_text(sentence);
		putchar('\n');
	}
}

void audit_verify_print(const json_t *answer)
{
	print_sentences("WRONG: ", json_object_get(answer, "findings"));
	print_sentences("Note: ", json_object_get(answer, "notes"));
	printf("%lld records, %lld checkpoints: %s\n",
	       (long long)json_integer_value(json_object_get(answer, "records")),
	       (long long)json_integer_value(json_object_get(answer, "checkpoints")),
	       json_is_true(json_object_get(answer, "whole"))
		       ? "the audit is whole"
		       : "the audit is not what was written");
}
