/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a server does next by itself, and when (planner.def). Pure: the caller arms one timer at the
 * earliest moment, does what is due and asks again.
 */

#include "daemon/ca/generation.h"

enum ca_action {
	CA_ACTION_NONE,
	CA_ACTION_SIGN_CRL,
	CA_ACTION_EXPIRE_REQUESTS,
	CA_ACTION_EXPIRE_CERTIFICATE, /* nothing to do: the server's state changes */
};
const char *ca_action_name(enum ca_action action); /* as `timers` shows it: "CRL UPDATE", …; "" */

struct ca_plan {
	enum ca_action action;
	int64_t when_s; /* may lie in the past: due now */
};

struct ca_plan_facts {
	const struct ca_server_record *server;
	const struct ca_generation_record *active; /* NULL without */
	int64_t first_request_expiry_s; /* of requests that end by themselves; 0 for none */
};
/*
 * The next thing, CA_ACTION_NONE where nothing is coming; repeating it after a crash is harmless. A
 * stopped server signs no CRL; one whose CA certificate has ended neither. The end of the CA
 * certificate is planned only while it lies ahead.
 */
struct ca_plan ca_plan_next(const struct ca_plan_facts *facts, int64_t now_s);
/* Every coming event, earliest first, for `timers`; how many were written, at most @most. */
size_t ca_plan_list(const struct ca_plan_facts *facts, int64_t now_s, struct ca_plan *ret,
		    size_t most);
