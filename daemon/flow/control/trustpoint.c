/* SPDX-License-Identifier: Apache-2.0 */
/* trustpoint.look and trustpoint.accept: whom to trust; trustpoint.clear: nobody any more. */
#include "daemon/base/text.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/trustpoint/ca.h"
#include "daemon/flow/trustpoint/clear.h"

json_t *control_trustpoint_failure(const struct control_turn *turn, int result, const char *reason)
{
	const char *name = control_text(turn, "name");

	if (result == -ENOENT && conf_trustpoint_is_idle(turn->flow->conf, name))
		return control_error_new(CONTROL_ERROR_REFUSED, NULL,
					 "trustpoint %s is the certificate server's own: claviger "
					 "server show %s",
					 name, name);
	if (result == -ENOENT)
		return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					 "no [Trustpoint %s] in the configuration", name);
	return control_failure(result, reason);
}

/* A server's own holds what its generations say, and nobody else's (SRV-05), unless they come from
 * elsewhere by it. */
int control_trustpoint_begin(const struct control_turn *turn, struct trustpoint_turn *ret)
{
	const char *name = control_text(turn, "name");

	*ret = (struct trustpoint_turn){};
	return conf_trustpoint_is_idle(turn->flow->conf, name)
		       ? -ENOENT
		       : trustpoint_turn_begin(turn->flow, name, turn->now_s, ret);
}

int control_blob(const struct control_turn *turn, const char *parameter, struct bytes *ret)
{
	const char *text = control_text(turn, parameter);

	return text ? text_read_base64(span_of_text(text), false, ret) : 0;
}

/* What is brought goes before what the server gives. */
static int find_ca(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
		   struct trustpoint_offer *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes brought = {};
	int r = control_blob(turn, "certificate", &brought);

	if (r < 0)
		return r == -EINVAL ? trustpoint_refuse(ret_reason, FLOW_REFUSED,
							"certificate is no base64")
				    : r;
	if (brought.size)
		return trustpoint_read_ca(trustpoint, span_of(brought), ret, ret_reason);
	if (!trustpoint_is_online(trustpoint->conf))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "there is no EnrollmentURL= to ask: name the file with "
					 "the CA's certificate");
	return trustpoint_fetch_ca(trustpoint, ret, ret_reason);
}

static json_t *json_others(const struct trustpoint_ca *ca)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ca->n_others; i++)
		json_array_append_new(list, control_json_certificate(ca->others[i], "Available"));
	return list;
}

static json_t *json_looked(const struct trustpoint_turn *trustpoint,
			   const struct trustpoint_offer *offer)
{
	struct span der = offer->ca.certificate;
	const struct ca_anchor_record *active =
		ca_anchor_active(&trustpoint->state, trustpoint->now_s);
	bool known = active && span_equal(span_of(active->certificate), der);
	struct x509_certificate before;
	json_t *json = json_pack("{s:o?, s:o?, s:b, s:s*}", "ca",
				 control_json_certificate(der, "Available"), "others",
				 json_others(&offer->ca), "known", (int)known, "pinned",
				 !trustpoint->conf->fingerprint			 ? NULL
				 : trustpoint_is_pinned(trustpoint->conf, offer) ? "yes"
										 : "no");

	if (json && active && !known &&
	    x509_certificate_read(span_of(active->certificate), &before) == 0)
		json_object_set_new(json, "replaces", control_json_name(before.subject));
	return json;
}

json_t *control_trustpoint_look(const struct control_turn *turn)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn trustpoint = {};
	_cleanup_(trustpoint_offer_done) struct trustpoint_offer offer = {};
	_cleanup_(freep) char *reason = NULL;
	const char *name = control_text(turn, "name");
	int r = -ENOENT;

	/* It changes nothing, so that it waits for nobody who does. */
	if (!conf_trustpoint_is_idle(turn->flow->conf, name))
		r = trustpoint_turn_look(turn->flow, name, turn->now_s, &trustpoint);
	if (r == 0)
		r = find_ca(turn, &trustpoint, &offer, &reason);
	if (r)
		return control_trustpoint_failure(turn, r, reason);
	return control_reply_new(json_looked(&trustpoint, &offer), false);
}

/* What the operator saw is what is accepted, not what comes a moment later. */
static int check_seen(const struct control_turn *turn, const struct trustpoint_offer *offer,
		      char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes seen = {};
	uint8_t digest[SHA256_SIZE];
	int r = text_read_hex(span_of_text(control_text(turn, "sha256")), &seen);

	if (r == -ENOMEM)
		return r;
	sha256(offer->ca.certificate, digest);
	if (span_equal(span_of(seen), SPAN_ARRAY(digest)))
		return 0;
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "the CA gives another certificate now than the one with this "
				 "SHA-256: look again");
}

/* Fingerprint= is a rule that nobody accepts past. */
static int check_pinned(const struct trustpoint_turn *trustpoint,
			const struct trustpoint_offer *offer, char **ret_reason)
{
	if (!trustpoint->conf->fingerprint || trustpoint_is_pinned(trustpoint->conf, offer))
		return 0;
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "the CA's certificate is not the one that Fingerprint= names");
}

static json_t *json_accepted(const struct control_turn *turn,
			     const struct trustpoint_turn *trustpoint)
{
	json_t *json = control_json_trustpoint(turn->flow, trustpoint->conf, &trustpoint->state,
					       turn->now_s);

	if (json && trustpoint->state.n_anchors > 1)
		json_object_set_new(json, "note",
				    json_string("certificates of the CA before stay in use until "
						"they are replaced: claviger trustpoint enroll"));
	return json;
}

json_t *control_trustpoint_accept(const struct control_turn *turn)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn trustpoint = {};
	_cleanup_(trustpoint_offer_done) struct trustpoint_offer offer = {};
	_cleanup_(freep) char *reason = NULL;
	int r = control_trustpoint_begin(turn, &trustpoint);

	if (r == 0)
		r = find_ca(turn, &trustpoint, &offer, &reason);
	if (r == 0)
		r = check_seen(turn, &offer, &reason);
	if (r == 0)
		r = check_pinned(&trustpoint, &offer, &reason);
	if (r == 0)
		r = trustpoint_accept(&trustpoint, &offer, turn->actor, &reason);
	if (r)
		return control_trustpoint_failure(turn, r, reason);
	return control_reply_new(json_accepted(turn, &trustpoint), false);
}

static int add_cleared(void *context, const struct ca_key_place *place, const char *done)
{
	json_t *list = context;

	return json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "label", place->label,
						     "token", place->token, "done", done))
		       ? -ENOMEM
		       : 0;
}

json_t *control_trustpoint_clear(const struct control_turn *turn)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn trustpoint = {};
	_cleanup_(control_jsonp) json_t *keys = json_array();
	_cleanup_(freep) char *reason = NULL;
	int r = control_trustpoint_begin(turn, &trustpoint);

	if (r == 0)
		r = trustpoint_clear(&trustpoint, turn->actor, add_cleared, keys, &reason);
	if (r)
		return control_trustpoint_failure(turn, r, reason);
	return control_reply_new(
		json_pack("{s:s, s:O}", "name", trustpoint.conf->name, "keys", keys), false);
}
