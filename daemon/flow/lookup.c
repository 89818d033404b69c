/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/lookup.h"
#include "daemon/ca/request.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/facts.h"
#include "daemon/x509/name.h"

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
		ret->status = SCEP_PENDING;
		return 0;
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

int flow_get_crl(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	int r;

	r = find_named(turn, &certificate);
	if (r < 0)
		return r;
	if (!r)
		r = store_server_load(turn->flow->store, turn->authority->conf->label, &server);
	if (r < 0)
		return r;
	if (r || !server.crl.size) {
		scep_outcome_fail(ret, SCEP_BAD_CERT_ID, no_match);
		return 0;
	}
	ret->status = SCEP_SUCCESS;
	ret->crl = TAKE_STRUCT(server.crl);
	return 0;
}
