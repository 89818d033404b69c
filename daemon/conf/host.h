/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A host with or without a port, as URLs and addresses of sinks write it (RFC 3986 §3.2.2): a DNS
 * name or an IPv4 address, or an IPv6 address in brackets. Pure.
 */

#include "daemon/base/bytes.h"

struct conf_host {
	struct span name; /* without brackets, borrowed */
	bool is_six;	  /* a literal IPv6 address */
	unsigned port;	  /* 0: none was written */
};

enum conf_host_outcome {
	CONF_HOST_WRONG = 1,
	CONF_HOST_BARE_SIX, /* an IPv6 address without the brackets */
	CONF_HOST_PORT,	    /* the port is none of 1…65535 */
};
_checked_ int conf_host_read(struct span text, struct conf_host *ret);

/* Whether @text is a DNS name: labels of 1…63 letters, digits and hyphens, not at their ends, 253
 * bytes at most (RFC 1123 §2.1); a dot at the end is none. */
bool conf_is_dns_name(struct span text);
/* Whether @text is a numeric address, IPv4 or IPv6, without brackets. */
bool conf_is_address(struct span text);
