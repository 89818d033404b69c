/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/restore-crl.h"
#include "daemon/x509/certificate.h"
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct store_revocation *one = a, *other = b;

	return one->serial.size == other->serial.size
		       ? span_compare(one->serial, other->serial)
		       : (one->serial.size < other->serial.size ? -1 : 1);
}

int restore_crl_list(struct span revoked, struct restore_revoked *ret)
{
	struct x509_crl_entry entry;
	size_t capacity = 0;
	int r;

	while ((r = x509_crl_next(&revoked, &entry)) == 0) {
		if (ret->n == capacity) {
			struct store_revocation *items;

			capacity = capacity ? capacity * 2 : 64;
			items = reallocarray(ret->items, capacity, sizeof(*items));
			if (!items)
				return -ENOMEM;
			ret->items = items;
		}
		ret->items[ret->n++] =
			(struct store_revocation){entry.serial, entry.revoked_s, entry.reason};
	}
	if (r != -ENODATA)
		return -EBADMSG;
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), compare);
	for (size_t i = 1; i < ret->n; i++) {
		if (!compare(&ret->items[i - 1], &ret->items[i]))
			return -EBADMSG;
	}
	return 0;
}
