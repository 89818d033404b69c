/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A key leaves its token: unwrapped in locked memory, written encrypted, recorded among the acts,
 * answered. Whether it may is decided before, by whoever asks here.
 */

#include "token/key-file.h"
#include "token/request.h"

#define LEAVING_PASSPHRASE_LEAST 8 /* bytes, as routers ask for */

struct leaving_order {
	enum key_form form;
	struct span certificate; /* DER, of this key; of an archive */
	struct span others;	 /* of a PKCS#12: those of its CAs */
	struct span passphrase;
};

/* Answers @request with TOKEN_EXPORTED, or FAILED. */
void leaving_run(struct request *request, unsigned seat, struct held_charter *held,
		 const struct leaving_order *order);
/* From now on it leaves no more. Answers DONE, or FAILED. */
void leaving_end(struct request *request, unsigned seat, struct held_charter *held);
