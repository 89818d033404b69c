/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/issue.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/ca/request.h"
#include "daemon/conf/lifetime.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/allowance.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/audit/unfinished.h"
#include "daemon/flow/enroll/forward.h"
#include "daemon/flow/signing.h"
#include "daemon/x509/build.h"
#include "daemon/x509/lint.h"
#include "daemon/x509/path-room.h"
#include "policy/profile.h"
#include <assert.h>
#include <string.h>

/* Of the extensions that were asked for, those that policy copies. */
static void keep_copied(enum grant_class class, const struct x509_extensions *asked,
			struct x509_extensions *ret)
{
	*ret = (struct x509_extensions){.path_length = -1};
	for (size_t i = 0; i < asked->n; i++) {
		const struct x509_extension *extension = &asked->items[i];

		if (!profile_copies(class, extension->oid))
			continue;
		ret->items[ret->n++] = *extension;
		ret->has_key_usage |= extension->oid == OID_KEY_USAGE;
		ret->has_basic_constraints |= extension->oid == OID_BASIC_CONSTRAINTS;
	}
}

/* What makes a subordinate's certificate one. -EBADMSG where the CAs above can't be read. */
static int plan_authority(const struct issue_order *order, const struct x509_extensions *asked,
			  struct x509_authority *ret)
{
	const struct generation *issuer = order->issuer;
	int64_t room;
	int r;

	r = x509_path_room(&issuer->certificate, span_of(issuer->record->superiors), &room);
	if (r < 0)
		return r;
	ret->path_length = profile_path_length(
		asked->path_length, order->authority->conf->subordinate_path_length, room);
	ret->key_usage = asked->has_key_usage ? asked->key_usage : PROFILE_CA_KEY_USAGE;
	return 0;
}

/* Each generation may have its own place, named by %g: what one signs, the key of another does not
 * verify. */
static void append_cdp(const char *cdp, unsigned generation, struct buffer *out)
{
	const char *at;

	for (; (at = strstr(cdp, "%g")); cdp = at + 2) {
		buffer_append(out, SPAN(cdp, (size_t)(at - cdp)));
		buffer_printf(out, "%u", generation);
	}
	buffer_append_text(out, cdp);
}

/* What of it is no fact of the record. */
struct contents {
	struct x509_request csr;
	bool is_authority;
	struct x509_authority authority; /* where it is one */
};

static const struct x509_authority *authority_of(const struct contents *contents)
{
	return contents->is_authority ? &contents->authority : NULL;
}

static int read_contents(const struct issue_order *order, struct contents *ret)
{
	int r;

	r = x509_request_read(span_of(order->request->csr), &ret->csr);
	if (r < 0)
		return r;
	ret->is_authority = order->request->class == GRANT_CLASS_SUBORDINATE;
	return ret->is_authority ? plan_authority(order, &ret->csr.extensions, &ret->authority) : 0;
}

/* What was asked for, with what a certificate of its class needs besides. */
static int build(const struct issue_order *order, const struct ca_certificate_record *certificate,
		 const struct contents *contents, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer cdp = {};
	struct x509_extensions requested;
	uint8_t issuer_key[20];
	struct x509_client_certificate values = {
		.serial = span_of(certificate->serial),
		.issuer = order->issuer->certificate.subject,
		.subject = contents->csr.subject,
		.not_before_s = certificate->not_before_s,
		.not_after_s = certificate->not_after_s,
		.spki = contents->csr.key.spki,
		.authority = authority_of(contents),
		.requested = &requested,
		.authority_key_identifier =
			x509_certificate_identifier(&order->issuer->certificate, issuer_key),
		.digest = order->authority->conf->hash,
	};

	if (order->authority->conf->cdp)
		append_cdp(order->authority->conf->cdp, order->issuer->record->number, &cdp);
	if (cdp.error)
		return cdp.error;
	values.cdp = span_of_buffer(&cdp);
	keep_copied(order->request->class, &contents->csr.extensions, &requested);
	if (!values.authority && !requested.has_key_usage)
		values.add_key_usage = PROFILE_ROUTER_KEY_USAGE;
	return x509_build_client_certificate(&values, ret);
}

/* A CA's ends to the second when it says: the tree below counts on it. */
static int64_t end_life(const struct issue_order *order, int64_t not_before_s)
{
	int64_t most_s = order->issuer->record->not_after_s;
	const struct conf_server *conf = order->authority->conf;
	uint64_t random;

	if (order->request->class == GRANT_CLASS_SUBORDINATE)
		return ca_clamp_not_after(not_before_s, conf_subordinate_lifetime_s(conf), most_s);
	random_fill(&random, sizeof(random));
	return ca_jittered_not_after(not_before_s, conf_certificate_lifetime_s(conf), most_s,
				     random);
}

/* From now on, but not before its issuer takes over: a shadow issues ahead. */
static void plan_life(const struct issue_order *order, struct ca_certificate_record *ret)
{
	const struct ca_generation_record *issuer = order->issuer->record;

	ret->not_before_s =
		order->now_s > issuer->takes_over_s ? order->now_s : issuer->takes_over_s;
	ret->not_after_s = end_life(order, ret->not_before_s);
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
	plan_life(order, ret);
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
		.request_range = order->place.range,
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

	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CERTIFICATE_ISSUED),
			      log_text("SERVER", order->authority->conf->label),
			      log_hex("SERIAL", span_of(certificate->serial), serial),
			      log_number("REQUEST", order->request->id),
			      log_text("RULE", order->request->rule)),
		   "certificate issued");
}

/* It would be an error of ours: whatever a client may bring was judged before. */
static int lint(const struct issue_order *order, const struct contents *contents,
		struct span to_be_signed, struct verdict *ret_refusal)
{
	const struct x509_lint_facts facts = {
		.to_be_signed = to_be_signed,
		.request = &contents->csr,
		.issuer = &order->issuer->certificate,
		.authority = authority_of(contents),
		.least_bits = allowance_least_bits(order->authority->conf),
	};
	struct x509_complaint complaint = x509_lint_client(&facts);

	if (!complaint.rule)
		return 0;
	log_error(LOG_FIELDS(log_text("SERVER", order->authority->conf->label),
			     log_number("REQUEST", order->request->id),
			     log_text("RULE", complaint.rule)),
		  "a certificate was not signed: %s", complaint.reason);
	*ret_refusal = verdict_refusal(VERDICT_BAD_REQUEST, complaint.rule, complaint.reason);
	return ISSUE_LINT;
}

int flow_issue(struct flow *flow, const struct issue_order *order, struct bytes *ret,
	       struct verdict *ret_refusal)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	struct contents contents = {};
	int r;

	assert(grant_permit_is_genuine(order->verdict->permit));
	assert(order->request->state == CA_REQUEST_AUTHORIZED);
	if (conf_server_is_ra(order->authority->conf))
		return flow_forward_begin(flow, order);
	r = read_contents(order, &contents);
	if (r >= 0)
		r = plan(flow, order, &contents.csr, &certificate);
	if (r < 0)
		return r;
	r = build(order, &certificate, &contents, &to_be_signed);
	if (r >= 0)
		r = lint(order, &contents, span_of(to_be_signed), ret_refusal);
	if (r)
		return r;
	r = flow_sign_whole(flow, order->issuer->key, order->authority->conf->hash,
			    span_of(to_be_signed), &certificate.certificate);
	if (r)
		return r < 0 ? r : ISSUE_LATER;
	r = commit(flow, order, &certificate);
	if (r == ISSUE_CHANGED)
		flow_note_unfinished(flow, order->authority->conf->label,
				     span_of(certificate.serial), span_of(to_be_signed),
				     order->now_s);
	if (r)
		return r;
	log_issued(order, &certificate);
	flow_committed(flow);
	return bytes_copy(span_of(certificate.certificate), ret);
}
