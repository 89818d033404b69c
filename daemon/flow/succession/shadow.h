/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The shadow: the generation that will take over. Its key is made on a token and its certificate
 * signed by it (shadow.c), its archive put away where it is to have one (shadow-archive.c), and
 * only then is it given out ahead (offer.c). Each step is planned (ca/planner.h) and can be
 * repeated after a crash: what the one before left is taken up.
 *
 * Each gives 0, FLOW_LATER, FLOW_REFUSED, -errno; why it does not go on is noted
 * (succession_tell_trouble()).
 */

#include "daemon/flow/succession/birth.h"

/* Records that a shadow is wanted from @now_s on, where that is not recorded yet; a shadow that
 * stands is enough. Then a rollover goes on whatever the configuration says. @actor as in
 * audit_of_act(). */
_checked_ int flow_wish_shadow(struct flow *flow, struct authority *authority, const char *actor,
			       int64_t now_s);
/* The same, and then makes key and certificate. Minutes on a card. */
_checked_ int flow_make_shadow(struct flow *flow, struct authority *authority, int64_t now_s);

/* On which token's key the next is made: not the one that may be lost with @active, where there are
 * two. */
const char *shadow_token(const struct conf_server *conf, const struct ca_generation_record *active);
/* What the next generation of this server is like, in each kind of rollover: after @active, from
 * @not_before_s on, its key under @label. Borrows all. */
struct birth_order shadow_order(struct flow *flow, struct authority *authority,
				const struct generations *generations,
				const struct generation *active, const char *label,
				int64_t not_before_s);
/* birth_plan() with the next serial of the server's. -errno. */
_checked_ int shadow_plan(const struct birth_order *order, struct birth *birth);
/* "LABEL#". -ENOMEM. */
_checked_ int shadow_label(const struct authority *authority, char **ret);

/* Of the generation with this number: puts an archive of its key in its place, encrypted by the
 * token's process under ArchivePassword=, and seals the key. */
_checked_ int flow_archive_shadow(struct flow *flow, struct authority *authority, unsigned number,
				  int64_t now_s);
/* Of the generation with this number: gives its certificate out ahead (RFC 8894 §4.7). */
_checked_ int flow_offer_shadow(struct flow *flow, struct authority *authority, unsigned number,
				int64_t now_s);
