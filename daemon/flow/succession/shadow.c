/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/shadow.h"
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/ca/rollover.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/succession/hindrance.h"
#include "daemon/flow/succession/succession.h"
#include <string.h>

static bool is_wished(const struct succession *s, const struct ca_server_record *record)
{
	const struct generation *active = generations_active(s->generations, s->now_s);

	return active && ca_rollover_is_wished(record, active->record);
}

static int record_wish(struct succession *s)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	const char *label = s->authority->conf->label;
	struct store_change change = {.rollover_wish_s = &s->now_s};
	int r = store_server_load(s->flow->store, label, &record);

	if (r || is_wished(s, &record))
		return r > 0 ? FLOW_REFUSED : r;
	r = succession_commit(s, &change, AUDIT_ROLLOVER_BEGIN, s->actor ? "by hand" : "automatic");
	if (r)
		return r;
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_ROLLOVER_BEGAN), log_text("SERVER", label),
			      log_text("ACTOR", s->actor ? s->actor : "clavigerd")),
		   s->actor ? "rollover begun by hand" : "the timer of the rollover fired");
	crash_here(CRASH_SHADOW_WISH);
	return 0;
}

int flow_wish_shadow(struct flow *flow, struct authority *authority, const char *actor,
		     int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .actor = actor, .now_s = now_s};
	int r = succession_begin(&s, 0);

	/* An RA's is the CA's that follows: what is wished for is another exchange key. */
	if (r || (generations_shadow(s.generations, now_s) && !conf_server_is_ra(authority->conf)))
		return r;
	return record_wish(&s);
}

int shadow_label(const struct authority *authority, char **ret)
{
	return text_format(ret, "%s#", conf_server_key_label(authority->conf));
}

/* One token after the other, where there are two: the next key is not on the one that may be lost.
 */
const char *shadow_token(const struct conf_server *conf, const struct ca_generation_record *active)
{
	return conf->shadow_token && strcmp(conf->shadow_token, active->token) != 0
		       ? conf->shadow_token
		       : conf->token;
}

/* As before, but for what ExchangeKey= says by now. */
static uint16_t key_usage_after(const struct conf_server *conf, const struct x509_certificate *ca)
{
	bool separate = conf_server_has_exchange(conf);
	uint16_t usage = ca->extensions.key_usage;

	return !ca->extensions.has_key_usage || usage == ca_key_usage(!separate)
		       ? ca_key_usage(separate)
		       : usage;
}

/* Names, extensions and size of key are those of the active one: all that clients were told of this
 * CA stays true but for the key. */
struct birth_order shadow_order(struct flow *flow, struct authority *authority,
				const struct generations *generations,
				const struct generation *active, const char *label,
				int64_t not_before_s)
{
	const struct x509_certificate *certificate = &active->certificate;

	return (struct birth_order){
		.flow = flow,
		.authority = authority,
		.generations = generations,
		.token = shadow_token(authority->conf, active->record),
		.label = label,
		.bits = (unsigned)certificate->key.modulus.size * 8,
		.name = certificate->subject,
		.key_usage = key_usage_after(authority->conf, certificate),
		.number = generations_next_number(generations),
		.not_before_s = not_before_s,
		.not_after_s = not_before_s + authority->conf->ca_certificate_lifetime_s,
	};
}

int shadow_plan(const struct birth_order *order, struct birth *birth)
{
	uint8_t serial[20];
	uint64_t counter;
	size_t size;
	int r = authority_take_serial(order->flow, order->authority, &counter, serial, &size);

	return r < 0 ? r : birth_plan(order, counter, SPAN(serial, size), birth);
}

static int save(struct succession *s, struct birth *birth)
{
	static const int64_t none;
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {
		.generation = &birth->generation,
		.certificate = &birth->certificate,
		.rollover_wish_s = &none,
	};
	int r = succession_describe(&birth->generation, &note);

	return r < 0 ? r : succession_commit(s, &change, AUDIT_ROLLOVER_SHADOW, note);
}

static void tell_created(const struct authority *authority,
			 const struct ca_generation_record *shadow)
{
	char from[32], until[32];

	text_format_time(shadow->not_before_s, from);
	text_format_time(shadow->not_after_s, until);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_SHADOW_CREATED),
			      log_text("SERVER", authority->conf->label),
			      log_number("GENERATION", shadow->number),
			      log_text("NOT_BEFORE", from), log_text("NOT_AFTER", until)),
		   "rollover certificate created");
}

/* @birth has its key. */
static int make_certificate(struct succession *s, const struct birth_order *order,
			    struct birth *birth)
{
	int r;

	crash_here(CRASH_SHADOW_KEY);
	r = shadow_plan(order, birth);
	if (!r)
		r = birth_sign(order, birth);
	crash_here(CRASH_SHADOW_SIGNED);
	if (!r)
		r = save(s, birth);
	if (r)
		return r;
	crash_here(CRASH_SHADOW_SAVED);
	tell_created(s->authority, &birth->generation);
	return 0;
}

static int make(struct succession *s, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(s->authority);
	const struct generation *active = generations_active(generations, s->now_s);
	_cleanup_(birth_done) struct birth birth = {};
	_cleanup_(freep) char *label = NULL;
	struct birth_order order;
	int r;

	if (!active)
		return FLOW_REFUSED;
	r = shadow_label(s->authority, &label);
	if (r < 0)
		return r;
	order = shadow_order(s->flow, s->authority, generations, active, label,
			     ca_rollover_life(active->record,
					      s->authority->conf->ca_certificate_lifetime_s,
					      s->now_s)
				     .not_before_s);
	r = birth_make_key(&order, &birth, ret_reason);
	return r ? r : make_certificate(s, &order, &birth);
}

int flow_make_shadow(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	_cleanup_(freep) char *reason = NULL;
	char missing[HINDRANCE_SIZE];
	int r = flow_hindrance_tell(flow, authority, now_s, missing);

	if (!r && *missing) {
		succession_note_trouble(authority, missing);
		return FLOW_LATER;
	}
	if (!r)
		r = succession_begin(&s, 0);
	if (r || generations_shadow(s.generations, now_s))
		return r;
	r = record_wish(&s);
	if (!r)
		r = make(&s, &reason);
	succession_note_failure(authority, r, reason);
	return r;
}
