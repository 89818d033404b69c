/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/card-internal.h"
#include <string.h>

#define USER_PIN  0x81 /* P2 */
#define OFFICER	  0x88
#define PIN_MIN	  6
#define TRIES_MAX 3

static uint16_t tries_left(const struct card_pin *pin)
{
	return pin->tries ? (uint16_t)(STATUS_TRIES_LEFT | pin->tries) : STATUS_BLOCKED;
}

static bool pin_set(struct card_pin *pin, struct span value)
{
	if (value.size < PIN_MIN || value.size > CARD_PIN_BYTES)
		return false;
	memcpy(pin->value, value.data, value.size);
	pin->size = value.size;
	pin->tries = pin->tries_max;
	return true;
}

/* A wrong one costs a try, also where the card loses its power in the next moment. */
static uint16_t pin_try(struct card *card, struct span value)
{
	struct card_pin *pin = &card->user;

	if (!pin->tries)
		return STATUS_BLOCKED;
	card->logged_in = span_equal(value, SPAN(pin->value, pin->size));
	card->changed = !card->logged_in || pin->tries != pin->tries_max;
	pin->tries = card->logged_in ? pin->tries_max : (uint8_t)(pin->tries - 1);
	return card->logged_in ? STATUS_OK : tries_left(pin);
}

static uint16_t code_try(struct card *card, struct span code)
{
	bool is_right = span_equal(code, SPAN(card->code, CARD_CODE_BYTES));

	if (!card->code_tries)
		return STATUS_BLOCKED;
	card->code_tries = is_right ? CARD_CODE_TRIES : (uint8_t)(card->code_tries - 1);
	card->changed = true;
	return is_right ? STATUS_OK : (uint16_t)(STATUS_TRIES_LEFT | card->code_tries);
}

uint16_t command_verify(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	(void)out;
	if (apdu->p2 == OFFICER)
		return (uint16_t)(STATUS_TRIES_LEFT | card->code_tries);
	if (apdu->p2 != USER_PIN)
		return STATUS_NO_OBJECT;
	if (!card->initialized)
		return STATUS_NO_PIN;
	if (apdu->data.size)
		return pin_try(card, apdu->data);
	return card->logged_in ? STATUS_OK : tries_left(&card->user);
}

/* The old one and the new one, end to end: the card knows how long the old one is. */
uint16_t command_change(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	size_t old_size = apdu->p2 == OFFICER ? CARD_CODE_BYTES : card->user.size;
	struct span old = span_slice(apdu->data, 0, old_size);
	struct span new = span_slice(apdu->data, old_size, apdu->data.size);
	uint16_t status;

	(void)out;
	if ((apdu->p2 != USER_PIN && apdu->p2 != OFFICER) || !card->initialized)
		return STATUS_NO_OBJECT;
	status = apdu->p2 == OFFICER ? code_try(card, old) : pin_try(card, old);
	if (status != STATUS_OK)
		return status;
	card->changed = true;
	if (apdu->p2 == USER_PIN)
		return pin_set(&card->user, new) ? STATUS_OK : STATUS_WRONG_DATA;
	if (new.size != CARD_CODE_BYTES)
		return STATUS_WRONG_DATA;
	memcpy(card->code, new.data, new.size);
	return STATUS_OK;
}

/* The code, and perhaps a new PIN. */
uint16_t command_unblock(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	struct span new = span_slice(apdu->data, CARD_CODE_BYTES, apdu->data.size);
	uint16_t status;

	(void)out;
	if (apdu->p2 != USER_PIN || !card->initialized)
		return STATUS_NO_OBJECT;
	status = code_try(card, span_slice(apdu->data, 0, CARD_CODE_BYTES));
	if (status != STATUS_OK)
		return status;
	card->user.tries = card->user.tries_max;
	return !new.size || pin_set(&card->user, new) ? STATUS_OK : STATUS_WRONG_DATA;
}

/* A card that never was takes any code; from then on that code alone can do it again. */
uint16_t command_initialize(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	struct span pin, code, tries;
	uint16_t status = STATUS_OK;

	(void)out;
	if (tlv_find(apdu->data, 0x81, &pin) < 0 || tlv_find(apdu->data, 0x82, &code) < 0 ||
	    pin.size < PIN_MIN || pin.size > CARD_PIN_BYTES || code.size != CARD_CODE_BYTES)
		return STATUS_WRONG_DATA;
	if (card->initialized)
		status = code_try(card, code);
	if (status != STATUS_OK)
		return STATUS_NOT_LOGGED_IN;
	memcpy(card->code, code.data, code.size);
	card->code_tries = CARD_CODE_TRIES;
	card->user.tries_max = TRIES_MAX;
	if (tlv_find(apdu->data, 0x91, &tries) == 0 && tries.size == 1 && tries.data[0])
		card->user.tries_max = tries.data[0];
	(void)pin_set(&card->user, pin);
	card->initialized = true;
	card_wipe(card);
	return STATUS_OK;
}
