/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/authority.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/exchange-name.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/reach.h"
#include "daemon/x509/name.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL_BLOCK 64 /* counters reserved by one durable write */

static void share_free(struct authority_share *share)
{
	generations_unref(share->generations);
	failures_free(share->failures);
	reach_free(share->reach);
	pthread_mutex_destroy(&share->lock);
	free(share->label);
	free(share);
}

static int share_new(const char *label, struct authority_share **ret)
{
	struct authority_share *share = calloc(1, sizeof(*share));
	int r = -ENOMEM;

	if (!share)
		return -ENOMEM;
	share->references = 1;
	pthread_mutex_init(&share->lock, NULL);
	share->label = strdup(label);
	if (share->label)
		r = generations_new(&share->generations);
	if (r >= 0)
		r = failures_new(&share->failures);
	if (r >= 0)
		r = reach_new(&share->reach);
	if (r < 0)
		share_free(share);
	else
		*ret = share;
	return r;
}

/* One that is no name is this server's trouble alone: it stays empty. */
static int read_name(struct authority *authority, const struct conf_server *conf)
{
	_cleanup_(freep) char *by_label = NULL;
	const char *text = conf->issuer_name;
	int r = 0;

	if (!text) {
		r = text_format(&by_label, "CN=%s", conf->label);
		text = by_label;
	}
	if (r == 0)
		r = x509_name_from_text(text, &authority->name, NULL);
	if (r == 0)
		r = exchange_name(span_of(authority->name), &authority->exchange_name);
	if (r == 0 || r == -ENOMEM)
		return r;
	log_error(LOG_FIELDS(log_event(LOG_EVENT_NAME_WRONG), log_text("SERVER", conf->label),
			     log_text("NAME", text)),
		  "IssuerName= is no distinguished name");
	return 0;
}

int authority_init(struct authority *authority, const struct conf_server *conf,
		   const struct authority *before)
{
	int r = read_name(authority, conf);

	if (r < 0)
		return r;
	authority->conf = conf;
	if (!before)
		return share_new(conf->label, &authority->shared);
	authority->shared = before->shared;
	__atomic_add_fetch(&authority->shared->references, 1, __ATOMIC_RELAXED);
	return 0;
}

bool authority_lacks_name(const struct authority *authority)
{
	return !authority->name.size;
}

static void return_serials(struct flow *flow, struct authority_share *share)
{
	uint64_t next, end;
	int r;

	pthread_mutex_lock(&share->lock);
	next = share->next_counter;
	end = share->counter_end;
	share->next_counter = share->counter_end = 0;
	pthread_mutex_unlock(&share->lock);
	if (next == end)
		return;
	r = store_serials_return(flow->store, share->label, next, end);
	if (r < 0)
		log_warning(LOG_FIELDS(log_text("SERVER", share->label), log_number("ERRNO", -r)),
			    "unused serial numbers could not be given back");
}

void authority_return_serials(struct flow *flow, struct authority *authority)
{
	return_serials(flow, authority->shared);
}

static struct authority_share *share_unref(struct flow *flow, struct authority_share *share)
{
	if (!share || __atomic_sub_fetch(&share->references, 1, __ATOMIC_ACQ_REL))
		return NULL;
	return_serials(flow, share);
	share_free(share);
	return NULL;
}

void authority_done(struct flow *flow, struct authority *authority)
{
	bytes_done(&authority->name);
	bytes_done(&authority->exchange_name);
	authority->shared = share_unref(flow, authority->shared);
}

struct generations *authority_generations(const struct authority *authority)
{
	struct generations *generations;

	pthread_mutex_lock(&authority->shared->lock);
	generations = authority->shared->generations;
	__atomic_add_fetch(&generations->references, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&authority->shared->lock);
	return generations;
}

/* Under the server's claim where another thread may commit: of two loads the later one's stays. */
int authority_load(struct flow *flow, struct authority *authority)
{
	struct generations *loaded = NULL, *previous;
	int r = generations_load(flow, authority->conf->label, &loaded);

	if (r < 0)
		return r;
	pthread_mutex_lock(&authority->shared->lock);
	previous = authority->shared->generations;
	authority->shared->generations = loaded;
	pthread_mutex_unlock(&authority->shared->lock);
	generations_unref(previous);
	return 0;
}

int authority_find_keys(struct flow *flow, struct authority *authority)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);

	if (!generations_lack_key(generations, flow))
		return 0;
	claim = claim_try(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	return claim ? authority_load(flow, authority) : 0;
}

/* With the lock held. */
static int take_counter(struct flow *flow, struct authority *authority, uint64_t *ret)
{
	if (authority->shared->next_counter == authority->shared->counter_end) {
		uint64_t first;
		int r;

		r = store_serials_reserve(flow->store, authority->conf->label, SERIAL_BLOCK,
					  &first);
		if (r)
			return r < 0 ? r : -ENOENT;
		authority->shared->next_counter = first;
		authority->shared->counter_end = first + SERIAL_BLOCK;
	}
	*ret = authority->shared->next_counter++;
	return 0;
}

int authority_take_serial(struct flow *flow, struct authority *authority, uint64_t *ret_counter,
			  uint8_t ret[static 20], size_t *ret_size)
{
	uint8_t random[8];
	int r;

	pthread_mutex_lock(&authority->shared->lock);
	r = take_counter(flow, authority, ret_counter);
	pthread_mutex_unlock(&authority->shared->lock);
	if (r < 0)
		return r;
	random_fill(random, sizeof(random));
	*ret_size = ca_serial(
		*ret_counter,
		authority->conf->serial_numbers == CONF_SERIAL_NUMBERS_RANDOM ? random : NULL, ret);
	return 0;
}

void authority_breach_tell(const struct authority *authority, const struct generations *generations,
			   char ret[static AUTHORITY_BREACH_SIZE])
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct conf_breach breach = {};
	int r = 0;

	*ret = 0;
	if (generations->created)
		r = conf_find_breach(authority->conf, &generations->holding, &breach);
	if (breach.option)
		conf_write_server_breach(authority->conf, &breach, &text);
	if (text.size)
		snprintf(ret, AUTHORITY_BREACH_SIZE, "%.*s", (int)text.size,
			 (const char *)text.data);
	if (r < 0 || text.error)
		snprintf(ret, AUTHORITY_BREACH_SIZE, "%s", strerror(ENOMEM));
}
