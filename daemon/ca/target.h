/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How far a place is behind what it should hold, and when to try it next. What is to be written
 * follows from the database, so the record is a cursor alone: an outage, a restart or a kill
 * between the write and the record lose nothing, and a repeated write is harmless. Each place goes
 * by itself. Pure.
 */

#include "daemon/ca/places.h"

#define CA_TARGET_PAUSE_FIRST_S 1
#define CA_TARGET_PAUSE_MOST_S	900 /* elsewhere */
#define CA_TARGET_PAUSE_NEAR_S	30  /* on this machine, where a try costs nothing */

struct ca_target_record {
	int64_t id; /* 0: not in the database yet */
	enum ca_target_kind kind;
	enum ca_file file;
	char *place;
	int64_t done;	    /* what stands there, as ca_target_goal() counts; 0: nothing of ours */
	unsigned attempts;  /* that failed, in a row */
	int64_t next_try_s; /* not before; 0 where none failed */
	int64_t first_failure_s; /* of these; 0 without */
	char *reason;		 /* of the last one; NULL without */
};
void ca_target_record_done(struct ca_target_record *record);
void ca_target_records_free(struct ca_target_record *records, size_t n);

/* The record of this target among @n of its server's; NULL where it was never tried. */
const struct ca_target_record *ca_target_find(const struct ca_target_record *records, size_t n,
					      const struct ca_target *target);

/* The newest of what the database holds of a server. */
struct ca_target_facts {
	int64_t certificate_id; /* of the certificate that was committed last; 0 before any */
	uint64_t last_counter;
	int64_t crl_changes; /* counts CRLs that took the place of others, of any of its keys */
};
/* What `done` is when nothing is missing: the last serial counter (ser), how many CRLs there were
 * (crl), the last certificate's id (crt, cnm); 0 where there is nothing to write. */
int64_t ca_target_goal(enum ca_file file, const struct ca_target_facts *facts);

/* True with the moment (past: at once) where there is something to write, or where the last try
 * failed: what stands there may be gone. A time that lies further ahead than any pause was noted
 * before the clock was set back: at once, too. */
bool ca_target_when(const struct ca_target_record *record, const struct ca_target_facts *facts,
		    int64_t now_s, int64_t *ret_s);

/* An attempt failed: the pause doubles up to its most. @near: the place is on this machine. @reason
 * is copied. -ENOMEM. */
_checked_ int ca_target_fail(struct ca_target_record *record, bool near, const char *reason,
			     int64_t now_s);
/* Written up to here. */
void ca_target_advance(struct ca_target_record *record, int64_t done);
