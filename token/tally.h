/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often each key signed handshakes: counted, and written into the log of signatures as one line
 * a minute, so that a hundred thousand handshakes don't write as many lines that say nothing. What
 * was counted since the last line is lost with a process that is killed. Thread-safe.
 */

#include "token/signature-log.h"

struct tally;

_checked_ int tally_new(struct tally **ret);
struct tally *tally_free(struct tally *tally);

/* One more by the key of this SHA-256. @kind: borrowed for ever. -ENOMEM. */
_checked_ int tally_count(struct tally *tally, const uint8_t key[static SHA256_SIZE],
			  const char *kind);
/* Whether the last line is a minute old, or the clock was set back. */
bool tally_is_due(struct tally *tally, int64_t now_s);
/* Writes what was counted since the last call, a line for each key and kind ("412 signatures");
 * what can't be written is kept. -errno. */
_checked_ int tally_write(struct tally *tally, struct signature_log *log, int64_t now_s);
