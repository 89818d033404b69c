/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines are written: each area has its own least urgent level. */
#include "daemon/base/log-internal.h"
#include <stdatomic.h>
#include <string.h>

static const char *const level_names[] = {
	[LOG_LEVEL_ALERT] = "alert",   [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_NOTICE] = "notice", [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

static const struct {
	const char *name, *field;
} areas[] = {
#define LOG_AREA(KIND, name, field, help) [LOG_AREA_##KIND] = {name, field},
#include "daemon/base/log-areas.def"
};

/* The last is that of lines of no area. */
static atomic_int least_urgent[LOG_AREA_ALL + 1] = {
	[0 ... LOG_AREA_ALL] = LOG_LEVEL_INFO,
};

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

void log_set_level(enum log_level level)
{
	for (size_t i = 0; i < ELEMENTS(least_urgent); i++)
		atomic_store(&least_urgent[i], (int)level);
}

void log_set_area_level(enum log_area area, enum log_level level)
{
	if (area == LOG_AREA_ALL)
		log_set_level(level);
	else
		atomic_store(&least_urgent[area], (int)level);
}

int log_read_level(const char *name, enum log_level *ret)
{
	for (unsigned i = 0; i < ELEMENTS(level_names); i++)
		/* What is an alert is written always. */
		if (level_names[i] && i >= LOG_LEVEL_ERROR && strcmp(level_names[i], name) == 0) {
			*ret = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

int log_read_area(const char *name, enum log_area *ret)
{
	for (unsigned i = 0; i < ELEMENTS(areas); i++)
		if (strcmp(areas[i].name, name) == 0) {
			*ret = (enum log_area)i;
			return 0;
		}
	return -EINVAL;
}

static bool has_field(const struct log_field *fields, const char *name)
{
	for (; fields && fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return true;
	return false;
}

bool log_is_wanted(enum log_level level, const struct log_field *fields)
{
	bool has_area = false;

	for (unsigned i = 0; i < ELEMENTS(areas); i++) {
		if (!has_field(fields, areas[i].field))
			continue;
		has_area = true;
		if ((int)level <= atomic_load(&least_urgent[i]))
			return true;
	}
	return !has_area && (int)level <= atomic_load(&least_urgent[LOG_AREA_ALL]);
}
