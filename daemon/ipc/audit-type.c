/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/audit-type.h"
#include <assert.h>
#include <string.h>

static const struct audit_type_row rows[AUDIT_TYPE_COUNT_] = {
#define AUDIT_TYPE(NAME, type, details, help) [AUDIT_##NAME] = {type, details, help},
#include "daemon/ipc/audit-type.def"
};

const struct audit_type_row *audit_type_describe(enum audit_type type)
{
	assert(type < AUDIT_TYPE_COUNT_);
	return &rows[type];
}

enum audit_type audit_type_find(const char *name)
{
	enum audit_type type = 0;

	while (type < AUDIT_TYPE_COUNT_ && strcmp(rows[type].name, name) != 0)
		type++;
	return type;
}
