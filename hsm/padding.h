/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The answer to a decryption that may have gone wrong: always exactly as many bytes as were asked
 * for. Either the content key, or a value that only this process can compute from the ciphertext;
 * which of them is chosen by mask, in time that depends on the sizes alone, so that whoever sends
 * ciphertexts learns nothing about their padding (Bleichenbacher 1998; RFC 3218 §2.3.2). Pure.
 */

#include "daemon/base/bytes.h"

#define PADDING_CONTENT_MAX 64 /* bytes of a content key */

/*
 * The value that stands for a wrong padding: HMAC-SHA256 of the size and the ciphertext, cut to
 * @size. Asked for in another size, a ciphertext has an answer that shares nothing with this one.
 *
 * @process_secret  32 random bytes
 * @key             the key's name, so that no two keys share answers
 * @size            1…PADDING_CONTENT_MAX
 */
void padding_substitute(struct span process_secret, struct span key, struct span encrypted,
			size_t size, uint8_t ret[static PADDING_CONTENT_MAX]);

/*
 * Undoes EME-PKCS1-v1_5 (RFC 8017 §7.2.2) where the content must have exactly @size bytes.
 *
 * @block       the whole decrypted block, as long as the modulus
 * @substitute  @size bytes, taken where the padding is wrong or the content has another size
 * @ret         @size bytes
 */
void padding_open(struct span block, const uint8_t *substitute, size_t size, uint8_t *ret);

/* The same where the token has undone the padding itself: @content is what it gave, at least
 * @size readable bytes, of which @content_size count; @failed where it gave an error. */
void padding_choose(const uint8_t *content, size_t content_size, bool failed,
		    const uint8_t *substitute, size_t size, uint8_t *ret);

/*
 * The same where nobody knows how long the content is: what stands for it then has a length, too,
 * that comes from the ciphertext (implicit rejection).
 */
#define PADDING_OVERHEAD 11 /* RFC 8017 §7.2.1: two bytes, eight of padding, a zero */

/*
 * What stands for the content of a wrong padding.
 *
 * @key       the key's name
 * @ret       as long as the modulus; its last *@ret_size bytes count, at most 11 less
 */
void padding_synthesize(struct span process_secret, struct span key, struct span encrypted,
			struct secret *ret, size_t *ret_size);
/*
 * Undoes EME-PKCS1-v1_5 of whatever content.
 *
 * @block      the whole decrypted block, as long as the modulus
 * @synthetic  of padding_synthesize(), with its size
 * @ret        as long as @block
 * Returns how many bytes of @ret are the content, or what stands for it.
 */
size_t padding_open_any(struct span block, struct span synthetic, size_t synthetic_size,
			uint8_t *ret);
