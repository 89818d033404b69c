/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/connection.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/cli/print.h"
#include "daemon/ipc/channel.h"
#include "daemon/ipc/control-stream.h"
#include <stdio.h>
#include <string.h>

#define FETCH_TIMEOUT_MS 60000	/* it has limits of its own */
#define TOKEN_TIMEOUT_MS 600000 /* a card that makes a key takes its time */

enum command_status connection_load_config(const struct invocation *invocation, struct conf **ret)
{
	_cleanup_(freep) char *error = NULL;
	int r = conf_load(invocation->config, ret, &error);

	if (!r)
		return COMMAND_DONE;
	fprintf(stderr, "claviger: %s\n", error ? error : strerror(-r));
	return COMMAND_FAILED;
}

/* Where the sockets are. A daemon goes on with the configuration that it has, whatever the files
 * say by now, and must be within reach then. */
static enum command_status find_sockets(const struct invocation *invocation, char **ret)
{
	static bool told; /* a list is many calls */
	_cleanup_(freep) char *error = NULL;
	int r = conf_load_runtime(invocation->config, ret, &error);

	if (r || (error && !told))
		fprintf(stderr, "claviger: %s\n", error ? error : strerror(-r));
	if (r)
		return COMMAND_FAILED;
	if (error && !told)
		fputs("claviger: what runs is asked nevertheless; it goes on with what it read "
		      "before\n",
		      stderr);
	told = error != NULL;
	return COMMAND_DONE;
}

static int dial(const char *directory, const char *name, int type, int *ret_fd)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	r = text_format(&path, "%s/%s", directory, name);
	if (r >= 0)
		r = socket_connect(path, type, ret_fd);
	if (r < 0)
		fprintf(stderr, "claviger: %s: %s\n", path ? path : name, strerror(-r));
	return r;
}

/* A reason has several lines where several things are wrong. */
static void print_reason(struct span reason, const char *rule)
{
	while (reason.size) {
		const uint8_t *end = memchr(reason.data, '\n', reason.size);
		size_t size = end ? (size_t)(end - reason.data) : reason.size;
		_cleanup_(buffer_done) struct buffer text = {};

		print_append(&text, span_slice(reason, 0, size));
		reason = span_slice(reason, end ? size + 1 : size, reason.size);
		if (rule && !reason.size) {
			buffer_append_text(&text, " (");
			print_append(&text, span_of_text(rule));
			buffer_append_text(&text, ")");
		}
		fprintf(stderr, "claviger: %.*s\n", (int)text.size, (const char *)text.data);
	}
}

static void print_error(const struct invocation *invocation, const json_t *answer)
{
	const json_t *parameters = json_object_get(answer, "parameters");
	const char *reason = json_string_value(json_object_get(parameters, "reason"));

	if (invocation->json)
		print_json(answer);
	print_reason(span_of_text(reason && *reason ? reason : "refused"),
		     json_string_value(json_object_get(parameters, "rule")));
}

enum command_status connection_call(const struct invocation *invocation, enum control_method method,
				    json_t *parameters, json_t **ret)
{
	_cleanup_(freep) char *directory = NULL;
	_cleanup_(control_jsonp) json_t *answer = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (find_sockets(invocation, &directory))
		return COMMAND_FAILED;
	if (dial(directory, "control.sock", SOCK_STREAM, &fd) < 0) {
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

/* @whose: "token NAME", "claviger-fetch". */
static enum command_status tell_failure(const char *whose, const struct ipc_packet *packet)
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct ipc_failed failed;

	if (ipc_decode(packet->content, IPC_FAILED, &failed) < 0)
		failed.reason = SPAN_LITERAL("an answer that can't be read");
	print_append(&text, failed.reason);
	fprintf(stderr, "claviger: %s: %.*s\n", whose, (int)text.size,
		text.data ? (const char *)text.data : "");
	return COMMAND_FAILED;
}

enum command_status connection_call_fetch(const struct invocation *invocation,
					  enum ipc_number number, const void *message,
					  struct ipc_packet *ret)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	if (dial(conf->daemon.runtime_directory, "fetch.sock", SOCK_SEQPACKET, &fd) < 0) {
		fputs("claviger: claviger-fetch can't be asked: it does not run, or you are not of "
		      "claviger-admin (systemctl status claviger-fetch.socket)\n",
		      stderr);
		return COMMAND_FAILED;
	}
	r = ipc_call(fd, number, message, FETCH_TIMEOUT_MS, &packet);
	if (r == IPC_CALL_FAILED)
		return tell_failure("claviger-fetch", &packet);
	if (r < 0) {
		fprintf(stderr, "claviger: claviger-fetch: %s\n", strerror(-r));
		return COMMAND_FAILED;
	}
	*ret = TAKE_STRUCT(packet);
	return COMMAND_DONE;
}

/* The socket of a token's process; -1 with the reason printed. */
static int dial_token(const struct invocation *invocation, const char *token)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(freep) char *name = NULL;
	int fd;

	if (connection_load_config(invocation, &conf) ||
	    text_format(&name, "token/%s.admin", token) < 0)
		return -1;
	if (!conf_find_token(conf, token)) {
		fprintf(stderr, "claviger: no [Token %s] in %s\n", token, invocation->config);
		return -1;
	}
	if (dial(conf->daemon.runtime_directory, name, SOCK_SEQPACKET, &fd) < 0) {
		fprintf(stderr,
			"claviger: the token's process does not run, or only root may ask it "
			"(systemctl status claviger-token@%s)\n",
			token);
		return -1;
	}
	return fd;
}

enum command_status connection_ask_token(const struct invocation *invocation, const char *token,
					 enum ipc_number number, const void *message,
					 struct ipc_packet *ret)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	_cleanup_(closep) int fd = dial_token(invocation, token);
	int r;

	if (fd < 0)
		return COMMAND_FAILED;
	r = ipc_call(fd, number, message, TOKEN_TIMEOUT_MS, &packet);
	if (r < 0)
		fprintf(stderr, "claviger: token %s: %s\n", token, strerror(-r));
	else
		*ret = TAKE_STRUCT(packet);
	return r ? COMMAND_FAILED : COMMAND_DONE;
}

enum command_status connection_token_failed(const char *token, const struct ipc_packet *packet)
{
	_cleanup_(freep) char *whose = NULL;

	if (!packet->content.size || text_format(&whose, "token %s", token) < 0)
		return COMMAND_FAILED;
	return tell_failure(whose, packet);
}

bool connection_token_has_none(const struct ipc_packet *packet)
{
	struct ipc_failed failed;

	return packet->content.size && ipc_decode(packet->content, IPC_FAILED, &failed) == 0 &&
	       failed.code == IPC_FAILURE_NOT_FOUND;
}

enum command_status connection_call_token(const struct invocation *invocation, const char *token,
					  enum ipc_number number, const void *message)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	enum command_status status =
		connection_ask_token(invocation, token, number, message, &packet);

	return status ? connection_token_failed(token, &packet) : COMMAND_DONE;
}

enum command_status connection_zeroize(const struct invocation *invocation, const char *token,
				       struct span key_sha256)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_token_zeroize message = {.key = key_sha256};

	if (!connection_ask_token(invocation, token, IPC_TOKEN_ZEROIZE, &message, &packet) ||
	    connection_token_has_none(&packet))
		return COMMAND_DONE;
	return connection_token_failed(token, &packet);
}
