/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/use.h"
#include "daemon/base/files.h"
#include "daemon/conf/server-key.h"

int conf_use_is_of(const struct conf *conf, const struct conf_use *use, const char *label)
{
	const struct conf_trustpoint *trustpoint = conf_find_trustpoint(conf, use->key);
	_cleanup_(freep) char *first = NULL, *second = NULL;

	if (!trustpoint)
		return conf_key_is_called(label, use->key);
	int r = conf_trustpoint_key_labels(trustpoint, &first, &second);
	if (r < 0)
		return r;
	return conf_key_is_called(label, first) || (second && conf_key_is_called(label, second));
}
