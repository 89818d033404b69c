/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A card in a slot of vpcd, the reader that pcscd loads: a connection to its port is a card that
 * was put in, its end a card that was pulled out. While a card is in, the connection is made again
 * whenever the reader ends it, so that pcscd may come and go.
 */

#include "tests/card/card.h"
#include <systemd/sd-event.h>

struct slot;

/* An empty slot of the vpcd at @port of 127.0.0.1, on the loop @event. */
_checked_ int slot_new(sd_event *event, uint16_t port, struct slot **ret);
void slot_free(struct slot *slot);
void slot_freep(struct slot **slot);

/* Puts in the card of the file @path; NULL: that which was in last. -EBUSY where one is in, -ENOENT
 * where none ever was, else as card_open(). */
_checked_ int slot_plug(struct slot *slot, const char *path);
/* Pulls the card out, whatever it does; an empty slot stays so. */
void slot_unplug(struct slot *slot);
/* The same in the midst of the next operation with a private key, whose answer nobody gets.
 * @done(@context) is called then. -EBUSY where that is waited for already. */
_checked_ int slot_unplug_in_operation(struct slot *slot, void (*done)(void *context),
				       void *context);
/* Each operation with a private key takes @ms longer from now on. */
void slot_set_slow(struct slot *slot, unsigned ms);
/* The next @count commands of instruction @ins (-1: any) are answered by @status and not done. */
void slot_fail(struct slot *slot, uint16_t status, int ins, unsigned count);
/* The card that is, or was last, in; NULL where none ever was. */
struct card *slot_card(struct slot *slot);
/* Operations with a private key since the beginning, by all cards. */
unsigned slot_operations(const struct slot *slot);
bool slot_is_plugged(const struct slot *slot);
