/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a trustpoint asks, as far as the configuration tells: the place /scep/LABEL of its
 * EnrollmentURL= names a server, which may be one of this configuration. Pure.
 */

#include "daemon/conf/conf.h"

/* Where request and certificate go by hand. */
bool conf_trustpoint_is_by_hand(const struct conf_trustpoint *trustpoint);
/* The server of this configuration that has the label which the URL names, on whatever host; NULL.
 */
const struct conf_server *conf_find_superior(const struct conf *conf,
					     const struct conf_trustpoint *trustpoint);
/* Whether the URL's host and port are this machine's for certain: a loopback address or one of
 * Listen=, with a port of Listen=. */
bool conf_superior_is_here(const struct conf *conf, const struct conf_trustpoint *trustpoint);
/* Whether the server's question would come back to itself: by its own URL, or by those of the
 * servers of this configuration that it is passed on by. */
bool conf_server_asks_itself(const struct conf *conf, const struct conf_server *server);
