/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The CRL of the CA that an RA speaks for, as its clients ask for it (GetCRL): the one that was
 * kept when a certificate of that CA was verified. Where none is, one is fetched by workers that
 * may wait for a network; whoever asks meanwhile is told to come again.
 */

#include "daemon/flow/flow.h"
#include "daemon/flow/generations.h"

enum ra_crl_outcome {
	RA_CRL_LATER = 3, /* it is being fetched */
	RA_CRL_NONE = 4,  /* it was not to be had, less than a minute ago */
};
/* The CRL in force of the RA's CA @active, whole DER. Never waits for a network. 0; an outcome;
 * -errno. */
_checked_ int ra_crl_load(struct flow *flow, struct authority *authority,
			  const struct generation *active, int64_t now_s, struct bytes *ret);
/* Fetches what was asked for in vain. Waits for the CAs' servers. -errno. */
_checked_ int ra_crl_fetch_wanted(struct flow *flow, int64_t now_s);
