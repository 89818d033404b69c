/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a rollover waits for (hindrance.def). Pure. */

#include "daemon/ca/lifecycle.h"

struct ca_rollover_facts {
	const struct ca_server_facts *server;
	bool next_token_ready;	       /* the token where the next key is made */
	const char *next_token_reason; /* why not; may be NULL */
};
/* The first prerequisite of a shadow that is missing: constant text or one of the facts'; NULL
 * where all are there. */
const char *ca_rollover_hindrance(const struct ca_rollover_facts *facts, int64_t now_s);
