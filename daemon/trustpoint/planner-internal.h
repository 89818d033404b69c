/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the rows of planner.def are asked with. */

#include "daemon/trustpoint/planner.h"
#include "daemon/trustpoint/usage.h"

/* A trustpoint as it stands at an instant. */
struct moment {
	const struct trustpoint_facts *facts;
	const struct ca_trustpoint_state *state;
	const struct trustpoint_policy *policy;
	const struct ca_anchor_record *active; /* NULL without */
	const struct ca_anchor_record *next;   /* NULL without */
	int64_t now_s;
};

/* What a row is asked about: one of them, or none. */
struct topic {
	const struct ca_anchor_record *anchor;
	const struct ca_identity_record *identity;
	const struct ca_enrollment_record *enrollment;
	int usage;
};

/* True with the moment if the action is coming; usage and id are those of @topic already. */
typedef bool plan_when(const struct moment *m, const struct topic *topic,
		       struct trustpoint_plan *ret);

/* Whether it has not ended yet: notAfter is the last second (RFC 5280 §4.1.2.5). */
static inline bool anchor_stands(const struct ca_anchor_record *anchor, int64_t now_s)
{
	return anchor && now_s <= anchor->not_after_s;
}
static inline bool identity_stands(const struct ca_identity_record *identity, int64_t now_s)
{
	return identity && now_s <= identity->not_after_s;
}

/* The moment after a try at @last_s and a pause. A try that lies further ahead than the pause is
 * one of a clock that was wrong, and holds nothing up. */
static inline int64_t after_pause(int64_t last_s, int64_t pause_s, int64_t now_s)
{
	return last_s - now_s > pause_s ? now_s : last_s + pause_s;
}

/* A server that is not created yet asks for nothing. */
static inline bool is_wanted(const struct moment *m)
{
	return !m->policy->serves || m->policy->is_wanted;
}
/* What a server needs is asked for as long as it lives. */
static inline bool has_tried_enough(const struct moment *m, unsigned tries)
{
	return !m->policy->serves && tries >= m->policy->retry_count;
}

/* In planner-keys.c. */
plan_when trustpoint_when_anchor_changes_over, trustpoint_when_identity_changes_over,
	trustpoint_when_export, trustpoint_when_destroy, trustpoint_when_relabel,
	trustpoint_when_identity_forgotten, trustpoint_when_anchor_forgotten, trustpoint_when_ends;
/* In planner-renew.c. */
plan_when trustpoint_when_exhausted, trustpoint_when_authenticate, trustpoint_when_next_ca,
	trustpoint_when_shadow, trustpoint_when_renew;
/* In planner-serve.c: of a server's own trustpoint, whose identities are a line (line.h). When the
 * successor of @identity is to be asked for, and when @last of the line is renewed under the same
 * CA; INT64_MAX: not by itself, or not by this way. @last NULL: there is none. */
int64_t trustpoint_successor_s(const struct moment *m, const struct ca_identity_record *identity);
int64_t trustpoint_served_renewal_s(const struct moment *m, const struct ca_identity_record *last,
				    bool ends_with_ca);
/* In planner-send.c. */
plan_when trustpoint_when_enrollment_times_out, trustpoint_when_send, trustpoint_when_poll;
