/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Acts of TwoPersons= that one operator proposed, until another confirms them. Nothing of it is
 * stored: after a restart the first says it again. Bounded: of too many the oldest is forgotten.
 * Thread-safe.
 */

#include "daemon/base/crypto.h"
#include "daemon/conf/value.h"

#define PROPOSALS_MOST	    64
#define PROPOSAL_ACTOR_SIZE 32
#define PROPOSAL_LASTS_S    3600

struct proposal {
	char server[CONF_LABEL_MAX + 1];
	char actor[PROPOSAL_ACTOR_SIZE]; /* "uid 1000" */
	const char *method;		 /* constant: "server.delete" */
	uint8_t digest[SHA256_SIZE];	 /* of the method and what it is about */
	int64_t until_s;
};

struct proposals;

_checked_ int proposals_new(struct proposals **ret);
struct proposals *proposals_free(struct proposals *proposals);

/* Whether one of this server and digest lives at @now_s: @ret is a copy. */
bool proposals_find(struct proposals *proposals, const struct proposal *like, int64_t now_s,
		    struct proposal *ret);
void proposals_add(struct proposals *proposals, const struct proposal *proposal);
/* It was done, or there is none. */
void proposals_remove(struct proposals *proposals, const struct proposal *like);
/* Those of this server that live, the oldest first; how many. */
size_t proposals_of(struct proposals *proposals, const char *server, int64_t now_s,
		    struct proposal ret[static PROPOSALS_MOST]);
