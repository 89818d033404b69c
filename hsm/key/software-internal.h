/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the software key have in common. */

#include "hsm/key/kind.h"
#include <openssl/err.h>
#include <openssl/evp.h>

struct software_key {
	struct key key; /* first: the kind's functions are given it */
	EVP_PKEY *pkey;
};

static inline void software_free_context(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

/* OpenSSL's error queue ends here. */
static inline int software_fault(int error)
{
	ERR_clear_error();
	return error;
}

/* The kind's use and open. */
_checked_ int software_use(struct key *key, const struct rsa_scheme *scheme, struct span message,
			   struct bytes *ret, char **ret_reason);
_checked_ int software_open(struct key *key, const struct rsa_opening *opening,
			    struct span encrypted, struct secret *ret, char **ret_reason);
