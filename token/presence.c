/* SPDX-License-Identifier: Apache-2.0 */
#include "token/presence.h"

#define ANY 0

/* The first row that fits counts. */
static const struct {
	int state; /* enum token_state, or ANY */
	enum presence_event event;
	struct presence next;
} rows[] = {
	/* clang-format off */
	{ANY, PRESENCE_NO_MODULE, {TOKEN_FAILED, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_NOT_FOUND, {TOKEN_ABSENT, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_AMBIGUOUS, {TOKEN_FAILED, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_UNFIT, {TOKEN_FAILED, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_NEEDS_PIN, {TOKEN_LOCKED, PRESENCE_LOOK}},
	{ANY, PRESENCE_PIN_REFUSED, {TOKEN_FAILED, PRESENCE_LOOK}},
	{ANY, PRESENCE_READY, {TOKEN_READY, PRESENCE_LOOK}},
	/* An absent token doesn't fail: it was not seen coming back, no more. */
	{TOKEN_ABSENT, PRESENCE_FAULT, {TOKEN_ABSENT, PRESENCE_OPEN_AGAIN}},
	{TOKEN_SEEN, PRESENCE_FAULT, {TOKEN_SEEN, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_FAULT, {TOKEN_DEGRADED, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_GONE, {TOKEN_ABSENT, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_NO_PCSCD, {TOKEN_ABSENT, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_CARD_SEEN, {TOKEN_SEEN, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_FOUND, {TOKEN_MAPPED, PRESENCE_LOOK}},
	{ANY, PRESENCE_OTHER_CARD, {TOKEN_FAILED, PRESENCE_OPEN_AGAIN}},
	/* Held open, so that it can be adopted. */
	{ANY, PRESENCE_FOREIGN, {TOKEN_FAILED, PRESENCE_LOOK}},
	/* clang-format on */
};

static const char *const event_names[] = {
	[PRESENCE_NO_MODULE] = "no module",
	[PRESENCE_NOT_FOUND] = "not found",
	[PRESENCE_AMBIGUOUS] = "ambiguous",
	[PRESENCE_UNFIT] = "unfit",
	[PRESENCE_NEEDS_PIN] = "needs a PIN",
	[PRESENCE_PIN_REFUSED] = "PIN refused",
	[PRESENCE_READY] = "ready",
	[PRESENCE_FAULT] = "fault",
	[PRESENCE_GONE] = "gone",
	[PRESENCE_NO_PCSCD] = "no pcscd",
	[PRESENCE_CARD_SEEN] = "card seen",
	[PRESENCE_FOUND] = "found",
	[PRESENCE_OTHER_CARD] = "another card",
	[PRESENCE_FOREIGN] = "another token",
};

const char *presence_event_name(enum presence_event event)
{
	assert(event > 0 && event < ELEMENTS(event_names));
	return event_names[event];
}

struct presence presence_step(enum token_state state, enum presence_event event)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (rows[i].event == event && (rows[i].state == ANY || rows[i].state == (int)state))
			return rows[i].next;
	}
	/* Every event has a row. */
	assert(false);
	return (struct presence){0};
}

bool presence_is_return(enum token_state before, enum token_state after)
{
	if (before == TOKEN_ABSENT)
		return after != TOKEN_ABSENT;
	return before == TOKEN_SEEN && after != TOKEN_SEEN && after != TOKEN_ABSENT;
}

#define FIRST_DELAY_MS 250
#define MOST_DELAY_MS  2000

int64_t presence_delay_ms(enum presence_wait wait, unsigned tries)
{
	if (wait == PRESENCE_LOOK || tries >= 3)
		return MOST_DELAY_MS;
	return (int64_t)FIRST_DELAY_MS << tries;
}

/* Every fourth attempt reloads: pulled sticks and restarted readers need no more than new sessions,
 * some modules' own connections die for good. */
#define RELOAD_EVERY 4
/* With the token there and twelve attempts in vain (20 s), only a new process is left to try. */
#define RESTART_AFTER 12
/* A module that doesn't start may keep a file open each time (openCryptoki does, without
 * pkcsslotd): every ten minutes a new process, before there is none left to open. */
#define RESTART_FAILED_AFTER 300

enum presence_rung presence_rung(enum token_state state, unsigned tries)
{
	if (state == TOKEN_DEGRADED && tries >= RESTART_AFTER)
		return PRESENCE_RESTART;
	if (state == TOKEN_FAILED && tries >= RESTART_FAILED_AFTER)
		return PRESENCE_RESTART;
	return tries % RELOAD_EVERY == RELOAD_EVERY - 1 ? PRESENCE_RELOAD : PRESENCE_REOPEN;
}
