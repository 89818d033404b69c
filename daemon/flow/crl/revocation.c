/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/crl/revocation.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include <stdlib.h>
#include <strings.h>

#define REASON_HOLD 6

static const struct {
	int number;
	const char *name;
} reasons[] = {
#define REASON(number, name) {number, name},
#include "daemon/flow/crl/revocation.def"
};

int revocation_reason_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		if (!strcasecmp(reasons[i].name, name))
			return reasons[i].number;
	return -1;
}

const char *revocation_reason_name(int reason)
{
	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		if (reasons[i].number == reason)
			return reasons[i].name;
	return reasons[0].name;
}

const char *revocation_reason_list(void)
{
#define REASON(number, name) ", " name
	static const char list[] =
#include "daemon/flow/crl/revocation.def"
		;

	return list + 2;
}

/* An RA has no CRL to say it with. */
static int refuse_at_ra(const struct hand *hand, const char *serial, char **ret_reason)
{
	int r = text_format(ret_reason,
			    "certificate %s was issued by the CA that RA %s speaks for: it is "
			    "revoked there",
			    serial, hand->authority->conf->label);

	return r < 0 ? r : FLOW_REFUSED;
}

/* The certificate, where it may be revoked at all. */
static int find(const struct hand *hand, const char *serial, struct ca_certificate_record *ret,
		char **ret_reason)
{
	int r;

	r = flow_find_certificate(hand, serial, ret);
	if (!r && conf_server_is_ra(hand->authority->conf))
		return refuse_at_ra(hand, serial, ret_reason);
	if (r || ret->request_id)
		return r;
	r = text_format(ret_reason, "certificate %s is the CA's own: a CA does not revoke itself",
			serial);
	return r < 0 ? r : FLOW_REFUSED;
}

static int commit(const struct hand *hand, enum audit_type type,
		  const struct ca_certificate_record *certificate, const char *reason,
		  struct store_change *change)
{
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(freep) char *note = NULL;
	_cleanup_(buffer_done) struct buffer text = {};
	int r;

	text_append_hex(&text, span_of(certificate->serial), false);
	if (reason)
		buffer_printf(&text, " %s", reason);
	r = buffer_take_text(&text, &note);
	if (r >= 0)
		r = audit_of_act(type, hand->actor, hand->authority->conf->label, note, &event);
	if (r < 0)
		return r;
	change->server = hand->authority->conf->label;
	change->now_s = hand->now_s;
	change->audit = &event.row;
	change->n_audit = 1;
	return store_commit(hand->flow->store, change);
}

static void tell(const struct hand *hand, const struct ca_certificate_record *certificate,
		 const char *what, const char *reason)
{
	char hex[129];

	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CERTIFICATE_REVOKED),
			      log_text("SERVER", hand->authority->conf->label),
			      log_hex("SERIAL", span_of(certificate->serial), hex),
			      log_text("REASON", reason)),
		   "certificate %s", what);
	flow_changed(hand->flow); /* the planner signs the CRL at once */
}

int flow_revoke_certificate(const struct hand *hand, const char *serial, int reason,
			    char **ret_reason)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	const char *name = revocation_reason_name(reason);
	struct store_change change = {.revocation_reason = reason};
	int r;

	r = find(hand, serial, &certificate, ret_reason);
	if (r)
		return r;
	change.revoke_certificate = certificate.id;
	r = commit(hand, AUDIT_CERTIFICATE_REVOKE, &certificate, name, &change);
	if (r == STORE_CHANGED) {
		r = text_format(ret_reason, "certificate %s is %s already", serial,
				certificate.revocation_reason == REASON_HOLD ? "on hold"
									     : "revoked");
		return r < 0 ? r : FLOW_REFUSED;
	}
	if (r)
		return r < 0 ? r : -EBUSY;
	tell(hand, &certificate, reason == REASON_HOLD ? "put on hold" : "revoked", name);
	return 0;
}

int flow_release_certificate(const struct hand *hand, const char *serial, char **ret_reason)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	struct store_change change = {};
	int r;

	r = find(hand, serial, &certificate, ret_reason);
	if (r)
		return r;
	change.release_certificate = certificate.id;
	r = commit(hand, AUDIT_CERTIFICATE_RELEASE, &certificate, NULL, &change);
	if (r == STORE_CHANGED) {
		r = text_format(ret_reason, "certificate %s is %s", serial,
				certificate.revoked_s ? "revoked for good" : "not on hold");
		return r < 0 ? r : FLOW_REFUSED;
	}
	if (r)
		return r < 0 ? r : -EBUSY;
	tell(hand, &certificate, "released from hold", "");
	return 0;
}
