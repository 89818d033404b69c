/* SPDX-License-Identifier: Apache-2.0 */
/* The CA certificates, as routers list them. */
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/ipc/keys.h"
#include "daemon/x509/name.h"
#include <string.h>

const char *control_usage_words(const struct x509_certificate *certificate)
{
	uint16_t bits = certificate->extensions.has_key_usage ? certificate->extensions.key_usage
							      : UINT16_MAX;

	if (!(bits & X509_KEY_ENCIPHERMENT))
		return "Signature";
	return bits & X509_DIGITAL_SIGNATURE ? "General Purpose" : "Encryption";
}

const char *control_key_words(int usage)
{
	return usage == KEY_USAGE_SIGNATURE    ? "Signature"
	       : usage == KEY_USAGE_ENCRYPTION ? "Encryption"
					       : "General Purpose";
}

static json_t *json_file(const struct generation *generation)
{
	_cleanup_(buffer_done) struct buffer text = {};

	generation_append_file_name(&text, generation);
	return text.error ? NULL : json_stringn((const char *)text.data, text.size);
}

/* What was done for it, and when. */
static void add_steps(json_t *json, const struct ca_generation_record *record)
{
	json_object_update_new(json,
			       json_pack("{s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:b}",
					 "takesOver", control_json_time(record->takes_over_s),
					 "backedUp", control_json_time(record->backed_up_s),
					 "archived", control_json_time(record->archived_s),
					 "available", control_json_time(record->available_s),
					 "changedOver", control_json_time(record->changed_over_s),
					 "destroyed", control_json_time(record->destroyed_s),
					 "issuedUntil", control_json_time(record->issued_until_s),
					 "cancelled", (int)ca_generation_is_cancelled(record)));
}

/* What is destroyed, or was not made wrappable, needs none. */
static const char *backup_word(const struct conf_server *conf,
			       const struct ca_generation_record *record)
{
	if (record->backed_up_s)
		return "done";
	return conf->backup == CONF_BACKUP_NONE || record->destroyed_s ? "none needed" : "wanted";
}

static json_t *json_generation(const struct authority *authority,
			       const struct generation *generation, const char *phase, bool whole)
{
	const struct x509_certificate *certificate = &generation->certificate;
	const struct ca_generation_record *record = generation->record;
	json_t *json = json_pack(
		"{s:s, s:I, s:s, s:o?, s:s, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:s, s:o?}",
		"server", authority->conf->label, "number", (json_int_t)record->number, "phase",
		phase, "serial", control_json_hex(certificate->serial, true), "usage",
		control_usage_words(certificate), "issuer", control_json_name(certificate->issuer),
		"subject", control_json_name(certificate->subject), "notBefore",
		control_json_time(record->not_before_s), "notAfter",
		control_json_time(record->not_after_s), "fingerprints",
		control_json_fingerprints(certificate->whole), "file", json_file(generation),
		"token", record->token, "key",
		control_json_hex(SPAN_ARRAY(record->key_sha256), false));

	if (json && whole)
		json_object_set_new(json, "pem",
				    control_json_pem("CERTIFICATE", certificate->whole));
	else if (json)
		add_steps(json, record);
	if (json && !whole)
		json_object_set_new(json, "backup",
				    json_string(backup_word(authority->conf, record)));
	return json;
}

json_t *control_json_generations(const struct authority *authority,
				 const struct generations *generations, int64_t now_s, bool whole)
{
	json_t *list = json_array();

	for (size_t i = generations->n; i > 0; i--) {
		enum ca_phase phase =
			ca_generation_phase(generations->records, generations->n, i - 1, now_s);

		if (!whole || phase != CA_PHASE_GONE)
			json_array_append_new(list,
					      json_generation(authority, &generations->items[i - 1],
							      ca_phase_name(phase), whole));
	}
	return list;
}

static void append_all(json_t *list, struct authority *authority, int64_t now_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	json_t *of_one = control_json_generations(authority, generations, now_s, true);

	json_array_extend(list, of_one);
	json_decref(of_one);
}

/* Those of one trustpoint of this name; of none where there is none. */
static json_t *pick_trustpoint(const struct control_turn *turn, const char *name)
{
	json_t *all = control_json_trustpoints(turn, false), *one, *list = json_array();
	size_t i;

	json_array_foreach(all, i, one)
	{
		const char *its = json_string_value(json_object_get(one, "name"));

		if (its && !strcmp(its, name))
			json_array_append(list, one);
	}
	json_decref(all);
	return list;
}

static json_t *reply(json_t *certificates, json_t *trustpoints)
{
	return control_reply_new(
		json_pack("{s:o?, s:o?}", "certificates", certificates, "trustpoints", trustpoints),
		false);
}

/* An RA's generations are the certificates of its CA, which its trustpoint has. */
static bool has_own(const struct authority *authority)
{
	return conf_server_is_ca(authority->conf);
}

static json_t *all_certificates(const struct control_turn *turn)
{
	json_t *list = json_array();

	for (size_t i = 0; i < turn->flow->conf->n_servers; i++)
		if (has_own(&turn->flow->authorities[i]))
			append_all(list, &turn->flow->authorities[i], turn->now_s);
	return reply(list, control_json_trustpoints(turn, false));
}

/* Of a server below another CA both: its own certificates, and what its trustpoint holds. */
json_t *control_certificate_ca(const struct control_turn *turn)
{
	const char *name = control_text(turn, "server");
	json_t *error = NULL, *list;
	struct authority *authority;
	bool enrolls;

	if (!name)
		return all_certificates(turn);
	enrolls = conf_find_trustpoint(turn->flow->conf, name) &&
		  !conf_trustpoint_is_idle(turn->flow->conf, name);
	authority = control_authority(turn, "server", &error);
	if (!authority && !enrolls)
		return error;
	json_decref(error);
	list = json_array();
	if (authority && has_own(authority))
		append_all(list, authority, turn->now_s);
	return reply(list, enrolls ? pick_trustpoint(turn, name) : json_array());
}
