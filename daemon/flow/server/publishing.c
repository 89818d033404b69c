/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/publishing.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/recorded.h"
#include "daemon/x509/name.h"
#include <stdlib.h>
#include <string.h>

struct birth {
	struct ca_generation_record generation;
	struct ca_certificate_record certificate;
};

static void birth_done(struct birth *birth)
{
	ca_generation_record_done(&birth->generation);
	ca_certificate_record_done(&birth->certificate);
}

static int refuse(char **ret_reason, const char *why)
{
	int r = text_format(ret_reason, "%s", why);

	return r < 0 ? r : FLOW_REFUSED;
}

static int check(const struct hand *hand, struct span der, struct x509_certificate *ret,
		 char **ret_reason)
{
	if (x509_certificate_read(der, ret) < 0)
		return refuse(ret_reason, "that is no certificate");
	if (!ret->extensions.ca)
		return refuse(ret_reason, "that is no certificate of a CA: it has no CA:TRUE "
					  "(RFC 5280 §4.2.1.9)");
	if (!x509_name_equal(ret->subject, span_of(hand->authority->name)))
		return refuse(ret_reason, "the certificate's subject is not this server's "
					  "IssuerName=");
	if (ret->not_after_s <= hand->now_s)
		return refuse(ret_reason, "the certificate has expired");
	return 0;
}

/* No key of it is known here, nor which token has it. */
static int copy_generation(const struct hand *hand, const struct x509_certificate *certificate,
			   struct ca_generation_record *ret)
{
	int r;

	ret->number = 1;
	ret->counter = 1;
	ret->not_before_s = ret->takes_over_s = certificate->not_before_s;
	ret->not_after_s = certificate->not_after_s;
	ca_generation_settle(ret, ret->takes_over_s);
	ret->token = strdup(hand->authority->conf->token);
	ret->token_serial = strdup("");
	if (!ret->token || !ret->token_serial)
		return -ENOMEM;
	sha256(certificate->key.spki, ret->key_sha256);
	r = bytes_copy(certificate->whole, &ret->certificate);
	if (r >= 0)
		r = bytes_copy(certificate->key.spki, &ret->spki);
	if (r >= 0)
		r = bytes_copy(certificate->serial, &ret->serial);
	return r < 0 ? r : bytes_copy(certificate->issuer, &ret->issuer);
}

static int copy_certificate(const struct x509_certificate *certificate,
			    struct ca_certificate_record *ret)
{
	int r;

	ret->counter = 1;
	ret->class = GRANT_CLASS_SUBORDINATE;
	ret->not_before_s = certificate->not_before_s;
	ret->not_after_s = certificate->not_after_s;
	sha256(certificate->key.spki, ret->key_sha256);
	r = bytes_copy(certificate->whole, &ret->certificate);
	if (r >= 0)
		r = bytes_copy(certificate->serial, &ret->serial);
	return r < 0 ? r : bytes_copy(certificate->subject, &ret->subject);
}

static int commit(const struct hand *hand, struct birth *birth)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(hand->authority);
	_cleanup_(recorded_done) struct recorded recorded = {};
	_cleanup_(audit_done) struct audit_event event = {};
	const char *label = hand->authority->conf->label;
	struct store_change change = {
		.server = label,
		.now_s = hand->now_s,
		.create_server = label,
		.generation = &birth->generation,
		.certificate = &birth->certificate,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	r = audit_of_act(AUDIT_SERVER_CREATE, hand->actor, label, "publishing alone", &event);
	if (r >= 0)
		r = recorded_of(hand->authority, generations, false, &recorded);
	if (r < 0)
		return r;
	change.settings = recorded.settings;
	change.n_settings = recorded.n;
	return store_commit(hand->flow->store, &change);
}

int flow_server_create_publishing(const struct hand *hand, struct span der, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(birth_done) struct birth birth = {};
	const char *label = hand->authority->conf->label;
	struct x509_certificate certificate;
	int r;

	r = check(hand, der, &certificate, ret_reason);
	if (r)
		return r;
	claim = claim_take(hand->flow->claims, CLAIM_SERVER, span_of_text(label));
	r = copy_generation(hand, &certificate, &birth.generation);
	if (r >= 0)
		r = copy_certificate(&certificate, &birth.certificate);
	if (r >= 0)
		r = commit(hand, &birth);
	if (r > 0)
		return refuse(ret_reason, "the server exists already");
	if (r < 0)
		return r;
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_SERVER_CREATED), log_text("SERVER", label)),
		   "server created, for publishing alone");
	r = authority_load(hand->flow, hand->authority);
	return r < 0 ? r : flow_publish(hand->flow, hand->authority, hand->now_s);
}
