/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Exchange keys of a CA with ExchangeKey=: made with a certificate of its own generation, renewed,
 * and destroyed when they are of no more use. Each step is planned (ca/planner.h) and can be
 * repeated after a crash: a key that got no certificate is taken up.
 *
 * Each gives 0, also where it is done already; FLOW_LATER; FLOW_REFUSED where there is no such
 * generation or key; -errno.
 */

#include "daemon/flow/flow.h"

/* For the generation with this @number; takes over at once, or with its generation. Minutes on a
 * card. */
_checked_ int flow_make_exchange(struct flow *flow, struct authority *authority, unsigned number,
				 int64_t now_s);
/* The key of the exchange with this @id loses the # of its label. Best effort, as with a CA's. */
_checked_ int flow_relabel_exchange(struct flow *flow, struct authority *authority, int64_t id,
				    int64_t now_s);
_checked_ int flow_destroy_exchange(struct flow *flow, struct authority *authority, int64_t id,
				    int64_t now_s);

/* "ROOTCA-exchange on token hsm, of generation 2": what an audit event's note says of one.
 * -ENOMEM. */
_checked_ int exchange_describe(const struct generations *generations,
				const struct ca_exchange_record *record, char **ret);
