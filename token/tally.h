/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often each key signed for other programs: counted, and written into the log of signatures as
 * one line a minute, so that a hundred thousand of them don't write as many lines, until the disk
 * is full and the token signs nothing more. Of handshakes no line would say anything; of the rest
 * the first of each minute get one whole. What was counted since the last line is lost with a
 * process that is killed. Thread-safe.
 */

#include "token/signature-log.h"

struct tally;

/* Its first minute begins. */
_checked_ int tally_new(int64_t now_s, struct tally **ret);
struct tally *tally_free(struct tally *tally);

enum tally_outcome {
	TALLY_WHOLE = 1, /* it is not counted: the caller writes its line */
};
/* One more by the key of this SHA-256. @kind: borrowed for ever. @whole: how many of a minute have
 * lines of their own. 0, TALLY_WHOLE, -ENOMEM. */
_checked_ int tally_count(struct tally *tally, const uint8_t key[static SHA256_SIZE],
			  const char *kind, unsigned whole);
/* After TALLY_WHOLE, where the line could not be written: the next one has its place. */
void tally_give_back(struct tally *tally, const uint8_t key[static SHA256_SIZE], const char *kind);
/* Whether the minute is over, or the clock was set back. */
bool tally_is_due(struct tally *tally, int64_t now_s);
/* Writes what was counted since the last call, a line for each key and kind ("412 signatures",
 * or "412 signatures more" behind whole ones), and begins a minute;
 * what can't be written is kept. -errno. */
_checked_ int tally_write(struct tally *tally, struct signature_log *log, int64_t now_s);
