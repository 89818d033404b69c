/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The generation of a server whose CA certificate another CA issues: it is born with the identity
 * that its own trustpoint takes in, in one transaction, and takes over with it. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/* Under the server's claim, from trustpoint_birth_begin() on. */
struct trustpoint_birth {
	pthread_mutex_t *claim;
	struct generations *generations; /* as they are before it */
	struct ca_generation_record generation;
	bool has_crl; /* the newest CRL is its key's */
};
/* Accepts the zeroed struct. */
void trustpoint_birth_done(struct trustpoint_birth *birth);

/* What is born. All of it is borrowed. */
struct trustpoint_birth_order {
	const struct ca_key_place *key;
	const struct ca_anchor_record *anchor; /* whose CA issued it */
	struct span certificate;	       /* whole DER, judged */
	int64_t takes_over_s;
};
/*
 * All but the commit. 0; FLOW_LATER with *ret_reason where the key's token does not answer,
 * FLOW_REFUSED with *ret_reason where the server is not created; -errno. @birth is the caller's in
 * every case.
 */
_checked_ int trustpoint_birth_begin(struct trustpoint_turn *turn,
				     const struct trustpoint_birth_order *order,
				     struct trustpoint_birth *birth, char **ret_reason);
/* After the commit: what is in memory and what the front end gives out follow. -errno. */
_checked_ int trustpoint_birth_end(struct trustpoint_turn *turn,
				   const struct trustpoint_birth *birth);
