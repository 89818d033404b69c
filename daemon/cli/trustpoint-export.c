/* SPDX-License-Identifier: Apache-2.0 */
/* `trustpoint export`: certificates are public; a key leaves encrypted, where it was made to. */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/key.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/server-export.h"
#include "daemon/cli/trustpoint.h"
#include <stdio.h>
#include <string.h>

struct exporting {
	const struct invocation *invocation;
	const char *name, *file; /* NULL: standard output */
	int form;		 /* enum key_form */
	struct secret passphrase;
	struct buffer out;
};

static void exporting_done(struct exporting *exporting)
{
	buffer_done(&exporting->out); /* its keys are encrypted */
	secret_done(&exporting->passphrase);
}

static const char *text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

static bool is_pkcs12(const struct exporting *exporting)
{
	return exporting->form == KEY_FORM_ARCHIVE_PKCS12;
}

static enum command_status fail(const char *about, const char *why)
{
	fprintf(stderr, "claviger: %s: %s\n", about, why);
	return COMMAND_FAILED;
}

/* DER of a PEM member, appended. */
static int append_der(struct buffer *out, const json_t *certificate)
{
	_cleanup_(bytes_done) struct bytes der = {};
	int r = text_read_pem(span_of_text(text_of(certificate, "pem")), "CERTIFICATE", &der);

	buffer_append(out, span_of(der));
	return r ? r : out->error;
}

/* The CA's, and what came with it. */
static int append_others(struct buffer *out, const json_t *shown)
{
	const json_t *one;
	size_t i;
	int r = append_der(out, json_object_get(shown, "ca"));

	json_array_foreach(json_object_get(shown, "others"), i, one) r =
		r ? r : append_der(out, one);
	return r;
}

/* The key of an identity, on its token. Whether it may leave is said before its passphrase is
 * asked. */
static enum command_status find_key(const struct exporting *exporting, const json_t *identity,
				    struct key_entry *ret)
{
	const char *token = text_of(identity, "token");
	int status = COMMAND_DONE;

	for (unsigned i = 0; !status; i++) {
		_cleanup_(buffer_done) struct buffer hex = {};
		_cleanup_(key_entry_done) struct key_entry entry = {0};

		status = key_entry_at(exporting->invocation, token, i, &entry);
		text_append_hex(&hex, SPAN_ARRAY(entry.sha256), false);
		if (status ||
		    !span_equal(span_of_buffer(&hex), span_of_text(text_of(identity, "key"))))
			continue;
		if (entry.info.exportable != KEY_EXPORTABLE_ALWAYS) {
			fprintf(stderr,
				"claviger: %s: %s It never leaves its token, and no copy of it can "
				"be made; --public writes the certificates alone\n",
				exporting->name, key_exportable_words(entry.info.exportable));
			return COMMAND_FAILED;
		}
		*ret = TAKE_STRUCT(entry);
		return COMMAND_DONE;
	}
	return status == KEY_ENTRY_NONE ? fail(exporting->name, "its key is not on its token")
					: (enum command_status)status;
}

static enum command_status append_key(struct exporting *exporting, const json_t *shown,
				      const json_t *identity, const struct key_entry *entry)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(buffer_done) struct buffer own = {}, others = {};
	struct ipc_token_export message = {
		.key = SPAN_ARRAY(entry->sha256),
		.form = (uint8_t)exporting->form,
		.passphrase = span_of_secret(exporting->passphrase),
	};
	struct ipc_token_exported exported;
	const char *token = text_of(identity, "token");

	if (is_pkcs12(exporting) &&
	    (append_der(&own, identity) < 0 || append_others(&others, shown) < 0))
		return COMMAND_FAILED;
	message.certificate = span_of_buffer(&own);
	message.others = span_of_buffer(&others);
	if (connection_ask_token(exporting->invocation, token, IPC_TOKEN_EXPORT, &message, &packet))
		return connection_token_failed(token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_EXPORTED, &exported) < 0)
		return COMMAND_FAILED;
	buffer_append(&exporting->out, exported.content);
	return exporting->out.error ? COMMAND_FAILED : COMMAND_DONE;
}

static enum command_status append_identity(struct exporting *exporting, const json_t *shown,
					   const json_t *identity)
{
	_cleanup_(key_entry_done) struct key_entry entry = {0};
	enum command_status status = COMMAND_DONE;

	if (!exporting->invocation->public_only) {
		status = find_key(exporting, identity, &entry);
		if (!status && !exporting->passphrase.size &&
		    key_ask_passphrase(exporting->invocation,
				       "Passphrase to protect the private key", true,
				       &exporting->passphrase) < 0)
			status = COMMAND_FAILED;
		if (!status)
			status = append_key(exporting, shown, identity, &entry);
	}
	if (!status && !is_pkcs12(exporting))
		buffer_append_text(&exporting->out, text_of(identity, "pem"));
	return status;
}

/* As routers write it: the CA's certificate, the keys, and the certificate of each after it. */
static enum command_status append_all(struct exporting *exporting, const json_t *shown)
{
	const json_t *identities = json_object_get(shown, "identities"), *one;
	enum command_status status = COMMAND_DONE;
	size_t i;

	if (!json_is_object(json_object_get(shown, "ca")))
		return fail(exporting->name, "it has no CA certificate yet: claviger trustpoint "
					     "authenticate");
	if (!is_pkcs12(exporting)) {
		buffer_append_text(&exporting->out, text_of(json_object_get(shown, "ca"), "pem"));
		json_array_foreach(json_object_get(shown, "others"), i, one)
			buffer_append_text(&exporting->out, text_of(one, "pem"));
	} else if (json_array_size(identities) != 1) {
		return fail(exporting->name, "a PKCS#12 holds one key with its certificate, and "
					     "this trustpoint has not exactly one: pem has all");
	}
	json_array_foreach(identities, i, one) status =
		status ? status : append_identity(exporting, shown, one);
	return status;
}

static enum command_status write_out(const struct exporting *exporting)
{
	mode_t mode = exporting->invocation->public_only ? 0644 : 0600;
	int r;

	if (!exporting->file) {
		fwrite(exporting->out.data, 1, exporting->out.size, stdout);
		return COMMAND_DONE;
	}
	r = file_write_atomically(exporting->file, span_of_buffer(&exporting->out), mode);
	if (r < 0)
		return fail(exporting->file, file_error_text(r));
	fprintf(stderr, "wrote %s\n", exporting->file);
	return COMMAND_DONE;
}

static enum command_status misuse(const char *why)
{
	fprintf(stderr, "claviger: %s\n", why);
	return COMMAND_MISUSE;
}

/* pem [terminal|FILE] [3des|des|aes], pkcs12 FILE */
static enum command_status read_words(struct exporting *exporting)
{
	const struct invocation *invocation = exporting->invocation;

	exporting->form = KEY_FORM_PEM_AES;
	if (!strcmp(invocation->arguments[1], "pkcs12"))
		exporting->form = KEY_FORM_ARCHIVE_PKCS12;
	else if (strcmp(invocation->arguments[1], "pem") != 0)
		return misuse("export as what? NAME pem [FILE] [3des|des|aes], NAME pkcs12 FILE");
	for (int i = 2; i < invocation->n_arguments; i++) {
		const char *word = invocation->arguments[i];
		int form = key_form_find(span_of_text(word));

		if (!is_pkcs12(exporting) && form && form <= KEY_FORM_PEM_DES)
			exporting->form = form;
		else if (strcmp(word, "terminal") != 0)
			exporting->file = word;
	}
	if (exporting->file && strstr(exporting->file, "://"))
		return misuse("a file's path is wanted: claviger writes no key to a URL");
	if (is_pkcs12(exporting) && (!exporting->file || invocation->public_only))
		return misuse("a PKCS#12 is a file with a key: NAME pkcs12 FILE");
	return COMMAND_DONE;
}

/* What IOS says in the same words of a server: its CA certificate. */
static enum command_status export_server(const struct exporting *exporting)
{
	struct invocation server = *exporting->invocation;

	if (is_pkcs12(exporting))
		return fail(exporting->name, "a server's key leaves as Archive= says: claviger "
					     "server archive");
	server.n_arguments = exporting->file ? 2 : 1;
	if (exporting->file)
		server.arguments[1] = (char *)(uintptr_t)exporting->file;
	return server_export_run(&server);
}

enum command_status trustpoint_export(const struct invocation *invocation)
{
	_cleanup_(exporting_done) struct exporting exporting = {.invocation = invocation,
								.name = invocation->arguments[0]};
	_cleanup_(control_jsonp) json_t *shown = NULL;
	enum command_status status = read_words(&exporting);

	if (!status && trustpoint_is_server(invocation))
		return export_server(&exporting);
	if (!status)
		status = trustpoint_ask(invocation, exporting.name, &shown);
	if (!status)
		status = append_all(&exporting, shown);
	return status ? status : write_out(&exporting);
}
