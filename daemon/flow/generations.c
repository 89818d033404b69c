/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/generations.h"
#include "daemon/base/log.h"
#include "daemon/ca/issuer.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/flow.h"
#include "daemon/x509/name.h"
#include "daemon/x509/rdn.h"
#include <stdlib.h>
#include <string.h>

struct generations *generations_unref(struct generations *generations)
{
	if (!generations || __atomic_sub_fetch(&generations->references, 1, __ATOMIC_ACQ_REL))
		return NULL;
	for (size_t i = 0; generations->items && i < generations->n; i++) {
		key_unref(generations->items[i].key);
		key_unref(generations->items[i].own.key);
	}
	for (size_t i = 0; generations->exchanges && i < generations->n_exchanges; i++)
		key_unref(generations->exchanges[i].key);
	free(generations->items);
	free(generations->exchanges);
	ca_generation_records_free(generations->records, generations->n);
	ca_exchange_records_free(generations->exchange_records, generations->n_exchanges);
	conf_recorded_free(generations->recorded, generations->holding.n);
	free(generations);
	return NULL;
}

void generations_unrefp(struct generations **generations)
{
	generations_unref(*generations);
}

/* One whose token the configuration doesn't know is loaded without its keys: the other servers have
 * theirs. */
static int load_key(struct flow *flow, const char *label, const char *name, struct span spki,
		    struct key **ret)
{
	struct token_link *token = flow_find_token(flow, name);

	if (token)
		return key_new_token(token, spki, ret);
	log_error(LOG_FIELDS(log_text("SERVER", label), log_text("TOKEN", name)),
		  "the configuration has no [Token] section for a key that is in the database: "
		  "nothing can be signed with it");
	return 0;
}

static int load_generation(struct flow *flow, const char *label,
			   const struct ca_generation_record *record, struct generation *ret)
{
	int r;

	ret->record = record;
	r = x509_certificate_read(span_of(record->certificate), &ret->certificate);
	if (r >= 0 && record->key_id.size)
		r = load_key(flow, label, record->token, span_of(record->spki), &ret->key);
	if (r < 0)
		return r;
	ret->own = (struct exchange){
		.generation = ret,
		.certificate = ret->certificate,
		.token = record->token,
		.key = ret->key ? key_ref(ret->key) : NULL,
	};
	return 0;
}

static const struct generation *generation_with_id(const struct generations *generations,
						   int64_t id)
{
	for (size_t i = 0; i < generations->n; i++)
		if (generations->records[i].id == id)
			return &generations->items[i];
	return NULL;
}

static int load_exchange(struct flow *flow, const char *label, struct generations *loaded,
			 size_t which)
{
	const struct ca_exchange_record *record = &loaded->exchange_records[which];
	struct exchange *ret = &loaded->exchanges[which];
	int r;

	ret->record = record;
	ret->token = record->key.token;
	ret->generation = generation_with_id(loaded, record->generation_id);
	if (!ret->generation)
		return -EUCLEAN;
	r = x509_certificate_read(span_of(record->certificate), &ret->certificate);
	if (r < 0 || record->destroyed_s)
		return r;
	return load_key(flow, label, record->key.token, span_of(record->key.spki), &ret->key);
}

static int add_recorded(void *context, const struct store_setting *setting)
{
	struct generations *loaded = context;
	size_t n = loaded->holding.n;
	struct conf_recorded *longer = reallocarray(loaded->recorded, n + 1, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	loaded->recorded = longer;
	loaded->holding.recorded = longer;
	longer[n] = (struct conf_recorded){strdup(setting->option), strdup(setting->value)};
	loaded->holding.n++;
	return longer[n].option && longer[n].value ? 0 : -ENOMEM;
}

static int read_record(struct flow *flow, const char *label, struct generations *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	int r = store_server_load(flow->store, label, &record);

	if (r < 0)
		return r;
	ret->created = r == 0;
	ret->enabled = ret->holding.enabled = record.enabled;
	return store_setting_list(flow->store, label, add_recorded, ret);
}

static int read_items(struct flow *flow, const char *label, struct generations *ret)
{
	int r = store_generations_load(flow->store, label, &ret->records, &ret->n);

	if (r < 0)
		return r;
	ret->items = calloc(ret->n + 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < ret->n && r >= 0; i++)
		r = load_generation(flow, label, &ret->records[i], &ret->items[i]);
	return r;
}

static int read_exchanges(struct flow *flow, const char *label, struct generations *ret)
{
	int r = store_exchanges_load(flow->store, label, &ret->exchange_records, &ret->n_exchanges);

	if (r < 0)
		return r;
	ret->exchanges = calloc(ret->n_exchanges + 1, sizeof(*ret->exchanges));
	if (!ret->exchanges)
		return -ENOMEM;
	for (size_t i = 0; i < ret->n_exchanges && r >= 0; i++)
		r = load_exchange(flow, label, ret, i);
	return r;
}

int generations_new(struct generations **ret)
{
	struct generations *generations = calloc(1, sizeof(*generations));

	if (!generations)
		return -ENOMEM;
	generations->references = 1;
	*ret = generations;
	return 0;
}

int generations_load(struct flow *flow, const char *label, struct generations **ret)
{
	_cleanup_(generations_unrefp) struct generations *loaded = NULL;
	int r = generations_new(&loaded);

	if (r >= 0)
		r = read_record(flow, label, loaded);
	if (r >= 0)
		r = read_items(flow, label, loaded);
	if (r >= 0)
		r = read_exchanges(flow, label, loaded);
	if (r >= 0)
		*ret = TAKE_PTR(loaded);
	return r < 0 ? r : 0;
}

bool generations_lack_key(const struct generations *generations, struct flow *flow)
{
	for (size_t i = 0; i < generations->n; i++)
		if (!generations->items[i].key &&
		    flow_find_token(flow, generations->records[i].token))
			return true;
	for (size_t i = 0; i < generations->n_exchanges; i++)
		if (!generations->exchanges[i].key &&
		    !generations->exchange_records[i].destroyed_s &&
		    flow_find_token(flow, generations->exchanges[i].token))
			return true;
	return false;
}

static const struct generation *item_of(const struct generations *generations,
					const struct ca_generation_record *record)
{
	return record ? &generations->items[record - generations->records] : NULL;
}

const struct generation *generations_active(const struct generations *generations, int64_t now_s)
{
	return item_of(generations,
		       ca_generation_active(generations->records, generations->n, now_s));
}

const struct exchange *generations_exchange(const struct generations *generations,
					    const struct conf_server *conf,
					    const struct generation *generation, int64_t now_s)
{
	const struct ca_exchange_record *record = NULL;

	if (conf_server_has_exchange(conf))
		record = ca_exchange_speaker(generations->exchange_records,
					     generations->n_exchanges, generation->record, now_s);
	return record ? &generations->exchanges[record - generations->exchange_records]
		      : &generation->own;
}

bool generations_is_uncertified(const struct generations *generations,
				const struct conf_server *conf, const struct generation *generation,
				int64_t now_s)
{
	return conf_server_is_ra(conf) &&
	       !generations_exchange(generations, conf, generation, now_s)->record;
}

bool generations_key_is_missing(const struct generations *generations,
				const struct conf_server *conf, const struct generation *generation,
				int64_t now_s)
{
	const struct exchange *speaker = generations_exchange(generations, conf, generation, now_s);

	return !speaker->key || (conf_server_is_ca(conf) && !generation->key);
}

struct ca_generation_range generations_requests(const struct generations *generations,
						const struct generation *addressed, int64_t now_s)
{
	return ca_generation_requests(generations->records, generations->n,
				      addressed ? addressed->record : NULL, now_s);
}

const struct generation *generations_shadow(const struct generations *generations, int64_t now_s)
{
	return item_of(generations,
		       ca_generation_shadow(generations->records, generations->n, now_s));
}

const struct generation *generations_issuer(const struct generations *generations, unsigned number,
					    int64_t now_s)
{
	return item_of(generations,
		       ca_issuer_of_request(generations->records, generations->n, number, now_s));
}

const struct generation *generations_rollover_issuer(const struct generations *generations,
						     int64_t now_s)
{
	return item_of(generations,
		       ca_issuer_of_rollover(generations->records, generations->n, now_s));
}

/* Of several the one that is typed first, which is the last in DER. */
static struct span common_name(struct span name)
{
	struct x509_rdns rdns;
	struct x509_name_walk walk = {.rdns = &rdns};
	struct x509_attribute attribute;
	struct span found = {};

	if (x509_rdns_read(name, &rdns) < 0)
		return found;
	while (x509_name_walk_next(&walk, &attribute))
		if (oid_find(attribute.type) == OID_COMMON_NAME)
			found = attribute.value.content;
	return found;
}

void generation_append_file_name(struct buffer *out, const struct generation *generation)
{
	struct span name = common_name(generation->certificate.subject);

	for (size_t i = 0; i < name.size; i++) {
		uint8_t byte = name.data[i];
		bool is_fit = byte > ' ' && byte < 0x7f && byte != '/' && (i || byte != '.');

		buffer_append_byte(out, is_fit ? byte : '_');
	}
	buffer_printf(out, "#%llXCA.cer", (unsigned long long)generation->record->counter);
}

unsigned generations_next_number(const struct generations *generations)
{
	unsigned highest = 0;

	for (size_t i = 0; i < generations->n; i++)
		if (generations->records[i].number > highest)
			highest = generations->records[i].number;
	return highest + 1;
}
