/* SPDX-License-Identifier: Apache-2.0 */
/* How the rollover of a server stands, as `server show` and `status` have it. */
#include "daemon/ca/rollover.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/server/server.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/flow/succession/hindrance.h"
#include "daemon/flow/succession/succession.h"
#include "daemon/flow/trustpoint/superior.h"

/* What is known of the generation to come. */
static void add_shadow(json_t *json, const struct generation *shadow)
{
	const struct ca_generation_record *record = shadow->record;

	json_object_update_new(
		json, json_pack("{s:I, s:s, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?}", "generation",
				(json_int_t)record->number, "token", record->token, "serial",
				control_json_hex(shadow->certificate.serial, true), "fingerprints",
				control_json_fingerprints(shadow->certificate.whole), "notBefore",
				control_json_time(record->not_before_s), "notAfter",
				control_json_time(record->not_after_s), "archived",
				control_json_time(record->archived_s), "available",
				control_json_time(record->available_s)));
}

/* Generations whose keys stand after another took over before their end, and until when. */
static json_t *json_displaced(const struct generations *generations, int64_t now_s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < generations->n; i++) {
		const struct ca_generation_record *record = &generations->records[i];

		if (ca_generation_is_displaced(generations->records, generations->n, i, now_s))
			json_array_append_new(
				list, json_pack("{s:I, s:o?, s:s, s:o?}", "generation",
						(json_int_t)record->number, "serial",
						control_json_hex(span_of(record->serial), true),
						"token", record->token, "issuedUntil",
						control_json_time(record->issued_until_s)));
	}
	return list;
}

static bool is_shadow_gone(struct flow *flow, const struct generations *generations, int64_t now_s)
{
	const struct generation *shadow = generations_shadow(generations, now_s);

	return shadow && authority_key_is_gone(flow, shadow->record);
}

/* Why the last try did not go on; else what one would wait for that is wanted and not tried yet. */
static json_t *json_reason(struct flow *flow, struct authority *authority,
			   const struct generation *shadow, bool waits, int64_t now_s)
{
	char trouble[SUCCESSION_TROUBLE_SIZE], missing[HINDRANCE_SIZE],
		superior[SUPERIOR_TEXT_SIZE], backup[AUTHORITY_BACKUP_SIZE] = "";

	succession_tell_trouble(authority, trouble);
	if (!*trouble && shadow)
		authority_backup_tell(authority->conf, shadow->record, backup);
	if (*backup)
		return json_string(backup);
	if (!*trouble && waits && conf_server_enrolls(authority->conf)) {
		superior_tell(flow, authority, now_s, superior);
		return json_string(superior);
	}
	if (*trouble || !waits || flow_hindrance_tell(flow, authority, now_s, missing) < 0)
		return json_string(trouble);
	return json_string(missing);
}

/* What @json says of a server that there is. */
static void add_standing(json_t *json, const struct ca_plan_facts *facts,
			 const struct generations *generations, int64_t now_s)
{
	const struct generation *shadow = generations_shadow(generations, now_s);
	int64_t timer_s = 0;

	if (!ca_rollover_automatic(facts, now_s, &timer_s))
		timer_s = 0;
	json_object_update_new(
		json, json_pack("{s:s, s:o?, s:o?, s:o?}", "status",
				ca_rollover_status_name(ca_rollover_status(facts, now_s)), "timer",
				control_json_time(timer_s), "wished",
				control_json_time(facts->server->rollover_wish_s), "cancelled",
				control_json_time(facts->server->rollover_cancelled_s)));
	if (shadow)
		add_shadow(json, shadow);
}

json_t *control_json_rollover(struct flow *flow, struct authority *authority,
			      const struct generations *generations, int64_t now_s)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	const struct generation *shadow = generations_shadow(generations, now_s);
	struct ca_plan_facts facts;
	bool waits;
	int r = flow_server_facts(flow, authority, generations, &record, &facts);
	json_t *json;

	if (r < 0)
		return NULL;
	waits = r == 0 && ca_rollover_status(&facts, now_s) == CA_ROLLOVER_PENDING && !shadow;
	json = json_pack("{s:s, s:o?, s:I, s:n, s:n, s:n, s:o}", "status",
			 ca_rollover_status_name(CA_ROLLOVER_NONE), "reason",
			 is_shadow_gone(flow, generations, now_s)
				 ? json_string("its key is not on its token any more")
				 : json_reason(flow, authority, shadow, waits, now_s),
			 "overlap", (json_int_t)authority->conf->auto_rollover_s, "timer", "wished",
			 "cancelled", "displaced", json_displaced(generations, now_s));
	if (json && r == 0)
		add_standing(json, &facts, generations, now_s);
	return json;
}
