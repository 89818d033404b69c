/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/connection.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/cli/print.h"
#include "daemon/ipc/channel.h"
#include "daemon/ipc/control-stream.h"
#include <stdio.h>
#include <string.h>

#define TOKEN_TIMEOUT_MS 60000 /* a card that is initialised takes its time */

enum command_status connection_load_config(const struct invocation *invocation, struct conf **ret)
{
	_cleanup_(freep) char *error = NULL;
	int r = conf_load(invocation->config, ret, &error);

	if (!r)
		return COMMAND_DONE;
	fprintf(stderr, "claviger: %s\n", error ? error : strerror(-r));
	return COMMAND_FAILED;
}

static int dial(const struct conf *conf, const char *name, int type, int *ret_fd)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	r = text_format(&path, "%s/%s", conf->daemon.runtime_directory, name);
	if (r >= 0)
		r = socket_connect(path, type, ret_fd);
	if (r < 0)
		fprintf(stderr, "claviger: %s: %s\n", path ? path : name, strerror(-r));
	return r;
}

static void print_error(const struct invocation *invocation, const json_t *answer)
{
	const json_t *parameters = json_object_get(answer, "parameters");
	const char *reason = json_string_value(json_object_get(parameters, "reason"));
	const char *rule = json_string_value(json_object_get(parameters, "rule"));
	_cleanup_(buffer_done) struct buffer text = {};

	if (invocation->json)
		print_json(answer);
	print_append(&text, span_of_text(reason ? reason : "refused"));
	if (rule) {
		buffer_append_text(&text, " (");
		print_append(&text, span_of_text(rule));
		buffer_append_text(&text, ")");
	}
	fprintf(stderr, "claviger: %.*s\n", (int)text.size, (const char *)text.data);
}

enum command_status connection_call(const struct invocation *invocation, enum control_method method,
				    json_t *parameters, json_t **ret)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(control_jsonp) json_t *answer = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	if (dial(conf, "control.sock", SOCK_STREAM, &fd) < 0) {
		fputs("claviger: clavigerd does not run (systemctl status clavigerd)\n", stderr);
		return COMMAND_FAILED;
	}
	r = control_call(fd, method, parameters, NULL, &answer);
	if (r == CONTROL_CALL_ERROR) {
		print_error(invocation, answer);
		return COMMAND_FAILED;
	}
	if (r < 0) {
		fprintf(stderr, "claviger: clavigerd ended the connection: %s\n", strerror(-r));
		return COMMAND_FAILED;
	}
	*ret = TAKE_PTR(answer);
	return COMMAND_DONE;
}

static enum command_status tell_failure(const char *token, const struct ipc_packet *packet)
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct ipc_failed failed;

	if (ipc_decode(packet->content, IPC_FAILED, &failed) < 0)
		failed.reason = SPAN_LITERAL("an answer that can't be read");
	print_append(&text, failed.reason);
	fprintf(stderr, "claviger: token %s: %.*s\n", token, (int)text.size,
		text.data ? (const char *)text.data : "");
	return COMMAND_FAILED;
}

enum command_status connection_call_token(const struct invocation *invocation, const char *token,
					  enum ipc_number number, const void *message)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(freep) char *name = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (connection_load_config(invocation, &conf) ||
	    text_format(&name, "token/%s.admin", token) < 0)
		return COMMAND_FAILED;
	if (!conf_find_token(conf, token)) {
		fprintf(stderr, "claviger: no [Token %s] in %s\n", token, invocation->config);
		return COMMAND_FAILED;
	}
	if (dial(conf, name, SOCK_SEQPACKET, &fd) < 0) {
		fprintf(stderr,
			"claviger: the token's process does not run, or only root may ask it "
			"(systemctl status claviger-token@%s)\n",
			token);
		return COMMAND_FAILED;
	}
	r = ipc_call(fd, number, message, TOKEN_TIMEOUT_MS, &packet);
	if (r == IPC_CALL_FAILED)
		return tell_failure(token, &packet);
	if (r < 0)
		fprintf(stderr, "claviger: token %s: %s\n", token, strerror(-r));
	return r < 0 ? COMMAND_FAILED : COMMAND_DONE;
}
