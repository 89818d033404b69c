/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One certificate server at run time: its generations with their parsed certificates and keys, and
 * the block of serial counters reserved for it. Generations are loaded from the database and
 * replaced as a whole when they change; a worker keeps the set it began with.
 */

#include "daemon/ca/lifecycle.h"
#include "daemon/conf/conf.h"
#include "daemon/x509/certificate.h"
#include "hsm/key/key.h"
#include <pthread.h>

struct flow;

struct generation {
	const struct ca_generation_record *record;
	struct x509_certificate certificate; /* borrows from the record */
	/* Both NULL where the configuration has no [Token] section for them. */
	struct key *key;	  /* of the certificate: signs what this generation issues */
	struct key *exchange_key; /* opens envelopes and signs CertReps; here the same key */
	const struct x509_certificate *exchange_certificate;
};

/* What a worker sees of its server from beginning to end. */
struct generations {
	unsigned references;
	bool created, enabled; /* as in the database */
	struct ca_generation_record *records;
	struct generation *items;
	size_t n;
};

struct authority {
	const struct conf_server *conf;
	struct bytes name; /* DER of IssuerName= */
	pthread_mutex_t lock;
	struct generations *generations;    /* never NULL; empty before `server create` */
	uint64_t next_counter, counter_end; /* the reserved block, what is left of it */
	bool is_published;		    /* the public files are as the database has it */
};

_checked_ int authority_init(struct authority *authority, const struct conf_server *conf);
void authority_done(struct authority *authority);

/* Loads its generations anew. -errno; a server that is not in the database has none. */
_checked_ int authority_load(struct flow *flow, struct authority *authority);
/* The present set, counted. */
struct generations *authority_generations(struct authority *authority);
struct generations *generations_unref(struct generations *generations);
void generations_unrefp(struct generations **generations);
/* The active one at @now_s; NULL where there is none. */
const struct generation *generations_active(const struct generations *generations, int64_t now_s);

/* A fresh serial: its counter, and the number (20 bytes at most). Durable blocks of 64; -errno. */
_checked_ int authority_take_serial(struct flow *flow, struct authority *authority,
				    uint64_t *ret_counter, uint8_t ret[static 20],
				    size_t *ret_size);
/* Gives the unused end of the block back, at a clean stop. */
void authority_return_serials(struct flow *flow, struct authority *authority);

/* The recorded and measured facts the lifecycle derives its state from; the strings in it stay
 * valid while the process lives or come from @reason_storage. @ret_record and @ret_generations are
 * the caller's. */
struct authority_standing {
	struct ca_server_record record;
	struct generations *generations;
	char token_reason[1280];
	const char *storage_reason;
	struct ca_server_facts facts;
};
_checked_ int authority_standing_load(struct flow *flow, struct authority *authority, int64_t now_s,
				      struct authority_standing *ret);
void authority_standing_done(struct authority_standing *standing);
