/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The signals of a server's state machine (signals.def): its state is derived, so a signal is what
 * differs between the facts of two moments. Pure.
 */

#include "daemon/ca/lifecycle.h"

/* The facts that can give a signal, a bit each. */
unsigned ca_signal_bits(const struct ca_server_facts *facts);
/* "no shut", "time set" …; "" where nothing differs. */
const char *ca_signal_name(unsigned before, unsigned after);
