/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests that an RA authorised and passes on to its CA: the record of one, its event table
 * (forward.def) and when it is asked about next. Pure. A forward hangs on a request in state
 * AUTHORIZED and goes with that state: so nothing is sent for what was denied, removed or granted.
 *
 * Its message is drawn up and recorded before it is sent, and sent byte for byte the same until
 * there is an answer: the CA, which knows a transaction by its signer, then answers with the same
 * certificate however often one of us died.
 */

#include "daemon/ca/records.h"

enum ca_forward_state {
	CA_FORWARD_NEW = 1, /* no message is drawn up */
	CA_FORWARD_MADE,    /* the message is recorded, and no answer to it yet */
	CA_FORWARD_PENDING, /* the CA waits for somebody's decision: it is polled */
};
const char *ca_forward_state_name(enum ca_forward_state state); /* "new", "made", "pending" */

struct ca_forward_record {
	int64_t id; /* 0: not in the database */
	int64_t request_id;
	enum ca_forward_state state;
	struct bytes client; /* the certificate of the CA's that signed the client's message, whole
				DER, where it is a renewal; else empty */
	/* Of the message; empty and 0 while the state is NEW. */
	int64_t exchange_id;   /* whose key signed it, and opens the answer */
	int64_t generation_id; /* of the CA certificate that it is enveloped to */
	struct bytes message;  /* whole */
	struct bytes transaction_id, sender_nonce;
	int64_t created_s;
	unsigned tries;	 /* since the last change of state: in vain, or polls */
	int64_t tried_s; /* the last of them; 0: not yet */
	char *told;	 /* what the CA or the way to it said last, for people; NULL: nothing */
};
void ca_forward_record_done(struct ca_forward_record *record);

enum ca_forward_event {
	CA_FORWARD_EVENT_DRAWN,	     /* its message stands */
	CA_FORWARD_EVENT_NO_ANSWER,  /* no server answered, or none could be asked */
	CA_FORWARD_EVENT_BAD_ANSWER, /* what came can't be used */
	CA_FORWARD_EVENT_WAITS,	     /* PENDING */
	CA_FORWARD_EVENT_GRANTED,    /* SUCCESS, and the certificate was verified */
	CA_FORWARD_EVENT_REJECTED,   /* FAILURE, or the client may not ask for it any more */
	CA_FORWARD_EVENT_STALE,	     /* ca_forward_is_stale(): the CA would refuse what stands */
};
const char *ca_forward_event_name(enum ca_forward_event event);

enum ca_forward_effect {
	CA_FORWARD_EFFECT_COUNT = 1 << 0,   /* one more try */
	CA_FORWARD_EFFECT_RECOUNT = 1 << 1, /* tries begin anew */
	CA_FORWARD_EFFECT_GRANT = 1 << 2,   /* the request is granted */
	CA_FORWARD_EFFECT_DENY = 1 << 3,    /* … or denied */
};
struct ca_forward_step {
	enum ca_forward_state next; /* 0: the forward is over */
	unsigned effects;
};
struct ca_forward_step ca_forward_step(enum ca_forward_state state, enum ca_forward_event event);

/* When it is gone on with: at once what nothing was tried for; else 1 min after the first try, and
 * twice as long after each, at most 8 h. By state, tries and tried_s. */
int64_t ca_forward_due_s(const struct ca_forward_record *record);

/*
 * Whether what was drawn up is of no use any more, so that it is drawn up anew under a transaction
 * of its own: the certificate that signed it has ended (the CA knows a poll by that), its key is
 * gone, or another CA certificate is to be asked now.
 *
 * @signer    the exchange with record->exchange_id; NULL: it is gone
 * @issuer_id of the generation that is to be asked now
 */
bool ca_forward_is_stale(const struct ca_forward_record *record,
			 const struct ca_exchange_record *signer, int64_t issuer_id, int64_t now_s);
