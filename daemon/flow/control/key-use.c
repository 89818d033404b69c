/* SPDX-License-Identifier: Apache-2.0 */
/* key.uses and key.reference: what other programs may do with keys, and the public half by which
 * they know one. */
#include "policy/key-use.h"
#include "daemon/base/files.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/key-use/keys.h"
#include "daemon/flow/key-use/tally.h"
#include "daemon/ipc/keys.h"
#include <string.h>

static json_t *json_texts(char *const *texts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

static json_t *json_words(unsigned uses)
{
	json_t *list = json_array();

	for (unsigned bit = 1; bit <= uses; bit <<= 1)
		if (uses & bit)
			json_array_append_new(list, json_string(key_use_name(bit)));
	return list;
}

static json_t *json_allowed(const struct key_use_count *count, json_int_t *ret_all)
{
	json_t *object = json_object();

	*ret_all = 0;
	for (unsigned i = 0; i < KEY_USE_KINDS; i++) {
		json_object_set_new(object, key_use_name(1U << i),
				    json_integer((json_int_t)count->allowed[i]));
		*ret_all += (json_int_t)count->allowed[i];
	}
	return object;
}

static json_t *json_use(const struct conf_use *use, const struct key_use_count *count)
{
	json_int_t allowed;
	json_t *by_use = json_allowed(count, &allowed);

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:I, s:o, s:I, s:I, s:o, s:o, s:o}",
			 "name", use->name, "key", use->key, "users",
			 json_texts(use->user, use->n_user), "units",
			 json_texts(use->unit, use->n_unit), "for", json_words(use->uses),
			 "rateLimit", (int)use->rate_limit, "allowed", allowed, "allowedFor",
			 by_use, "refused", (json_int_t)count->refused, "failed",
			 (json_int_t)count->failed, "lastUse", control_json_time(count->used_s),
			 "lastRefusal", control_json_time(count->refused_s), "lastRefusalReason",
			 count->refusal ? json_string(count->refusal) : json_null());
}

static int append_uses(const struct control_turn *turn, json_t *list)
{
	const struct conf *conf = turn->flow->conf;
	int r = 0;

	for (size_t i = 0; i < conf->n_uses && r >= 0; i++) {
		struct key_use_count count;

		r = key_use_tally_get(turn->flow->key_use_tally, conf->uses[i].name, &count);
		if (r >= 0 && json_array_append_new(list, json_use(&conf->uses[i], &count)))
			r = -ENOMEM;
		key_use_count_done(&count);
	}
	return r;
}

/* Of those whom no section is about. */
static json_t *json_strangers(const struct key_use_count *count)
{
	return json_pack("{s:I, s:o, s:o}", "refused", (json_int_t)count->refused, "lastRefusal",
			 control_json_time(count->refused_s), "lastRefusalReason",
			 count->refusal ? json_string(count->refusal) : json_null());
}

json_t *control_key_uses(const struct control_turn *turn)
{
	json_t *list = json_array();
	struct key_use_count strangers = {};
	json_t *reply;
	int r = append_uses(turn, list);

	if (r >= 0)
		r = key_use_tally_get(turn->flow->key_use_tally, KEY_USE_STRANGERS, &strangers);
	if (r < 0) {
		json_decref(list);
		return control_failure(r, NULL);
	}
	reply = json_pack("{s:o, s:o}", "uses", list, "strangers", json_strangers(&strangers));
	key_use_count_done(&strangers);
	return control_reply_new(reply, false);
}

static json_t *json_key(const struct key_use_candidate *key, const char *name)
{
	return json_pack("{s:s, s:s, s:s, s:o?, s:o?}", "name", name, "usage",
			 key_usage_name(key->usage), "token", key->token, "sha256",
			 control_json_hex(key_id(key->key), false), "publicKey",
			 control_json_hex(key_spki(key->key), true));
}

/* The key in force, of two usage keys both. */
static json_t *json_keys(const struct key_use_look *look, struct key_use_look_wish *wish)
{
	const struct key_use_candidate *signs = key_use_look_choose(look, wish), *opens;
	json_t *list = json_array();

	wish->opens = true;
	opens = key_use_look_choose(look, wish);
	if (signs)
		json_array_append_new(list, json_key(signs, wish->name));
	if (opens && opens != signs)
		json_array_append_new(list, json_key(opens, wish->name));
	return list;
}

json_t *control_key_reference(const struct control_turn *turn)
{
	static const struct key_use_look nothing;
	_cleanup_(key_use_look_done) struct key_use_look look = {};
	struct span plain = conf_key_plain_label(span_of_text(control_text(turn, "name")));
	_cleanup_(freep) char *name = NULL;
	struct key_use_look_wish wish = {.now_s = turn->now_s};
	int r = span_to_text(plain, &name);

	wish.name = name;
	if (r >= 0)
		r = key_use_look_up(turn->flow, &wish, &nothing, &look);
	if (r < 0)
		return control_failure(r, NULL);
	if (!look.n)
		return control_error_new(look.none == KEY_USE_LOOK_LATER  ? CONTROL_ERROR_LATER
					 : look.none == KEY_USE_LOOK_NONE ? CONTROL_ERROR_NOT_FOUND
									  : CONTROL_ERROR_REFUSED,
					 NULL, "%s", look.reason);
	return control_reply_list("keys", json_keys(&look, &wish), 0);
}
