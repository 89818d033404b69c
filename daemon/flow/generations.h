/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The generations of one server at run time, with their parsed certificates and keys: a set that is
 * loaded as a whole, never changes, and is counted.
 */

#include "daemon/ca/exchange.h"
#include "daemon/ca/generation.h"
#include "daemon/conf/lock.h"
#include "daemon/x509/certificate.h"
#include "hsm/key/key.h"

struct flow;

/* A key and its certificate that open envelopes and sign CertReps: a generation's own, or a
 * separate one (ca/exchange.h). */
struct exchange {
	const struct ca_exchange_record *record; /* NULL: its generation's own */
	const struct generation *generation;
	struct x509_certificate certificate; /* borrows from the record */
	const char *token;		     /* name of its [Token] section; "" where it has none */
	struct key *key;		     /* NULL where the configuration has no such section */
};

struct generation {
	const struct ca_generation_record *record;
	struct x509_certificate certificate; /* borrows from the record */
	/* Signs what this generation issues. NULL where the configuration has no [Token] section
	 * for it, and at an RA, whose generations are the certificates of its CA. */
	struct key *key;
	struct exchange own; /* with that key and certificate */
};

/* What a worker sees of its server from beginning to end. */
struct generations {
	unsigned references;
	bool created, enabled; /* as in the database */
	struct ca_generation_record *records;
	struct generation *items;
	size_t n;
	struct ca_exchange_record *exchange_records;
	struct exchange *exchanges;
	size_t n_exchanges;
	struct conf_holding holding; /* the options that hold, owned */
	struct conf_recorded *recorded;
};

/* An empty set. -ENOMEM. */
_checked_ int generations_new(struct generations **ret);
/* As the database has them; none of a server that is not in it. -errno. */
_checked_ int generations_load(struct flow *flow, const char *label, struct generations **ret);
/* Whether one is without its key although @flow has the token of it. */
bool generations_lack_key(const struct generations *generations, struct flow *flow);
struct generations *generations_unref(struct generations *generations);
void generations_unrefp(struct generations **generations);
/* The active one at @now_s; NULL where there is none. */
const struct generation *generations_active(const struct generations *generations, int64_t now_s);

/* What speaks for @generation, one of these, at @now_s: its own key where the server has no
 * ExchangeKey=, or none was made yet. Never NULL. */
const struct exchange *generations_exchange(const struct generations *generations,
					    const struct conf_server *conf,
					    const struct generation *generation, int64_t now_s);

/* Whether it is an RA that has no key and certificate yet to speak for @generation. */
bool generations_is_uncertified(const struct generations *generations,
				const struct conf_server *conf, const struct generation *generation,
				int64_t now_s);

/* Whether the configuration has no [Token] section for a key that @generation works with. */
bool generations_key_is_missing(const struct generations *generations,
				const struct conf_server *conf, const struct generation *generation,
				int64_t now_s);

/* Among which requests the transaction of a message to @addressed (NULL: the active one) is looked
 * for. */
struct ca_generation_range generations_requests(const struct generations *generations,
						const struct generation *addressed, int64_t now_s);
/* Who issues what was requested of the generation with this number; NULL where nobody will. */
const struct generation *generations_issuer(const struct generations *generations, unsigned number,
					    int64_t now_s);
/* The shadow once it is given out, which issues rollover certificates; NULL without. */
const struct generation *generations_rollover_issuer(const struct generations *generations,
						     int64_t now_s);
/* The one that takes over next; NULL where there is none. */
const struct generation *generations_shadow(const struct generations *generations, int64_t now_s);
/* The number of the one that comes after these: one that was cancelled is not given again. */
unsigned generations_next_number(const struct generations *generations);

/* As a router names the file that it keeps this CA certificate in, "RootCA#1CA.cer": the common
 * name and the serial's counter, appended; what a file's name can't have is "_" in it. */
void generation_append_file_name(struct buffer *out, const struct generation *generation);
