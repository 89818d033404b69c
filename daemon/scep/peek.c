/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/peek.h"
#include "daemon/base/der.h"

/* The contents of the next element if it has this tag; the empty span else. */
static struct span step_into(struct span *rest, uint8_t tag)
{
	struct der_item item;

	if (der_next(rest, &item) < 0 || item.tag != tag)
		return (struct span){};
	return item.content;
}

/* The last element's contents: signerInfos ends a SignedData. */
static struct span last_of(struct span rest)
{
	struct der_item item = {};

	while (rest.size)
		if (der_next(&rest, &item) < 0)
			return (struct span){};
	return item.tag == DER_SET ? item.content : (struct span){};
}

struct span scep_peek_issuer(struct span message)
{
	struct span content_info = step_into(&message, DER_SEQUENCE);
	struct span wrapped, signer_infos, signer, name;
	struct der_item issuer;

	step_into(&content_info, DER_OID);
	wrapped = step_into(&content_info, DER_CONTEXT_CONSTRUCTED(0));
	signer_infos = last_of(step_into(&wrapped, DER_SEQUENCE));
	signer = step_into(&signer_infos, DER_SEQUENCE);
	step_into(&signer, DER_INTEGER);
	name = step_into(&signer, DER_SEQUENCE);
	return der_next(&name, &issuer) < 0 ? (struct span){} : issuer.whole;
}
