/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/trustpoint-verify.h"
#include "daemon/cli/object-file.h"
#include "daemon/cli/print.h"
#include <stdio.h>

static json_t *with_trustpoint(json_t *parameters, const char *name)
{
	json_t *text = parameters ? json_string(name) : NULL;

	if (text && !json_object_set_new(parameters, "trustpoint", text))
		return parameters;
	fputs("claviger: the trustpoint's name is no UTF-8 text\n", stderr);
	json_decref(parameters);
	return NULL;
}

json_t *trustpoint_verify_parameters(const struct invocation *invocation)
{
	json_t *certificates = object_file_read_all(invocation->arguments[0], "CERTIFICATE");
	json_t *parameters;

	if (!certificates)
		return NULL;
	parameters = json_pack("{s:o}", "certificates", certificates);
	return invocation->n_arguments < 2 ? parameters
					   : with_trustpoint(parameters, invocation->arguments[1]);
}

json_t *trustpoint_validate_parameters(const struct invocation *invocation)
{
	return with_trustpoint(json_object(), invocation->arguments[0]);
}

static void print_foreign(const json_t *object, const char *member)
{
	print_value(json_object_get(object, member), 0);
}

static void print_who(const json_t *object)
{
	print_foreign(object, "subject");
	fputs(", serial ", stdout);
	print_foreign(object, "serial");
}

/* A line for each certificate, the anchor last, and one for each place of its CRL. */
static void print_item(const json_t *item, bool is_anchor)
{
	const json_t *crl = json_object_get(item, "crl"), *place;
	size_t i;

	fputs("    ", stdout);
	print_who(item);
	fputs(", until ", stdout);
	print_foreign(item, "notAfter");
	fputs(is_anchor ? ": trusted" : "; revocation: ", stdout);
	if (!is_anchor)
		print_foreign(item, "revocation");
	if (json_is_object(crl)) {
		fputs(", by ", stdout);
		print_foreign(crl, "from");
		fputs(", in force until ", stdout);
		print_foreign(crl, "nextUpdate");
	}
	putchar('\n');
	json_array_foreach(json_object_get(item, "places"), i, place)
	{
		fputs("        CRL: ", stdout);
		print_value(place, 0);
		putchar('\n');
	}
}

static void print_verdict(const json_t *answer, bool good)
{
	bool of_server = json_is_string(json_object_get(answer, "server"));

	print_who(answer);
	fputs(good ? ": good, by " : ": refused: ", stdout);
	if (good) {
		fputs(of_server ? "server " : "trustpoint ", stdout);
		print_foreign(answer, of_server ? "server" : "trustpoint");
	} else {
		print_foreign(answer, "reason");
		fputs(" (", stdout);
		print_foreign(answer, "rule");
		putchar(')');
	}
	putchar('\n');
}

void trustpoint_verify_print(const json_t *answer)
{
	const json_t *path = json_object_get(answer, "path"), *item;
	bool good = json_is_true(json_object_get(answer, "good"));
	size_t i, n = json_array_size(path);
	/* Where it leads to none it has no anchor at its end. */
	bool has_anchor = json_is_string(json_object_get(answer, "trustpoint")) ||
			  json_is_string(json_object_get(answer, "server"));

	print_verdict(answer, good);
	json_array_foreach(path, i, item) print_item(item, has_anchor && i + 1 == n);
}
