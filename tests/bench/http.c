/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/http.h"
#include "tests/bench/must.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void http_init(struct http *http, const char *from, unsigned port)
{
	*http = (struct http){.fd = -1, .port = htons((in_port_t)port)};
	MUST(inet_pton(AF_INET, from, &http->from) == 1);
}

void http_close(struct http *http)
{
	if (http->fd >= 0)
		(void)close(http->fd);
	http->fd = -1;
}

static int connect_anew(struct http *http)
{
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = http->from};
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)},
				 .sin_port = http->port};
	struct timeval patience = {.tv_sec = HTTP_PATIENCE_S};
	int on = 1;

	http->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(http->fd >= 0);
	MUST(setsockopt(http->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
	MUST(setsockopt(http->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	MUST(bind(http->fd, (struct sockaddr *)&from, sizeof(from)) == 0);
	if (connect(http->fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return 0;
	http_close(http);
	return -1;
}

static int send_all(struct http *http, struct iovec *parts, size_t n)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = n};
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		left += parts[i].iov_len;
	while (left) {
		ssize_t sent = sendmsg(http->fd, &message, MSG_NOSIGNAL);

		if (sent < 0) {
			http_close(http);
			return -1;
		}
		left -= (size_t)sent;
		for (struct iovec *part = parts; sent > 0; part++) {
			size_t step = part->iov_len < (size_t)sent ? part->iov_len : (size_t)sent;

			part->iov_base = (char *)part->iov_base + step;
			part->iov_len -= step;
			sent -= (ssize_t)step;
		}
	}
	return 0;
}

int http_send(struct http *http, const char *method, const char *target, const void *body,
	      size_t size)
{
	char head[512];
	int head_size =
		snprintf(head, sizeof(head),
			 "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: %zu\r\n\r\n",
			 method, target, ntohs(http->port), size);
	struct iovec parts[] = {{head, (size_t)head_size}, {(void *)body, size}};

	MUST(head_size > 0 && (size_t)head_size < sizeof(head));
	http->size = 0;
	if (http->fd < 0 && connect_anew(http) < 0)
		return -1;
	return send_all(http, parts, 2);
}

/* The value of a header of this head, or NULL. */
static const char *header(const char *head, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':')
			return line + 3 + length + strspn(line + 3 + length, " ");
	return NULL;
}

static bool receive_more(struct http *http)
{
	ssize_t got;

	MUST(http->size < sizeof(http->data) - 1);
	got = recv(http->fd, http->data + http->size, sizeof(http->data) - 1 - http->size, 0);
	if (got <= 0)
		return false;
	http->size += (size_t)got;
	return true;
}

/* The size of the head once all of the answer is there, 0 where the connection broke. */
static size_t receive_all(struct http *http, size_t *ret_body)
{
	for (;;) {
		char *end, *length;

		if (!receive_more(http))
			return 0;
		http->data[http->size] = '\0';
		end = strstr(http->data, "\r\n\r\n");
		if (!end)
			continue;
		length = (char *)header(http->data, "Content-Length");
		*ret_body = length && length < end ? strtoul(length, NULL, 10) : 0;
		if (http->size >= (size_t)(end + 4 - http->data) + *ret_body)
			return (size_t)(end + 4 - http->data);
	}
}

struct http_answer http_receive(struct http *http)
{
	struct http_answer answer = {0};
	size_t head = receive_all(http, &answer.size);
	const char *connection;

	if (!head || strncmp(http->data, "HTTP/1.", 7) != 0) {
		http_close(http);
		return (struct http_answer){0};
	}
	answer.status = (int)strtol(http->data + strlen("HTTP/1.1 "), NULL, 10);
	answer.body = (const unsigned char *)http->data + head;
	connection = header(http->data, "Connection");
	if (connection && strncasecmp(connection, "close", 5) == 0)
		http_close(http);
	return answer;
}
