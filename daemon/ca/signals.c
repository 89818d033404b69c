/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/signals.h"

unsigned ca_signal_bits(const struct ca_server_facts *facts)
{
	const bool values[] = {
#define SIGNAL(fact, begins, ends) facts->fact != 0,
#include "daemon/ca/signals.def"
	};
	unsigned bits = 0;

	for (unsigned i = 0; i < ELEMENTS(values); i++)
		bits |= (unsigned)values[i] << i;
	return bits;
}

const char *ca_signal_name(unsigned before, unsigned after)
{
	static const struct {
		const char *begins, *ends;
	} names[] = {
#define SIGNAL(fact, begins, ends) {begins, ends},
#include "daemon/ca/signals.def"
	};

	for (unsigned i = 0; i < ELEMENTS(names); i++)
		if ((before ^ after) >> i & 1)
			return after >> i & 1 ? names[i].begins : names[i].ends;
	return "";
}
