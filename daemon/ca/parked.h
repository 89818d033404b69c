/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages that wait, recorded, for a token that is away: a verified request for a certificate
 * could neither be opened nor answered, its client was told to come back, and it goes on by itself
 * when the token is back. Which of them there is room for, when one is too old, and what becomes of
 * one that went on (parked.def). Pure.
 */

#include "daemon/base/crypto.h"

/* What all of them have together, beside their number. */
#define CA_PARKED_BYTES_MOST ((uint64_t)32 * 1024 * 1024)

struct ca_parked_record {
	int64_t id;   /* 0: not in the database */
	char *server; /* label */
	char *token;  /* name of the [Token] section that it waits for */
	struct bytes transaction_id;
	uint8_t requester[SHA256_SIZE];
	char *peer;
	uint64_t peer_bucket;
	int type;	      /* messageType: 17, 19 */
	struct bytes message; /* whole, as the client sent it */
	int64_t received_s;
};
/* Accepts the zeroed struct. */
void ca_parked_record_done(struct ca_parked_record *record);

/* How much of one measure there is, without what the newcomer takes the place of. */
struct ca_parked_share {
	uint64_t all;
	uint64_t of_peer;     /* of the newcomer's */
	uint64_t of_greatest; /* of the peer that has most of this measure */
};
struct ca_parked_facts {
	uint64_t number_most; /* MaxPendingRequests=, counted apart from what is pending */
	uint64_t size;	      /* bytes of the newcomer */
	struct ca_parked_share number, bytes;
};
enum ca_parked_room {
	CA_PARKED_NONE,		/* its client comes back later, and nothing is recorded */
	CA_PARKED_FREE,		/* it may wait */
	CA_PARKED_YIELD_NUMBER, /* once the newest of the peer that has most of them is dropped;
				   asked anew then */
	CA_PARKED_YIELD_BYTES,	/* the same of the peer that has most bytes */
};
/* A peer gets an eighth of the number and of the bytes, rounded up. Nobody yields to one who would
 * have as much then. */
enum ca_parked_room ca_parked_room(const struct ca_parked_facts *facts);

/* Whether it waited too long (RequestLifetime=): whoever sent it gave up, or comes again. */
bool ca_parked_is_stale(int64_t received_s, int64_t lifetime_s, int64_t now_s);

/* What going on with one came to. */
enum ca_parked_event {
	CA_PARKED_EVENT_ANSWERED, /* there was a signed answer: the client's repetition gets it */
	CA_PARKED_EVENT_LATER,	  /* the token is away again */
	CA_PARKED_EVENT_IN_HAND,  /* a worker has its transaction, for its client perhaps */
	CA_PARKED_EVENT_ANOTHER_TOKEN, /* it waits for another token than it did */
	CA_PARKED_EVENT_CLOSED,	       /* the server is stopped, without time or full, or has no
				       section for a while: HTTP 503, 404 */
	CA_PARKED_EVENT_UNREADABLE,    /* no answer will ever come of it: HTTP 400 */
	CA_PARKED_EVENT_ELSEWHERE,     /* it is for another server, which was reached without it */
	CA_PARKED_EVENT_FAULT,	       /* an error of ours */
};
const char *ca_parked_event_name(enum ca_parked_event event);

struct ca_parked_step {
	bool keep;  /* it waits on */
	bool go_on; /* the next one may fare better, whatever the token's state is now */
};
struct ca_parked_step ca_parked_step(enum ca_parked_event event);

/* How long until what waits for a token is looked at again. @tries: since it was of use, the
 * token was away or something new came: 500 ms at first, so that a token that comes back is noticed
 * within a second; while the token is ready and what waits can't go on, twice as long each time, up
 * to 32 s. */
int64_t ca_parked_pause_ms(bool ready, unsigned tries);
