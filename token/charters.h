/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The charters of one token's keys: a directory with a file each, and the same in memory. A charter
 * is on disk before its key is on the token, so that a crash leaves an intention to look into and
 * never a key without a charter. Thread-safe; a charter that was handed out stays where it is until
 * charters_close().
 */

#include "token/charter-file.h"

struct charters;
struct held_charter;
struct hsm_rsa_key;

/* Reads every charter in @directory, which exists. A damaged one is logged and left alone; its key
 * is then unknown. -errno. */
_checked_ int charters_open(const char *directory, struct charters **ret);
struct charters *charters_close(struct charters *charters);
void charters_closep(struct charters **charters);

unsigned charters_count(struct charters *charters);
/* Of the finished ones, in an order that stays while none is removed; NULL past the last. */
struct held_charter *charters_at(struct charters *charters, unsigned position);
/* By the SHA-256 of the SubjectPublicKeyInfo; NULL. */
struct held_charter *charters_find(struct charters *charters, struct span key_sha256);

/* What never changes of it: all but label, token, notAfter, whether it is exportable, and presence.
 * Borrowed. */
const struct charter_file *charter_fixed(const struct held_charter *held);
/* Its key as the token knows it. Borrowed. */
struct hsm_rsa_key charter_key(const struct held_charter *held);
/* What the rules of policy/charter.h look at. Borrowed. */
struct charter charter_rules(const struct held_charter *held);

/* What changes: copied out. The label is the caller's. */
_checked_ int charters_read_label(struct charters *charters, const struct held_charter *held,
				  char **ret);
bool charters_is_present(struct charters *charters, const struct held_charter *held);
enum key_exportable charters_exportable(struct charters *charters, const struct held_charter *held);
int64_t charters_not_after_s(struct charters *charters, const struct held_charter *held);

/* Puts an intended charter on disk (@file->made is false); the key may then be made. */
_checked_ int charters_intend(struct charters *charters, const struct charter_file *file);
/* Finishes the intended charter of this CKA_ID: its key is there. -ENOENT where none is intended.
 */
_checked_ int charters_finish(struct charters *charters, struct span id, struct span spki,
			      struct held_charter **ret);
/* Drops the intended charter of this CKA_ID. */
_checked_ int charters_drop(struct charters *charters, struct span id);
/* The next CKA_ID that was intended on the token of this serial, from @position on; NULL. */
const struct charter_file *charters_next_intended(struct charters *charters, const char *token,
						  unsigned *position);

/* Whether keys are known of the token with this serial, or none at all.
 * @ret_known  for CHARTERS_FOREIGN: the serial of a key that is known; the caller's
 * Returns 0, CHARTERS_FOREIGN, or -ENOMEM. */
enum charters_token_outcome { CHARTERS_FOREIGN = 1 };
_checked_ int charters_check_token(struct charters *charters, const char *serial, char **ret_known);

/* Whether its key is on the token with this serial, by what was recorded. */
bool charters_is_of_token(struct charters *charters, const struct held_charter *held,
			  const char *serial);
/* Its key is on the token with this serial from now on. */
_checked_ int charters_set_token(struct charters *charters, struct held_charter *held,
				 const char *serial);

void charters_set_present(struct charters *charters, struct held_charter *held, bool present);
_checked_ int charters_set_label(struct charters *charters, struct held_charter *held,
				 const char *label);
/* Later ends replace earlier ones; durable when it returns. */
_checked_ int charters_set_not_after(struct charters *charters, struct held_charter *held,
				     int64_t not_after_s);
/* Its key can leave the token no more. */
_checked_ int charters_set_kept(struct charters *charters, struct held_charter *held);
/* Its key was destroyed. */
_checked_ int charters_remove(struct charters *charters, struct held_charter *held);
