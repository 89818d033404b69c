/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/password.h"

void password_format(const uint8_t random[static PASSWORD_RANDOM_SIZE],
		     char ret[static PASSWORD_TEXT_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 §6 */
	unsigned pool = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < PASSWORD_RANDOM_SIZE; i++) {
		pool = pool << 8 | random[i];
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			ret[n++] = letters[pool >> (n_bits - 5) & 31];
		pool &= 31; /* at most four bits wait for the next byte */
	}
	ret[n] = '\0';
	assert(n == PASSWORD_TEXT_SIZE - 1 && n_bits == 0);
}

void password_mac(struct span mac_key, struct span text, uint8_t ret[static SHA256_SIZE])
{
	/* One byte more than any challenge has: what is cut here is no password of ours anyway. */
	uint8_t folded[257];
	size_t n = text.size < sizeof(folded) ? text.size : sizeof(folded);

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = text.data[i];

		folded[i] = byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 'a' + 'A') : byte;
	}
	hmac_sha256(mac_key, SPAN(folded, n), ret);
	wipe(folded, sizeof(folded));
}

enum grant_challenge password_standing(bool has_challenge, bool challenge_empty,
				       const struct password_record *record, int64_t now_s)
{
	if (!has_challenge || challenge_empty)
		return GRANT_CHALLENGE_ABSENT;
	if (!record->found)
		return GRANT_CHALLENGE_UNMATCHED;
	if (record->used)
		return GRANT_CHALLENGE_SPENT;
	if (record->superseded || now_s >= record->expires_s)
		return GRANT_CHALLENGE_UNMATCHED;
	if (record->for_subject && !record->subject_matches)
		return GRANT_CHALLENGE_UNMATCHED;
	return GRANT_CHALLENGE_LIVE;
}
