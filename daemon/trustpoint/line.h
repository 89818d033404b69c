/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The identities of a usage as they follow one another: how far the line goes without a gap, and
 * where in it one that comes is put. Pure.
 */

#include "daemon/ca/trustpoint-records.h"

/* The last second in which @identity is of use: its own notAfter, or its CA's where that is before.
 */
int64_t trustpoint_line_end_s(const struct ca_trustpoint_state *state,
			      const struct ca_identity_record *identity);
/* The one in force at @now_s, or the last of those that take over from it and from one another
 * without a gap. It may have ended, where nothing followed. NULL where none is in force. Borrowed.
 */
const struct ca_identity_record *trustpoint_line_last(const struct ca_trustpoint_state *state,
						      int usage, int64_t now_s);

/* A certificate that came. */
struct trustpoint_newcomer {
	int usage;
	enum ca_enrollment_kind kind;
	bool is_ca;			       /* a server's CA certificate */
	const struct ca_anchor_record *anchor; /* whose CA issued it */
	int64_t not_before_s;
};
/*
 * When it takes over: as soon as it and its CA are valid. A CA certificate not before the line ends
 * that it prolongs, so that whoever trusts the one before gets to know it first; but at once where
 * it came in an emergency.
 */
int64_t trustpoint_line_takes_over_s(const struct ca_trustpoint_state *state,
				     const struct trustpoint_newcomer *newcomer, int64_t now_s);
