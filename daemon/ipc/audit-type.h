/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The types of audit events, from audit-type.def: what the daemon writes and the command asks for.
 */

#include "daemon/base/bytes.h"

enum audit_type {
#define AUDIT_TYPE(NAME, type, details, help) AUDIT_##NAME,
#include "daemon/ipc/audit-type.def"
	AUDIT_TYPE_COUNT_,
};

struct audit_type_row {
	const char *name;    /* "certificate.issue" */
	const char *details; /* members, as in audit-type.def */
	const char *help;
};
/* Asserts that it is one. */
const struct audit_type_row *audit_type_describe(enum audit_type type);
/* The type of this name; AUDIT_TYPE_COUNT_ where there is none. */
enum audit_type audit_type_find(const char *name);
