/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/lookup.h"
#include "daemon/ca/request.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/flow/enroll/ra-crl.h"
#include "daemon/flow/enroll/scep.h"
#include "daemon/flow/enroll/waiting.h"
#include "daemon/x509/name.h"

/* The envelope, the signature and the signer's certificate come around it. */
#define CRL_MOST (SCEP_ANSWER_MOST - (size_t)64 * 1024)

static const char no_match[] = "no such request, certificate or CRL";

static int deliver(const struct ca_certificate_record *certificate, struct scep_outcome *ret)
{
	ret->status = SCEP_SUCCESS;
	return bytes_copy(span_of(certificate->certificate), &ret->certificate);
}

static int refuse_revoked_signer(const struct scep_turn *turn, struct scep_outcome *ret)
{
	const struct grant_facts facts = {.signer = {.ours = true, .revoked = true}};
	struct verdict verdict = grant_decide(&facts);

	audit_alarm(&(struct audit_party){turn->authority->conf->label, turn->peer,
					  turn->request->transaction_id},
		    &verdict);
	scep_outcome_fail(ret, (enum scep_fail_info)verdict.fail_info, verdict.reason);
	return 0;
}

/* Under the claim: the same client may be asking in another way at this moment. */
static int resume(const struct scep_turn *turn, const struct signer_facts *signer,
		  struct ca_request_record *request, struct scep_outcome *ret)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = claim_try_transaction(
		turn->flow->claims, turn->request->transaction_id, signer->requester);
	int r;

	ret->status = SCEP_PENDING;
	if (!claim)
		return 0;
	r = waiting_resume(turn, request, ret);
	if (r == ISSUE_CHANGED)
		scep_outcome_done(ret);
	if (r == ISSUE_CHANGED)
		ret->status = SCEP_PENDING;
	return r == ISSUE_CHANGED ? 0 : r;
}

/* The transaction and its requester find the request; IssuerAndSubject is not looked at (RFC 8894
 * §3.3.3). */
int flow_cert_poll(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(signer_facts_done) struct signer_facts signer = {};
	_cleanup_(transaction_facts_done) struct transaction_facts transaction = {};
	int r;

	r = facts_of_signer(turn, &signer);
	if (r < 0)
		return r;
	r = facts_of_transaction(turn, &signer, &transaction);
	if (r < 0)
		return r;
	switch (ca_poll_step(&transaction.facts, turn->now_s)) {
	case CA_POLL_DELIVER:
		return deliver(&transaction.certificate, ret);
	case CA_POLL_WAIT:
		return resume(turn, &signer, &transaction.request, ret);
	case CA_POLL_DENIED:
		scep_outcome_fail(ret, SCEP_BAD_REQUEST, NULL);
		return scep_outcome_copy_text(ret, transaction.request.reason);
	case CA_POLL_REVOKED_SIGNER:
		return refuse_revoked_signer(turn, ret);
	case CA_POLL_NO_MATCH:
		break;
	}
	scep_outcome_fail(ret, SCEP_BAD_CERT_ID, no_match);
	return 0;
}

/* Whether the issuer that the message names is a generation of this server. */
static bool names_us(const struct scep_turn *turn)
{
	for (size_t i = 0; i < turn->generations->n; i++)
		if (x509_name_equal(turn->generations->items[i].certificate.subject,
				    turn->content->issuer))
			return true;
	return false;
}

/* The certificate with the serial that the message names; STORE_NOT_FOUND. */
static int find_named(const struct scep_turn *turn, struct ca_certificate_record *ret)
{
	if (!names_us(turn))
		return STORE_NOT_FOUND;
	return store_certificate_find(turn->flow->store, turn->authority->conf->label,
				      turn->content->serial, ret);
}

int flow_get_cert(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	int r;

	r = find_named(turn, &certificate);
	if (r < 0)
		return r;
	if (r == STORE_NOT_FOUND) {
		scep_outcome_fail(ret, SCEP_BAD_CERT_ID, no_match);
		return 0;
	}
	return deliver(&certificate, ret);
}

/* Of a displaced generation its own: who has a certificate of it can verify no other. */
static int find_crl(const struct scep_turn *turn, int64_t generation_id, struct ca_crl_record *ret)
{
	const struct generations *all = turn->generations;

	for (size_t i = 0; i < all->n; i++)
		if (all->records[i].id == generation_id &&
		    ca_generation_is_displaced(all->records, all->n, i, turn->now_s))
			return store_crl_load_own(turn->flow->store, generation_id, ret);
	return store_crl_load(turn->flow->store, turn->authority->conf->label, ret);
}

/* A message has its limit: one that lists many is given out by HTTP alone. */
static int deliver_crl(struct bytes *crl, struct scep_outcome *ret)
{
	if (crl->size > CRL_MOST) {
		scep_outcome_fail(ret, SCEP_BAD_REQUEST,
				  "the CRL is too large for a message: get it by HTTP, with "
				  "operation=GetCRL");
		return 0;
	}
	ret->status = SCEP_SUCCESS;
	ret->crl = TAKE_STRUCT(*crl);
	return 0;
}

/* The CA's, about any certificate of its: the RA need not have seen it. */
static int get_crl_of_ca(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(bytes_done) struct bytes crl = {};
	int r = names_us(turn)
			? ra_crl_load(turn->flow, turn->authority, turn->active, turn->now_s, &crl)
			: RA_CRL_NONE;

	if (!r)
		return deliver_crl(&crl, ret);
	ret->busy = r == RA_CRL_LATER;
	if (ret->busy)
		ret->fail_text = "the CA's CRL is being fetched: come back soon";
	if (r == RA_CRL_NONE)
		scep_outcome_fail(ret, SCEP_BAD_CERT_ID, no_match);
	return r < 0 ? r : 0;
}

int flow_get_crl(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	int r;

	if (conf_server_is_ra(turn->authority->conf))
		return get_crl_of_ca(turn, ret);
	r = find_named(turn, &certificate);
	if (r < 0)
		return r;
	if (!r)
		r = find_crl(turn, certificate.generation_id, &crl);
	if (r < 0)
		return r;
	if (r) {
		scep_outcome_fail(ret, SCEP_BAD_CERT_ID, no_match);
		return 0;
	}
	return deliver_crl(&crl.der, ret);
}
