/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/ca-chain.h"
#include "daemon/base/der.h"

static int add_superiors(struct ca_chain *chain, const struct generation *generation)
{
	struct span rest = span_of(generation->record->superiors);
	struct der_item item;
	int r;

	while ((r = der_next(&rest, &item)) == 0) {
		if (chain->n == CA_CHAIN_MOST)
			return -EUCLEAN;
		chain->items[chain->n++] = item.whole;
	}
	return r == -ENODATA ? 0 : -EUCLEAN;
}

/* Where it is not the CA itself. */
static void add_speaker(struct ca_chain *chain, const struct exchange *speaker)
{
	if (speaker->record)
		chain->items[chain->n++] = speaker->certificate.whole;
}

int ca_chain_of(const struct generations *generations, const struct conf_server *conf,
		const struct generation *generation, int64_t now_s, struct ca_chain *ret)
{
	ret->n = 0;
	add_speaker(ret, generations_exchange(generations, conf, generation, now_s));
	ret->items[ret->n++] = generation->certificate.whole;
	return add_superiors(ret, generation);
}

int ca_chain_of_next(const struct generations *generations, const struct conf_server *conf,
		     const struct generation *shadow, int64_t now_s, struct ca_chain *ret)
{
	ret->n = 0;
	ret->items[ret->n++] = shadow->certificate.whole;
	add_speaker(ret, generations_exchange(generations, conf, shadow, now_s));
	return add_superiors(ret, shadow);
}
