/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/alt-name.h"
#include "daemon/base/der.h"

static bool stands_in(struct span name, struct span names)
{
	struct der_item item;

	while (names.size) {
		if (der_next(&names, &item) < 0)
			return false;
		if (span_equal(item.whole, name))
			return true;
	}
	return false;
}

bool x509_alt_names_within(struct span asked, struct span held)
{
	struct der_item asked_names, held_names, name;
	struct span rest;

	if (der_only(asked, DER_SEQUENCE, &asked_names) < 0 ||
	    der_only(held, DER_SEQUENCE, &held_names) < 0)
		return false;
	rest = asked_names.content;
	while (rest.size)
		if (der_next(&rest, &name) < 0 || !stands_in(name.whole, held_names.content))
			return false;
	return true;
}
