/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What operators do with keys over NAME.admin, in the log of signatures beside what was signed with
 * them: who holds the record of a key's signatures also has that of its coming and going.
 */

#include "token/request.h"

#define ACTS(ROW)                                                                                  \
	ROW(GENERATE, "key-generate")                                                              \
	ROW(IMPORT, "key-import")                                                                  \
	ROW(EXPORT, "key-export")                                                                  \
	ROW(SEAL, "key-seal")                                                                      \
	ROW(BACKUP, "key-backup")                                                                  \
	ROW(RESTORE, "key-restore")                                                                \
	ROW(ZEROIZE, "key-zeroize")                                                                \
	ROW(ADOPT, "key-adopt")

enum act {
#define ACT(NAME, name) ACT_##NAME,
	ACTS(ACT)
#undef ACT
};

/* Records it, before it is done where it can't be undone, else before it is answered. 0; -errno,
 * and then @request was answered that it failed. */
_checked_ int acts_record(struct request *request, const struct held_charter *held, enum act act);
/* The same without the answer. */
_checked_ int acts_append(struct request *request, const struct held_charter *held, enum act act);
