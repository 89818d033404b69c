/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/http */
/*
 * A request as libmicrohttpd gives it: method, target, body. Whatever it says, the route is one of
 * ours, a file is of a server that is configured, and a message is a SEQUENCE.
 *
 * The input is a request: "METHOD target\n" and the body.
 */
#include "daemon/base/der.h"
#include "daemon/http/base64.h"
#include "daemon/http/page.h"
#include "daemon/http/reply.h"
#include "daemon/http/route.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf_server servers[] = {{.label = "ROOTCA"}, {.label = "two"}};

static const struct conf none;
static const struct conf one = {.servers = servers, .n_servers = 1};
static const struct conf two = {.servers = servers, .n_servers = 2};
static const struct conf chosen = {
	.servers = servers, .n_servers = 2, .http = {.default_server = "two"}};
static const struct conf *const configurations[] = {&none, &one, &two, &chosen};

static void check_refusal(const struct conf *conf, const char *host, const struct route *route)
{
	_cleanup_(buffer_done) struct buffer text = {0};

	page_append_refusal(&text, conf, host, route);
	assert(!text.error && text.size && text.data[text.size - 1] == '\n');
	assert(!memchr(text.data, '<', text.size) && !memchr(text.data, '\r', text.size));
	assert(route_refusal_status(route->refusal) >= 400);
}

static void check_route(const struct conf *conf, const struct route *route, const char *host)
{
	if (route->kind == ROUTE_FILE || route->kind == ROUTE_FORWARD)
		assert(route->server >= conf->servers &&
		       route->server < conf->servers + conf->n_servers);
	if (route->kind == ROUTE_FILE)
		assert(route->file < PUBLISHED_KINDS_);
	if (route->kind == ROUTE_REFUSED)
		check_refusal(conf, host, route);
}

static void check_message(int r, struct bytes *message)
{
	assert(r == 0 || r == BASE64_EMPTY || r == BASE64_UNREADABLE);
	assert((r == 0) == (message->data != NULL));
	if (r == 0)
		assert(message->size && message->data[0] == DER_SEQUENCE);
	bytes_done(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t head = end ? (size_t)(end - data) : size;
	_cleanup_(freep) char *line = strndup((const char *)data, head);
	struct span body = end ? SPAN(end + 1, size - head - 1) : (struct span){0};
	char *target = strchr(line, ' ');
	struct bytes message = {0};

	if (target)
		*target++ = '\0';
	for (size_t i = 0; i < ELEMENTS(configurations); i++) {
		const struct conf *conf = configurations[i];
		struct route route = route_find(conf, route_method_of(line), span_of_text(target));
		check_route(conf, &route, target);
		if (route.kind == ROUTE_FORWARD)
			check_message(base64_read_query(route.message, &message), &message);
	}
	check_message(base64_read_body(body, &message), &message);
	reply_matches(target, "\"1-2-3\"");
	published_cacert_type(body);
	return 0;
}
