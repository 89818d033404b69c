/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One certificate server at run time: its generations with their parsed certificates and keys, and
 * the block of serial counters reserved for it. Generations are loaded from the database and
 * replaced as a whole when they change; a worker keeps the set it began with.
 */

#include "daemon/ca/lifecycle.h"
#include "daemon/flow/failures.h"
#include "daemon/flow/generations.h"
#include <pthread.h>

struct flow;
struct reach;

/* What was told last of a server (observer.h). */
struct observation {
	bool told, created;
	enum ca_server_state state;
	unsigned signals; /* of ca_signal_bits() */
};

/* What of a server outlives a reload of the configuration, counted. */
struct authority_share {
	unsigned references;
	char *label;
	pthread_mutex_t lock;
	struct generations *generations;    /* never NULL; empty before `server create` */
	uint64_t next_counter, counter_end; /* the reserved block, what is left of it */
	unsigned published_by; /* the snapshot (its number) that wrote the public files; 0: none, or
				  not as the database has it now */
	struct failures *failures;
	struct reach *reach; /* of one that passes messages on */
	struct observation observation;
	struct crl_told {
		unsigned generation; /* whose own; 0: the server's newest */
		uint64_t number;     /* 0: a free place */
		unsigned percent;
	} crl_told[8];		    /* how late CRLs are, as it was told last */
	unsigned crl_missing_told;  /* the shadow without a first CRL that was told of last */
	char rollover_trouble[512]; /* succession.h; "" for none */
	bool ca_crl_wanted;	    /* of an RA: ra-crl.h */
	int64_t ca_crl_failed_s;    /* 0: never */
};

/* As one snapshot of the configuration has it. */
struct authority {
	const struct conf_server *conf;
	struct bytes name;	    /* DER of IssuerName=; empty where that is no name */
	struct bytes exchange_name; /* of its exchange's certificates; likewise */
	struct authority_share *shared;
};

/* @before: the same server in the snapshot before, whose shared part it goes on with; NULL: a new
 * one. -errno, logged. */
_checked_ int authority_init(struct authority *authority, const struct conf_server *conf,
			     const struct authority *before);
/* IssuerName= is no name: nothing can be made or issued under it. */
bool authority_lacks_name(const struct authority *authority);
/* The last of a server's gives its unused serials back to the database. */
void authority_done(struct flow *flow, struct authority *authority);

/* Loads its generations anew. -errno; a server that is not in the database has none. */
_checked_ int authority_load(struct flow *flow, struct authority *authority);
/* Does so where a key was left out for want of a [Token] section that this snapshot has; another
 * time where the server is being changed at this moment. */
_checked_ int authority_find_keys(struct flow *flow, struct authority *authority);
/* The present set, counted. */
struct generations *authority_generations(const struct authority *authority);

/* A fresh serial: its counter, and the number (20 bytes at most). Durable blocks of 64; -errno. */
_checked_ int authority_take_serial(struct flow *flow, struct authority *authority,
				    uint64_t *ret_counter, uint8_t ret[static 20],
				    size_t *ret_size);
/* Gives the unused end of the block back; what is taken after it is of another. */
void authority_return_serials(struct flow *flow, struct authority *authority);

/* Where the configuration says another than holds for this server (conf/lock.h): what, and what to
 * do; "" where it does not. */
#define AUTHORITY_BREACH_SIZE 512
void authority_breach_tell(const struct authority *authority, const struct generations *generations,
			   char ret[static AUTHORITY_BREACH_SIZE]);
