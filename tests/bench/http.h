/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A blocking HTTP/1.1 client that keeps its connection, just enough for one server on loopback.
 */

#include <netinet/in.h>
#include <stddef.h>

#define HTTP_PATIENCE_S	 60
#define HTTP_ANSWER_SIZE 65536

struct http {
	int fd; /* -1: not connected */
	struct in_addr from;
	in_port_t port;
	char data[HTTP_ANSWER_SIZE]; /* the answer, head first */
	size_t size;		     /* of it, so far */
};

struct http_answer {
	int status; /* 0: the connection broke */
	const unsigned char *body;
	size_t size;
};

/* Connections go from @from (any address of 127.0.0.0/8) to 127.0.0.1:@port. */
void http_init(struct http *http, const char *from, unsigned port);
void http_close(struct http *http);

/* -1 where the connection broke (it is closed then), or nothing listens. */
int http_send(struct http *http, const char *method, const char *target, const void *body,
	      size_t size);
/* What came back, valid until the next http_send(). */
struct http_answer http_receive(struct http *http);
