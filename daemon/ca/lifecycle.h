/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A server's state, derived from recorded facts and the time asked about (lifecycle.def), never
 * stored. Pure.
 */

#include "daemon/ca/generation.h"

enum ca_server_state {
	CA_SERVER_ABSENT,   /* configured, not created */
	CA_SERVER_DISABLED, /* stopped by the operator, or by a critical failure (the reason says
			       which) */
	CA_SERVER_ENABLED,
	CA_SERVER_CHECK_FAILED, /* its configuration or generation does not check */
};
const char *ca_server_state_name(
	enum ca_server_state state); /* "absent", "disabled", "enabled", "check failed" */

struct ca_server_facts {
	bool created, wanted; /* in the database; the operator's wish */
	/* It passes messages on, without key, certificate or clock; and its superior's server was
	 * not reached, of which superior_reason says more. */
	bool relays, superior_away;
	const struct ca_generation_record *generations;
	size_t n_generations;
	bool time_good;		     /* authoritative */
	bool key_missing;	     /* the configuration has no token for the active key */
	bool key_gone;		     /* its token is there, and the active key is not on it */
	bool exchange_gone;	     /* the same of the key that speaks for it */
	bool token_ready;	     /* the active key's token answers and is logged in */
	const char *token_reason;    /* why not; may be NULL */
	bool storage_good;	     /* the database takes writes */
	const char *storage_reason;  /* why not; may be NULL */
	bool failed;		     /* a critical failure stands */
	const char *failure;	     /* which; may be NULL */
	const char *breach;	     /* where the configuration says another than holds; or NULL */
	bool enrolls;		     /* its certificate comes from another CA */
	bool uncertified;	     /* an RA that knows its CA, and has no certificate of it yet */
	const char *superior_reason; /* of one that waits for it: how that stands; may be NULL */
	/* Of one that has its certificate, why it will get no further one, for itself or for its
	 * clients, unless somebody acts; NULL or "": nothing is known. */
	const char *successor_reason;
	bool name_missing;	   /* IssuerName= is no distinguished name */
	bool requires_backup;	   /* RequireBackup=: no key is in service without one */
	const char *backup_reason; /* how the active one gets it; may be NULL */
	bool http_missing;	   /* no front end can bring SCEP messages */
	int64_t crl_next_update_s; /* 0 without a CRL */
};
/* @ret_reason: constant text or one of the facts' texts; "" where nothing is the matter. An enabled
 * server may have a reason too: it waits for its token, its superior CA or the front end, or its
 * CRL is stale.
 */
enum ca_server_state ca_server_state(const struct ca_server_facts *facts, int64_t now_s,
				     const char **ret_reason);
/* Whether the server may issue now: enabled, good time, an active generation in force. The reason
 * where not, else "". The token doesn't count: what needs it waits for it. */
bool ca_server_may_issue(const struct ca_server_facts *facts, int64_t now_s,
			 const char **ret_reason);
