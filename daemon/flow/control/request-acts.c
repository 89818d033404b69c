/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to requests by hand: to those that are named, or to all. */
#include "daemon/base/files.h"
#include "daemon/flow/control/parts.h"
#include <stdlib.h>

/* The ids an act is for: those named, or all that wait. */
struct ids {
	int64_t *items;
	size_t n;
	json_t *left; /* of those that wait, the ones that are not meant by all; NULL: all are */
};

static void ids_done(struct ids *ids)
{
	free(ids->items);
	json_decref(ids->left);
}

static int ids_add(struct ids *ids, int64_t id)
{
	int64_t *items = reallocarray(ids->items, ids->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	ids->items = items;
	ids->items[ids->n++] = id;
	return 0;
}

/* Who makes an RA or a CA hands authority over, and says so of each by its number. */
static int ids_add_pending(void *context, const struct ca_request_record *request)
{
	struct ids *ids = context;

	if (!ids->left || request->class == GRANT_CLASS_ROUTER)
		return ids_add(ids, request->id);
	return json_array_append_new(ids->left,
				     json_pack("{s:I, s:s}", "id", (json_int_t)request->id, "class",
					       grant_class_name(request->class)))
		       ? -ENOMEM
		       : 0;
}

static int read_ids(const struct control_turn *turn, struct authority *authority, struct ids *ret)
{
	struct store_request_filter filter = {.state = CA_REQUEST_PENDING};
	const json_t *named = json_object_get(turn->parameters, "ids");
	size_t i;
	json_t *id;

	if (json_is_true(json_object_get(turn->parameters, "all")))
		return store_request_list(turn->flow->store, authority->conf->label, &filter,
					  ids_add_pending, ret);
	json_array_foreach(named, i,
			   id) if (ids_add(ret, json_integer_value(id)) < 0) return -ENOMEM;
	return 0;
}

typedef int (*request_act)(const struct hand *, int64_t, char **);

/* Does it for each id, one after the other; what could not be done is told beside what was. @left:
 * takes what all leaves out, owned from here on. */
static json_t *act_on_each(const struct control_turn *turn, request_act act, json_t *left)
{
	_cleanup_(ids_done) struct ids ids = {.left = left};
	json_t *error, *done, *failed;
	struct hand hand;
	int r;

	if (!control_hand(turn, "server", &hand, &error))
		return error;
	r = read_ids(turn, hand.authority, &ids);
	if (r < 0)
		return control_failure(r, NULL);
	done = json_array();
	failed = json_array();
	for (size_t i = 0; i < ids.n; i++) {
		_cleanup_(freep) char *reason = NULL;
		_cleanup_(control_jsonp) json_t *failure = NULL;

		r = act(&hand, ids.items[i], &reason);
		if (!r) {
			json_array_append_new(done, json_integer(ids.items[i]));
			continue;
		}
		failure = control_failure(r, reason);
		json_array_append_new(
			failed, json_pack("{s:I, s:O?}", "id", (json_int_t)ids.items[i], "reason",
					  json_object_get(json_object_get(failure, "parameters"),
							  "reason")));
	}
	return control_reply_new(
		json_pack("{s:o, s:o, s:O*}", "done", done, "failed", failed, "left", ids.left),
		false);
}

json_t *control_request_grant(const struct control_turn *turn)
{
	return act_on_each(turn, flow_grant_request, json_array());
}

json_t *control_request_reject(const struct control_turn *turn)
{
	return act_on_each(turn, flow_reject_request, NULL);
}

/* All of them are one change: there may be many, in any state. */
static json_t *remove_all(const struct control_turn *turn)
{
	struct hand hand;
	unsigned n = 0;
	json_t *error;
	int r;

	if (!control_hand(turn, "server", &hand, &error))
		return error;
	r = flow_remove_all_requests(&hand, &n);
	return r ? control_failure(r, r > 0 ? "the server is not created" : NULL)
		 : control_reply_new(json_pack("{s:I}", "removed", (json_int_t)n), false);
}

json_t *control_request_remove(const struct control_turn *turn)
{
	return json_is_true(json_object_get(turn->parameters, "all"))
		       ? remove_all(turn)
		       : act_on_each(turn, flow_remove_request, NULL);
}
