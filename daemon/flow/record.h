/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request's place in the request database: made, moved by the event table, committed. The one
 * setter of a request's state.
 */

#include "daemon/ca/request.h"
#include "daemon/flow/outcome.h"

/* A new record in state initial. -ENOMEM. */
_checked_ int record_new(const struct scep_turn *turn, const uint8_t requester[static SHA256_SIZE],
			 struct ca_request_record *ret);
/* Moves it by the event table and logs "old → new (rule)"; asserts that the table has the row.
 * @verdict says why. */
void record_step(struct ca_request_record *record, enum ca_request_event event,
		 const struct verdict *verdict);
/* Where a new record comes to stand in its transaction. */
struct record_place {
	int64_t expected_newest; /* the newest that was found there; 0 for none */
	int64_t superseded;	 /* what waits there and is denied for it; 0 for nothing */
};
/* Commits a new record that gets no certificate. 0, STORE_CHANGED, -errno. */
_checked_ int record_commit(const struct scep_turn *turn, struct ca_request_record *record,
			    const struct record_place *place, const struct verdict *verdict);
/* Whether one more request may wait, over all servers and of this peer: a peer gets at most an
 * eighth. */
_checked_ int record_has_room(const struct scep_turn *turn, bool *ret);
/* Whether one more refused request is kept: else strangers could fill the disk with them. */
_checked_ int record_has_room_for_refused(const struct scep_turn *turn, bool *ret);
