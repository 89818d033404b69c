/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Exchange keys: which one speaks for a generation at an instant, and which still open what was
 * enveloped to them. They succeed each other faster than generations do, and at once: who has the
 * certificate of the one before can still use it until that ends. Source: RFC 8894 §2.1.2.
 */

#include "daemon/ca/records.h"

/*
 * The one that speaks for @generation at @now_s: it signs CertReps and is given out. Of those whose
 * turn has come the one that came last; of a generation that has yet to take over the one that will
 * speak for it then. NULL where it has none, or its key is destroyed.
 */
const struct ca_exchange_record *ca_exchange_speaker(const struct ca_exchange_record *exchanges,
						     size_t n,
						     const struct ca_generation_record *generation,
						     int64_t now_s);
/* Whether it opens envelopes: its key stands, and its certificate has not ended. */
bool ca_exchange_opens(const struct ca_exchange_record *exchange, int64_t now_s);

/* When the certificate of a new one for @generation is valid: from the generation's turn on where
 * that is still to come, never beyond its end. */
struct ca_exchange_life {
	int64_t not_before_s, not_after_s;
};
struct ca_exchange_life ca_exchange_life(const struct ca_generation_record *generation,
					 int64_t lifetime_s, int64_t now_s);
/* When three quarters of its life are over. */
int64_t ca_exchange_last_quarter(const struct ca_exchange_record *exchange);
/*
 * When @generation needs a new one on @token (name of its [Token] section): at once where it has
 * none there that is good at its time, else when three quarters of the @speaker's life (NULL: there
 * is none) are over. False where the one that it has lasts as long as itself, or is still to take
 * over.
 */
bool ca_exchange_renewal(const struct ca_exchange_record *speaker,
			 const struct ca_generation_record *generation, const char *token,
			 int64_t now_s, int64_t *ret_when_s);
