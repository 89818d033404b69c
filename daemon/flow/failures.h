/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The critical failures that a server has at this moment (failures.def). Whoever meets one notes it
 * and goes on trying; the server is disabled with that reason until whoever succeeds clears it, and
 * then is again what it was. Nothing of it is stored: after a restart the next try finds it again.
 * Thread-safe; outlives a reload of the configuration.
 */

#include "daemon/base/err.h"

struct authority;
struct failures;

enum failure {
#define FAILURE(KIND, name) FAILURE_##KIND,
#include "daemon/flow/failures.def"
	FAILURE_COUNT_,
};

_checked_ int failures_new(struct failures **ret);
struct failures *failures_free(struct failures *failures);

/* Notes a failure of the server's; @reason says in words what went wrong and is copied. The same
 * one again only replaces the reason; it is logged when it begins. */
void failures_note(struct authority *authority, enum failure kind, const char *reason);
/* It works again, which is logged where it had failed; harmless where it had not. */
void failures_clear(struct authority *authority, enum failure kind);

#define FAILURES_TEXT_SIZE 384
/* "storage inaccessible: no space left on device"; "" and false where nothing failed. */
bool failures_tell(struct failures *failures, char ret[static FAILURES_TEXT_SIZE]);
