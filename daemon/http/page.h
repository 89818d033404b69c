/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What people see: the status page, and texts of refusals with the URLs that would be right. Holds
 * nothing that GetCACert would not tell anybody. Pure.
 */

#include "daemon/conf/conf.h"
#include "daemon/http/route.h"

/* @host is the request's Host header, or NULL; it is repeated only where it looks like one. */
void page_append_status(struct buffer *out, const struct conf *conf, const char *host);
/* One line of what is wrong, with a right URL; for a server that isn't there a line per server. */
void page_append_refusal(struct buffer *out, const struct conf *conf, const char *host,
			 const struct route *route);
