/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One token: what it says of itself, and its login. An application logs in once, for all its
 * sessions, and is logged out with the last of them; an opened token therefore keeps one session of
 * its own, which does nothing else. Whether the user is logged in is asked of the token each time,
 * never remembered.
 *
 * A PIN that the token counts down on is treated with care: the last try is never used up here.
 */

#include "daemon/base/bytes.h"
#include "hsm/module.h"

struct hsm_token;

struct hsm_token_facts {
	struct hsm_slot slot;
	unsigned sessions;		/* that the token bears at once; 0: it sets no limit */
	unsigned least_bits, most_bits; /* of RSA keys that it signs with */
	unsigned least_pin, most_pin;	/* bytes, as it says */
	bool makes_keys;
	bool login_required, pin_pad, pin_set, pin_count_low, pin_final_try, pin_locked;
	bool so_pin_final_try, so_pin_locked;
	bool write_protected;
};

/*
 * Opens the token in @slot. @module outlives it.
 *
 * Returns 0; HSM_TOKEN_NO_RSA where it can't sign with RSA (CKM_RSA_PKCS); -errno (hsm/fault.h).
 */
enum hsm_token_outcome { HSM_TOKEN_NO_RSA = 1 };
_checked_ int hsm_token_open(struct hsm_module *module, const struct hsm_slot *slot,
			     struct hsm_token **ret);
/* Logs out and closes every session of it; those of struct hsm_session must be closed before. */
struct hsm_token *hsm_token_close(struct hsm_token *token);
void hsm_token_closep(struct hsm_token **token);

/* Asks the token for its facts again. -ENODEV where it is gone or another token is in its place.
 * Thread-safe. */
_checked_ int hsm_token_read_facts(const struct hsm_token *token, struct hsm_token_facts *ret);

/* The same of a token in a slot that is not open. */
_checked_ int hsm_slot_read_facts(struct hsm_module *module, const struct hsm_slot *slot,
				  struct hsm_token_facts *ret);

/* 0; -EACCES where the user must log in (again); other -errno where the token's own session is
 * dead. Thread-safe. */
_checked_ int hsm_token_check_login(const struct hsm_token *token);

enum hsm_login_outcome {
	HSM_LOGIN_WRONG_PIN = 1,  /* and the token has counted it */
	HSM_LOGIN_LOCKED = 2,	  /* the PIN is locked; only the SO PIN helps */
	HSM_LOGIN_LAST_TRY = 3,	  /* nothing was tried: a wrong PIN would lock the token */
	HSM_LOGIN_NO_PAD = 4,	  /* nothing was tried: it has no PIN pad of its own */
	HSM_LOGIN_NO_PIN_SET = 5, /* the token has no user PIN yet */
	HSM_LOGIN_EXPIRED = 6,	  /* the PIN must be changed first */
	HSM_LOGIN_CANCELLED = 7,  /* nobody typed it at the pad, or who stood there gave up */
};
/*
 * Logs the user in; already logged in is fine.
 *
 * @pin  empty with data == NULL: it is typed on the token's own PIN pad
 * Returns 0, an outcome, or -errno. Blocks for the token, or for the person at the pad.
 */
_checked_ int hsm_token_login(struct hsm_token *token, struct span pin);
/* A sentence for people about an outcome: what is the matter and what to do. */
const char *hsm_login_advice(enum hsm_login_outcome outcome);

/*
 * Opens the token for its security officer, who sees public objects alone; nobody may have it open
 * beside it. Closing it logs out.
 *
 * Returns 0; HSM_LOGIN_WRONG_PIN, HSM_LOGIN_LOCKED, HSM_LOGIN_LAST_TRY of the SO PIN; -errno.
 */
_checked_ int hsm_token_open_as_officer(struct hsm_module *module, const struct hsm_slot *slot,
					struct span so_pin, struct hsm_token **ret);
/* A sentence for people about an outcome of that. */
const char *hsm_officer_advice(enum hsm_login_outcome outcome);

/*
 * Initialises a token, an initialised one only with @wipe, which destroys all that is on it (PINs
 * with data == NULL are typed on its pad): sets its label (at most 32 bytes) and SO PIN. No session
 * may be open. The module may give the token another slot, so slots must be listed again; then
 * hsm_token_set_pin() gives it its first user PIN.
 *
 * Returns 0; HSM_INIT_REFUSED where it is initialised already or doesn't take the PIN;
 * HSM_INIT_LAST_TRY where nothing was tried, since a wrong SO PIN would lock it; -errno, -ENODEV
 * where another token is in the slot.
 */
enum hsm_init_outcome { HSM_INIT_REFUSED = 1, HSM_INIT_LAST_TRY = 2 };
_checked_ int hsm_token_init(struct hsm_module *module, const struct hsm_slot *slot,
			     struct span so_pin, const char *label, bool wipe);
/* 0; HSM_INIT_REFUSED where it doesn't take one of the PINs; -errno. No other session may be open.
 */
_checked_ int hsm_token_set_pin(struct hsm_module *module, const struct hsm_slot *slot,
				struct span so_pin, struct span pin);
