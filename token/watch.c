/* SPDX-License-Identifier: Apache-2.0 */
#include "token/watch.h"

static const struct {
	const char *name;
	int64_t limit_ms;
} operations[] = {
	[WATCH_NOTHING] = {"nothing", INT64_MAX},
	[WATCH_SIGN] = {"sign", 10000},
	[WATCH_UNWRAP] = {"unwrap", 10000},
	[WATCH_MAKE] = {"make a key", 300000},
	[WATCH_CHANGE] = {"change a key", 30000},
	[WATCH_LOGIN] = {"log in", 30000},
	[WATCH_PAD] = {"have the PIN typed on the token's pad", 150000},
	[WATCH_LOAD] = {"load the module", 30000},
	[WATCH_FIND] = {"find the keys", 30000},
	[WATCH_OPEN] = {"open the token", 30000},
	[WATCH_LOOK] = {"look whether the token is there", 30000},
};

static unsigned scale_percent = 100;

const char *watch_name(enum watch_operation operation)
{
	assert(operation < ELEMENTS(operations));
	return operations[operation].name;
}

int64_t watch_limit_ms(enum watch_operation operation)
{
	assert(operation < ELEMENTS(operations));
	if (operation == WATCH_NOTHING)
		return INT64_MAX;
	return operations[operation].limit_ms * scale_percent / 100;
}

void watch_scale(unsigned percent)
{
	scale_percent = percent;
}

void watch_note(struct watch *watch, enum watch_operation operation, int64_t now_ms)
{
	/* Never the new operation with the old time. */
	atomic_store(&watch->operation, WATCH_NOTHING);
	atomic_store(&watch->since_ms, now_ms);
	atomic_store(&watch->operation, operation);
}

bool watch_is_overdue(const struct watch *watches, size_t n, int64_t now_ms,
		      enum watch_operation *ret_operation)
{
	int64_t most_ms = 0;
	bool overdue = false;

	for (size_t i = 0; i < n; i++) {
		enum watch_operation operation = atomic_load(&watches[i].operation);
		int64_t taken_ms = now_ms - atomic_load(&watches[i].since_ms);
		int64_t limit_ms = watch_limit_ms(operation);

		if (operation == WATCH_NOTHING)
			continue;
		if (taken_ms <= limit_ms && limit_ms > most_ms)
			most_ms = limit_ms;
	}
	for (size_t i = 0; i < n && !overdue; i++) {
		enum watch_operation operation = atomic_load(&watches[i].operation);
		int64_t taken_ms = now_ms - atomic_load(&watches[i].since_ms);

		overdue = operation != WATCH_NOTHING && taken_ms > watch_limit_ms(operation) &&
			  taken_ms > most_ms;
		if (overdue)
			*ret_operation = operation;
	}
	return overdue;
}
