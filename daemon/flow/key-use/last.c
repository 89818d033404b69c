/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/last.h"

#include "daemon/conf/use.h"
#include "daemon/flow/key-use/tally.h"
#include <string.h>

/* 1 or 0, -ENOMEM. A section names the trustpoint, or a label that some of its keys have. */
static int is_spoken_of(const struct conf *conf, const char *trustpoint, const char *label)
{
	for (size_t i = 0; i < conf->n_uses; i++) {
		int r = !strcmp(conf->uses[i].key, trustpoint)
				? 1
				: conf_use_is_of(conf, &conf->uses[i], label);

		if (r)
			return r;
	}
	return 0;
}

int flow_key_use_last(struct flow *flow, const char *trustpoint, const struct ca_key_place *place,
		      int64_t now_s, int64_t *ret_s)
{
	int64_t begun_s = key_use_tally_begun_s(flow->key_use_tally, now_s);
	int64_t last_s = key_use_tally_last_s(flow->key_use_tally, SPAN_ARRAY(place->key_sha256));
	int r = is_spoken_of(flow->conf, trustpoint, place->label);

	if (r < 0)
		return r;
	*ret_s = r && last_s < begun_s ? begun_s : last_s;
	return 0;
}
