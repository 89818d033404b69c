/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/ra-crl.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/validate/validate.h"
#include "daemon/store/peer-crls.h"

#define PAUSE_S 60 /* after one in vain */

/* The cache has it from whoever it was; the CA's signature makes it the CA's. */
static bool is_of(const struct x509_certificate *ca, struct span der)
{
	struct x509_crl crl;

	return x509_crl_read(der, &crl) >= 0 &&
	       !x509_verify(&ca->key, crl.digest, crl.to_be_signed, crl.signature);
}

static int load_kept(struct flow *flow, const struct generation *active, int64_t now_s,
		     struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes der = {};
	uint8_t hash[SHA256_SIZE];
	int r;

	sha256(active->certificate.whole, hash);
	r = store_peer_crl_find(flow->store, SPAN_ARRAY(hash), now_s, &der);
	if (r)
		return r < 0 ? r : RA_CRL_NONE;
	if (!is_of(&active->certificate, span_of(der)))
		return RA_CRL_NONE;
	*ret = TAKE_STRUCT(der);
	return 0;
}

static bool want(struct authority_share *shared, int64_t now_s)
{
	bool wanted;

	pthread_mutex_lock(&shared->lock);
	wanted = now_s < shared->ca_crl_failed_s || now_s >= shared->ca_crl_failed_s + PAUSE_S;
	shared->ca_crl_wanted |= wanted;
	pthread_mutex_unlock(&shared->lock);
	return wanted;
}

int ra_crl_load(struct flow *flow, struct authority *authority, const struct generation *active,
		int64_t now_s, struct bytes *ret)
{
	int r = load_kept(flow, active, now_s, ret);

	if (r != RA_CRL_NONE || !want(authority->shared, now_s))
		return r;
	flow_forward_changed(flow);
	return RA_CRL_LATER;
}

/* One worker alone is told that it is wanted. */
static bool take_wish(struct authority_share *shared)
{
	bool wanted;

	pthread_mutex_lock(&shared->lock);
	wanted = shared->ca_crl_wanted;
	shared->ca_crl_wanted = false;
	pthread_mutex_unlock(&shared->lock);
	return wanted;
}

static void note_failure(struct authority_share *shared, int64_t now_s)
{
	pthread_mutex_lock(&shared->lock);
	shared->ca_crl_failed_s = now_s;
	pthread_mutex_unlock(&shared->lock);
}

/* Whether the RA's own certificate was revoked is what the CRL is fetched for. */
static int look_at(struct flow *flow, const struct authority *authority, struct span certificate,
		   int64_t now_s)
{
	const struct validate_question question = {.trustpoint = authority->conf->label,
						   .certificates = &certificate,
						   .n = 1,
						   .now_s = now_s};
	struct validation validation = {};
	int r = flow_validate(flow, &question, &validation);

	if (!r && !validation.good)
		log_notice(LOG_FIELDS(log_text("SERVER", authority->conf->label)),
			   "of the RA's own certificate: %s", validation.reason);
	validation_done(&validation);
	return r < 0 ? r : 0;
}

static int fetch(struct flow *flow, const struct authority *authority, int64_t now_s)
{
	struct ca_exchange_record *records = NULL;
	size_t n = 0;
	int r = store_exchanges_load(flow->store, authority->conf->label, &records, &n);

	for (size_t i = 0; i < n && r >= 0; i++)
		if (records[i].takes_over_s <= now_s && now_s <= records[i].not_after_s)
			r = look_at(flow, authority, span_of(records[i].certificate), now_s);
	ca_exchange_records_free(records, n);
	return r < 0 ? r : 0;
}

static int grant_wish(struct flow *flow, const struct authority *authority, int64_t now_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	_cleanup_(bytes_done) struct bytes der = {};
	int r = active ? fetch(flow, authority, now_s) : 0;

	if (!r)
		r = active ? load_kept(flow, active, now_s, &der) : RA_CRL_NONE;
	if (r)
		note_failure(authority->shared, now_s);
	return r < 0 ? r : 0;
}

int ra_crl_fetch_wanted(struct flow *flow, int64_t now_s)
{
	int r = 0;

	for (size_t i = 0; i < flow->conf->n_servers && !r; i++)
		if (take_wish(flow->authorities[i].shared))
			r = grant_wish(flow, &flow->authorities[i], now_s);
	return r;
}
