/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/source.h"
#include "daemon/base/files.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/csr-text.h"
#include "daemon/ipc/channel.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FETCH_TIMEOUT_S 30

static enum command_status fail(const char *name, const char *why)
{
	fprintf(stderr, "claviger: %s: %s\n", name, why);
	return COMMAND_FAILED;
}

/* As far as it was typed; a terminal gives a line at a time. */
static int read_typed(struct buffer *typed, size_t *ret_end)
{
	uint8_t piece[4096];
	ssize_t n;

	do {
		n = read(STDIN_FILENO, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buffer_append(typed, SPAN(piece, (size_t)n));
		if (typed->error)
			return typed->error;
		if (typed->size > CSR_TEXT_BYTES_MOST)
			return -EFBIG;
		*ret_end = csr_text_end(span_of_buffer(typed));
	} while (n && *ret_end == SIZE_MAX);
	return 0;
}

static enum command_status read_standard_input(const char *what, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer typed = {};
	size_t end = SIZE_MAX;
	int r;

	if (isatty(STDIN_FILENO))
		fprintf(stderr,
			"Enter the %s in base64 or PEM.\n"
			"End with a blank line or \"quit\" on a line by itself.\n\n",
			what);
	r = read_typed(&typed, &end);
	if (r >= 0)
		r = bytes_copy(span_slice(span_of_buffer(&typed), 0, end), ret);
	return r < 0 ? fail("standard input", strerror(-r)) : COMMAND_DONE;
}

static enum command_status read_path(const char *path, struct bytes *ret)
{
	int r = file_read(path, CSR_TEXT_BYTES_MOST, ret);

	return r < 0 ? fail(path, file_error_text(r)) : COMMAND_DONE;
}

static enum command_status read_url(const struct invocation *invocation, const char *url,
				    struct bytes *ret)
{
	const struct ipc_fetch_get message = {.url = span_of_text(url),
					      .limit_bytes = CSR_TEXT_BYTES_MOST,
					      .timeout_s = FETCH_TIMEOUT_S};
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_fetch_content content;
	enum command_status status;
	int r;

	status = connection_call_fetch(invocation, IPC_FETCH_GET, &message, &packet);
	if (status)
		return status;
	r = ipc_decode(packet.content, IPC_FETCH_CONTENT, &content);
	if (r >= 0)
		r = bytes_copy(content.content, ret);
	return r < 0 ? fail(url, strerror(-r)) : COMMAND_DONE;
}

enum command_status source_read(const struct invocation *invocation, const char *what,
				const char *name, struct bytes *ret)
{
	if (!strcmp(name, "-"))
		return read_standard_input(what, ret);
	return strstr(name, "://") ? read_url(invocation, name, ret) : read_path(name, ret);
}
