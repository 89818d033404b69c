/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/request.h"

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/http/answer.h"
#include "daemon/http/base64.h"
#include "daemon/http/page.h"
#include "daemon/http/peers.h"
#include <stdlib.h>
#include <string.h>

/* A body that is too large is read to its end where that is near: a client that still writes would
 * lose the answer to the reset that follows unread bytes. */
#define BODY_READ_MAX ((size_t)1024 * 1024)
#define RETRY_AFTER_S 10

struct request {
	struct request_context context;
	struct MHD_Connection *connection;
	struct bytes target;
	enum route_method method;
	bool begun;
	struct buffer body;
	size_t body_size; /* as it came, kept or not */
	size_t shared;	  /* taken of the budget */
	bool crowded;	  /* there was no room for its body */
	bool forwarded;	  /* the exchange has its answer once we are called again */
	char peer[PEER_TEXT_SIZE];
	struct bytes message;
	struct exchange exchange;
};

struct request *request_new(const struct request_context *context,
			    struct MHD_Connection *connection, const char *target)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request || bytes_copy(span_of_text(target), &request->target) < 0) {
		conf_unref(context->conf);
		free(request);
		return NULL;
	}
	request->context = *context;
	request->connection = connection;
	peer_format(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
			    ->client_addr,
		    request->peer);
	return request;
}

struct request *request_free(struct request *request)
{
	if (!request)
		return NULL;
	budget_give(request->context.budget, request->shared);
	conf_unref(request->context.conf);
	bytes_done(&request->target);
	buffer_done(&request->body);
	bytes_done(&request->message);
	bytes_done(&request->exchange.body);
	free(request);
	return NULL;
}

static const char *header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static void enter(struct request *request, enum guard_phase phase)
{
	guard_enter(request->context.guard, request->context.entry, phase, clock_monotonic_ms());
}

static enum MHD_Result answer_written(struct request *request, const struct reply *reply,
				      struct buffer *text)
{
	struct bytes body = {0};

	if (buffer_take(text, &body) < 0)
		return MHD_NO;
	return answer_bytes(request->connection, reply, &body);
}

static enum MHD_Result refuse(struct request *request, const struct route *route)
{
	const struct reply reply = {
		.status = route_refusal_status(route->refusal),
		.content_type = "text/plain",
	};
	_cleanup_(buffer_done) struct buffer text = {0};

	page_append_refusal(&text, request->context.conf, header(request, MHD_HTTP_HEADER_HOST),
			    route);
	/* Routers show nobody what was wrong, nor what would be right; here it can be found. */
	log_info(LOG_FIELDS(log_text("PEER", request->peer),
			    log_span("TARGET", span_slice(span_of(request->target), 0, 256)),
			    log_span("ANSWER", span_slice(span_of_buffer(&text), 0, 256))),
		 "refused: %s", route_refusal_text(route->refusal));
	return answer_written(request, &reply, &text);
}

static enum MHD_Result show_status(struct request *request, const struct route *route)
{
	const struct reply reply = {.status = MHD_HTTP_OK, .content_type = "text/html"};
	_cleanup_(buffer_done) struct buffer text = {0};

	(void)route;
	page_append_status(&text, request->context.conf, header(request, MHD_HTTP_HEADER_HOST));
	return answer_written(request, &reply, &text);
}

static enum MHD_Result send_file(struct request *request, const struct route *route)
{
	_cleanup_(published_done) struct published file = {.fd = -1};
	const struct conf *conf = request->context.conf;
	int r = published_open(conf->daemon.state_directory, route->server->label, route->file,
			       route->generation, &file);

	if (r == 0)
		return answer_file(request->connection, &file);
	if (r == -ENOENT)
		return answer_text(request->connection, MHD_HTTP_NOT_FOUND,
				   route->file == PUBLISHED_NEXTCACERT
					   ? "there is no next CA certificate yet\n"
					   : "nothing is published here yet\n");
	log_error(LOG_FIELDS(log_text("SERVER", route->server->label)),
		  "cannot read what is published: %s", strerror(-r));
	return answer_text(request->connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
			   "what is published can't be read\n");
}

/* On the relay's thread. Once resumed, the request is the worker's again. */
static void wake_up(struct exchange *exchange)
{
	struct request *request =
		(struct request *)((char *)exchange - offsetof(struct request, exchange));

	MHD_resume_connection(request->connection);
}

static enum MHD_Result forward(struct request *request, const struct route *route)
{
	int r = request->method == ROUTE_POST
			? base64_read_body(span_of_buffer(&request->body), &request->message)
			: base64_read_query(route->message, &request->message);

	if (r == BASE64_EMPTY)
		return answer_text(request->connection, MHD_HTTP_BAD_REQUEST,
				   "there is no message\n");
	if (r == BASE64_UNREADABLE)
		return answer_text(request->connection, MHD_HTTP_BAD_REQUEST,
				   "the message is neither DER nor base64 of it\n");
	if (r < 0)
		return MHD_NO;
	buffer_done(&request->body);
	request->exchange = (struct exchange){
		.server = route->server->label,
		.peer = request->peer,
		.message = span_of(request->message),
		.finish = wake_up,
	};
	request->forwarded = true;
	enter(request, GUARD_WORK);
	/* Suspended first: the answer may come before relay_submit() is back. */
	MHD_suspend_connection(request->connection);
	relay_submit(request->context.relay, &request->exchange);
	return MHD_YES;
}

/* What clavigerd gave: a signed answer, or a text that says why there is none. Never an empty 200.
 */
static enum MHD_Result answer_exchange(struct request *request)
{
	struct exchange *exchange = &request->exchange;
	bool signed_answer = exchange->status == MHD_HTTP_OK && exchange->body.size;
	bool refusal = exchange->status >= 400 && exchange->status < 600;
	const struct reply reply = {
		.status = signed_answer || refusal ? exchange->status
						   : MHD_HTTP_INTERNAL_SERVER_ERROR,
		.content_type = signed_answer ? "application/x-pki-message" : "text/plain",
		.retry_after_s = exchange->retry_after_s,
	};

	return answer_bytes(request->connection, &reply, &exchange->body);
}

static enum MHD_Result answer_crowded(struct request *request)
{
	const struct reply reply = {
		.status = MHD_HTTP_SERVICE_UNAVAILABLE,
		.content_type = "text/plain",
		.retry_after_s = RETRY_AFTER_S,
	};
	_cleanup_(buffer_done) struct buffer text = {0};

	log_info(LOG_FIELDS(log_text("PEER", request->peer)),
		 "refused: too many large bodies at once");
	buffer_append_text(&text, "too many large requests at once: come back later\n");
	return answer_written(request, &reply, &text);
}

static enum MHD_Result act(struct request *request)
{
	static enum MHD_Result (*const actions[])(struct request *, const struct route *) = {
		[ROUTE_FILE] = send_file,
		[ROUTE_FORWARD] = forward,
		[ROUTE_STATUS] = show_status,
		[ROUTE_REFUSED] = refuse,
	};

	if (request->body_size > REQUEST_BODY_MAX)
		return answer_text(request->connection, MHD_HTTP_CONTENT_TOO_LARGE,
				   "a body may have at most 256 KiB\n");
	if (request->crowded)
		return answer_crowded(request);
	struct route route =
		route_find(request->context.conf, request->method, span_of(request->target));
	return actions[route.kind](request, &route);
}

static bool announces_too_much(const struct request *request)
{
	const char *text = header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t size;

	return text && text_read_number(span_of_text(text), 0, BODY_READ_MAX, &size) < 0;
}

/* The head is there. */
static enum MHD_Result begin(struct request *request, const char *method)
{
	request->begun = true;
	request->method = route_method_of(method);
	enter(request, GUARD_BODY);
	if (request->target.size > REQUEST_TARGET_MAX)
		return answer_text(request->connection, MHD_HTTP_URI_TOO_LONG,
				   "a request line may have at most 64 KiB; use POST\n");
	if (announces_too_much(request))
		return answer_text(request->connection, MHD_HTTP_CONTENT_TOO_LARGE,
				   "a body may have at most 256 KiB\n");
	return MHD_YES;
}

/* The rest of it is read and kept by nobody. */
static void drop_body(struct request *request)
{
	buffer_done(&request->body);
	budget_give(request->context.budget, request->shared);
	request->shared = 0;
}

/* Room for so large a body. */
static bool make_room(struct request *request, size_t size)
{
	size_t shared = size > REQUEST_BODY_OWN ? size - REQUEST_BODY_OWN : 0;

	if (shared > request->shared) {
		if (!budget_take(request->context.budget, shared - request->shared))
			return false;
		request->shared = shared;
	}
	return true;
}

static enum MHD_Result take_body(struct request *request, const char *upload, size_t *upload_size)
{
	struct span part = SPAN((const uint8_t *)upload, *upload_size);

	*upload_size = 0;
	request->body_size += part.size;
	if (request->body_size > BODY_READ_MAX)
		return MHD_NO;
	if (request->body_size > REQUEST_BODY_MAX || !make_room(request, request->body_size))
		request->crowded = true;
	if (request->crowded)
		drop_body(request);
	else
		buffer_append(&request->body, part);
	return request->body.error ? MHD_NO : MHD_YES;
}

enum MHD_Result request_handle(struct request *request, const char *method, const char *upload,
			       size_t *upload_size)
{
	if (!request->begun)
		return begin(request, method);
	if (*upload_size)
		return take_body(request, upload, upload_size);
	enter(request, GUARD_REPLY);
	return request->forwarded ? answer_exchange(request) : act(request);
}
