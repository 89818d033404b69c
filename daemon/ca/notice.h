/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When somebody is told that something expires, and in which words (notice.def). Pure: the end, the
 * moment of the last notice and the time in, what is due out; the caller tells it and records the
 * moment. What was missed while nothing ran is told once, not each by itself.
 */

#include "daemon/base/bytes.h"

enum ca_notice_kind {
	CA_NOTICE_IDENTITY,  /* a trustpoint's own certificate */
	CA_NOTICE_ANCHOR,    /* the CA's, as a trustpoint trusts it */
	CA_NOTICE_SERVER_CA, /* a server's CA certificate */
	CA_NOTICE_EXCHANGE,  /* the certificate of what speaks for a server's CA */
	CA_NOTICE_CRL,	     /* a server's CRL: its end is nextUpdate */
};

enum ca_notice_level {
	CA_NOTICE_NONE,
	CA_NOTICE_WARNING, /* more than a week is left; of a CRL a quarter of its life */
	CA_NOTICE_ALERT,   /* a week or less; of a CRL an eighth of its life */
};

struct ca_notice_facts {
	enum ca_notice_kind kind;
	int64_t from_s,
		until_s;	/* its life: notBefore and notAfter, or thisUpdate and nextUpdate */
	int64_t told_s;		/* the last notice of this very thing; 0: none yet */
	int64_t silent_until_s; /* nothing is told before: until then it is renewed by itself */
	bool covered;	   /* another takes over from it before it ends: a shadow, a next anchor */
	bool usage_keys;   /* an identity for one usage alone: no notices (documented exclusion) */
	bool has_identity; /* an anchor with a certificate of its own trustpoint under it: without
			      one no notices (documented exclusion) */
};

struct ca_notice {
	enum ca_notice_level level; /* what is due now */
	int64_t next_s;		    /* when something is due again; INT64_MAX: never */
};
/*
 * Of certificates 60 days before the end, then weekly, 53, 46, 39, 32, 25, 18 and 11 days before
 * it, then daily from 7 days on; of a CRL when a quarter, an eighth and a sixteenth of its life are
 * left; what would be told while it is silent, once when that ends. After the end nothing. @told_s
 * further than a day ahead of @now_s was told by a wrong clock, and doesn't count.
 */
struct ca_notice ca_notice_due(const struct ca_notice_facts *facts, int64_t now_s);

struct ca_notice_words {
	enum ca_notice_kind kind;
	const char *name;	      /* of the trustpoint or server */
	struct span serial;	      /* magnitude; of a CRL its number */
	const char *issuer, *subject; /* as people read them; of a CRL subject is NULL */
	int64_t until_s;
};
/* "Certificate expiring WITHIN A WEEK. Trustpoint Name= …, Certificate Type= ID, Serial Number=
 * 02:EC, Issuer Name= …, Subject name= …, Time Left= 1 days, 23 hours, 59 minutes, 41 seconds" */
void ca_notice_append_text(struct buffer *out, const struct ca_notice_words *words, int64_t now_s);
/* "02:EC"; "00" for zero. */
void ca_notice_append_serial(struct buffer *out, struct span serial);
/* "ID", "CA", "CRL"; of an exchange key "ID". */
const char *ca_notice_type(enum ca_notice_kind kind);
/* Whether its name is a server's, and not a trustpoint's. */
bool ca_notice_is_of_server(enum ca_notice_kind kind);
