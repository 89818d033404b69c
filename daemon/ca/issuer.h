/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which generation has a say in a message or a request: the recipient that an envelope names
 * selects it (RFC 8894 §5.1). Pure.
 */

#include "daemon/ca/generation.h"

enum ca_issuer_standing {
	CA_ISSUER_NONE,	     /* not yet, or no longer: as if it were nobody of ours */
	CA_ISSUER_ISSUES,    /* active, or the shadow that is given out: its messages are opened */
	CA_ISSUER_SUCCEEDED, /* nothing is opened; its key alone tells the peer so */
};
/*
 * How the generation @which (index into @generations) stands to a message that is enveloped to it.
 *
 * @keep_retired_s  KeepRetired=: how long one that ended still tells; one whose successor took over
 * before its end tells for as long as its key stands
 */
enum ca_issuer_standing ca_issuer_standing(const struct ca_generation_record *generations, size_t n,
					   size_t which, int64_t keep_retired_s, int64_t now_s);

/* The shadow once its certificate is given out; NULL before, and where there is none: nothing is
 * asked of a key that is not yet archived. */
const struct ca_generation_record *
ca_issuer_of_rollover(const struct ca_generation_record *generations, size_t n, int64_t now_s);

/*
 * Who issues what was requested of the generation with this @number (0: whichever was active): that
 * one while it is the shadow, the active one once it took over, and for what was requested of those
 * before. NULL where it will never be, since its rollover was cancelled.
 */
const struct ca_generation_record *
ca_issuer_of_request(const struct ca_generation_record *generations, size_t n, unsigned number,
		     int64_t now_s);
