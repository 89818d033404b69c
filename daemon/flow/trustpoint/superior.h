/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How it stands with the certificate that a server waits for from the CA above it, as its own
 * trustpoint tells, in words with what to do.
 */

#include "daemon/flow/flow.h"

#define SUPERIOR_TEXT_SIZE 1024
/* One line; nobody and nothing is waited for. */
void superior_tell(struct flow *flow, const struct authority *authority, int64_t now_s,
		   char ret[static SUPERIOR_TEXT_SIZE]);

/*
 * What is the matter with the CA above for a server that has its certificate: that nothing is asked
 * for any more until somebody acts; of an RA, too, that its certificate is no RA's by its name, and
 * how many requests could not be passed on. "" where nothing is. Nobody and nothing is waited for.
 */
void superior_tell_trouble(struct flow *flow, const struct authority *authority, int64_t now_s,
			   char ret[static SUPERIOR_TEXT_SIZE]);
