/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One generation's succession by the next: how far it has come, when the successor is born, how
 * long the old key stays. The rows of planner.def that make it happen are answered here too. Pure.
 */

#include "daemon/ca/planner.h"

enum ca_rollover_status {
	CA_ROLLOVER_NONE,
	CA_ROLLOVER_PENDING,   /* a shadow is wanted, or made and not yet given out */
	CA_ROLLOVER_AVAILABLE, /* its certificate is given out */
	CA_ROLLOVER_ACTIVE,    /* it took over, and the key of the one before still stands */
};
const char *ca_rollover_status_name(
	enum ca_rollover_status status); /* "none", "pending", "available", "active" */
/* What has happened, not what is planned: an automatic shadow is pending once it is due. */
enum ca_rollover_status ca_rollover_status(const struct ca_plan_facts *facts, int64_t now_s);

/* When the successor of @active is valid; it takes over at its notBefore, which is the other's
 * notAfter, or @now_s where its whole life would have passed by then. */
struct ca_rollover_life {
	int64_t not_before_s, not_after_s;
};
struct ca_rollover_life ca_rollover_life(const struct ca_generation_record *active,
					 int64_t ca_lifetime_s, int64_t now_s);

/* Whether a shadow is wanted, by hand or because one was begun, and there is none yet; a wish of
 * the time before the active generation took over was overtaken. */
bool ca_rollover_is_wished(const struct ca_server_record *server,
			   const struct ca_generation_record *active);

/* Whether what was written when @active took over may not be public yet: until ten seconds after it
 * was recorded, that one included. */
bool ca_rollover_is_settling(const struct ca_generation_record *active, int64_t now_s);

/* When a shadow of the active generation is to be made by itself: the overlap before its end, and
 * after a cancel half-way between that and the end. False where none is: AutoRollover= is off,
 * there is no active generation or a shadow stands. Whether the server may make one then, this
 * doesn't say. */
bool ca_rollover_automatic(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret_when_s);
