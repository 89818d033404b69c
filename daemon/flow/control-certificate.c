/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/der.h"
#include "daemon/flow/control-parts.h"
#include "daemon/flow/crl.h"
#include "daemon/x509/certificate.h"
#include <string.h>
#include <strings.h>

/* RFC 5280 §5.3.1, by the names OpenSSL and the RFC give them. */
static const struct {
	int number;
	const char *name;
} reasons[] = {
	{0, "unspecified"}, {1, "keyCompromise"},	 {3, "affiliationChanged"},
	{4, "superseded"},  {5, "cessationOfOperation"},
};

static const char *reason_name(int number)
{
	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		if (reasons[i].number == number)
			return reasons[i].name;
	return "unspecified";
}

static int reason_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		if (!strcasecmp(reasons[i].name, name))
			return reasons[i].number;
	return -1;
}

static json_t *json_certificate(const struct ca_certificate_record *certificate)
{
	return json_pack("{s:o?, s:I, s:s, s:o?, s:o?, s:o?, s:o?, s:s*}", "serial",
			 control_json_hex(span_of(certificate->serial), true), "counter",
			 (json_int_t)certificate->counter, "class",
			 certificate->request_id ? grant_class_name(certificate->class) : "ca",
			 "subject", control_json_name(span_of(certificate->subject)), "notBefore",
			 control_json_time(certificate->not_before_s), "notAfter",
			 control_json_time(certificate->not_after_s), "revoked",
			 control_json_time(certificate->revoked_s), "revocationReason",
			 certificate->revoked_s ? reason_name(certificate->revocation_reason)
						: NULL);
}

static int add_certificate(void *context, const struct ca_certificate_record *certificate)
{
	return json_array_append_new(context, json_certificate(certificate)) ? -ENOMEM : 0;
}

json_t *control_certificate_list(const struct control_turn *turn)
{
	json_t *error, *list;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	list = json_array();
	r = store_certificate_list(turn->flow->store, authority->conf->label, 0, 0, add_certificate,
				   list);
	return control_reply_list("certificates", list, r);
}

json_t *control_certificate_show(const struct control_turn *turn)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	struct hand hand = {.flow = turn->flow, .actor = turn->actor, .now_s = turn->now_s};
	json_t *shown;
	int r;

	hand.authority = control_authority(turn, "server", &shown);
	if (!hand.authority)
		return shown;
	r = flow_find_certificate(&hand, control_text(turn, "serial"), &certificate);
	if (r)
		return control_failure(r, NULL);
	shown = json_certificate(&certificate);
	if (shown)
		json_object_set_new(shown, "fingerprints",
				    control_json_fingerprints(span_of(certificate.certificate)));
	if (shown)
		json_object_set_new(
			shown, "pem",
			control_json_pem("CERTIFICATE", span_of(certificate.certificate)));
	return control_reply_new(shown, false);
}

json_t *control_certificate_revoke(const struct control_turn *turn)
{
	_cleanup_(freep) char *text = NULL;
	struct hand hand = {.flow = turn->flow, .actor = turn->actor, .now_s = turn->now_s};
	const char *name = control_text(turn, "reason");
	int reason = name ? reason_find(name) : 0, r;
	json_t *error;

	hand.authority = control_authority(turn, "server", &error);
	if (!hand.authority)
		return error;
	if (reason < 0)
		return control_error_new(CONTROL_ERROR_INVALID, "reason",
					 "\"%s\" is no reason: unspecified, keyCompromise, "
					 "affiliationChanged, superseded or "
					 "cessationOfOperation (RFC 5280 §5.3.1)",
					 name);
	r = flow_revoke_certificate(&hand, control_text(turn, "serial"), reason, &text);
	return r ? control_failure(r, text) : control_certificate_show(turn);
}

static int count_entries(struct span revoked, size_t *ret)
{
	struct der_item item;

	for (*ret = 0; revoked.size; ++*ret)
		if (der_next(&revoked, &item) < 0)
			return -EBADMSG;
	return 0;
}

static json_t *json_crl(const struct ca_server_record *record)
{
	struct x509_crl crl;
	size_t entries;

	if (x509_crl_read(span_of(record->crl), &crl) < 0 ||
	    count_entries(crl.revoked, &entries) < 0)
		return NULL;
	return json_pack(
		"{s:o?, s:o?, s:o?, s:I, s:I, s:o?}", "issuer", control_json_name(crl.issuer),
		"thisUpdate", control_json_time(crl.this_update_s), "nextUpdate",
		control_json_time(crl.next_update_s), "number", (json_int_t)record->crl_number,
		"entries", (json_int_t)entries, "pem", control_json_pem("X509 CRL", crl.whole));
}

json_t *control_crl_show(const struct control_turn *turn)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	r = store_server_load(turn->flow->store, authority->conf->label, &record);
	if (r < 0)
		return control_failure(r, NULL);
	if (r || !record.crl.size)
		return control_error_new(
			CONTROL_ERROR_NOT_FOUND, NULL,
			"server %s has no CRL yet: it is signed when the server is started",
			authority->conf->label);
	return control_reply_new(json_crl(&record), false);
}

json_t *control_crl_issue(const struct control_turn *turn)
{
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	r = flow_sign_crl(turn->flow, authority, turn->actor, turn->now_s);
	return r ? control_failure(r, r == FLOW_REFUSED
					      ? "the server has no CA certificate in force, or "
						"the time is not known (claviger status)"
					      : NULL)
		 : control_crl_show(turn);
}
