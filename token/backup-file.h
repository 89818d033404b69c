/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A key's backup as a file: one "Name=value" a line, each once and in this order: what it was
 * wrapped by, under which wrapping key, its charter, the wrapped key, and last the key's own
 * signature over all before it. So what the key may be used for after a restore is what it was made
 * for: nobody but the key itself can have written the file. Nothing in it is secret. Pure.
 */

#include "hsm/wrapping-key.h"
#include "token/charter-file.h"

#define BACKUP_FILE_MOST 65536 /* bytes */

struct backup_file {
	uint8_t check[HSM_WRAPPING_CHECK_SIZE]; /* of the wrapping key */
	struct charter_file charter;
	char *mechanism;
	struct bytes wrapped;
};
void backup_file_done(struct backup_file *file);

/* All but the signature: what the key signs, over SHA-256. -ENOMEM. */
_checked_ int backup_file_write(const struct backup_file *file, struct bytes *ret);
/* The whole of it. -ENOMEM. */
_checked_ int backup_file_seal(struct span written, struct span signature, struct bytes *ret);
/* 0; -EBADMSG where anything is missing, unknown, repeated or out of its range, or the signature is
 * not the key's; -ENOMEM. */
_checked_ int backup_file_read(struct span text, struct backup_file *ret);
