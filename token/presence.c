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
	{ANY, PRESENCE_FAULT, {TOKEN_DEGRADED, PRESENCE_OPEN_AGAIN}},
	{ANY, PRESENCE_GONE, {TOKEN_ABSENT, PRESENCE_OPEN_AGAIN}},
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

enum presence_rung presence_rung(enum token_state state, unsigned tries)
{
	if (state == TOKEN_DEGRADED && tries >= RESTART_AFTER)
		return PRESENCE_RESTART;
	return tries % RELOAD_EVERY == RELOAD_EVERY - 1 ? PRESENCE_RELOAD : PRESENCE_REOPEN;
}
