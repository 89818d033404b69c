/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/restore.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/key.h"
#include "daemon/cli/print-server.h"
#include "daemon/cli/restore-files.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROLE_CA 1 /* of policy/charter.h */

struct restoring {
	const struct invocation *invocation;
	const char *label, *token;
	struct restore_files files;
	struct secret passphrase;
	struct bytes certificate;
	bool held; /* the token has the key already: an earlier try got so far */
	long long last_serial;
};

static void restoring_done(struct restoring *r)
{
	restore_files_done(&r->files);
	secret_done(&r->passphrase);
	bytes_done(&r->certificate);
}

/* To the token's process: a look first, to see whether all is right before anything is done. */
static enum command_status import(struct restoring *restoring, bool look_only)
{
	const struct invocation *invocation = restoring->invocation;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_import message = {
		.look_only = look_only,
		.role = ROLE_CA,
		.usage = KEY_USAGE_GENERAL,
		.exportable = KEY_EXPORTABLE_NEVER,
		.label = span_of_text(restoring->label),
		.passphrase = span_of_secret(restoring->passphrase),
		.content = span_of_buffer(&restoring->files.keys),
	};
	struct ipc_token_imported imported;

	if (connection_ask_token(invocation, restoring->token, IPC_TOKEN_IMPORT, &message, &packet))
		return connection_token_failed(restoring->token, &packet);
	if (ipc_decode(packet.content, IPC_TOKEN_IMPORTED, &imported) < 0)
		return COMMAND_FAILED;
	restoring->held = imported.id.size > 0;
	bytes_done(&restoring->certificate);
	return bytes_copy(imported.certificate, &restoring->certificate) < 0 ? COMMAND_FAILED
									     : COMMAND_DONE;
}

static bool add_blob(json_t *parameters, const char *name, struct span content)
{
	_cleanup_(buffer_done) struct buffer text = {};

	if (!content.size)
		return true;
	text_append_base64(&text, content);
	return !text.error &&
	       json_object_set_new(parameters, name,
				   json_stringn((const char *)text.data, text.size)) == 0;
}

/* To clavigerd. */
static enum command_status hand_over(const struct restoring *restoring, bool look_only)
{
	_cleanup_(control_jsonp) json_t *parameters =
		json_pack("{s:s, s:b}", "label", restoring->label, "look", (int)look_only);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status;

	if (!parameters || !add_blob(parameters, "certificate", span_of(restoring->certificate)) ||
	    !add_blob(parameters, "ser", span_of(restoring->files.ser)) ||
	    !add_blob(parameters, "crl", span_of(restoring->files.crl)))
		return COMMAND_FAILED;
	if (restoring->last_serial)
		json_object_set_new(parameters, "lastSerial", json_integer(restoring->last_serial));
	status =
		connection_call(restoring->invocation, CONTROL_SERVER_RESTORE, parameters, &answer);
	return status || look_only ? status
				   : command_tell(restoring->invocation, answer, print_server);
}

static enum command_status misuse(const char *text)
{
	fprintf(stderr, "claviger: %s\n", text);
	return COMMAND_MISUSE;
}

/* 0x hexadecimal, leading 0 octal, else decimal. */
static enum command_status read_last_serial(struct restoring *restoring)
{
	const char *text = restoring->invocation->last_serial;
	char *end;

	if (!text)
		return COMMAND_DONE;
	errno = 0;
	restoring->last_serial = strtoll(text, &end, 0);
	if (errno || *end || end == text || restoring->last_serial < 1)
		return misuse("--last-serial: must be a serial number from 1, 0x for hexadecimal");
	return COMMAND_DONE;
}

static enum command_status find_token(struct restoring *restoring, struct conf **ret_conf)
{
	const struct conf_server *server;

	if (connection_load_config(restoring->invocation, ret_conf))
		return COMMAND_FAILED;
	server = conf_find_server(*ret_conf, restoring->label);
	if (!server || !server->token) {
		fprintf(stderr,
			"claviger: write a [Server %s] with Token= into the configuration first\n",
			restoring->label);
		return COMMAND_FAILED;
	}
	restoring->token = server->token;
	return COMMAND_DONE;
}

enum command_status restore_run(const struct invocation *invocation)
{
	_cleanup_(restoring_done) struct restoring restoring = {.invocation = invocation,
								.label = invocation->arguments[0]};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	enum command_status status = read_last_serial(&restoring);

	if (!status)
		status = find_token(&restoring, &conf);
	if (!status)
		status = restore_files_read(invocation, &restoring.files);
	if (!status && key_ask_passphrase(invocation, "Passphrase of the archive", false,
					  &restoring.passphrase) < 0)
		status = COMMAND_FAILED;
	if (!status)
		status = import(&restoring, true);
	if (!status)
		status = hand_over(&restoring, true);
	if (!status && !restoring.held)
		status = import(&restoring, false);
	return status ? status : hand_over(&restoring, false);
}
