/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What follows from Mode=: whose key issues, who asks whom, who passes on. Pure.
 */

#include "daemon/conf/conf.h"

/* It has a CA key of its own and issues by it: root and subordinate. */
bool conf_server_is_ca(const struct conf_server *server);
/* Its own certificates come from another CA, by [Trustpoint LABEL]: subordinate and ra. */
bool conf_server_enrolls(const struct conf_server *server);
/* It opens requests and has its CA issue: ra. */
bool conf_server_is_ra(const struct conf_server *server);
/* It has no key, and passes bytes on as they come: ra-transparent. */
bool conf_server_is_transparent(const struct conf_server *server);
/* Whether a trustpoint of this name is the own one of a server that asks no CA for anything: it
 * only chooses that server's key. False also where there is no such server. */
bool conf_trustpoint_is_idle(const struct conf *conf, const char *name);
/* A key and certificate of its own open envelopes and sign answers: ExchangeKey= names a token, or
 * it is an RA. */
bool conf_server_has_exchange(const struct conf_server *server);
/* The [Token] section on which an exchange key is made; NULL where there is none. */
const char *conf_server_exchange_token(const struct conf_server *server);
