/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request's place in the request database: made, moved by the event table, committed. The one
 * setter of a request's state.
 */

#include "daemon/ca/request.h"
#include "daemon/flow/outcome.h"

/* What a record is made of. */
struct record_source {
	struct span transaction_id, sender_nonce;
	const uint8_t *requester; /* SHA256_SIZE */
	int64_t signer_id;	  /* the certificate of ours that signed; 0 for none */
	struct span peer;	  /* who brought it: an address, or an operator */
	uint64_t bucket;	  /* whose share of the room it takes; 0: nobody's */
	const struct x509_request *csr;
	unsigned generation; /* the number of the one that it is for */
	int64_t lifetime_s, now_s;
};
/* A new record in state initial. -ENOMEM. */
_checked_ int record_new(const struct record_source *source, struct ca_request_record *ret);
/* Moves it by the event table and logs "old → new (rule)"; asserts that the table has the row.
 * @verdict says why. */
void record_step(struct ca_request_record *record, enum ca_request_event event,
		 const struct verdict *verdict);
/* Where a new record comes to stand in its transaction. */
struct record_place {
	struct ca_generation_range range; /* where that was looked for */
	int64_t expected_newest;	  /* the newest that was found there; 0 for none */
	int64_t superseded;		  /* what waits there and is denied for it; 0 for nothing */
};
/* Commits a new record of this server that gets no certificate, as its peer's act. 0,
 * STORE_CHANGED, -errno. */
_checked_ int record_commit(struct flow *flow, const char *label, struct ca_request_record *record,
			    const struct record_place *place, const struct verdict *verdict);
/* Whether one more request may wait (ca/room.h), whose transaction's claim is @held; what must
 * yield to it is denied, or removed where no more refused ones are kept. */
_checked_ int record_make_room(const struct scep_turn *turn, const pthread_mutex_t *held,
			       bool *ret);
/* Whether one more refused request is kept: else strangers could fill the disk with them. */
_checked_ int record_has_room_for_refused(const struct scep_turn *turn, bool *ret);
