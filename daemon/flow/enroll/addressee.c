/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/addressee.h"
#include "daemon/ca/issuer.h"
#include "daemon/conf/server-mode.h"

/* Whom of ours the envelope names. */
struct addressees {
	const struct scep_recipient *recipient; /* of the one below */
	const struct exchange *open;		/* one that opens what is for it */
	unsigned n_open;
	const struct generation *succeeded; /* whose key does no more; NULL without */
	bool is_replaced; /* another key opens in the stead of the one that it names */
};

/* A generation's own key opens nothing any more once there is one that does it in its stead. */
static bool opens(const struct scep_turn *turn, const struct exchange *exchange)
{
	if (exchange->record)
		return ca_exchange_opens(exchange->record, turn->now_s);
	return exchange == generations_exchange(turn->generations, turn->authority->conf,
						exchange->generation, turn->now_s);
}

static void look_at(const struct scep_turn *turn, const struct exchange *exchange,
		    struct addressees *ret)
{
	const struct generations *all = turn->generations;
	const struct scep_recipient *recipient =
		scep_request_find_recipient(turn->request, &exchange->certificate);

	if (!recipient)
		return;
	switch (ca_issuer_standing(all->records, all->n,
				   (size_t)(exchange->generation - all->items),
				   turn->authority->conf->keep_retired_s, turn->now_s)) {
	case CA_ISSUER_ISSUES:
		ret->is_replaced |= !opens(turn, exchange);
		if (!opens(turn, exchange))
			break;
		ret->recipient = recipient;
		ret->open = exchange;
		ret->n_open++;
		break;
	case CA_ISSUER_SUCCEEDED:
		ret->succeeded = exchange->generation;
		break;
	case CA_ISSUER_NONE:
		break;
	}
}

static void look_at_all(const struct scep_turn *turn, struct addressees *ret)
{
	const struct generations *all = turn->generations;

	/* The CA's own key is not an RA's to open with. */
	for (size_t i = 0; i < all->n && !conf_server_is_ra(turn->authority->conf); i++)
		look_at(turn, &all->items[i].own, ret);
	for (size_t i = 0; i < all->n_exchanges; i++)
		look_at(turn, &all->exchanges[i], ret);
}

enum scep_trouble addressee_find(struct scep_turn *turn, const struct scep_recipient **ret)
{
	struct addressees found = {};

	*ret = NULL;
	look_at_all(turn, &found);
	if (!found.n_open && found.succeeded)
		turn->signer = found.succeeded;
	if (!found.n_open && (found.succeeded || found.is_replaced))
		return SCEP_TROUBLE_SUCCEEDED;
	/* No client needs a second try at a key of ours. */
	if (found.n_open != 1)
		return SCEP_TROUBLE_RECIPIENT;
	if (!found.recipient->rsa_pkcs1)
		return SCEP_TROUBLE_KEY_TRANSPORT;
	turn->addressed = found.open->generation;
	turn->opener = found.open;
	*ret = found.recipient;
	return SCEP_TROUBLE_NONE;
}

bool addressee_is_superior(const struct scep_turn *turn)
{
	const struct generations *all = turn->generations;

	for (size_t i = 0; conf_server_is_ra(turn->authority->conf) && i < all->n; i++)
		if (scep_request_find_recipient(turn->request, &all->items[i].certificate))
			return true;
	return false;
}
