/* SPDX-License-Identifier: Apache-2.0 */
/* What libcurl is told: what it may and may not do, for how long, and whom it calls. */
#include "daemon/base/log.h"
#include "daemon/fetch/transfer-internal.h"
#include <stdlib.h>
#include <string.h>

#define REDIRECTS_MOST 3L
#define CONNECT_MOST_S 20L
#define IDLE_MOST_S    30L
#define HEADERS_MOST   ((size_t)64 * 1024)
/* What a server says to a PUT is of no interest. */
#define PUT_ANSWER_MOST ((size_t)64 * 1024)
/* Many servers never say 100 Continue; what is sent is small. */
#define NO_EXPECT "Expect:"

/* libcurl's calls. */

static size_t on_received(char *data, size_t one, size_t n, void *context)
{
	struct transfer *transfer = context;

	(void)one;
	if (transfer->is_put) {
		transfer->n_answer_bytes += n;
		if (transfer->n_answer_bytes <= PUT_ANSWER_MOST)
			return n;
	} else if (n <= transfer->receive_most - transfer->received.size) {
		buffer_append(&transfer->received, SPAN(data, n));
		return transfer->received.error ? 0 : n;
	}
	transfer->breach = BREACH_SIZE;
	return 0;
}

/* All headers of all answers, also those of redirects and of 100 Continue. */
static size_t on_header(char *data, size_t one, size_t n, void *context)
{
	struct transfer *transfer = context;

	(void)data;
	(void)one;
	transfer->n_header_bytes += n;
	if (transfer->n_header_bytes <= HEADERS_MOST)
		return n;
	transfer->breach = BREACH_HEADER;
	return 0;
}

static size_t on_send(char *into, size_t one, size_t n, void *context)
{
	struct transfer *transfer = context;
	struct span part = span_slice(transfer->content, transfer->n_sent, n);

	(void)one;
	if (part.size)
		memcpy(into, part.data, part.size);
	transfer->n_sent += part.size;
	return part.size;
}

/* A connection that broke before anything was said to it is made anew. */
static int on_rewind(void *context, curl_off_t offset, int origin)
{
	struct transfer *transfer = context;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->content.size)
		return CURL_SEEKFUNC_FAIL;
	transfer->n_sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* Sets an option; the first failure sticks in @code. */
#define SET(option, value)                                                                         \
	do {                                                                                       \
		if (!code)                                                                         \
			code = curl_easy_setopt(transfer->easy, CURLOPT_##option, value);          \
	} while (0)

static CURLcode set_rules(struct transfer *transfer, const char *known_hosts)
{
	const struct url_scheme *scheme = transfer->url.scheme;
	bool follows = scheme->redirects && !transfer->content.size && !transfer->is_put;
	CURLcode code = CURLE_OK;

	SET(CURLU, transfer->url.parts);
	SET(PROTOCOLS_STR, scheme->name);
	SET(REDIR_PROTOCOLS_STR, follows ? scheme->redirects : scheme->name);
	SET(FOLLOWLOCATION, follows ? 1L : 0L);
	SET(MAXREDIRS, REDIRECTS_MOST);
	SET(UNRESTRICTED_AUTH, 0L);
	SET(HTTPAUTH, CURLAUTH_BASIC);
	SET(PROXY, "");
	SET(NOPROXY, "*");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	/* Without a file it would take any host. */
	SET(SSH_KNOWNHOSTS, known_hosts);
	SET(SSH_AUTH_TYPES, (long)CURLSSH_AUTH_PASSWORD | CURLSSH_AUTH_KEYBOARD);
	SET(FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR_NONE);
	SET(FTP_SKIP_PASV_IP, 1L);
	SET(FRESH_CONNECT, 1L);
	SET(FORBID_REUSE, 1L);
	SET(NOSIGNAL, 1L);
	/* A name server that does not answer holds up nobody else when this transfer ends. */
	SET(QUICK_EXIT, 1L);
	return code;
}

static long at_most(long value, long most)
{
	return value < most ? value : most;
}

static CURLcode set_limits(struct transfer *transfer, unsigned timeout_s)
{
	CURLcode code = CURLE_OK;

	SET(TIMEOUT, (long)timeout_s);
	SET(CONNECTTIMEOUT, at_most(timeout_s, CONNECT_MOST_S));
	SET(SERVER_RESPONSE_TIMEOUT, at_most(timeout_s, IDLE_MOST_S));
	SET(LOW_SPEED_LIMIT, 1L);
	SET(LOW_SPEED_TIME, at_most(timeout_s, IDLE_MOST_S));
	if (!transfer->is_put)
		SET(MAXFILESIZE_LARGE, (curl_off_t)transfer->receive_most);
	return code;
}

/* A header without a value is one that libcurl leaves out. */
static CURLcode add_header(struct transfer *transfer, const char *line, CURLcode code)
{
	struct curl_slist *longer = code ? NULL : curl_slist_append(transfer->headers, line);

	if (longer)
		transfer->headers = longer;
	return code ? code : longer ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

/* What a router says, and nothing that a router does not say: servers are known to look. */
static CURLcode set_router_shape(struct transfer *transfer)
{
	CURLcode code = CURLE_OK;

	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_0);
	SET(USERAGENT, "Mozilla/4.0 (compatible; MSIE 5.0; Cisco PKI)");
	code = add_header(transfer, "Accept:", code);
	if (transfer->content.size) {
		code = add_header(transfer, NO_EXPECT, code);
		code = add_header(transfer, "Content-Type: application/x-pki-message", code);
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)transfer->content.size);
		SET(POSTFIELDS, (const char *)transfer->content.data);
	}
	SET(HTTPHEADER, transfer->headers);
	return code;
}

static CURLcode set_calls(struct transfer *transfer)
{
	CURLcode code = CURLE_OK;

	SET(ERRORBUFFER, transfer->detail);
	SET(PRIVATE, transfer);
	SET(WRITEFUNCTION, on_received);
	SET(WRITEDATA, transfer);
	if (transfer->url.scheme->is_http) {
		SET(HEADERFUNCTION, on_header);
		SET(HEADERDATA, transfer);
	}
	if (!transfer->is_put)
		return code;
	code = add_header(transfer, NO_EXPECT, code);
	SET(HTTPHEADER, transfer->headers);
	SET(UPLOAD, 1L);
	SET(INFILESIZE_LARGE, (curl_off_t)transfer->content.size);
	SET(READFUNCTION, on_send);
	SET(READDATA, transfer);
	SET(SEEKFUNCTION, on_rewind);
	SET(SEEKDATA, transfer);
	return code;
}

static CURLcode set_login(struct transfer *transfer, const struct transfer_parameters *parameters)
{
	_cleanup_(secret_done) struct secret password = {};
	_cleanup_(freep) char *user = NULL;
	CURLcode code = CURLE_OK;

	if (!parameters->user.size)
		return CURLE_OK;
	/* libcurl wants a text; it keeps a copy of its own. */
	if (span_to_text(parameters->user, &user) < 0 ||
	    secret_new(parameters->password.size + 1, &password) < 0)
		return CURLE_OUT_OF_MEMORY;
	if (parameters->password.size)
		memcpy(password.data, parameters->password.data, parameters->password.size);
	SET(USERNAME, user);
	SET(PASSWORD, (const char *)password.data);
	return code;
}

int transfer_set_up(struct transfer *transfer, const struct transfer_parameters *parameters,
		    const char *known_hosts)
{
	CURLcode code;

	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		return -ENOMEM;
	code = set_rules(transfer, known_hosts);
	if (!code)
		code = set_limits(transfer, parameters->timeout_s);
	if (!code)
		code = set_calls(transfer);
	if (!code && transfer->is_scep)
		code = set_router_shape(transfer);
	if (!code)
		code = set_login(transfer, parameters);
	if (code)
		log_error(LOG_FIELDS(log_text("URL", transfer->url.text)),
			  "a transfer can't be prepared: %s", curl_easy_strerror(code));
	return code == CURLE_OUT_OF_MEMORY ? -ENOMEM : code ? -EIO : 0;
}
