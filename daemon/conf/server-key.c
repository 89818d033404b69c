/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/server-key.h"
#include "daemon/base/files.h"
#include <string.h>

struct span conf_key_plain_label(struct span label)
{
	while (label.size && label.data[label.size - 1] == '#')
		label.size--;
	return label;
}

bool conf_key_is_called(const char *label, const char *name)
{
	return span_equal(conf_key_plain_label(span_of_text(label)), span_of_text(name));
}

bool conf_key_is_marked(struct span label)
{
	return conf_key_plain_label(label).size != label.size;
}

const char *conf_server_key_label(const struct conf_server *server)
{
	return server->trustpoint && server->trustpoint->key ? server->trustpoint->key
							     : server->label;
}

const char *conf_server_first_token(const struct conf_server *server)
{
	return server->trustpoint && server->trustpoint->token ? server->trustpoint->token
							       : server->token;
}

unsigned conf_server_key_size(const struct conf_server *server)
{
	return server->trustpoint && server->trustpoint->key_size ? server->trustpoint->key_size
								  : server->key_size;
}

const struct conf_server *conf_find_server_of_key(const struct conf *conf, const char *key)
{
	for (size_t i = 0; i < conf->n_servers; i++)
		if (!strcmp(conf_server_key_label(&conf->servers[i]), key))
			return &conf->servers[i];
	return NULL;
}

int conf_trustpoint_key_labels(const struct conf_trustpoint *trustpoint, char **ret,
			       char **ret_second)
{
	_cleanup_(freep) char *first = NULL;
	int r = text_format(&first, "%s", trustpoint->key ? trustpoint->key : trustpoint->name);

	*ret_second = NULL;
	if (r >= 0 && trustpoint->usage_keys)
		r = text_format(ret_second, "%s-encr", first);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(first);
	return 0;
}
