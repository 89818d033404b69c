/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/fetch/transfer-internal.h"
#include "daemon/ipc/fetch-client.h"
#include <stdlib.h>
#include <string.h>

/* Two values are asked for; each comes in base64 with the names of entry and attribute around it.
 */
#define ENTRY_MORE 16384

static int decode(struct transfer *transfer, struct transfer_parameters *ret)
{
	struct ipc_fetch_get get;
	struct ipc_fetch_put put;
	struct ipc_fetch_scep scep;

	if (ipc_decode(transfer->packet.content, IPC_FETCH_GET, &get) == 0) {
		transfer->limit_bytes = get.limit_bytes;
		*ret = (struct transfer_parameters){get.url, get.user, get.password, get.timeout_s};
	} else if (ipc_decode(transfer->packet.content, IPC_FETCH_PUT, &put) == 0) {
		transfer->is_put = true;
		transfer->content = put.content;
		*ret = (struct transfer_parameters){put.url, put.user, put.password, put.timeout_s};
	} else if (ipc_decode(transfer->packet.content, IPC_FETCH_SCEP, &scep) == 0) {
		transfer->is_scep = true;
		transfer->limit_bytes = scep.limit_bytes;
		transfer->content = scep.content;
		*ret = (struct transfer_parameters){.url = scep.url, .timeout_s = scep.timeout_s};
	} else {
		return -EBADMSG;
	}
	transfer->receive_most = transfer->limit_bytes;
	if (!ret->timeout_s || ret->timeout_s > FETCH_TIMEOUT_MOST ||
	    transfer->limit_bytes > FETCH_CONTENT_MOST ||
	    (!transfer->is_put && !transfer->limit_bytes))
		return -EBADMSG;
	return 0;
}

static int check_scheme(const struct transfer *transfer,
			const struct transfer_parameters *parameters, char **ret_reason)
{
	const struct url *url = &transfer->url;
	const char *fault = NULL;
	int r;

	if (transfer->is_scep && !url->scheme->is_http)
		fault = "SCEP is spoken over http and https alone";
	else if (transfer->is_put && url->scheme->is_ldap)
		fault = "nothing is written to a directory from here";
	else if (parameters->user.size && !url->scheme->takes_user)
		fault = "it is written to and read without a user: leave the user and password out";
	else if (url->scheme->is_ssh && !parameters->user.size)
		fault = "somebody must log in: give a user and password";
	else if (memchr(parameters->password.data ? parameters->password.data : (uint8_t *)"", 0,
			parameters->password.size))
		fault = "the password holds a NUL";
	if (!fault)
		return 0;
	r = text_format(ret_reason, "%s: %s", url->text, fault);
	return r < 0 ? r : TRANSFER_REFUSED;
}

int transfer_new(struct ipc_packet *packet, const char *known_hosts, struct transfer **ret,
		 char **ret_reason)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));
	struct transfer_parameters parameters;
	int r;

	if (!transfer) {
		ipc_packet_done(packet);
		return -ENOMEM;
	}
	transfer->packet = TAKE_STRUCT(*packet);
	transfer->tag = transfer->packet.header.tag;
	r = decode(transfer, &parameters);
	if (!r)
		r = url_read(parameters.url, &transfer->url, ret_reason);
	/* A message may be in its query: that is for the server, not for a line of text. */
	if (!r && transfer->is_scep)
		transfer->url.text[strcspn(transfer->url.text, "?")] = '\0';
	if (r == URL_REFUSED)
		r = TRANSFER_REFUSED;
	if (!r)
		r = check_scheme(transfer, &parameters, ret_reason);
	if (!r && transfer->url.scheme->is_ldap)
		transfer->receive_most = 2 * (transfer->limit_bytes / 3 * 4 + ENTRY_MORE);
	if (!r)
		r = transfer_set_up(transfer, &parameters, known_hosts);
	if (!r)
		*ret = TAKE_PTR(transfer);
	transfer_free(transfer);
	return r;
}

struct transfer *transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return NULL;
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	buffer_done(&transfer->received);
	url_done(&transfer->url);
	ipc_packet_done(&transfer->packet);
	free(transfer);
	return NULL;
}

CURL *transfer_handle(const struct transfer *transfer)
{
	return transfer->easy;
}

size_t transfer_bytes(const struct transfer *transfer)
{
	return transfer->content.size + transfer->receive_most;
}
