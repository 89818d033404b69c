/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/path-room.h"

/* @below: CA certificates between the one that says @path_length and those that may follow. */
static int64_t narrow(int64_t room, int64_t path_length, int64_t below)
{
	int64_t left = path_length > below ? path_length - below : 0;

	return path_length < 0 || (room >= 0 && room < left) ? room : left;
}

static int64_t count(const struct x509_certificate *ca)
{
	return !span_equal(ca->issuer, ca->subject);
}

int x509_path_room(const struct x509_certificate *ca, struct span superiors, int64_t *ret)
{
	int64_t room = narrow(-1, ca->extensions.path_length, 0);
	int64_t below = count(ca);

	while (superiors.size) {
		struct x509_certificate superior;
		struct der_item item;

		if (der_next(&superiors, &item) < 0 ||
		    x509_certificate_read(item.whole, &superior) < 0)
			return -EBADMSG;
		room = narrow(room, superior.extensions.path_length, below);
		below += count(&superior);
	}
	*ret = room;
	return 0;
}
