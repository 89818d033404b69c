/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/reference.h"
#include "daemon/base/files.h"
#include "daemon/base/key-reference.h"
#include "daemon/base/text.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

/* The key of this answer that is wanted: of two usage keys the one that signs, or opens. */
static const json_t *choose(const struct invocation *invocation, const json_t *keys)
{
	const json_t *key;
	size_t i;

	json_array_foreach(keys, i, key)
	{
		const char *usage = print_text_of(key, "usage");

		if (strcmp(usage, invocation->encryption ? "signature" : "encryption") != 0)
			return key;
	}
	/* a label that is one of the two's */
	return invocation->encryption ? NULL : json_array_get(keys, 0);
}

static int write_pem(const json_t *key, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes spki = {};
	int r = text_read_hex(span_of_text(print_text_of(key, "publicKey")), &spki);

	return r < 0 ? r : key_reference_write(print_text_of(key, "name"), span_of(spki), ret);
}

/* What goes to standard output is a file's content, so what is said goes beside it. */
static void tell(const struct invocation *invocation, const json_t *keys)
{
	const char *name = invocation->arguments[0];

	if (json_array_size(keys) > 1 && !invocation->encryption)
		fprintf(stderr,
			"claviger: %s has two keys: this is the one that signs; --encryption gives "
			"the other\n",
			name);
	if (invocation->n_arguments > 1)
		fprintf(stderr, "wrote %s\n", invocation->arguments[1]);
}

static enum command_status give(const struct invocation *invocation, const json_t *keys,
				struct span pem)
{
	int r = 0;

	if (invocation->n_arguments > 1)
		r = file_write_atomically(invocation->arguments[1], pem, 0644);
	else
		fwrite(pem.data, 1, pem.size, stdout);
	if (r < 0) {
		fprintf(stderr, "claviger: %s: %s\n", invocation->arguments[1], file_error_text(r));
		return COMMAND_FAILED;
	}
	tell(invocation, keys);
	return COMMAND_DONE;
}

static void give_json(const json_t *key, struct span pem)
{
	_cleanup_(control_jsonp) json_t *answer = json_deep_copy(key);

	json_object_set_new(answer, "pem", json_stringn((const char *)pem.data, pem.size));
	print_json(answer);
}

static bool is_right(const struct invocation *invocation)
{
	if (invocation->n_arguments > 1 && strstr(invocation->arguments[1], "://"))
		fprintf(stderr, "claviger: %s: a file's path is wanted\n",
			invocation->arguments[1]);
	else if (invocation->n_arguments > 1 && invocation->json)
		fputs("claviger: either a FILE or --json\n", stderr);
	else
		return true;
	return false;
}

enum command_status reference_run(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = NULL, *answer = NULL;
	_cleanup_(bytes_done) struct bytes pem = {};
	const char *name = invocation->arguments[0];
	const json_t *keys, *key;
	enum command_status status;

	if (!is_right(invocation))
		return COMMAND_MISUSE;
	parameters = json_pack("{s:s}", "name", name);
	status = connection_call(invocation, CONTROL_KEY_REFERENCE, parameters, &answer);
	if (status)
		return status;
	keys = json_object_get(answer, "keys");
	key = choose(invocation, keys);
	if (!key) {
		fprintf(stderr,
			"claviger: %s has no key that opens what is encrypted to it: claviger key "
			"list shows each key's usage\n",
			name);
		return COMMAND_FAILED;
	}
	int r = write_pem(key, &pem);
	if (r < 0) {
		fprintf(stderr, "claviger: the key of %s: %s\n", name, strerror(-r));
		return COMMAND_FAILED;
	}
	if (!invocation->json)
		return give(invocation, keys, span_of(pem));
	give_json(key, span_of(pem));
	return COMMAND_DONE;
}
