/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The superior CA's server as one server here meets it: whether it answers, and which messages are
 * on their way to it. Nothing of it is stored. Thread-safe; outlives a reload of the configuration.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"

struct reach;
_checked_ int reach_new(struct reach **ret);
/* Nothing may be under way. */
struct reach *reach_free(struct reach *reach);

#define REACH_TROUBLE_SIZE 384
/* Why it was not reached at the last try; NULL: it was. True where that is news of the one or the
 * other kind. */
bool reach_note(struct reach *reach, const char *trouble);
/* False, and "", where it was reached, or nobody asked yet. */
bool reach_tell(struct reach *reach, char ret[static REACH_TROUBLE_SIZE]);

/* A message on its way; its caller's, on the stack perhaps. */
struct flight {
	struct flight *next;
	uint8_t digest[SHA256_SIZE];
};
/* False where the very same message is under way already: then it is not noted. */
bool reach_depart(struct reach *reach, struct flight *flight, struct span message);
void reach_arrive(struct reach *reach, struct flight *flight);

/* A look at what it gives out: by which snapshot of the configuration, and when. */
struct reach_look {
	unsigned snapshot;
	int64_t now_s;
};
/* Whether it is due again: not where the last one was by the same snapshot, and @ret_next_s, when
 * it is, lies ahead. */
bool reach_is_due(struct reach *reach, const struct reach_look *look, int64_t *ret_next_s);
void reach_looked(struct reach *reach, const struct reach_look *look, int64_t next_s);
/* From here on it is one that nobody looked at. */
void reach_forget(struct reach *reach);
