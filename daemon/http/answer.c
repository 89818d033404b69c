/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/answer.h"

#include "daemon/base/clock.h"

static void destroy_response(struct MHD_Response **response)
{
	if (*response)
		MHD_destroy_response(*response);
}

/* Takes @response over; NULL says that memory ended. */
static enum MHD_Result queue(struct MHD_Connection *connection, const struct reply *reply,
			     struct MHD_Response *taken)
{
	_cleanup_(destroy_response) struct MHD_Response *response = taken;
	struct reply_header headers[REPLY_HEADERS_MAX];

	if (!response)
		return MHD_NO;
	size_t n = reply_headers(reply, clock_now_s(), headers);
	for (size_t i = 0; i < n; i++)
		if (!MHD_add_response_header(response, headers[i].name, headers[i].value))
			return MHD_NO;
	return MHD_queue_response(connection, reply->status, response);
}

enum MHD_Result answer_bytes(struct MHD_Connection *connection, const struct reply *reply,
			     struct bytes *body)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(body->size, body->data, MHD_RESPMEM_MUST_FREE);

	if (response)
		*body = (struct bytes){0};
	else
		bytes_done(body);
	return queue(connection, reply, response);
}

enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
	const struct reply reply = {.status = status, .content_type = "text/plain"};
	struct bytes body = {0};

	if (bytes_copy(span_of_text(text), &body) < 0)
		return MHD_NO;
	return answer_bytes(connection, &reply, &body);
}

enum MHD_Result answer_file(struct MHD_Connection *connection, struct published *file)
{
	const char *known = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							MHD_HTTP_HEADER_IF_NONE_MATCH);
	struct reply reply = {
		.status = MHD_HTTP_OK,
		.content_type = file->content_type,
		.cached = file->cached,
		.etag = file->etag,
		.modified_s = file->modified_s,
		.expires_s = file->expires_s,
	};

	if (file->cached && reply_matches(known, file->etag)) {
		struct bytes nothing = {0};
		reply.status = MHD_HTTP_NOT_MODIFIED;
		return answer_bytes(connection, &reply, &nothing);
	}
	struct MHD_Response *response = MHD_create_response_from_fd64(file->size, file->fd);
	if (response)
		file->fd = -1;
	return queue(connection, &reply, response);
}
