/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/page.h"

#include <string.h>

#define HOST_MAX 255

/* "http://host", or nothing: what is no plain host name, address or port isn't repeated. */
static void append_origin(struct buffer *out, const char *host)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789.-_:[]";

	if (!host || !*host || strlen(host) > HOST_MAX || host[strspn(host, plain)])
		return;
	buffer_append_text(out, "http://");
	buffer_append_text(out, host);
}

/* Labels are of letters, digits, '.', '_', '-': nothing in them needs escaping. */
static void append_link(struct buffer *out, const char *path, const char *label, const char *end)
{
	buffer_printf(out, "<a href=\"%s%s%s\">%s%s%s</a>", path, label, end, path, label, end);
}

static void append_server(struct buffer *out, const char *host, const char *label)
{
	buffer_printf(out, "<h2>%s</h2>\n<p>enrollment url <code>", label);
	append_origin(out, host);
	buffer_printf(out, "/scep/%s</code></p>\n<p>", label);
	append_link(out, "/ca/", label, ".crt");
	buffer_append_text(out, " ");
	append_link(out, "/crl/", label, ".crl");
	buffer_append_text(out, "</p>\n");
}

void page_append_status(struct buffer *out, const struct conf *conf, const char *host)
{
	buffer_append_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>"
				"<meta charset=\"utf-8\"><title>claviger</title></head>\n<body>\n"
				"<h1>Certificate servers</h1>\n");
	for (size_t i = 0; i < conf->n_servers; i++)
		append_server(out, host, conf->servers[i].label);
	if (!conf->n_servers)
		buffer_append_text(out, "<p>None is configured.</p>\n");
	buffer_append_text(out, "</body>\n</html>\n");
}

static void append_operation(struct buffer *out, const char *host, const char *label,
			     const char *query)
{
	append_origin(out, host);
	buffer_printf(out, "/scep/%s?operation=%s", label, query);
}

void page_append_refusal(struct buffer *out, const struct conf *conf, const char *host,
			 const struct route *route)
{
	buffer_append_text(out, route_refusal_text(route->refusal));
	if (route->server) {
		buffer_append_text(out, "; right would be ");
		append_operation(out, host, route->server->label,
				 route->refusal == ROUTE_NO_OPERATION ? "GetCACert"
								      : "PKIOperation&message=…");
		buffer_append_text(out, "\n");
		return;
	}
	if (!conf->n_servers)
		buffer_append_text(out, "; no certificate server is configured");
	buffer_append_text(out, conf->n_servers ? "; there are\n" : "\n");
	for (size_t i = 0; i < conf->n_servers; i++) {
		append_origin(out, host);
		buffer_printf(out, "/scep/%s\n", conf->servers[i].label);
	}
}
