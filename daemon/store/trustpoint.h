/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Trustpoints in the database: read as a whole, changed as a part of a store_change
 * (store_change.trustpoint), in one durable transaction with its audit event.
 */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/store/store.h"

/* All of one; STORE_NOT_FOUND where nothing was recorded of it yet. @ret is the caller's. */
_checked_ int store_trustpoint_load(struct store *store, const char *name,
				    struct ca_trustpoint_state *ret);
/* How many others than the trustpoint @name have this key, not destroyed: identities and enrolments
 * of other trustpoints, generations of servers. */
_checked_ int store_trustpoint_key_users(struct store *store, const char *name,
					 struct span key_sha256, unsigned *ret);

/*
 * One change of one trustpoint. Members that are NULL or 0 are no part of it. What is dropped goes
 * first, so that what is inserted may take its place; STORE_CHANGED where it is gone already.
 *
 * name		made where nothing is recorded of it
 * expected_revision	what it was decided on; 0 where nothing was recorded. STORE_CHANGED where it
 *		is another; each change counts it up by one
 * record	replaces all that is recorded but id, name, revision and created_s
 * anchor, identity, enrollment	inserted where the id is 0, else replaced; STORE_CHANGED where it is
 *		gone. Ids are filled in once the change is durable; an anchor_id of 0 is the
 *		anchor's that comes with it. STORE_EXISTS for a second enrolment of one usage
 * drop_…	by id; what refers to a dropped anchor or identity goes with it
 * clear	all of it goes, and the trustpoint with it; there is nothing else in that change
 *then. 0 where nothing was recorded
 */
struct store_trustpoint_change {
	const char *name;
	uint64_t expected_revision;
	const struct ca_trustpoint_record *record;
	struct ca_anchor_record *anchor;
	struct ca_identity_record *identity;
	struct ca_enrollment_record *enrollment;
	int64_t drop_anchor, drop_identity, drop_enrollment;
	bool clear;
};
