/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/authority.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/flow.h"
#include "daemon/x509/name.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL_BLOCK 64 /* counters reserved by one durable write */

int authority_init(struct authority *authority, const struct conf_server *conf)
{
	_cleanup_(freep) char *by_label = NULL;
	const char *text = conf->issuer_name;
	int r;

	if (!text) {
		r = text_format(&by_label, "CN=%s", conf->label);
		if (r < 0)
			return r;
		text = by_label;
	}
	r = x509_name_from_text(text, &authority->name, NULL);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("SERVER", conf->label), log_text("NAME", text)),
			  "IssuerName= is no distinguished name");
		return r;
	}
	authority->generations = calloc(1, sizeof(*authority->generations));
	if (!authority->generations)
		return -ENOMEM;
	authority->generations->references = 1;
	pthread_mutex_init(&authority->lock, NULL);
	authority->conf = conf;
	return 0;
}

void authority_done(struct authority *authority)
{
	bytes_done(&authority->name);
	if (!authority->conf)
		return;
	generations_unref(authority->generations);
	pthread_mutex_destroy(&authority->lock);
}

struct generations *generations_unref(struct generations *generations)
{
	if (!generations || __atomic_sub_fetch(&generations->references, 1, __ATOMIC_ACQ_REL))
		return NULL;
	for (size_t i = 0; generations->items && i < generations->n; i++) {
		key_unref(generations->items[i].key);
		key_unref(generations->items[i].exchange_key);
	}
	free(generations->items);
	ca_generation_records_free(generations->records, generations->n);
	free(generations);
	return NULL;
}

void generations_unrefp(struct generations **generations)
{
	generations_unref(*generations);
}

struct generations *authority_generations(struct authority *authority)
{
	struct generations *generations;

	pthread_mutex_lock(&authority->lock);
	generations = authority->generations;
	__atomic_add_fetch(&generations->references, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&authority->lock);
	return generations;
}

/* One whose token the configuration doesn't know is loaded without its keys: the other servers have
 * theirs. */
static int load_generation(struct flow *flow, const char *label,
			   const struct ca_generation_record *record, struct generation *ret)
{
	struct token_link *token = flow_find_token(flow, record->token);
	int r;

	ret->record = record;
	r = x509_certificate_read(span_of(record->certificate), &ret->certificate);
	if (r < 0)
		return r;
	ret->exchange_certificate = &ret->certificate;
	if (!token) {
		log_error(LOG_FIELDS(log_text("SERVER", label), log_text("TOKEN", record->token)),
			  "the configuration has no [Token] section for a CA key that is in the "
			  "database: nothing can be signed with it");
		return 0;
	}
	r = key_new_token(token, span_of(record->spki), &ret->key);
	if (r < 0)
		return r;
	ret->exchange_key = key_ref(ret->key);
	return 0;
}

int authority_load(struct flow *flow, struct authority *authority)
{
	_cleanup_(generations_unrefp) struct generations *loaded = calloc(1, sizeof(*loaded));
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	struct generations *previous;
	int r;

	if (!loaded)
		return -ENOMEM;
	loaded->references = 1;
	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r < 0)
		return r;
	loaded->created = r == 0;
	loaded->enabled = record.enabled;
	r = store_generations_load(flow->store, authority->conf->label, &loaded->records,
				   &loaded->n);
	if (r < 0)
		return r;
	loaded->items = calloc(loaded->n + 1, sizeof(*loaded->items));
	if (!loaded->items)
		return -ENOMEM;
	for (size_t i = 0; i < loaded->n; i++) {
		r = load_generation(flow, authority->conf->label, &loaded->records[i],
				    &loaded->items[i]);
		if (r < 0)
			return r;
	}
	pthread_mutex_lock(&authority->lock);
	previous = authority->generations;
	authority->generations = TAKE_PTR(loaded);
	pthread_mutex_unlock(&authority->lock);
	generations_unref(previous);
	return 0;
}

const struct generation *generations_active(const struct generations *generations, int64_t now_s)
{
	const struct ca_generation_record *active =
		ca_generation_active(generations->records, generations->n, now_s);

	return active ? &generations->items[active - generations->records] : NULL;
}

/* With the lock held. */
static int take_counter(struct flow *flow, struct authority *authority, uint64_t *ret)
{
	if (authority->next_counter == authority->counter_end) {
		uint64_t first;
		int r;

		r = store_serials_reserve(flow->store, authority->conf->label, SERIAL_BLOCK,
					  &first);
		if (r)
			return r < 0 ? r : -ENOENT;
		authority->next_counter = first;
		authority->counter_end = first + SERIAL_BLOCK;
	}
	*ret = authority->next_counter++;
	return 0;
}

int authority_take_serial(struct flow *flow, struct authority *authority, uint64_t *ret_counter,
			  uint8_t ret[static 20], size_t *ret_size)
{
	uint8_t random[8];
	int r;

	pthread_mutex_lock(&authority->lock);
	r = take_counter(flow, authority, ret_counter);
	pthread_mutex_unlock(&authority->lock);
	if (r < 0)
		return r;
	random_fill(random, sizeof(random));
	*ret_size = ca_serial(
		*ret_counter,
		authority->conf->serial_numbers == CONF_SERIAL_NUMBERS_RANDOM ? random : NULL, ret);
	return 0;
}

void authority_return_serials(struct flow *flow, struct authority *authority)
{
	int r;

	if (authority->next_counter == authority->counter_end)
		return;
	r = store_serials_return(flow->store, authority->conf->label, authority->next_counter,
				 authority->counter_end);
	if (r < 0)
		log_warning(LOG_FIELDS(log_text("SERVER", authority->conf->label),
				       log_number("ERRNO", -r)),
			    "unused serial numbers could not be given back");
}

static void standing_of_token(struct flow *flow, struct authority *authority,
			      struct authority_standing *standing)
{
	struct token_link *token = flow_find_token(flow, authority->conf->token);
	struct token_facts facts;

	if (token_link_status(token, &facts)) {
		snprintf(standing->token_reason, sizeof(standing->token_reason),
			 "waiting for token: %s's process does not answer", authority->conf->token);
	} else {
		standing->facts.token_ready = facts.state == TOKEN_READY;
		snprintf(standing->token_reason, sizeof(standing->token_reason),
			 "waiting for token: %s is %s: %s", authority->conf->token,
			 token_state_name(facts.state), facts.reason);
	}
	standing->facts.token_reason = standing->token_reason;
}

int authority_standing_load(struct flow *flow, struct authority *authority, int64_t now_s,
			    struct authority_standing *ret)
{
	struct ca_server_facts *facts = &ret->facts;
	const struct generation *active;
	int r;

	*ret = (struct authority_standing){};
	r = store_server_load(flow->store, authority->conf->label, &ret->record);
	if (r < 0)
		return r;
	facts->created = !r;
	facts->wanted = ret->record.enabled;
	facts->crl_next_update_s = ret->record.crl_next_update_s;
	ret->generations = authority_generations(authority);
	facts->generations = ret->generations->records;
	facts->n_generations = ret->generations->n;
	active = generations_active(ret->generations, now_s);
	facts->key_missing = active && !active->key;
	facts->time_good = time_source_is_good(&flow->time);
	facts->storage_good = store_is_writable(flow->store, &ret->storage_reason);
	standing_of_token(flow, authority, ret);
	return 0;
}

void authority_standing_done(struct authority_standing *standing)
{
	ca_server_record_done(&standing->record);
	generations_unref(standing->generations);
	*standing = (struct authority_standing){};
}
