/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/verify.h"
#include "daemon/flow/control/parts.h"
#include "daemon/ipc/audit-type.h"

#define PAGE_MOST  1000
#define PAGE_BYTES (4 << 20) /* of details in a page, about */

struct page {
	json_t *records;
	size_t room, bytes;
	bool backward, more;
};

static json_t *json_record(const struct store_audit_record *record)
{
	return json_pack("{s:I, s:o?, s:s*, s:s, s:s, s:o*, s:o?}", "seq", (json_int_t)record->seq,
			 "time", control_json_time(record->time_s), "server", record->server,
			 "type", record->type, "actor", record->actor, "details",
			 json_loads(record->details, 0, NULL), "hash",
			 control_json_hex(SPAN_ARRAY(record->hash), false));
}

static int add_record(void *context, const struct store_audit_record *record)
{
	struct page *page = context;
	json_t *shown;

	page->more = !page->room || page->bytes >= PAGE_BYTES;
	if (page->more)
		return 1;
	shown = json_record(record);
	page->room--;
	page->bytes += span_of_text(record->details).size;
	return (page->backward ? json_array_insert_new(page->records, 0, shown)
			       : json_array_append_new(page->records, shown))
		       ? -ENOMEM
		       : 0;
}

/* Without `after` the newest ones; with it those that follow. Oldest first in both. */
json_t *control_audit_list(const struct control_turn *turn)
{
	const json_t *after = json_object_get(turn->parameters, "after");
	const json_t *limit = json_object_get(turn->parameters, "limit");
	struct store_audit_filter filter = {
		.after_seq = json_integer_value(after),
		.server = control_text(turn, "server"),
		.type = control_text(turn, "type"),
		.newest_first = !after,
	};
	struct page page = {.backward = !after};
	json_int_t most = limit ? json_integer_value(limit) : PAGE_MOST;
	int r;

	if (most < 1 || most > PAGE_MOST)
		return control_error_new(CONTROL_ERROR_INVALID, "limit",
					 "a page has 1 to %d records", PAGE_MOST);
	if (filter.type && audit_type_find(filter.type) == AUDIT_TYPE_COUNT_)
		return control_error_new(CONTROL_ERROR_INVALID, "type",
					 "there is no event of type \"%s\": claviger(1) lists them",
					 filter.type);
	page.room = (size_t)most;
	filter.limit = (unsigned)most + 1; /* one more tells whether there is more */
	page.records = json_array();
	r = store_audit_find(turn->flow->store, &filter, add_record, &page);
	if (r < 0) {
		json_decref(page.records);
		return control_failure(r, NULL);
	}
	return control_reply_new(
		json_pack("{s:o, s:b}", "records", page.records, "more", page.more), false);
}

json_t *control_audit_verify(const struct control_turn *turn)
{
	bool certificates = json_is_true(json_object_get(turn->parameters, "token"));
	json_t *report;
	int r = flow_audit_verify(turn->flow, certificates, turn->now_s, &report);

	return r < 0 ? control_failure(r, NULL) : control_reply_new(report, false);
}
