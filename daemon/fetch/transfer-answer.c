/* SPDX-License-Identifier: Apache-2.0 */
/* What a transfer's peer is told when it has ended. */
#include "daemon/base/utf8.h"
#include "daemon/fetch/directory.h"
#include "daemon/fetch/transfer-internal.h"
#include <ldap.h>
#include <string.h>

#define CONTENT_TYPE_MOST 256

/* HTTP's status, and what goes with it. */
static int answer_scep(struct transfer *transfer, int fd, const struct transfer_end *end)
{
	struct ipc_fetch_answer answer = {
		.status = (uint16_t)end->status,
		.content = span_of_buffer(&transfer->received),
	};
	curl_off_t retry_after_s = 0;
	char *type = NULL;

	curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
	if (retry_after_s > 0)
		answer.retry_after_s =
			(uint32_t)(retry_after_s < INT32_MAX ? retry_after_s : INT32_MAX);
	/* What is no text says as little as none. */
	if (type && strlen(type) <= CONTENT_TYPE_MOST && utf8_is_text(span_of_text(type)))
		answer.content_type = span_of_text(type);
	return ipc_send(fd, IPC_FETCH_ANSWER, transfer->tag, &answer);
}

static int answer_done(struct transfer *transfer, int fd, const struct transfer_end *end)
{
	struct ipc_fetch_content content = {.content = span_of_buffer(&transfer->received)};
	struct ipc_done done = {};

	if (transfer->is_scep)
		return answer_scep(transfer, fd, end);
	return transfer->is_put ? ipc_send(fd, IPC_DONE, transfer->tag, &done)
				: ipc_send(fd, IPC_FETCH_CONTENT, transfer->tag, &content);
}

/* The server answered, with a status that is no success. */
static int answer_refused(struct transfer *transfer, int fd, const struct transfer_end *end,
			  const struct explanation *why)
{
	const char *url = transfer->url.text;
	char *target = NULL;

	curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &target);
	if (!target)
		return ipc_send_failed(fd, transfer->tag, why->failure, "%s: HTTP status %ld: %s",
				       url, end->status, why->advice);
	return ipc_send_failed(fd, transfer->tag, why->failure, "%s: HTTP status %ld: %s: %.*s",
			       url, end->status, why->advice, (int)strcspn(target, "?"), target);
}

static int answer_failed(struct transfer *transfer, int fd, const struct transfer_end *end)
{
	struct explanation why = explain(transfer->url.scheme, end);
	const char *url = transfer->url.text;

	if (!end->code && end->status)
		return answer_refused(transfer, fd, end, &why);
	if (!end->breach && *transfer->detail)
		return ipc_send_failed(fd, transfer->tag, why.failure, "%s: %s (%s)", url,
				       why.advice, transfer->detail);
	return ipc_send_failed(fd, transfer->tag, why.failure, "%s: %s", url, why.advice);
}

/* The entry's value in the place of the entry. */
static enum breach take_value(struct transfer *transfer)
{
	struct bytes value = {};
	int r = directory_read_value(span_of_buffer(&transfer->received), &value);

	if (r)
		return r == DIRECTORY_EMPTY ? BREACH_EMPTY : BREACH_FORM;
	buffer_done(&transfer->received);
	transfer->received = (struct buffer){value.data, value.size, value.size, 0};
	return value.size > transfer->limit_bytes ? BREACH_SIZE : BREACH_NONE;
}

int transfer_answer(struct transfer *transfer, int fd, CURLcode code)
{
	struct transfer_end end = {
		.code = code,
		.breach = transfer->breach,
		.is_put = transfer->is_put,
		.is_scep = transfer->is_scep,
		.is_post = transfer->is_scep && transfer->content.size > 0,
	};

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &end.status);
	/* libcurl has one code for all that a directory may refuse; which it was is in its words.
	 */
	end.is_absent = code == CURLE_LDAP_SEARCH_FAILED &&
			strstr(transfer->detail, ldap_err2string(LDAP_NO_SUCH_OBJECT));
	if (!code && transfer->url.scheme->is_ldap)
		end.breach = take_value(transfer);
	if (!explain_is_done(transfer->url.scheme, &end))
		return answer_failed(transfer, fd, &end);
	return answer_done(transfer, fd, &end);
}
