/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/configuration/weakness.h"
#include "daemon/flow/audit.h"

#define KEY_BITS_SOUND 2048

static bool lets_legacy_in(const struct conf_server *conf)
{
	return conf->clients == CONF_CLIENTS_LEGACY;
}

static bool signs_weakly(const struct conf_server *conf)
{
	return conf->hash == DIGEST_MD5 || conf->hash == DIGEST_SHA1;
}

static bool has_small_key(const struct conf_server *conf)
{
	return conf->key_size && conf->key_size < KEY_BITS_SOUND;
}

static const struct {
	bool (*is_so)(const struct conf_server *conf);
	const char *text;
} weaknesses[] = {
	{lets_legacy_in, "Clients=legacy lets DES, MD5 and RSA-1024 in"},
	{signs_weakly, "Hash= is md5 or sha1: both are no longer recommended"},
	{has_small_key, "KeySize= is under 2048 bits"},
};

static int tell(struct flow *flow, const struct authority *authority, const char *text,
		int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = authority->conf->label,
				      .now_s = now_s,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	r = audit_of_act(AUDIT_SERVER_WEAKNESS, NULL, authority->conf->label, text, &event);
	if (r >= 0)
		r = store_commit(flow->store, &change);
	return r > 0 ? -EBUSY : r;
}

int flow_tell_weaknesses(struct flow *flow, int64_t now_s)
{
	int r = 0;

	for (size_t i = 0; i < flow->conf->n_servers; i++)
		for (size_t row = 0; row < ELEMENTS(weaknesses) && r >= 0; row++)
			if (flow->authorities[i].shared->generations->created &&
			    weaknesses[row].is_so(flow->authorities[i].conf))
				r = tell(flow, &flow->authorities[i], weaknesses[row].text, now_s);
	return r;
}
