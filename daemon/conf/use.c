/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/use.h"
#include "daemon/base/files.h"
#include "daemon/conf/server-key.h"
#include <string.h>

struct span conf_key_plain_label(const char *label)
{
	struct span plain = span_of_text(label);

	while (plain.size && plain.data[plain.size - 1] == '#')
		plain.size--;
	return plain;
}

int conf_use_is_of(const struct conf *conf, const struct conf_use *use, const char *label)
{
	const struct conf_trustpoint *trustpoint = conf_find_trustpoint(conf, use->key);
	_cleanup_(freep) char *first = NULL, *second = NULL;
	struct span plain = conf_key_plain_label(label);

	if (!trustpoint)
		return span_equal(plain, span_of_text(use->key));
	int r = conf_trustpoint_key_labels(trustpoint, &first, &second);
	if (r < 0)
		return r;
	return span_equal(plain, span_of_text(first)) ||
	       (second && span_equal(plain, span_of_text(second)));
}
