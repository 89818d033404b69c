/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of the store share: the store itself, reading through it, and the steps that a
 * change is made of. */

#include "daemon/base/bytes.h"
#include "daemon/store/statement.h"
#include "daemon/store/store.h"
#include "daemon/store/writer.h"

struct store {
	struct pool readers;
	struct writer *writer;
	struct secret password_key;
};

/* A read connection on loan. For _cleanup_(loan_done). */
struct loan {
	struct store *store;
	struct connection *connection;
};
_checked_ int loan_take(struct store *store, struct loan *ret);
void loan_done(struct loan *loan);

/* A change on its way into the database, on the thread that writes. What it found out is copied
 * into the caller's records after the commit. */
struct application {
	struct connection *connection;
	const struct store_change *change;
	int64_t server_id; /* 0 for a change of no server */
	int64_t generation_id, request_id, certificate_id, forward_id, target_id;
	int64_t exchange_id, exchange_generation_id;
	int64_t trustpoint_id, anchor_id, identity_id, enrollment_id;
	unsigned n_removed, n_adopted;
};

/* One step each: 0 also where the change has no such part, an enum store_outcome, -errno. -EEXIST
 * becomes STORE_EXISTS at the end. */
_checked_ int server_apply(struct application *a);
_checked_ int generation_apply(struct application *a);
_checked_ int generation_renew_apply(struct application *a);
_checked_ int generation_step_apply(struct application *a);
_checked_ int exchange_apply(struct application *a);
_checked_ int exchange_step_apply(struct application *a);
_checked_ int rollover_wish_apply(struct application *a);
_checked_ int next_ca_apply(struct application *a);
_checked_ int last_counter_apply(struct application *a);
_checked_ int settings_apply(struct application *a);
_checked_ int enabled_apply(struct application *a);
_checked_ int password_spend_apply(struct application *a);
_checked_ int request_supersede_apply(struct application *a);
_checked_ int request_remove_apply(struct application *a);
_checked_ int request_apply(struct application *a);
_checked_ int certificate_apply(struct application *a);
_checked_ int forward_apply(struct application *a);
_checked_ int revocation_apply(struct application *a);
_checked_ int revocations_elsewhere_apply(struct application *a);
_checked_ int crl_apply(struct application *a);
_checked_ int crl_ahead_apply(struct application *a);
_checked_ int password_apply(struct application *a);
_checked_ int target_apply(struct application *a);
_checked_ int trustpoint_apply(struct application *a);
_checked_ int trustpoint_anchor_apply(struct application *a);
_checked_ int trustpoint_identity_apply(struct application *a);
_checked_ int trustpoint_enrollment_apply(struct application *a);
_checked_ int server_delete_apply(struct application *a);
_checked_ int adoption_apply(struct application *a);
_checked_ int key_backup_apply(struct application *a);
_checked_ int audit_apply(struct application *a);

/* Ids of what a durable change of a trustpoint brought, into its records. */
void trustpoint_fill_in(const struct application *a, struct store_trustpoint_change *change);

/* The server's block of serial counters begins after @counter at the earliest. */
_checked_ int serials_pass(struct application *a, uint64_t counter);
