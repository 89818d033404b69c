/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a server's files go by its configuration, how to get there, and whose a place is: a store
 * on this machine belongs to one server. Inside storage.h; nobody else's.
 */

#include "daemon/flow/place.h"
#include "daemon/flow/publication/storage.h"

#define STORAGE_OWNER_FILE ".claviger"

/* The configuration's places, as the brain takes them. */
struct storage_places {
	struct ca_places places;
	char *standard;
};
_checked_ int storage_places_of(struct flow *flow, const struct authority *authority,
				struct storage_places *ret);
void storage_places_done(struct storage_places *places);
struct place_access storage_access_of(struct flow *flow, const struct authority *authority,
				      enum ca_target_kind kind);

/*
 * A store on this machine is one server's alone: the file `.claviger` in it says whose. Makes the
 * standard directory where it is missing, and no other. 0; PLACE_FAILED with *ret_reason where it
 * is another's or can't be used; -ECANCELED where the server was deleted meanwhile; -errno.
 */
_checked_ int storage_claim(struct flow *flow, struct authority *authority, const char *place,
			    const char *standard, char **ret_reason);
/* The same for who holds the server's CLAIM_STORE. */
_checked_ int storage_claim_held(struct flow *flow, struct authority *authority, const char *place,
				 const char *standard, char **ret_reason);
