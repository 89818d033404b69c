/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a server does next by itself, and when (planner.def). Pure: the caller arms one timer at the
 * earliest moment, does what is due and asks again.
 */

#include "daemon/ca/exchange.h"
#include "daemon/ca/generation.h"

enum ca_action {
	CA_ACTION_NONE,
	CA_ACTION_CHANGE_OVER, /* records and publishes that the shadow took over (rollover.h) */
	CA_ACTION_PUBLISH_CRL, /* one that was signed ahead */
	CA_ACTION_SIGN_CRL,
	CA_ACTION_SIGN_CRL_AHEAD, /* what is missing of a series, and the shadow's first */
	CA_ACTION_SIGN_OWN_CRL,	  /* of a generation that was displaced */
	CA_ACTION_MAKE_EXCHANGE,  /* a generation's exchange key and its certificate */
	CA_ACTION_MAKE_SHADOW,	  /* or finishes one that was interrupted */
	CA_ACTION_ARCHIVE_SHADOW,
	CA_ACTION_OFFER_SHADOW, /* signs what gives its certificate out ahead */
	CA_ACTION_RELABEL_KEY,	/* drops the `#` */
	CA_ACTION_DESTROY_KEY,	/* of a retired generation */
	CA_ACTION_RELABEL_EXCHANGE,
	CA_ACTION_DESTROY_EXCHANGE, /* of one that another took over from */
	CA_ACTION_EXPIRE_REQUESTS,
	CA_ACTION_EXPIRE_PASSWORD,    /* nothing to do: it is refused from then on */
	CA_ACTION_EXPIRE_CERTIFICATE, /* nothing to do: the server's state changes */
};
const char *ca_action_name(enum ca_action action); /* as `timers` shows it: "CRL UPDATE", …; "" */

struct ca_plan {
	enum ca_action action;
	int64_t when_s;	     /* may lie in the past: due now */
	unsigned generation; /* the number of the one it is about; 0 for none */
	int64_t exchange;    /* the id of the exchange key it is about; 0 for none */
};

/* What the configuration says. */
struct ca_plan_policy {
	int64_t crl_lifetime_s;
	int64_t overlap_s; /* AutoRollover=: how long before the end a shadow is made; 0: never */
	int64_t keep_retired_s; /* KeepRetired= */
	bool archives;		/* a key is archived before its certificate is given out */
	bool requires_backup;	/* RequireBackup=: nor is one whose key has no backup */
	int64_t ca_lifetime_s;	/* CACertificateLifetime=, of the next generation */
	/* Mode=subordinate, ra: its generations come by its trustpoint, whose planner asks for
	 * them (daemon/trustpoint/planner.h): it makes none itself. */
	bool enrolls;
	/* Mode=ra: its generations are the CA that it speaks for, whose key is elsewhere: nothing
	 * is signed by them, and no key of theirs is looked after. */
	bool is_ra;
	bool has_exchange; /* a separate key speaks for the server: ExchangeKey=, or an RA */
	const char *exchange_token; /* where one is made by itself: ExchangeKey=; NULL: nowhere */
	int64_t exchange_lifetime_s;
};

struct ca_plan_facts {
	const struct ca_server_record *server;
	const struct ca_generation_record *generations;
	size_t n_generations;
	const struct ca_exchange_record *exchanges;
	size_t n_exchanges;
	int64_t lost_exchange; /* the id of one whose token is there without its key; 0: none */
	struct ca_plan_policy policy;
	int64_t first_request_expiry_s;	 /* of requests that end by themselves; 0 for none */
	int64_t first_password_expiry_s; /* of passwords that are live; 0 for none */
};
/*
 * The next thing, CA_ACTION_NONE where nothing is coming; repeating it after a crash is harmless.
 * Of what is due the upper row of planner.def comes first, of what is not the earliest.
 *
 * A stopped server signs nothing and makes no shadow, but publishes what it signed ahead, changes
 * over to a shadow that it has and destroys the keys of retired generations: what it issued stays
 * valid. One whose CA certificate has ended signs no CRL, but still makes the generation that
 * succeeds it. The end of the CA certificate is planned only while it lies ahead.
 */
struct ca_plan ca_plan_next(const struct ca_plan_facts *facts, int64_t now_s);

/* Plans, each told apart by its action, generation and exchange key. One starts zeroed. */
struct ca_plan_set {
	struct ca_plan items[32];
	size_t n;
};
/* One more than there is room for is left out. */
void ca_plan_set_add(struct ca_plan_set *set, const struct ca_plan *plan);
/* The same, but for those in @except (NULL: none): what failed must not keep the others waiting. */
struct ca_plan ca_plan_next_except(const struct ca_plan_facts *facts,
				   const struct ca_plan_set *except, int64_t now_s);
/* Every coming event, what is due first, for `timers`; how many were written, at most @most. */
size_t ca_plan_list(const struct ca_plan_facts *facts, int64_t now_s, struct ca_plan *ret,
		    size_t most);
