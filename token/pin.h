/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the PIN comes from, and which PINs the token has refused. A refused PIN is never offered
 * again, not after a restart either, so that no loop uses up the tries: the state directory keeps a
 * salted, slow hash of each (file `refused-pins`, with the token's serial hashed in). It is
 * forgotten when a login succeeds, since the token's count is then new.
 */

#include "daemon/base/bytes.h"

enum pin_kind {
	PIN_ASK = 1, /* typed over NAME.admin */
	PIN_PAD,     /* typed on the token's own pad, when an operator says so */
	PIN_FILE,
};

struct pin_source {
	enum pin_kind kind;
	char *path; /* PIN_FILE */
};
void pin_source_done(struct pin_source *source);

/*
 * Reads PIN=: "ask" (or NULL), "pinpad", a path (with a '/'), or else the name of a credential in
 * @credentials (a directory; NULL where there is none).
 *
 * Returns 0 or -ENOMEM. A credential without a directory becomes a path that can't be read.
 */
_checked_ int pin_source_read(const char *text, const char *credentials, struct pin_source *ret);

/*
 * Fetches it, at most 256 bytes, a line break at its end dropped.
 *
 * @ret_reason  for an outcome: what stands in the way, for people; the caller's
 * Returns 0, PIN_MISSING, or -ENOMEM.
 */
enum pin_fetch_outcome { PIN_MISSING = 1 };
_checked_ int pin_fetch(const struct pin_source *source, struct secret *ret, char **ret_reason);

struct pin_memory;
/* Reads what is remembered in @directory. -errno where it can't be read. */
_checked_ int pin_memory_open(const char *directory, struct pin_memory **ret);
struct pin_memory *pin_memory_close(struct pin_memory *memory);
/* Whether the token of this serial has refused this PIN. Who removes the file has all forgotten.
 * Takes a few milliseconds of CPU. */
bool pin_memory_has(struct pin_memory *memory, const char *serial, struct span pin);
/* Keeps the last eight. Remembered for this process even where the file can't be written (-errno).
 */
_checked_ int pin_memory_add(struct pin_memory *memory, const char *serial, struct span pin);
_checked_ int pin_memory_clear(struct pin_memory *memory);
/* The file's path, for people. */
const char *pin_memory_path(const struct pin_memory *memory);
