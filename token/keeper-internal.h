/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the keeper*.c files alone. */

#include "hsm/module.h"
#include "token/keeper.h"
#include "token/pin.h"
#include "token/readers.h"
#include <pthread.h>

struct keeper_settings {
	char *name; /* of the [Token], for people */
	char *module, *uri;
	char *reader; /* Reader=; NULL: any */
	struct pin_source pin;
	unsigned sessions; /* Sessions=; 0: from the token */
};
void keeper_settings_done(struct keeper_settings *settings);
_checked_ int keeper_settings_copy(const struct keeper_settings *from, struct keeper_settings *ret);

struct keeper {
	struct charters *charters;
	struct pin_memory *refused;
	int wake_fd;
	struct readers *readers;
	struct watch watches[KEEPER_SEATS_MAX];

	/* Held for reading by whoever works with the token, for writing by whoever opens or closes
	 * it. Guards what follows. */
	pthread_rwlock_t gate;
	struct keeper_settings settings;
	struct hsm_module *module;
	struct hsm_token *token;
	struct hsm_session *sessions[KEEPER_SEATS_MAX]; /* each its own seat's; the writer's all */
	struct secret typed; /* the PIN that an operator gave; it goes before the configured one */
	uint64_t epoch;	     /* counts openings */
	bool is_foreign;     /* the token is another than the charters': it gets no PIN */

	/* Held for moments. Guards what follows. */
	pthread_mutex_t lock;
	struct keeper_view now;
	struct {
		enum token_state state;
		char reason[sizeof(((struct keeper_view *)NULL)->reason)];
	} told; /* what the log says of it */
	struct reader_map map;
	char wanted_reader[READER_NAME_SIZE]; /* Reader= of the settings; empty: any */
	struct readers_view readers_told;     /* those whose change was handled last */
	struct keeper_settings next;	      /* taken over at the next opening */
	bool has_next;
};

/* KEEPER_LATER, with the state and its reason; -ENOMEM. */
_checked_ int keeper_later(struct keeper *keeper, char **ret_reason);
enum token_state keeper_state(struct keeper *keeper);
/* Tells the watch what this seat does now. */
void keeper_note(struct keeper *keeper, unsigned seat, enum watch_operation operation);

/* With the gate held for writing. */

/* Why the token that URI= names is in no slot: the event, and what people read of it beside
 * @reason. */
enum presence_event keeper_explain_absence(struct keeper *keeper, const struct readers_view *view,
					   const struct hsm_slots *slots, char **reason);
/* The readers as they are; asks for them to be watched first where that is of any use to a token
 * like this. @slots: NULL before they were listed. */
void keeper_watch_readers(struct keeper *keeper, const struct hsm_slots *slots,
			  struct readers_view *ret);
/* What a fault comes to while nobody can tell what is in the readers. */
enum presence_event keeper_blame_readers(struct keeper *keeper, enum presence_event event,
					 char **reason);
/* Notes which reader the token is in. */
void keeper_map(struct keeper *keeper, const struct readers_view *view,
		const struct hsm_slot *slot);
/* Takes a step in the table and tells it: the only place where the state changes. @reason may be
 * NULL. */
void keeper_step(struct keeper *keeper, enum presence_event event, const char *reason);
/* Sets a reason in place of the one before; without memory there is none. */
_printf_(2, 3) void keeper_explain(char **reason, const char *format, ...);
/* What a -errno of hsm/ means for the token, and the reason with it. */
enum presence_event keeper_event_of(int error, char **reason);
/* Climbs one rung of the ladder. */
void keeper_open_locked(struct keeper *keeper, unsigned seat);
void keeper_close_token(struct keeper *keeper);
/* Loads the module where it isn't. 0, HSM_MODULE_UNUSABLE with a reason, -errno. */
_checked_ int keeper_load(struct keeper *keeper, char **ret_reason);
/* Asks the token for its facts again, for the view. -errno where it says nothing, which the next
 * call notices. */
int keeper_refresh_facts(struct keeper *keeper);
/* Logs in with the PIN that was typed, or the one that PIN= names. */
enum presence_event keeper_login_step(struct keeper *keeper, char **ret_reason);
/* Tries this PIN, with all care. */
enum presence_event keeper_try_pin(struct keeper *keeper, struct span pin, char **ret_reason);
/* After a login: what was intended is finished or dropped, and every key looked for. */
enum presence_event keeper_settle(struct keeper *keeper, char **ret_reason);
