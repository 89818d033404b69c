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
	const char *kind;      /* "certificate", "crl", "request", "cms", "checkpoint", "unknown" */
	struct buffer subject; /* whom it is about, as text; foreign */
};
void signing_done(struct signing *signing);

/* @digest: that the signature will be over. Borrows from @to_be_signed. */
void signing_read(struct span to_be_signed, enum digest digest, const struct server_facts *server,
		  struct signing *ret);

/* The kind as it is logged: a certificate that a key makes for itself, and which is no CA's, is
 * "self-signed", so that nobody looks for it among what CAs issued. */
const char *signing_kind(const struct signing *signing, const struct charter *charter);
/*
 * What the charter has to remember of it as the end of what rests on this key, @known_s being what
 * it remembers: notAfter of its own certificate as a CA, or of what it issues as one, where that is
 * more than a day later. So a subordinate's key, whose own certificate another signs, has an end
 * too, and a charter is written once a day at most. 0: nothing new.
 */
int64_t signing_end_s(const struct signing *signing, const struct charter *charter,
		      int64_t known_s);
