/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A transfer's inside, for transfer.c and transfer-options.c alone. */

#include "daemon/fetch/transfer.h"
#include "daemon/ipc/fetch-client.h"

struct transfer {
	struct ipc_packet packet; /* what is put, and the password, borrow from it */
	uint64_t tag;
	bool is_put, is_scep;
	struct url url;
	CURL *easy;
	struct curl_slist *headers;
	struct buffer received;
	size_t limit_bytes;  /* of what is asked for */
	size_t receive_most; /* of what brings it */
	size_t n_header_bytes, n_answer_bytes;
	struct span content; /* what is put or posted */
	size_t n_sent;
	enum breach breach;
	char detail[CURL_ERROR_SIZE];
};

/* What the messages have in common. */
struct transfer_parameters {
	struct span url, user, password;
	unsigned timeout_s;
};

/* Makes the handle and sets all of its options. -ENOMEM; -EIO, logged. */
_checked_ int transfer_set_up(struct transfer *transfer,
			      const struct transfer_parameters *parameters,
			      const char *known_hosts);
