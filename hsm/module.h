/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A PKCS#11 module, loaded and initialised once in this process, and the tokens that its slots
 * hold.
 *
 * Loading and listing go by libp11; everything after (login, sessions, keys) by the module's own
 * functions, because libp11 0.4.12 never forgets a login and closes all sessions of a slot when it
 * lets go of its list of slots. Slots are therefore listed only while no session is open. This
 * process must not fork once a module is loaded.
 */

#include "daemon/base/err.h"

struct hsm_module;

/* A token in a slot. What the token says is foreign text. */
struct hsm_slot {
	unsigned long id;
	bool removable;
	bool initialised;
	char description[65]; /* of the slot: the reader's name, as a rule */
	char label[33], manufacturer[33], model[17], serial[17];
};

struct hsm_slots {
	struct hsm_slot *items; /* those with a token in them */
	size_t n;
	size_t n_empty;
	bool has_removable; /* a token can be put into one of them, or taken out */
};
void hsm_slots_done(struct hsm_slots *slots);

/*
 * Loads and initialises the module at @path, telling it that several threads will call.
 *
 * @ret_reason  where HSM_MODULE_UNUSABLE is returned: why, for people; the caller's
 * Returns 0, HSM_MODULE_UNUSABLE, or -errno. Blocks for the module's own initialisation.
 */
enum hsm_module_outcome { HSM_MODULE_UNUSABLE = 1 };
_checked_ int hsm_module_open(const char *path, struct hsm_module **ret, char **ret_reason);
/* Finalises and unloads it. No session may be open. */
struct hsm_module *hsm_module_close(struct hsm_module *module);

/* Whether the module can't bear more than one thread at a time. */
bool hsm_module_is_single(const struct hsm_module *module);

/*
 * The tokens that are in its slots now; looks for new readers and tokens. No session may be open.
 * Returns 0 or -errno (hsm/fault.h). Blocks for the readers.
 */
_checked_ int hsm_module_list(struct hsm_module *module, struct hsm_slots *ret);
