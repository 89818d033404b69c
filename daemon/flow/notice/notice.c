/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/notice/notice.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/notice/traps.h"
#include "daemon/store/notices.h"
#include "daemon/x509/name.h"
#include <stdlib.h>
#include <string.h>

struct telling {
	struct flow *flow;
	int64_t now_s, next_s;
};

/* What is told of it, as texts. */
struct words {
	struct ca_notice_words plain;
	char *issuer, *subject;
};

static void words_done(struct words *words)
{
	free(words->issuer);
	free(words->subject);
}

static int write_name(struct span name, char **ret)
{
	struct buffer text = {};

	x509_name_append_text(&text, name);
	return buffer_take_text(&text, ret);
}

static int words_of(const struct notice_thing *thing, struct words *ret)
{
	int r = write_name(thing->issuer, &ret->issuer);

	if (r >= 0 && thing->subject.size)
		r = write_name(thing->subject, &ret->subject);
	ret->plain = (struct ca_notice_words){
		.kind = thing->facts.kind,
		.name = thing->name,
		.serial = thing->serial,
		.issuer = ret->issuer,
		.subject = ret->subject,
		.until_s = thing->facts.until_s,
	};
	return r;
}

static int tell_journal(const struct ca_notice_words *words, enum ca_notice_level level,
			int64_t now_s)
{
	_cleanup_(buffer_done) struct buffer text = {}, serial = {};
	bool is_alert = level == CA_NOTICE_ALERT;
	char until[32];

	ca_notice_append_text(&text, words, now_s);
	ca_notice_append_serial(&serial, words->serial);
	if (text.error || serial.error)
		return -ENOMEM;
	log_always(
		is_alert ? LOG_LEVEL_ALERT : LOG_LEVEL_WARNING,
		LOG_FIELDS(log_event(is_alert ? LOG_EVENT_NOTICE_ALERT : LOG_EVENT_NOTICE_EXPIRING),
			   log_text("TRUSTPOINT", words->name),
			   log_text("CERTIFICATE_TYPE", ca_notice_type(words->kind)),
			   log_span("SERIAL", span_of_buffer(&serial)),
			   log_text("ISSUER", words->issuer),
			   log_text("NOT_AFTER", text_format_time(words->until_s, until)),
			   log_number("TIME_LEFT", words->until_s - now_s),
			   log_text("SUBJECT", words->subject),
			   ca_notice_is_of_server(words->kind) ? log_text("SERVER", words->name)
							       : (struct log_field){}),
		"%.*s", (int)text.size, (const char *)text.data);
	return 0;
}

/* Recorded first: a line too many each minute, where the disk is full, is worse than one too few.
 */
static int tell(struct telling *telling, const struct notice_thing *thing,
		enum ca_notice_level level)
{
	_cleanup_(words_done) struct words words = {};
	struct store_notice notice = {.until_s = thing->facts.until_s, .told_s = telling->now_s};
	int r = words_of(thing, &words);

	if (r < 0)
		return r;
	memcpy(notice.thing, thing->id, sizeof(notice.thing));
	r = store_notice_save(telling->flow->store, &notice);
	if (r >= 0)
		r = tell_journal(&words.plain, level, telling->now_s);
	return r < 0 ? r : notice_traps_add(telling->flow, &words.plain, level, telling->now_s);
}

static int look_at(void *context, const struct notice_thing *thing)
{
	struct telling *telling = context;
	struct ca_notice_facts facts = thing->facts;
	struct ca_notice notice;
	int r = store_notice_load(telling->flow->store, thing->id, &facts.told_s);

	if (r < 0)
		return r;
	notice = ca_notice_due(&facts, telling->now_s);
	if (notice.next_s < telling->next_s)
		telling->next_s = notice.next_s;
	return notice.level == CA_NOTICE_NONE ? 0 : tell(telling, thing, notice.level);
}

int flow_notices_round(struct flow *flow, int64_t now_s, int64_t *ret_next_s)
{
	struct telling telling = {flow, now_s, INT64_MAX};
	int r = 0;

	if (time_source_is_good(&flow->time))
		r = notice_list(flow, now_s, look_at, &telling);
	*ret_next_s = telling.next_s;
	return r;
}
