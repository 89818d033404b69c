/* SPDX-License-Identifier: Apache-2.0 */
/* Exchange keys, as `server show` has them. */
#include "daemon/flow/control/parts.h"
#include <string.h>

static const char *phase_of(const struct authority *authority,
			    const struct generations *generations, const struct exchange *exchange,
			    int64_t now_s)
{
	const struct generation *active = generations_active(generations, now_s);
	const struct generation *of = exchange->generation;

	if (exchange != generations_exchange(generations, authority->conf, of, now_s))
		return exchange->record->takes_over_s > now_s ? "next" : "former";
	if (of == active)
		return "active";
	return of->record->takes_over_s > now_s ? "next" : "former";
}

static json_t *json_exchange(const struct authority *authority,
			     const struct generations *generations, const struct exchange *exchange,
			     int64_t now_s)
{
	const struct ca_exchange_record *record = exchange->record;

	return json_pack("{s:s, s:s, s:s, s:o?, s:I, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?}", "label",
			 record->key.label, "token", record->key.token, "phase",
			 phase_of(authority, generations, exchange, now_s), "key",
			 control_json_hex(SPAN_ARRAY(record->key.key_sha256), false), "generation",
			 (json_int_t)exchange->generation->record->number, "subject",
			 control_json_name(exchange->certificate.subject), "serial",
			 control_json_hex(exchange->certificate.serial, true), "notBefore",
			 control_json_time(record->not_before_s), "notAfter",
			 control_json_time(record->not_after_s), "takesOver",
			 control_json_time(record->takes_over_s), "fingerprints",
			 control_json_fingerprints(exchange->certificate.whole));
}

json_t *control_json_exchanges(const struct authority *authority,
			       const struct generations *generations, int64_t now_s)
{
	json_t *list = json_array();

	for (size_t i = generations->n_exchanges; i > 0; i--)
		if (!generations->exchange_records[i - 1].destroyed_s)
			json_array_append_new(list,
					      json_exchange(authority, generations,
							    &generations->exchanges[i - 1], now_s));
	return list;
}
