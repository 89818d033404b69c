/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/archive.h"
#include "daemon/base/credential.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/key.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print-server.h"
#include "daemon/cli/server-create.h"
#include "daemon/conf/server-key.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PASSPHRASE_LEAST 8
#define ROLE_CA		 1 /* of policy/charter.h */

static enum command_status create(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_create(invocation);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status;

	if (!parameters)
		return COMMAND_MISUSE;
	status = connection_call(invocation, CONTROL_SERVER_CREATE, parameters, &answer);
	return status ? status : command_tell(invocation, answer, print_server);
}

/* Where no service runs this, credentials are where systemd stores them for one. */
static int read_password(const char *source, struct secret *ret)
{
	const char *given = getenv("CREDENTIALS_DIRECTORY");
	_cleanup_(freep) char *path = NULL;
	int r = credential_path(source, given ? given : "/etc/credstore", &path);

	if (r == 0)
		r = file_read_secret(path, 256, ret);
	if (r < 0)
		fprintf(stderr, "claviger: ArchivePassword=, %s: %s\n", path ? path : source,
			file_error_text(r));
	return r;
}

static enum command_status take_passphrase(const struct invocation *invocation,
					   const struct conf_server *server, struct secret *ret)
{
	int r;

	if (server->archive_password && !invocation->passphrase_file) {
		r = read_password(server->archive_password, ret);
	} else {
		if (!invocation->passphrase_file)
			fputs("% Please enter a passphrase to protect the private key\n"
			      "% or type Return to exit\n",
			      stderr);
		r = key_ask_passphrase(invocation, "Password", true, ret);
	}
	if (r == 0 && ret->size < PASSPHRASE_LEAST) {
		fputs("claviger: the passphrase must have at least 8 characters: nothing was "
		      "done\n",
		      stderr);
		r = -EINVAL;
	}
	return r < 0 ? COMMAND_FAILED : COMMAND_DONE;
}

/* In @answer, that of this key; NULL. */
static const char *find_pem(const json_t *answer, const struct key_entry *entry)
{
	_cleanup_(freep) char *key = NULL;
	_cleanup_(buffer_done) struct buffer text = {};
	const json_t *certificate;
	size_t i;

	text_append_hex(&text, SPAN_ARRAY(entry->sha256), false);
	if (buffer_take_text(&text, &key) < 0)
		return NULL;
	json_array_foreach(json_object_get(answer, "certificates"), i, certificate)
	{
		const char *name = json_string_value(json_object_get(certificate, "key"));

		if (name && !strcasecmp(name, key))
			return json_string_value(json_object_get(certificate, "pem"));
	}
	return NULL;
}

/* The CA certificate of this key: its serial is not known, for a server that was deleted counts on.
 */
static enum command_status read_certificate(const struct invocation *invocation, const char *label,
					    const struct key_entry *entry, struct bytes *ret)
{
	_cleanup_(control_jsonp) json_t *parameters = json_pack("{s:s}", "server", label);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	const char *pem;

	if (connection_call(invocation, CONTROL_CERTIFICATE_CA, parameters, &answer))
		return COMMAND_FAILED;
	pem = find_pem(answer, entry);
	if (pem && text_read_pem(span_of_text(pem), "CERTIFICATE", ret) == 0)
		return COMMAND_DONE;
	fprintf(stderr, "claviger: no CA certificate of server %s has the key %s on its token\n",
		label, label);
	return COMMAND_FAILED;
}

static enum command_status put(const struct invocation *invocation, const char *label,
			       struct span content)
{
	_cleanup_(control_jsonp) json_t *parameters = NULL, *answer = NULL;
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_base64(&text, content);
	parameters = json_pack("{s:s, s:s%}", "label", label, "content", text.data, text.size);
	return parameters ? connection_call(invocation, CONTROL_SERVER_ARCHIVE, parameters, &answer)
			  : COMMAND_FAILED;
}

static enum command_status seal(const struct invocation *invocation, const char *token,
				const struct key_entry *entry)
{
	struct ipc_token_seal message = {.key = SPAN_ARRAY(entry->sha256)};

	if (entry->info.exportable != KEY_EXPORTABLE_ONCE)
		return COMMAND_DONE;
	return connection_call_token(invocation, token, IPC_TOKEN_SEAL, &message);
}

/* Out of the token, into its place; and only then can it leave no more. */
static enum command_status archive(const struct invocation *invocation,
				   const struct conf_server *server, const struct key_entry *entry,
				   struct span passphrase)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct ipc_token_export message = {
		.key = SPAN_ARRAY(entry->sha256),
		.form = server->archive == CONF_ARCHIVE_PEM ? KEY_FORM_ARCHIVE_PEM
							    : KEY_FORM_ARCHIVE_PKCS12,
		.passphrase = passphrase,
	};
	struct ipc_token_exported exported;

	fputs("% Exporting Certificate Server signing certificate and keys...\n", stderr);
	if (read_certificate(invocation, server->label, entry, &certificate))
		return COMMAND_FAILED;
	message.certificate = span_of(certificate);
	if (connection_ask_token(invocation, conf_server_first_token(server), IPC_TOKEN_EXPORT,
				 &message, &packet))
		return connection_token_failed(conf_server_first_token(server), &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_EXPORTED, &exported) < 0 ||
	    put(invocation, server->label, exported.content) ||
	    seal(invocation, conf_server_first_token(server), entry))
		return COMMAND_FAILED;
	fprintf(stderr,
		"claviger: the CA key of %s was archived: move the archive to a safe place%s\n",
		server->label,
		server->archive_password ? ", and take ArchivePassword= out of the configuration"
					 : "");
	return COMMAND_DONE;
}

/* Its CA key on the token; one that is not there yet is made to leave once. 0, or a
 * command_status. */
static int find_or_make(const struct invocation *invocation, const struct conf_server *server,
			struct key_entry *ret)
{
	struct ipc_token_generate message = {
		.role = ROLE_CA,
		.usage = KEY_USAGE_GENERAL,
		.exportable = KEY_EXPORTABLE_ONCE,
		.bits = (uint16_t)conf_server_key_size(server),
		.label = span_of_text(conf_server_key_label(server)),
	};
	int status = key_entry_find(invocation, conf_server_first_token(server),
				    conf_server_key_label(server), 0, ret);

	if (status != KEY_ENTRY_NONE)
		return status;
	status = (int)connection_call_token(invocation, conf_server_first_token(server),
					    IPC_TOKEN_GENERATE, &message);
	return status ? status
		      : key_entry_find(invocation, conf_server_first_token(server),
				       conf_server_key_label(server), 0, ret);
}

enum command_status archive_make_key(const struct invocation *invocation,
				     const struct conf_server *server)
{
	_cleanup_(key_entry_done) struct key_entry entry = {0};

	return (enum command_status)find_or_make(invocation, server, &entry);
}

static enum command_status create_archived(const struct invocation *invocation,
					   const struct conf_server *server)
{
	_cleanup_(secret_done) struct secret passphrase = {};
	_cleanup_(key_entry_done) struct key_entry entry = {0};
	int status = key_entry_find(invocation, conf_server_first_token(server),
				    conf_server_key_label(server), 0, &entry);

	if (status == COMMAND_DONE && entry.info.exportable == KEY_EXPORTABLE_NEVER) {
		fprintf(stderr,
			"claviger: the key %s was made by hand and is not exportable: no archive "
			"of it can be made\n",
			conf_server_key_label(server));
		return create(invocation);
	}
	if (status && status != KEY_ENTRY_NONE)
		return (enum command_status)status;
	key_entry_done(&entry);
	status = (int)take_passphrase(invocation, server, &passphrase);
	if (!status)
		status = find_or_make(invocation, server, &entry);
	if (!status)
		status = (int)create(invocation);
	return status ? (enum command_status)status
		      : archive(invocation, server, &entry, span_of_secret(passphrase));
}

enum command_status archive_server_create(const struct invocation *invocation)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	const struct conf_server *server;

	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	server = conf_find_server(conf, invocation->arguments[0]);
	/* A CA whose key lies elsewhere has none to archive here. */
	if (!server || server->archive == CONF_ARCHIVE_OFF || invocation->certificate ||
	    server_exists(invocation))
		return create(invocation);
	return create_archived(invocation, server);
}

enum command_status archive_server_archive(const struct invocation *invocation)
{
	_cleanup_(secret_done) struct secret passphrase = {};
	_cleanup_(key_entry_done) struct key_entry entry = {0};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	const struct conf_server *server;
	int status;

	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	server = conf_find_server(conf, invocation->arguments[0]);
	if (!server || server->archive == CONF_ARCHIVE_OFF) {
		fprintf(stderr, "claviger: there is no [Server %s] with Archive= set\n",
			invocation->arguments[0]);
		return COMMAND_FAILED;
	}
	status = key_entry_find(invocation, conf_server_first_token(server),
				conf_server_key_label(server), 0, &entry);
	if (status)
		return status == KEY_ENTRY_NONE ? COMMAND_FAILED : (enum command_status)status;
	if (entry.info.exportable != KEY_EXPORTABLE_ONCE) {
		fputs(entry.info.exportable == KEY_EXPORTABLE_ALWAYS
			      ? "claviger: the key is exportable: claviger key export writes it\n"
			      : "claviger: the key was archived already, which is done once, or is "
				"not exportable\n",
		      stderr);
		return COMMAND_FAILED;
	}
	if (take_passphrase(invocation, server, &passphrase))
		return COMMAND_FAILED;
	return archive(invocation, server, &entry, span_of_secret(passphrase));
}
