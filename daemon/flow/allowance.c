/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/allowance.h"

static const struct {
	struct scep_allowance scep;
	size_t least_bits;
} allowances[] = {
	[CONF_CLIENTS_STRICT] = {{.sha1 = false, .des_ede3 = false}, 2048},
	[CONF_CLIENTS_STANDARD] = {{.sha1 = true, .des_ede3 = true}, 2048},
	[CONF_CLIENTS_LEGACY] = {{.sha1 = true, .des_ede3 = true, .md5 = true, .des = true}, 1024},
};

struct scep_allowance allowance_of(const struct conf_server *conf)
{
	return allowances[conf->clients].scep;
}

size_t allowance_least_bits(const struct conf_server *conf)
{
	return allowances[conf->clients].least_bits;
}
