/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What `Clients=` lets in, as scep/ and policy/ ask for it. */

#include "daemon/conf/conf.h"
#include "daemon/scep/message.h"

struct scep_allowance allowance_of(const struct conf_server *conf);
/* The least RSA modulus of a client, in bits. */
size_t allowance_least_bits(const struct conf_server *conf);
