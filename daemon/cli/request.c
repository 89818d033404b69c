/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/request.h"
#include "daemon/base/text.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/csr-text.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print.h"
#include "daemon/cli/source.h"
#include <stdio.h>

#define PAGE 250 /* the first is there at once, and there are not too many of them */

/* In the order IOS lists them. */
static const struct section {
	const char *title, *class;
	bool rollover;
} sections[] = {
	{"Subordinate CA certificate requests:", "subordinate", false},
	{"Subordinate CA rollover certificate requests:", "subordinate", true},
	{"RA certificate requests:", "ra", false},
	{"RA rollover certificate requests:", "ra", true},
	{"Router certificates requests:", "router", false},
	{"Router rollover certificates requests:", "router", true},
};

/* What is asked for, and how far it was answered. */
struct walk {
	const struct invocation *invocation;
	const struct section *section; /* NULL: all of them */
	int64_t before, left;	       /* before: 0 from the newest */
	bool more;
	json_t *page;
};

static int read_option(const char *name, const char *text, int64_t otherwise, int64_t *ret)
{
	*ret = otherwise;
	if (!text || !text_read_number(span_of_text(text), 1, INT64_MAX, ret))
		return 0;
	fprintf(stderr, "claviger: --%s %s: must be a number from 1\n", name, text);
	return -EINVAL;
}

static int walk_begin(const struct invocation *invocation, const struct section *section,
		      struct walk *ret)
{
	*ret = (struct walk){.invocation = invocation, .section = section, .more = true};
	if (read_option("before", invocation->before, 0, &ret->before) < 0 ||
	    read_option("limit", invocation->limit, INT64_MAX, &ret->left) < 0)
		return -EINVAL;
	return 0;
}

static json_t *walk_parameters(const struct walk *walk)
{
	const struct invocation *invocation = walk->invocation;
	json_t *parameters =
		json_pack("{s:s, s:I, s:s*}", "server", invocation->arguments[0], "limit",
			  (json_int_t)(walk->left < PAGE ? walk->left : PAGE), "state",
			  invocation->n_arguments > 1 ? invocation->arguments[1] : NULL);

	if (walk->before)
		json_object_set_new(parameters, "before", json_integer(walk->before));
	if (walk->section) {
		json_object_set_new(parameters, "class", json_string(walk->section->class));
		json_object_set_new(parameters, "rollover", json_boolean(walk->section->rollover));
	}
	return parameters;
}

/* The next page into walk->page; it stays until the next one. */
static enum command_status walk_next(struct walk *walk)
{
	_cleanup_(control_jsonp) json_t *parameters = walk_parameters(walk);
	const json_t *requests;
	enum command_status status;
	size_t n;

	control_jsonp(&walk->page);
	if (!parameters) {
		fputs("claviger: an argument is no UTF-8 text\n", stderr);
		return COMMAND_MISUSE;
	}
	status = connection_call(walk->invocation, CONTROL_REQUEST_LIST, parameters, &walk->page);
	if (status)
		return status;
	requests = json_object_get(walk->page, "requests");
	n = json_array_size(requests);
	walk->left -= (int64_t)n;
	walk->more = n && walk->left > 0 && json_is_true(json_object_get(walk->page, "more"));
	if (n)
		walk->before =
			json_integer_value(json_object_get(json_array_get(requests, n - 1), "id"));
	return COMMAND_DONE;
}

static enum command_status list_section(const struct invocation *invocation,
					const struct section *section)
{
	enum command_status status = COMMAND_DONE;
	bool first = true;
	struct walk walk;

	if (walk_begin(invocation, section, &walk) < 0)
		return COMMAND_MISUSE;
	while (!status && walk.more) {
		status = walk_next(&walk);
		/* Not before the first answer: a server that isn't there has no empty list. */
		if (!status && first && section == sections)
			puts("Enrollment Request Database:\n");
		if (!status && first)
			print_requests_head(section->title);
		if (!status)
			print_requests(walk.page);
		first = false;
	}
	control_jsonp(&walk.page);
	return status;
}

/* One array, written as the pages come. */
static enum command_status list_for_programs(const struct invocation *invocation)
{
	enum command_status status = COMMAND_DONE;
	const char *between = "{\"requests\": [\n";
	struct walk walk;

	if (walk_begin(invocation, NULL, &walk) < 0)
		return COMMAND_MISUSE;
	while (!status && walk.more) {
		const json_t *row;
		size_t i;

		status = walk_next(&walk);
		if (status)
			break;
		json_array_foreach(json_object_get(walk.page, "requests"), i, row)
		{
			fputs(between, stdout);
			json_dumpf(row, stdout, JSON_COMPACT);
			between = ",\n";
		}
	}
	if (!status)
		printf("%s\n]}\n", *between == '{' ? between : "");
	control_jsonp(&walk.page);
	return status;
}

enum command_status request_list(const struct invocation *invocation)
{
	enum command_status status = COMMAND_DONE;

	if (invocation->json)
		return list_for_programs(invocation);
	for (size_t i = 0; i < ELEMENTS(sections) && !status; i++) {
		if (i)
			putchar('\n');
		status = list_section(invocation, &sections[i]);
	}
	return status;
}

/* With headers by --pem, without by --base64; the request's own form has no say. */
static enum command_status print_certificate(const struct invocation *invocation,
					     const json_t *certificate)
{
	return print_pem(json_string_value(certificate), "CERTIFICATE", !invocation->base64) < 0
		       ? COMMAND_FAILED
		       : COMMAND_DONE;
}

static bool wants_certificate(const struct invocation *invocation)
{
	return invocation->pem || invocation->base64;
}

static enum command_status check_forms(const struct invocation *invocation)
{
	if (!invocation->pem || !invocation->base64)
		return COMMAND_DONE;
	fputs("claviger: --pem or --base64, not both\n", stderr);
	return COMMAND_MISUSE;
}

static enum command_status print_added(const struct invocation *invocation, const json_t *answer)
{
	const json_t *certificate = json_object_get(answer, "certificate");
	const json_t *fingerprints = json_object_get(answer, "fingerprints");
	const char *server = invocation->arguments[0];
	long long id = json_integer_value(json_object_get(answer, "id"));

	if (invocation->json) {
		print_json(answer);
		return COMMAND_DONE;
	}
	fprintf(stderr, "CSR fingerprint MD5 %s, SHA1 %s\n", print_text_of(fingerprints, "md5"),
		print_text_of(fingerprints, "sha1"));
	if (certificate)
		return print_certificate(invocation, certificate);
	printf("Request %lld is %s. To issue its certificate:\n"
	       "    claviger request grant %s %lld\n"
	       "    claviger request show %s %lld --%s\n",
	       id, print_text_of(answer, "state"), server, id, server, id,
	       invocation->base64 ? "base64" : "pem");
	return COMMAND_DONE;
}

static json_t *add_parameters(const struct invocation *invocation, struct span der)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_base64(&text, der);
	if (text.error)
		return NULL;
	return json_pack("{s:s, s:s%, s:b}", "server", invocation->arguments[0], "csr", text.data,
			 text.size, "rollover", invocation->rollover);
}

enum command_status request_add(const struct invocation *invocation)
{
	const char *name = invocation->n_arguments > 1 ? invocation->arguments[1] : "-";
	_cleanup_(bytes_done) struct bytes input = {}, der = {};
	_cleanup_(control_jsonp) json_t *parameters = NULL, *answer = NULL;
	enum command_status status = check_forms(invocation);
	const char *reason = "";

	if (!status)
		status = source_read(invocation, "certificate request", name, &input);
	if (status)
		return status;
	if (csr_text_read(span_of(input), &der, &reason) < 0) {
		fprintf(stderr, "claviger: %s: no certificate request: %s\n", name, reason);
		return COMMAND_FAILED;
	}
	parameters = add_parameters(invocation, span_of(der));
	if (!parameters) {
		fputs("claviger: the server's name is no UTF-8 text\n", stderr);
		return COMMAND_MISUSE;
	}
	status = connection_call(invocation, CONTROL_REQUEST_ADD, parameters, &answer);
	return status ? status : print_added(invocation, answer);
}

/* Its transactionID as the log has it, by which it is looked for. */
static void print_request(const json_t *answer)
{
	_cleanup_(control_jsonp) json_t *copy = json_copy((json_t *)answer);
	_cleanup_(bytes_done) struct bytes id = {};
	_cleanup_(buffer_done) struct buffer text = {};

	if (text_read_hex(span_of_text(print_text_of(answer, "transaction")), &id) >= 0)
		text_append_escaped(&text, span_of(id));
	if (text.size)
		json_object_set_new(copy, "transaction",
				    json_stringn((const char *)text.data, text.size));
	print_object(copy);
}

static enum command_status print_shown(const struct invocation *invocation, const json_t *answer)
{
	const json_t *certificate = json_object_get(answer, "certificate");

	if (invocation->json)
		print_json(answer);
	else if (!wants_certificate(invocation))
		print_request(answer);
	else if (certificate)
		return print_certificate(invocation, certificate);
	else {
		fprintf(stderr, "claviger: request %s is %s: it has no certificate\n",
			invocation->arguments[1], print_text_of(answer, "state"));
		return COMMAND_FAILED;
	}
	return COMMAND_DONE;
}

enum command_status request_show(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = NULL, *answer = NULL;
	enum command_status status = check_forms(invocation);

	if (status)
		return status;
	parameters = parameters_server_id(invocation);
	if (!parameters)
		return COMMAND_MISUSE;
	status = connection_call(invocation, CONTROL_REQUEST_SHOW, parameters, &answer);
	return status ? status : print_shown(invocation, answer);
}
