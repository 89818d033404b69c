/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/known.h"
#include "daemon/trustpoint/ca-internal.h"
#include "daemon/x509/name.h"

static const struct x509_certificate *find(const struct trust_set *set,
					   const struct ca_anchor_record *anchor)
{
	for (size_t i = 0; anchor && i < set->n; i++)
		if (span_equal(set->items[i].whole, span_of(anchor->certificate)))
			return &set->items[i];
	return NULL;
}

static bool has_a_ca(const struct trust_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (trust_is_ca(&set->items[i]))
			return true;
	return false;
}

static bool have_same_others(const struct trustpoint_ca *a, const struct trustpoint_ca *b)
{
	for (size_t i = 0; i < a->n_others; i++)
		if (!trustpoint_ca_has(b, a->others[i]))
			return false;
	return a->n_others == b->n_others;
}

/* Whether an RA of this name is among @ca's others. */
static bool has_ra_named(const struct trustpoint_ca *ca, struct span name)
{
	struct x509_certificate read;

	for (size_t i = 0; i < ca->n_others; i++)
		if (x509_certificate_read(ca->others[i], &read) == 0 && !trust_is_ca(&read) &&
		    x509_name_equal(read.subject, name))
			return true;
	return false;
}

/* @accepted's RAs that @ca has none of the name of. */
static void add_missing_ras(struct trustpoint_ca *ca, const struct trustpoint_ca *accepted)
{
	struct x509_certificate read;

	for (size_t i = 0; i < accepted->n_others && ca->n_others < ELEMENTS(ca->others); i++)
		if (x509_certificate_read(accepted->others[i], &read) == 0 && !trust_is_ca(&read) &&
		    !has_ra_named(ca, read.subject))
			ca->others[ca->n_others++] = accepted->others[i];
}

/* GetCACert is signed by nobody, and each router holds a certificate of this CA: an RA counts that
 * has the name of one that was accepted with the CA, or with the one before it (hand_on). One that
 * is left out of an answer stays. */
static void keep_accepted_ras(struct trustpoint_ca *ca, const struct trustpoint_ca *accepted)
{
	struct x509_certificate read;
	size_t kept = 0;

	for (size_t i = 0; i < ca->n_others; i++)
		if (x509_certificate_read(ca->others[i], &read) == 0 &&
		    (trust_is_ca(&read) || has_ra_named(accepted, read.subject)))
			ca->others[kept++] = ca->others[i];
	ca->n_others = kept;
	add_missing_ras(ca, accepted);
}

void trustpoint_ca_hand_on(const struct ca_anchor_record *active, struct trustpoint_ca *next)
{
	struct trustpoint_ca accepted;

	trustpoint_ca_recall_all(active, &accepted);
	add_missing_ras(next, &accepted);
}

enum trustpoint_known trustpoint_ca_recognize(const struct ca_trustpoint_state *state,
					      const struct span *certificates, size_t n,
					      int64_t now_s, struct trustpoint_ca *ret)
{
	const struct ca_anchor_record *active = ca_anchor_active(state, now_s);
	const struct ca_anchor_record *next = ca_anchor_next(state, now_s);
	const struct x509_certificate *found;
	struct trustpoint_ca recorded;
	struct trust_set set;

	if (trust_set_read(certificates, n, &set))
		return TRUSTPOINT_KNOWN_NOTHING;
	found = find(&set, active);
	if (found) {
		trustpoint_ca_gather(&set, found, now_s, ret);
		trustpoint_ca_recall_all(active, &recorded);
		keep_accepted_ras(ret, &recorded);
		return have_same_others(ret, &recorded) ? TRUSTPOINT_KNOWN_SAME
							: TRUSTPOINT_KNOWN_REFRESHED;
	}
	found = find(&set, next);
	if (!found)
		return has_a_ca(&set) ? TRUSTPOINT_KNOWN_STRANGER : TRUSTPOINT_KNOWN_NOTHING;
	trustpoint_ca_gather(&set, found, now_s, ret);
	return TRUSTPOINT_KNOWN_NEXT;
}
