/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A CA key and its own certificate, for a server's first generation and for each that follows: the
 * key on the token, then the records that are committed together. What was made by an attempt that
 * ended too early is taken up.
 */

#include "daemon/flow/flow.h"

/* What is to be born. All of it is borrowed. */
struct birth_order {
	struct flow *flow;
	struct authority *authority;
	const struct generations *generations; /* as they are before it */
	const char *token;		       /* name of its [Token] section */
	const char *label;		       /* of the key on the token */
	unsigned bits;
	struct span name; /* DER Name: issuer and subject */
	uint8_t role;	  /* enum charter_role of the key; 0: ca */
	uint16_t key_usage;
	unsigned number; /* of the generation */
	int64_t not_before_s, not_after_s;
};

/* What came of it so far. */
struct birth {
	struct token_key token_key;
	struct key *key;
	struct ca_generation_record generation;
	struct ca_certificate_record certificate;
};
/* Accepts the zeroed struct. */
void birth_done(struct birth *birth);

/*
 * The key: one that was left over on this token (that role, name and label, of no generation and
 * no exchange of this server) or a new one. Minutes on a card.
 *
 * @ret_reason  set with FLOW_LATER and FLOW_REFUSED where there is more to tell; the caller's
 * 0, FLOW_LATER, FLOW_REFUSED, -errno.
 */
_checked_ int birth_make_key(const struct birth_order *order, struct birth *birth,
			     char **ret_reason);
/* The one that an interrupted attempt left on the token, @ret the caller's; FLOW_REFUSED for none,
 * FLOW_LATER, -errno. */
_checked_ int birth_find_left_over(const struct birth_order *order, struct token_key *ret);
/* The key of a generation that stands, which gets another certificate. -errno. */
_checked_ int birth_take_key(const struct birth_order *order,
			     const struct ca_generation_record *generation, struct birth *birth);
/* The records of both, with this serial counter and number (20 bytes at most): all but the
 * certificate. The generation takes over at its notBefore. -errno. */
_checked_ int birth_plan(const struct birth_order *order, uint64_t counter, struct span serial,
			 struct birth *birth);
/* The certificate, self-signed, in both records. 0, FLOW_LATER, -errno. */
_checked_ int birth_sign(const struct birth_order *order, struct birth *birth);
