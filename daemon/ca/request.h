/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests: their event table (request.def) and how a message meets what its transaction left
 * before, pure.
 */

#include "daemon/ca/records.h"

enum ca_request_event {
	CA_REQUEST_EVENT_AUTHORIZE,  /* policy or an operator grants */
	CA_REQUEST_EVENT_HOLD,	     /* policy wants a hand */
	CA_REQUEST_EVENT_DENY,	     /* policy, an operator, or a newer request */
	CA_REQUEST_EVENT_ISSUE,	     /* its certificate is committed */
	CA_REQUEST_EVENT_INVALIDATE, /* its own signature fails */
};
/* The state of this name; 0 where there is none. */
enum ca_request_state ca_request_state_find(const char *name);
/* The state after @event; 0 where the table has no row (the event is then refused and nothing
 * changes). */
enum ca_request_state ca_request_next(enum ca_request_state state, enum ca_request_event event);

/* The newest request for (server, transactionID, requester), as the database has it. */
struct ca_transaction_facts {
	bool signer_revoked; /* the certificate of ours that signed the message is revoked */
	bool found;	     /* false: nothing below counts */
	enum ca_request_state state;
	bool same_csr;
	bool same_nonce;   /* the senderNonce is the one that was answered with the certificate */
	int64_t expires_s; /* the request ends by itself; 0: never */
	int64_t issued_s;  /* of its certificate, as are those below */
	int64_t request_lifetime_s; /* how long a certificate is given again to any repetition */
	bool certificate_in_force, certificate_revoked;
	bool certificate_of_another; /* another generation issued it than the message is for */
};

enum ca_transaction_answer {
	CA_TRANSACTION_NEW,	  /* a new request */
	CA_TRANSACTION_SUPERSEDE, /* a new request; the older pending one is denied as superseded */
	CA_TRANSACTION_WAIT,	  /* PENDING again; where the state is INITIAL or AUTHORIZED, the
				     one who decides or issues is not done (or died) */
	CA_TRANSACTION_REDELIVER, /* the same certificate again */
	CA_TRANSACTION_REVOKED,	  /* FAILURE badRequest: what was issued is revoked */
};
/*
 * For PKCSReq and RenewalReq. A repetition gets what the request has become; another CSR makes a
 * new request, and so does one whose time is over: a pending one past @expires_s, a certificate
 * that is no longer in force, is of another generation, or is older than @request_lifetime_s and
 * was not the answer to this very message. What is revoked is not given again, and nothing is
 * repeated to a revoked signer: his message is decided on anew, to be refused. Source: RFC 8894
 * §3.2.1.1, §5.2.
 */
enum ca_transaction_answer ca_transaction_step(const struct ca_transaction_facts *facts,
					       int64_t now_s);

enum ca_poll_answer {
	CA_POLL_NO_MATCH,
	CA_POLL_WAIT,
	CA_POLL_DENIED,
	CA_POLL_DELIVER,
	CA_POLL_REVOKED_SIGNER, /* whatever there is: FAILURE badRequest and an alarm */
};
/* For CertPoll: no match, removed, expired or revoked: CA_POLL_NO_MATCH (badCertId). @same_csr
 * doesn't count. Source: RFC 8894 §4.4. */
enum ca_poll_answer ca_poll_step(const struct ca_transaction_facts *facts, int64_t now_s);
