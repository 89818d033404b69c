/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One-time passwords: 80 random bits as 16 base32 letters (RFC 4648 §6), kept only as HMAC-SHA-256
 * under a key of the daemon's own, so that one index probe finds one. Pure but for the random bits,
 * which come from the caller.
 */

#include "daemon/base/crypto.h"
#include "policy/grant.h"

#define PASSWORD_RANDOM_SIZE	 10
#define PASSWORD_TEXT_SIZE	 17 /* with NUL */
#define PASSWORD_MINUTES_DEFAULT 60
#define PASSWORD_MINUTES_MAX	 1440

/* Base32 of random bits from the caller. */
void password_format(const uint8_t random[static PASSWORD_RANDOM_SIZE],
		     char ret[static PASSWORD_TEXT_SIZE]);
/* HMAC-SHA-256 of a challenge under @mac_key; the same for upper and lower case letters (ASCII),
 * since people type what they read. */
void password_mac(struct span mac_key, struct span text, uint8_t ret[static SHA256_SIZE]);

struct password_record {
	bool found; /* the MAC is in the database for this server */
	bool used;
	bool superseded; /* a newer general one was made */
	int64_t expires_s;
	bool for_subject; /* made with --for */
	bool subject_matches;
};
/* Where a challenge stands. A used password is spent whatever else is true of it; an expired or
 * superseded one, or one for another subject, matches nothing. @record is read only where there is
 * a challenge. */
enum grant_challenge password_standing(bool has_challenge, bool challenge_empty,
				       const struct password_record *record, int64_t now_s);
