/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A charter as it lies in a file: one "Name=value" a line, binary values in hex, every name exactly
 * once, in the order of the table. It is written before its key is made (intended) and again when
 * the key is there; the rules that it stands for are policy/charter.h. Pure.
 */

#include "daemon/ipc/keys.h"
#include "policy/charter.h"

struct charter_file {
	bool made; /* else intended: the key may be on the token, or not */
	enum charter_role role;
	bool decrypts;
	struct bytes issuer; /* DER Name */
	struct bytes id;     /* CKA_ID, 1…64 bytes */
	struct bytes spki;   /* empty until made */
	char *label;	     /* as charter_label_is_valid() wants it */
	char *token;	     /* the token's serial, escaped */
	int64_t not_after_s; /* of the key's own CA certificate, or the last of what it
				issued; 0 before any */
	/* From version 2 on; a file of version 1 says "general, no, 0". */
	int usage;	/* enum key_usage */
	int exportable; /* enum key_exportable */
	int64_t made_s; /* when it was made or brought here; 0 where nobody knows */
};
void charter_file_done(struct charter_file *file);

/* UTF-8 without control characters, at most 128 bytes. */
bool charter_label_is_valid(struct span label);

/* Takes "@name=value\n" off @text. -EBADMSG. */
_checked_ int charter_file_take_line(struct span *text, const char *name, struct span *ret_value);
_checked_ int charter_file_copy(const struct charter_file *from, struct charter_file *ret);
/* -ENOMEM. */
_checked_ int charter_file_write(const struct charter_file *file, struct bytes *ret);
/* -EBADMSG where anything is missing, unknown, repeated or out of its range. */
_checked_ int charter_file_read(struct span text, struct charter_file *ret);
