/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/issue.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/ca/request.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/signing.h"
#include "daemon/x509/build.h"
#include "policy/profile.h"
#include <assert.h>
#include <string.h>

/* Of the extensions that were asked for, those that policy copies. */
static void keep_copied(struct x509_extensions *extensions)
{
	size_t n = 0;

	for (size_t i = 0; i < extensions->n; i++)
		if (profile_copies(extensions->items[i].oid))
			extensions->items[n++] = extensions->items[i];
	extensions->n = n;
}

/* What was asked for, with what a router's certificate needs besides. */
static int build(const struct issue_order *order, const struct ca_certificate_record *certificate,
		 const struct x509_request *csr, struct bytes *ret)
{
	struct x509_extensions requested = csr->extensions;
	uint8_t issuer_key[20];
	struct x509_client_certificate values = {
		.serial = span_of(certificate->serial),
		.issuer = order->issuer->certificate.subject,
		.subject = csr->subject,
		.not_before_s = certificate->not_before_s,
		.not_after_s = certificate->not_after_s,
		.spki = csr->key.spki,
		.requested = &requested,
		.add_key_usage = csr->extensions.has_key_usage ? 0 : PROFILE_ROUTER_KEY_USAGE,
		.authority_key_identifier = SPAN_ARRAY(issuer_key),
		.cdp = span_of_text(order->authority->conf->cdp),
		.digest = order->authority->conf->hash,
	};

	keep_copied(&requested);
	x509_key_identifier(&order->issuer->certificate.key, issuer_key);
	return x509_build_client_certificate(&values, ret);
}

/* The record of the certificate to be: serial reserved, life clamped to its issuer's. */
static int plan(struct flow *flow, const struct issue_order *order, const struct x509_request *csr,
		struct ca_certificate_record *ret)
{
	uint8_t serial[20];
	size_t size;
	int r;

	r = authority_take_serial(flow, order->authority, &ret->counter, serial, &size);
	if (r < 0)
		return r;
	ret->generation_id = order->issuer->record->id;
	ret->class = order->request->class;
	ret->not_before_s = order->now_s;
	ret->not_after_s =
		ca_clamp_not_after(order->now_s, order->authority->conf->certificate_lifetime_s,
				   order->issuer->record->not_after_s);
	memcpy(ret->key_sha256, order->request->key_sha256, SHA256_SIZE);
	r = bytes_copy(SPAN(serial, size), &ret->serial);
	return r < 0 ? r : bytes_copy(csr->subject, &ret->subject);
}

static int commit(struct flow *flow, const struct issue_order *order,
		  struct ca_certificate_record *certificate)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = order->authority->conf->label,
		.now_s = order->now_s,
		.request = order->request,
		.expected_newest = order->place.expected_newest,
		.superseded = order->place.superseded,
		.certificate = certificate,
		.password_used = order->password_id,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	order->request->state = ca_request_next(order->request->state, CA_REQUEST_EVENT_ISSUE);
	assert(order->request->state == CA_REQUEST_GRANTED);
	order->request->password_id = order->password_id;
	order->request->updated_s = order->now_s;
	r = audit_of_issue(certificate, order->request, order->verdict, order->actor, &event);
	if (r < 0)
		return r;
	r = store_commit(flow->store, &change);
	return r == STORE_CHANGED ? ISSUE_CHANGED : r == STORE_EXISTS ? -EEXIST : r;
}

static void log_issued(const struct issue_order *order,
		       const struct ca_certificate_record *certificate)
{
	char serial[129];

	log_notice(LOG_FIELDS(log_text("SERVER", order->authority->conf->label),
			      log_hex("SERIAL", span_of(certificate->serial), serial),
			      log_number("REQUEST", order->request->id),
			      log_text("RULE", order->request->rule)),
		   "certificate issued");
}

int flow_issue(struct flow *flow, const struct issue_order *order, struct bytes *ret)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	struct x509_request csr;
	int r;

	assert(grant_permit_is_genuine(order->verdict->permit));
	assert(order->request->state == CA_REQUEST_AUTHORIZED);
	r = x509_request_read(span_of(order->request->csr), &csr);
	if (r < 0)
		return r;
	r = plan(flow, order, &csr, &certificate);
	if (r < 0)
		return r;
	r = build(order, &certificate, &csr, &to_be_signed);
	if (r < 0)
		return r;
	r = flow_sign_whole(flow, order->issuer->key, order->authority->conf->hash,
			    span_of(to_be_signed), &certificate.certificate);
	if (r)
		return r < 0 ? r : ISSUE_LATER;
	r = commit(flow, order, &certificate);
	if (r)
		return r;
	log_issued(order, &certificate);
	return bytes_copy(span_of(certificate.certificate), ret);
}
