/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pin-rules.h"
#include <string.h>

#define PIN_MOST 255 /* what the command reads */

/* PKCS#11 has one range for both PINs and no word about digits. */
static const struct {
	const char *manufacturer; /* part of what it says */
	struct pin_rule so_pin;
} makers[] = {
	/* A SmartCard-HSM's initialisation code is eight bytes, typed as digits. */
	{"CardContact", {16, 16, true}},
};

static unsigned within(unsigned value, unsigned otherwise)
{
	return value >= 1 && value <= PIN_MOST ? value : otherwise;
}

struct pin_rules pin_rules_of(const struct hsm_token_facts *facts)
{
	const struct pin_rule said = {
		.least = within(facts->least_pin, 1),
		.most = within(facts->most_pin, PIN_MOST),
	};
	struct pin_rules rules = {said, said};

	for (size_t i = 0; i < ELEMENTS(makers); i++) {
		if (strstr(facts->slot.manufacturer, makers[i].manufacturer))
			rules.so_pin = makers[i].so_pin;
	}
	return rules;
}
