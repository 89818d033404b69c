/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/recorded.h"
#include <stdlib.h>

void recorded_done(struct recorded *recorded)
{
	conf_recorded_free(recorded->options, recorded->n);
	free(recorded->settings);
}

int recorded_of(const struct authority *authority, const struct generations *generations,
		bool at_start, struct recorded *ret)
{
	int r = conf_record(authority->conf, &generations->holding, at_start, &ret->options,
			    &ret->n);

	if (r < 0)
		return r;
	ret->settings = calloc(ret->n + 1, sizeof(*ret->settings));
	if (!ret->settings)
		return -ENOMEM;
	for (size_t i = 0; i < ret->n; i++)
		ret->settings[i] =
			(struct store_setting){ret->options[i].option, ret->options[i].value};
	return 0;
}
