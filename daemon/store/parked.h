/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages that wait for a token: one of each (server, transactionID, requester), the newest. They
 * are no requests yet, so that no change of a server and no audit goes with them; what they become
 * is recorded as if they came when their token is back.
 */

#include "daemon/ca/parked.h"
#include "daemon/store/store.h"

/* What there is beside the one that a newcomer takes the place of, for ca_parked_room(). */
struct store_parked_shares {
	struct ca_parked_share number, bytes;
	int64_t newest_of_most;	   /* of the peer that has most of them; 0: there are none */
	int64_t newest_of_largest; /* of the one that has most bytes */
};
_checked_ int store_parked_shares(struct store *store, const struct ca_parked_record *newcomer,
				  struct store_parked_shares *ret);
/* Records @record in the place of what stands for its transaction, as the newest; durable when it
 * returns. STORE_NOT_FOUND (the server), -errno. */
_checked_ int store_parked_put(struct store *store, const struct ca_parked_record *record);
/* Durable. 0 also where it is gone, or a newer one of its transaction stands there. -errno. */
_checked_ int store_parked_remove(struct store *store, int64_t id);
/* From now on it waits for this token. Likewise. */
_checked_ int store_parked_move(struct store *store, int64_t id, const char *token);
/* The first, whole, after the one with @after_id that waits for this token; STORE_NOT_FOUND. */
_checked_ int store_parked_next(struct store *store, const char *token, int64_t after_id,
				struct ca_parked_record *ret);

/* What waits, by server and token; texts are borrowed for the call. */
struct store_parked_place {
	const char *server, *token; /* label, name */
	unsigned n;
	int64_t oldest_s; /* when the first of them came */
};
typedef int (*store_parked_visit)(void *context, const struct store_parked_place *place);
_checked_ int store_parked_list(struct store *store, store_parked_visit visit, void *context);
/* Drops what a server got at @until_s or before; how many. */
_checked_ int store_parked_expire(struct store *store, const char *label, int64_t until_s,
				  unsigned *ret);
