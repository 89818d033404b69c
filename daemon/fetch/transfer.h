/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One transfer: a GET into memory, a PUT out of it, or a SCEP client's exchange, as a handle for
 * libcurl's multi interface with everything set that it may and may not do. It never blocks by
 * itself.
 *
 * No proxy, no .netrc, no cookies, no decompression, no connection of another transfer; TLS and SSH
 * hosts are verified; a redirect is followed from http and https on GET alone, three times at most,
 * and never takes user and password to another host.
 */

#include "daemon/fetch/explain.h"
#include "daemon/ipc/channel.h"

struct transfer;

enum transfer_outcome {
	TRANSFER_REFUSED = 1, /* the reason is told beside */
};

/*
 * Makes it out of a FETCH_GET, FETCH_PUT or FETCH_SCEP; takes what @packet holds in any case.
 * @known_hosts: the file with the keys of SSH hosts. 0; TRANSFER_REFUSED with *ret_reason, the
 * caller's; -EBADMSG where it is no message of these; -ENOMEM, -EIO.
 */
_checked_ int transfer_new(struct ipc_packet *packet, const char *known_hosts,
			   struct transfer **ret, char **ret_reason);
/* It must not be in a multi handle any more. */
struct transfer *transfer_free(struct transfer *transfer);

CURL *transfer_handle(const struct transfer *transfer);
/* The most memory that its content takes. */
size_t transfer_bytes(const struct transfer *transfer);
/* Answers @fd, which does not block, with what became of it, @code being libcurl's word. As
 * ipc_send(). */
_checked_ int transfer_answer(struct transfer *transfer, int fd, CURLcode code);
