/* SPDX-License-Identifier: Apache-2.0 */
#include "token/uses.h"
#include "daemon/conf/use.h"
#include "policy/key-use.h"

/* For= is read by the order of its words. */
static_assert(KEY_USE_TLS == 1 << CONF_KEY_USE_TLS && KEY_USE_IKE == 1 << CONF_KEY_USE_IKE &&
		      KEY_USE_CMS == 1 << CONF_KEY_USE_CMS && KEY_USE_ANY == 1 << CONF_KEY_USE_ANY,
	      "For= has the bits of policy/key-use.h");

int uses_find(const struct conf *conf, const char *label, unsigned *ret)
{
	unsigned uses = 0;

	for (size_t i = 0; i < conf->n_uses; i++) {
		int r = conf_use_is_of(conf, &conf->uses[i], label);

		if (r < 0)
			return r;
		if (r)
			uses |= conf->uses[i].uses;
	}
	*ret = uses;
	return 0;
}
