/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which of the certificates that came is the CA, which speak for it, and which CA may succeed
 * another. Pure. Source: RFC 8894 §2.2, §4.2, §4.7; RFC 5280 §6.1.
 */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/scep/message.h"
#include "daemon/trustpoint/trust.h"

/* A CA with what speaks for it; spans are borrowed. */
struct trustpoint_ca {
	struct span certificate;
	struct span others[SCEP_CERTIFICATES_MAX]; /* its RAs', then the superior CAs', upwards */
	size_t n_others;
};
/*
 * Which of @certificates is the CA at @at_s: the one that issued the RAs', else the one that issued
 * no other CA. Others that don't verify under it, or upwards from it, or are not in force are left
 * out.
 */
enum trustpoint_fault trustpoint_ca_choose(const struct span *certificates, size_t n, int64_t at_s,
					   struct trustpoint_ca *ret);

/* Which of what GetNextCACert gave may succeed @active, whole DER: a CA that lives longer and
 * follows without a gap of more than a day. What came with it is held against the time of the
 * succession. That the answer is signed by @active is scep_next_ca_read()'s to say. */
enum trustpoint_fault trustpoint_next_ca_choose(struct span active, const struct span *certificates,
						size_t n, struct trustpoint_ca *ret);

/* The others, DER after DER, as an anchor's record has them. -ENOMEM. */
_checked_ int trustpoint_ca_join_others(const struct trustpoint_ca *ca, struct bytes *ret);
/* Those of them that are CAs above it, DER after DER, as they are recorded; what else speaks for it
 * is no part of a chain. @out keeps the fault. */
void trustpoint_ca_append_superiors(const struct ca_anchor_record *anchor, struct buffer *out);
/* What is recorded, read again: borrowed from @anchor, without what is not in force, and without
 * RAs that another CA certified (trustpoint_ca_hand_on()). */
void trustpoint_ca_recall(const struct ca_anchor_record *anchor, int64_t at_s,
			  struct trustpoint_ca *ret);

/* Whom messages are enveloped to: an RA whose keyUsage lets it, before the CA. */
struct span trustpoint_ca_recipient(const struct trustpoint_ca *ca);
/* Who may sign a CertRep: the CA, and RAs whose keyUsage lets them; how many. */
size_t trustpoint_ca_signers(const struct trustpoint_ca *ca,
			     struct span ret[static SCEP_CERTIFICATES_MAX + 1]);
