/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is asked to be signed, read from its bytes alone: its outer shape as the charter's rules
 * want it, and in words for the logs. Pure.
 */

#include "daemon/x509/shape.h"
#include "policy/charter.h"
#include "token/servers.h"

struct signing {
	struct x509_shape shape;
	struct charter_ask ask;
	const char *kind;      /* "certificate", "crl", "request", "cms", "unknown" */
	struct buffer subject; /* whom it is about, as text; foreign */
};
void signing_done(struct signing *signing);

/* @digest: that the signature will be over. Borrows from @to_be_signed. */
void signing_read(struct span to_be_signed, enum digest digest, const struct server_facts *server,
		  struct signing *ret);

/* Whether it is the key's own certificate as a CA, whose end its charter remembers. */
bool signing_is_own_authority(const struct signing *signing, const struct charter *charter);
