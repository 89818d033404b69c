/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key that comes with its certificates in a file: the token's process takes it, since clavigerd
 * may see no private key; clavigerd takes the certificates. Both look before either does anything.
 */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/certificate-text.h"
#include "daemon/cli/key-files.h"
#include "daemon/cli/key.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/trustpoint.h"
#include <stdio.h>
#include <string.h>

#define ROLE_IDENTITY 3 /* of policy/charter.h */

struct carrying {
	const struct invocation *invocation;
	const char *name, *token, *label;
	struct buffer content; /* of the files */
	struct buffer keys;    /* of PEM: the private keys alone; certificates go to clavigerd */
	struct secret passphrase;
	struct buffer certificates; /* DER after DER, the key's own first */
	char key[2 * SHA256_SIZE + 1];
	bool held; /* the token has the key already: an earlier try got so far */
};

static void carrying_done(struct carrying *carrying)
{
	buffer_done(&carrying->content); /* what is in it is encrypted */
	buffer_done(&carrying->keys);
	buffer_done(&carrying->certificates);
	secret_done(&carrying->passphrase);
}

static enum command_status fail(const char *about, const char *why)
{
	fprintf(stderr, "claviger: %s: %s\n", about, why);
	return COMMAND_FAILED;
}

static enum command_status find_place(struct carrying *carrying, struct conf **ret_conf)
{
	const struct conf_trustpoint *trustpoint;

	if (connection_load_config(carrying->invocation, ret_conf))
		return COMMAND_FAILED;
	trustpoint = conf_find_trustpoint(*ret_conf, carrying->name);
	if (!trustpoint)
		return fail(carrying->name, "no [Trustpoint] of this name in the configuration");
	carrying->token = trustpoint->token	       ? trustpoint->token
			  : (*ret_conf)->n_tokens == 1 ? (*ret_conf)->tokens[0].name
						       : NULL;
	carrying->label = trustpoint->key ? trustpoint->key : trustpoint->name;
	return carrying->token ? COMMAND_DONE
			       : fail(carrying->name, "which token? set Token= of its section");
}

static bool is_pem(const struct carrying *carrying)
{
	return !strcmp(carrying->invocation->arguments[1], "pem");
}

/* Routers write the CA's certificate first, the key, and then its own certificate: which belongs to
 * the key is not for the order to say. */
static int cut_keys(struct carrying *carrying)
{
	struct span text = span_of_buffer(&carrying->content);
	const uint8_t *begin, *end, *label;

	while ((begin = memmem(text.data, text.size, "-----BEGIN ", 11))) {
		text = span_slice(text, (size_t)(begin - text.data), SIZE_MAX);
		end = memmem(text.data, text.size, "-----END ", 9);
		label = memmem(text.data, text.size, "PRIVATE KEY-----", 16);
		if (!end)
			break;
		if (label && label < end) {
			const uint8_t *line = memchr(end, '\n', text.size - (size_t)(end - begin));
			size_t size = line ? (size_t)(line - begin) + 1 : text.size;

			buffer_append(&carrying->keys, span_slice(text, 0, size));
		}
		text = span_slice(text, (size_t)(end - begin) + 9, SIZE_MAX);
	}
	return carrying->keys.error;
}

/* "terminal" is up to a line "quit". */
static enum command_status read_files(struct carrying *carrying)
{
	struct key_words words = {.format = carrying->invocation->arguments[1],
				  .usage = KEY_USAGE_GENERAL};

	for (int i = 2; i < carrying->invocation->n_arguments; i++) {
		const char *word = carrying->invocation->arguments[i];

		if (!strcmp(word, "usage-keys"))
			return fail("usage-keys", "one key with its certificate is brought; make "
						  "two with UsageKeys=, on the token");
		if (!strcmp(word, "terminal"))
			words.terminal = true;
		else if (words.n_files < (int)ELEMENTS(words.files))
			words.files[words.n_files++] = word;
	}
	if (key_files_read(&words, words.usage, &carrying->content) < 0 ||
	    (is_pem(carrying) && cut_keys(carrying) < 0))
		return COMMAND_FAILED;
	if (is_pem(carrying) && !carrying->keys.size)
		return fail("the files", "no private key is in them");
	return carrying->content.size <= KEY_FILES_MOST
		       ? COMMAND_DONE
		       : fail("the files", "larger than 32 KiB together");
}

/* A PKCS#12's are told by the token's process, which opens it; PEM's are there to be read. */
static enum command_status find_certificates(struct carrying *carrying,
					     const struct ipc_token_imported *imported)
{
	_cleanup_(bytes_done) struct bytes read = {};
	const char *reason = "it has no certificate beside the key";

	buffer_done(&carrying->certificates);
	if (is_pem(carrying)) {
		if (certificate_text_read(span_of_buffer(&carrying->content), &read, &reason) < 0)
			return fail("the files", reason);
		buffer_append(&carrying->certificates, span_of(read));
	} else {
		if (!imported->certificate.size)
			return fail("the PKCS#12", reason);
		buffer_append(&carrying->certificates, imported->certificate);
		buffer_append(&carrying->certificates, imported->others);
	}
	return carrying->certificates.error ? COMMAND_FAILED : COMMAND_DONE;
}

static enum command_status to_token(struct carrying *carrying, bool look_only)
{
	const struct invocation *invocation = carrying->invocation;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(buffer_done) struct buffer hex = {};
	struct ipc_token_import message = {
		.look_only = look_only,
		.role = ROLE_IDENTITY,
		.usage = KEY_USAGE_GENERAL,
		.exportable = invocation->exportable ? KEY_EXPORTABLE_ALWAYS : KEY_EXPORTABLE_NEVER,
		.label = span_of_text(carrying->label),
		.passphrase = span_of_secret(carrying->passphrase),
		.content = span_of_buffer(is_pem(carrying) ? &carrying->keys : &carrying->content),
	};
	struct ipc_token_imported imported;
	uint8_t sha256_of_key[SHA256_SIZE];

	if (connection_ask_token(invocation, carrying->token, IPC_TOKEN_IMPORT, &message, &packet))
		return connection_token_failed(carrying->token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_IMPORTED, &imported) < 0)
		return COMMAND_FAILED;
	sha256(imported.spki, sha256_of_key);
	text_append_hex(&hex, SPAN_ARRAY(sha256_of_key), false);
	if (hex.error)
		return COMMAND_FAILED;
	memcpy(carrying->key, hex.data, hex.size);
	carrying->held = imported.id.size > 0;
	return look_only ? find_certificates(carrying, &imported) : COMMAND_DONE;
}

static enum command_status to_daemon(struct carrying *carrying, bool look_only)
{
	const struct invocation *invocation = carrying->invocation;
	_cleanup_(control_jsonp) json_t *parameters =
		json_pack("{s:s, s:s, s:b}", "name", carrying->name, "token", carrying->token,
			  "look", (int)look_only);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status;
	const json_t *one;
	size_t i;

	if (!parameters || trustpoint_add_base64(parameters, "certificates",
						 span_of_buffer(&carrying->certificates)) < 0)
		return COMMAND_FAILED;
	/* Before it is there nobody can say more of the key than its certificate does. */
	if (!look_only && json_object_set_new(parameters, "key", json_string(carrying->key)) < 0)
		return COMMAND_FAILED;
	status = connection_call(invocation, CONTROL_TRUSTPOINT_IMPORT, parameters, &answer);
	if (status || look_only)
		return status;
	if (invocation->json) {
		print_json(answer);
		return COMMAND_DONE;
	}
	printf("imported %s to token %s%s\n", carrying->label, carrying->token,
	       invocation->exportable ? ", exportable" : ", not exportable from here on");
	json_array_foreach(json_object_get(answer, "granted"), i, one)
		print_trustpoint_certificate(carrying->name, one);
	return COMMAND_DONE;
}

enum command_status trustpoint_carry_in(const struct invocation *invocation)
{
	_cleanup_(carrying_done) struct carrying carrying = {.invocation = invocation,
							     .name = invocation->arguments[0]};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	enum command_status status = find_place(&carrying, &conf);

	if (!status)
		status = read_files(&carrying);
	if (!status && key_ask_passphrase(invocation, "Passphrase of the private key", false,
					  &carrying.passphrase) < 0)
		status = COMMAND_FAILED;
	if (!status)
		status = to_token(&carrying, true);
	if (!status)
		status = to_daemon(&carrying, true);
	if (!status && !carrying.held)
		status = to_token(&carrying, false);
	return status ? status : to_daemon(&carrying, false);
}
