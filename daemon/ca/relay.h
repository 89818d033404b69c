/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a message goes on to the superior CA as it came. Pure.
 */

#include "daemon/ca/lifecycle.h"

enum ca_relay {
	CA_RELAY_GOES_ON,
	CA_RELAY_REFUSED, /* for as long as the configuration says so */
	CA_RELAY_NOT_NOW, /* the same later may do */
};

struct ca_relay_facts {
	/* Of a transparent RA; NULL of one that looked at the message itself, and may work. */
	const struct ca_server_facts *server;
	bool grants;	/* Grant= is not none */
	bool under_way; /* the same message, byte for byte, is being passed on at this moment */
	bool waited;	/* so long for its turn that its client must be answered */
};
/* @ret_reason: why not, for the client; "" where it goes on. What keeps a server from its work is
 * not told to strangers but by its name. */
enum ca_relay ca_relay_judge(const struct ca_relay_facts *facts, int64_t now_s,
			     const char **ret_reason);
