/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/control.h"

#include "daemon/base/bytes.h"
#include "daemon/base/utf8.h"
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct control_row rows[] = {
#define CONTROL(NAME, method, role, parameters, help)                                              \
	[CONTROL_##NAME] = {method, CONTROL_ROLE_##role, parameters, help},
#include "daemon/ipc/control.def"
};

/* Highest first. */
static const struct {
	enum control_role role;
	const char *name;
	const char *group;
} roles[] = {
	{CONTROL_ROLE_ADMIN, "admin", "claviger-admin"},
	{CONTROL_ROLE_OPERATOR, "operator", "claviger-operator"},
	{CONTROL_ROLE_AUDITOR, "auditor", "claviger-auditor"},
};

static const char *const error_names[] = {
#define CONTROL_ERROR(NAME, name) [CONTROL_ERROR_##NAME] = CONTROL_PREFIX name,
	CONTROL_ERRORS(CONTROL_ERROR)
#undef CONTROL_ERROR
};

const char *control_role_name(enum control_role role)
{
	for (size_t i = 0; i < ELEMENTS(roles); i++)
		if (roles[i].role == role)
			return roles[i].name;
	return "none";
}

enum control_role control_role_of(const struct peer *peer, uid_t own_uid)
{
	if (peer->uid == 0 || peer->uid == own_uid)
		return CONTROL_ROLE_ADMIN;
	for (size_t i = 0; i < ELEMENTS(roles); i++)
		if (peer_in_group(peer, roles[i].group))
			return roles[i].role;
	return CONTROL_ROLE_NONE;
}

const struct control_row *control_describe(enum control_method method)
{
	assert(method < CONTROL_COUNT_);
	return &rows[method];
}

enum control_method control_find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return (enum control_method)i;
	return CONTROL_COUNT_;
}

const char *control_error_name(enum control_error error)
{
	assert(error < CONTROL_ERROR_COUNT_);
	return error_names[error];
}

json_t *control_reply_new(json_t *parameters, bool continues)
{
	/* json_pack() takes over @parameters even where it fails. */
	if (!parameters)
		parameters = json_object();
	if (!parameters)
		return NULL;
	if (continues)
		return json_pack("{s:o, s:b}", "parameters", parameters, "continues", 1);
	return json_pack("{s:o}", "parameters", parameters);
}

json_t *control_error_new(enum control_error error, const char *rule, const char *format, ...)
{
	/* Invalid parameters have no rule, they are named. */
	const char *key = error == CONTROL_ERROR_INVALID ? "parameter" : "rule";
	char reason[2048], named[256] = "";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	utf8_mend(reason, strlen(reason));
	if (rule)
		snprintf(named, sizeof(named), "%s", rule);
	utf8_mend(named, strlen(named));
	return json_pack("{s:s, s:{s:s, s:s*}}", "error", control_error_name(error), "parameters",
			 "reason", reason, key, rule ? named : NULL);
}

static void wipe_and_free(void *data)
{
	if (data)
		wipe(data, malloc_usable_size(data));
	free(data);
}

void control_wipe_freed(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

void control_jsonp(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}
