/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The test's hand on the slot: a SOCK_SEQPACKET socket that takes one command a packet and answers
 * "ok", "ok WORDS" or "error WORDS". README.md has the commands.
 */

#include "tests/card/slot.h"

struct control;

/* Listens at @path until control_free(). */
_checked_ int control_new(sd_event *event, const char *path, struct slot *slot,
			  struct control **ret);
void control_free(struct control *control);
void control_freep(struct control **control);
