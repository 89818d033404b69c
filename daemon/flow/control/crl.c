/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/crl.h"
#include "daemon/base/der.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/crl/crl.h"
#include "daemon/flow/crl/import.h"
#include <string.h>

static int count_entries(struct span revoked, size_t *ret)
{
	struct der_item item;

	for (*ret = 0; revoked.size; ++*ret)
		if (der_next(&revoked, &item) < 0)
			return -EBADMSG;
	return 0;
}

/* One server's CRLs, as they are shown. */
struct showing {
	const struct control_turn *turn;
	const struct ca_server_record *server;
	const struct generations *generations;
	json_t *list;
};

/* The number of the one whose key signed it; null where that is not known. */
static json_t *json_signer(const struct generations *generations, int64_t generation_id)
{
	for (size_t i = 0; i < generations->n; i++)
		if (generations->records[i].id == generation_id)
			return json_integer(generations->records[i].number);
	return json_null();
}

static json_t *json_row(const struct showing *showing, const struct ca_crl_record *crl)
{
	return json_pack("{s:I, s:o?, s:o?, s:o?}", "number", (json_int_t)crl->number, "generation",
			 json_signer(showing->generations, crl->generation_id), "thisUpdate",
			 control_json_time(crl->this_update_s), "nextUpdate",
			 control_json_time(crl->next_update_s));
}

static int add_ahead(void *context, const struct ca_crl_record *crl)
{
	const struct showing *showing = context;

	return json_array_append_new(showing->list, json_row(showing, crl)) ? -ENOMEM : 0;
}

/* {"until": the wish, "crls": what of it, or of a shadow, is signed and waits}; null without. */
static json_t *json_ahead(struct showing *showing)
{
	const struct ca_server_record *server = showing->server;

	showing->list = json_array();
	if (store_crl_ahead_list(showing->turn->flow->store, server->label, add_ahead, showing) <
		    0 ||
	    (!json_array_size(showing->list) && server->ahead_wish_s <= showing->turn->now_s)) {
		json_decref(showing->list);
		return json_null();
	}
	return json_pack("{s:o?, s:o}", "until", control_json_time(server->ahead_wish_s), "crls",
			 showing->list);
}

static const char *status_of(const struct showing *showing, const struct ca_crl_record *crl,
			     unsigned passed_percent)
{
	if (crl->next_update_s <= showing->turn->now_s)
		return "expired";
	if (crl->revision < showing->server->revocation_revision)
		return "revocations since are not in it yet";
	return passed_percent ? "to be renewed" : "current";
}

static int add_displaced(const struct showing *showing, json_t *list,
			 const struct ca_generation_record *generation)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	unsigned percent = ca_crl_own_passed_percent(generation, showing->turn->now_s);
	json_t *row;
	int r = store_crl_load_own(showing->turn->flow->store, generation->id, &crl);

	if (r)
		return r < 0 ? r : 0;
	row = json_row(showing, &crl);
	if (json_object_set_new(row, "status", json_string(status_of(showing, &crl, percent))))
		r = -ENOMEM;
	return json_array_append_new(list, row) ? -ENOMEM : r;
}

/* What displaced generations sign of their own; null without one. */
static json_t *json_displaced(const struct showing *showing)
{
	const struct generations *generations = showing->generations;
	json_t *list = json_array();
	int r = 0;

	for (size_t i = 0; i < generations->n && !r; i++)
		if (ca_generation_is_displaced(generations->records, generations->n, i,
					       showing->turn->now_s))
			r = add_displaced(showing, list, &generations->records[i]);
	if (r || !json_array_size(list)) {
		json_decref(list);
		return r ? NULL : json_null();
	}
	return list;
}

static json_t *json_pem(const struct ca_crl_record *record)
{
	return json_pack("{s:o?}", "pem", control_json_pem("X509 CRL", span_of(record->der)));
}

static json_t *json_crl(const struct control_turn *turn, const struct generations *generations,
			const struct ca_server_record *server, const struct ca_crl_record *record)
{
	struct showing showing = {.turn = turn, .server = server, .generations = generations};
	unsigned percent = ca_crl_passed_percent(server, turn->now_s);
	struct x509_crl crl;
	size_t entries;

	if (x509_crl_read(span_of(record->der), &crl) < 0 ||
	    count_entries(crl.revoked, &entries) < 0)
		return NULL;
	return json_pack(
		"{s:s, s:s, s:o?, s:o?, s:o?, s:o?, s:I, s:I, s:I, s:o?, s:o?, s:o?, s:o?}",
		"server", server->label, "status", status_of(&showing, record, percent), "issuer",
		control_json_name(crl.issuer), "generation",
		json_signer(generations, record->generation_id), "thisUpdate",
		control_json_time(crl.this_update_s), "nextUpdate",
		control_json_time(crl.next_update_s), "number", (json_int_t)record->number,
		"entries", (json_int_t)entries, "size", (json_int_t)crl.whole.size, "fingerprints",
		control_json_fingerprints(crl.whole), "displaced", json_displaced(&showing),
		"ahead", json_ahead(&showing), "pem", control_json_pem("X509 CRL", crl.whole));
}

/* The one in force, or what is to be put in force elsewhere while this machine is off. */
static int load_shown(const struct control_turn *turn, const char *label, struct ca_crl_record *ret)
{
	const json_t *number = json_object_get(turn->parameters, "number");

	return number ? store_crl_ahead_load(turn->flow->store, label,
					     (uint64_t)json_integer_value(number), ret)
		      : store_crl_load(turn->flow->store, label, ret);
}

static json_t *no_crl(const struct control_turn *turn, const char *label)
{
	if (json_object_get(turn->parameters, "number"))
		return control_error_new(CONTROL_ERROR_NOT_FOUND, "number",
					 "no CRL of this number waits to be published: claviger "
					 "crl show %s lists those that were signed ahead",
					 label);
	return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
				 "server %s has no CRL yet: it is signed when the server is "
				 "started",
				 label);
}

json_t *control_crl_show(const struct control_turn *turn)
{
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	generations = authority_generations(authority);
	r = store_server_load(turn->flow->store, authority->conf->label, &server);
	if (!r)
		r = load_shown(turn, authority->conf->label, &crl);
	if (r < 0)
		return control_failure(r, NULL);
	if (r)
		return no_crl(turn, authority->conf->label);
	return control_reply_new(json_is_true(json_object_get(turn->parameters, "pem"))
					 ? json_pem(&crl)
					 : json_crl(turn, generations, &server, &crl),
				 false);
}

static json_t *refuse_until(const char *text)
{
	return control_error_new(CONTROL_ERROR_INVALID, "until",
				 "\"%s\" is no time to come: a day as 2030-01-31, a time as "
				 "2030-01-31T12:00:00Z, or none to end a series",
				 text);
}

/* NULL and the time; else the refusal. */
static json_t *read_until(const struct control_turn *turn, const struct authority *authority,
			  int64_t *ret_s)
{
	const char *text = control_text(turn, "until");
	int64_t n;

	*ret_s = 0;
	if (!strcmp(text, "none"))
		return NULL;
	if (text_read_time(text, ret_s) < 0 || *ret_s <= turn->now_s)
		return refuse_until(text);
	n = ca_crl_ahead_count(*ret_s, authority->conf->crl_lifetime_s, turn->now_s);
	if (n <= CA_CRL_AHEAD_MOST)
		return NULL;
	return control_error_new(
		CONTROL_ERROR_INVALID, "until",
		"that takes %lld CRLs, at most %d are signed ahead: a nearer time, "
		"or a longer CRLLifetime=",
		(long long)n, CA_CRL_AHEAD_MOST);
}

json_t *control_crl_issue(const struct control_turn *turn)
{
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int64_t until_s;
	int r;

	if (!authority)
		return error;
	if (!conf_server_is_ca(authority->conf))
		return control_error_new(
			CONTROL_ERROR_REFUSED, NULL,
			"%s is an RA and signs no CRL: the CA that it speaks for does",
			authority->conf->label);
	if (control_text(turn, "until")) {
		error = read_until(turn, authority, &until_s);
		if (error)
			return error;
		r = flow_sign_crl_until(turn->flow, authority, turn->actor, until_s, turn->now_s);
	} else {
		r = flow_sign_crl(turn->flow, authority, turn->actor, turn->now_s);
	}
	return r ? control_failure(r, r == FLOW_REFUSED
					      ? "the server has no CA certificate in force, or "
						"the time is not known (claviger status)"
					      : NULL)
		 : control_crl_show(turn);
}

json_t *control_crl_import(const struct control_turn *turn)
{
	_cleanup_(bytes_done) struct bytes der = {};
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;
	json_t *error;
	int r;

	if (!control_hand(turn, "server", &hand, &error))
		return error;
	if (text_read_base64(span_of_text(control_text(turn, "crl")), false, &der) < 0)
		return control_error_new(CONTROL_ERROR_INVALID, "crl", "crl is no base64");
	r = flow_import_crl(&hand, span_of(der), &reason);
	return r ? control_failure(r, reason) : control_crl_show(turn);
}
