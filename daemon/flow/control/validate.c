/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate/validate.h"
#include "daemon/base/der.h"
#include "daemon/base/text.h"
#include "daemon/flow/control/parts.h"
#include "daemon/store/trustpoint.h"

/* What is to be verified; spans borrow from the bytes. */
struct wanted {
	struct bytes whole;
	struct span certificates[VALIDATE_CERTIFICATES_MOST];
	size_t n;
};

static void wanted_done(struct wanted *wanted)
{
	bytes_done(&wanted->whole);
}

static json_t *json_crl(const struct validation_step *step)
{
	return json_pack("{s:s, s:o?}", "from", step->crl_from, "nextUpdate",
			 control_json_time(step->next_update_s));
}

/* Where it says that its CRL is, also what nobody asks. */
static json_t *json_places(struct span certificate)
{
	_cleanup_(x509_crl_places_done) struct x509_crl_places places = {};
	json_t *list = json_array();

	if (x509_crl_places_read(certificate, &places) >= 0)
		for (size_t i = 0; i < places.n; i++)
			json_array_append_new(list, json_string(places.urls[i]));
	return list;
}

static json_t *json_item(const struct validation *validation, size_t i)
{
	const struct x509_path_item *item = &validation->path.items[i];
	const struct validation_step *step = &validation->steps[i];

	return json_pack("{s:o?, s:o?, s:o?, s:o?, s:o?, s:s, s:o?, s:o?}", "subject",
			 control_json_name(span_of(item->subject)), "issuer",
			 control_json_name(span_of(item->issuer)), "serial",
			 control_json_hex(span_of(item->serial), true), "notBefore",
			 control_json_time(item->not_before_s), "notAfter",
			 control_json_time(item->not_after_s), "revocation",
			 validation_revocation_name(step->revocation), "crl",
			 step->crl_from ? json_crl(step) : json_null(), "places",
			 json_places(span_of(item->whole)));
}

static json_t *json_path(const struct validation *validation)
{
	json_t *path = json_array();

	for (size_t i = 0; i < validation->path.n; i++)
		if (json_array_append_new(path, json_item(validation, i))) {
			json_decref(path);
			return NULL;
		}
	return path;
}

static json_t *json_validation(const struct validation *validation)
{
	const struct x509_path_item *item = &validation->path.items[validation->at];

	return json_pack("{s:b, s:s?, s:s?, s:o?, s:o?, s:s?, s:s?, s:o?}", "good",
			 validation->good, "trustpoint", validation->trustpoint, "server",
			 validation->server, "subject", control_json_name(span_of(item->subject)),
			 "serial", control_json_hex(span_of(item->serial), true), "reason",
			 validation->reason, "rule", validation->rule, "path",
			 json_path(validation));
}

static json_t *refuse_bytes(const char *why)
{
	return control_error_new(CONTROL_ERROR_INVALID, "certificates", "%s", why);
}

/* DER after DER. NULL, or the refusal. */
static json_t *read_certificates(const char *base64, struct wanted *wanted)
{
	struct span rest;
	struct der_item item;

	if (text_read_base64(span_of_text(base64), false, &wanted->whole) < 0)
		return refuse_bytes("certificates is no base64");
	for (rest = span_of(wanted->whole); rest.size; wanted->n++) {
		if (wanted->n == VALIDATE_CERTIFICATES_MOST)
			return refuse_bytes("more than 32 certificates: leave out those that the "
					    "path does not need");
		if (der_next(&rest, &item) < 0)
			return refuse_bytes("that is no certificate (RFC 5280 §4.1)");
		wanted->certificates[wanted->n] = item.whole;
	}
	return wanted->n ? NULL : refuse_bytes("there is no certificate in it");
}

static json_t *refuse_unknown(const char *name)
{
	return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
				 "no [Trustpoint %s] in the configuration", name);
}

static json_t *refuse_own(const char *name, const char *why)
{
	return control_error_new(CONTROL_ERROR_REFUSED, NULL, "trustpoint %s %s", name, why);
}

static const struct ca_identity_record *own_identity(const struct ca_trustpoint_state *state,
						     int64_t now_s)
{
	const struct ca_identity_record *identity = NULL;

	for (int usage = 1; usage <= 3 && !identity; usage++)
		identity = ca_identity_active(state, usage, now_s);
	return identity;
}

/* The identity in force of the trustpoint itself. NULL, or the refusal. */
static json_t *read_own(const struct control_turn *turn, const char *name, struct wanted *wanted)
{
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};
	const struct ca_identity_record *identity;
	const struct conf *conf = turn->flow->conf;
	int r;

	if (!conf_find_trustpoint(conf, name) && !conf_find_server(conf, name))
		return refuse_unknown(name);
	r = store_trustpoint_load(turn->flow->store, name, &state);
	if (r < 0)
		return control_failure(r, NULL);
	identity = r ? NULL : own_identity(&state, turn->now_s);
	if (!identity)
		return refuse_own(name, "has no certificate yet: claviger trustpoint show");
	r = bytes_copy(span_of(identity->certificate), &wanted->whole);
	if (r < 0)
		return control_failure(r, NULL);
	wanted->certificates[wanted->n++] = span_of(wanted->whole);
	return NULL;
}

static json_t *validate(const struct control_turn *turn, const char *trustpoint,
			const struct wanted *wanted)
{
	const struct validate_question question = {.trustpoint = trustpoint,
						   .certificates = wanted->certificates,
						   .n = wanted->n,
						   .now_s = turn->now_s};
	_cleanup_(validation_done) struct validation validation = {};
	int r = flow_validate(turn->flow, &question, &validation);

	if (r == -ENOENT)
		return refuse_unknown(trustpoint);
	if (r)
		return control_failure(r, validation.reason);
	return control_reply_new(json_validation(&validation), false);
}

json_t *control_trustpoint_verify(const struct control_turn *turn)
{
	_cleanup_(wanted_done) struct wanted wanted = {};
	const char *certificates = control_text(turn, "certificates");
	const char *trustpoint = control_text(turn, "trustpoint");
	json_t *error;

	if (!certificates && !trustpoint)
		return refuse_bytes("certificates, or a trustpoint whose own is meant");
	error = certificates ? read_certificates(certificates, &wanted)
			     : read_own(turn, trustpoint, &wanted);
	return error ? error : validate(turn, trustpoint, &wanted);
}
