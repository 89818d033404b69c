/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operators' protocol on control.sock: its methods (from control.def), roles, replies and
 * errors. Varlink's shape: NUL-ended JSON objects over a stream socket,
 *
 *	{"method": "io.claviger.server.show", "parameters": {"label": "ROOTCA"}, "more": true}
 *	{"parameters": {…}, "continues": true}
 *	{"parameters": {…}}
 *	{"error": "io.claviger.Refused", "parameters": {"reason": "…", "rule": "…"}}
 *
 * one answer after the other in the order asked; "more" asks for progress ahead of the answer,
 * which comes with "continues". control-request.h reads requests, control-stream.h moves messages.
 */

#include "daemon/base/socket.h"
#include <jansson.h>

#define CONTROL_PREFIX	     "io.claviger."
#define CONTROL_TEXT_MOST    1024		/* bytes of a text parameter */
#define CONTROL_BLOB_MOST    (512 * 1024)	/* bytes of a blob's base64 */
#define CONTROL_NUMBERS_MOST 4096		/* members of a list of numbers */
#define CONTROL_BULK_MOST    ((size_t)12 << 20) /* bytes of a bulk parameter's base64 */

/* Each may do what those before it may. */
enum control_role {
	CONTROL_ROLE_NONE,
	CONTROL_ROLE_AUDITOR,
	CONTROL_ROLE_OPERATOR,
	CONTROL_ROLE_ADMIN,
};

enum control_method {
#define CONTROL(NAME, method, role, parameters, help) CONTROL_##NAME,
#include "daemon/ipc/control.def"
	CONTROL_COUNT_,
};

struct control_row {
	const char *name; /* "server.create" */
	enum control_role role;
	const char *parameters; /* as in control.def */
	const char *help;
};

/* "admin", "operator", "auditor", "none". */
const char *control_role_name(enum control_role role);
/* The highest role of this caller: admin for root, for @own_uid (whom the daemon runs as) and for
 * the group claviger-admin; else by claviger-operator and claviger-auditor. May read the group
 * database. */
enum control_role control_role_of(const struct peer *peer, uid_t own_uid);

/* The row of a method; asserts that it is one. */
const struct control_row *control_describe(enum control_method method);
/* The method of this name without prefix; CONTROL_COUNT_ where there is none. */
enum control_method control_find(const char *name);

/* Why a call was answered by an error: io.claviger.NAME. */
#define CONTROL_ERRORS(ROW)                                                                        \
	ROW(REFUSED, "Refused")		 /* a rule forbids it; "rule" names it */                  \
	ROW(LATER, "Later")		 /* not now: a token is away, no clock; ask again */       \
	ROW(NOT_FOUND, "NotFound")	 /* no such server, request, certificate */                \
	ROW(CONFLICT, "Conflict")	 /* the state it is in doesn't allow it */                 \
	ROW(INVALID, "InvalidParameter") /* "parameter" names it */                                \
	ROW(NO_METHOD, "MethodNotFound")                                                           \
	ROW(NO_PERMISSION, "PermissionDenied") /* the caller's role is too low */                  \
	ROW(FAULT, "Fault")		       /* an error of ours, told in the log */

enum control_error {
#define CONTROL_ERROR(NAME, name) CONTROL_ERROR_##NAME,
	CONTROL_ERRORS(CONTROL_ERROR)
#undef CONTROL_ERROR
		CONTROL_ERROR_COUNT_,
};
/* "io.claviger.Refused"; asserts that it is in the list. */
const char *control_error_name(enum control_error error);

/* The answer of a method. Takes over @parameters, an object; NULL for none. @continues marks
 * progress, more follows. NULL where memory is short; the caller owns the result. */
json_t *control_reply_new(json_t *parameters, bool continues);
/* An error with its reason for people, one sentence; @rule (the rule or the parameter that forbids
 * it) may be NULL. What is no UTF-8 in it shows as question marks. NULL where memory is short; the
 * caller owns the result. */
_printf_(3, 4) json_t *control_error_new(enum control_error error, const char *rule,
					 const char *format, ...);
/* From here on this process wipes whatever JSON it frees: passwords cross the socket. Once, before
 * any JSON is made. */
void control_wipe_freed(void);
/* json_decref() for variables with _cleanup_. */
void control_jsonp(json_t **json);
