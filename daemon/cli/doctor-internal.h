/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the parts of `claviger doctor` share: a finding is one line that says what was looked at,
 * how it is, and what to do about it.
 */

#include "daemon/cli/command.h"
#include "daemon/conf/conf.h"

struct doctor {
	const struct invocation *invocation;
	struct conf *conf; /* NULL where it is wrong: only what needs none is looked at */
	json_t *findings;
	bool is_missing;
};

enum finding {
	DOCTOR_GOOD,
	DOCTOR_UNWISE,	/* it works without, or can't be told from here */
	DOCTOR_MISSING, /* something will not work */
};

_printf_(4, 5) void doctor_tell(struct doctor *doctor, enum finding finding, const char *what,
				const char *format, ...);
/* A local socket under RuntimeDirectory=; @unit is what makes somebody listen there. The connected
 * descriptor, or -1. */
int doctor_connect(struct doctor *doctor, const char *name, int type, const char *unit);

/* doctor-machine.c: the machine below all of them. */
void doctor_look_at_clock(struct doctor *doctor);
void doctor_look_at_accounts(struct doctor *doctor);
void doctor_look_at_directories(struct doctor *doctor);
void doctor_look_at_space(struct doctor *doctor);
void doctor_look_at_machine_files(struct doctor *doctor);
void doctor_look_at_exports(struct doctor *doctor);
/* doctor-port.c: the port where routers ask. */
void doctor_look_at_port(struct doctor *doctor);
/* doctor-token.c: modules, PINs, and what each token's process says. */
void doctor_look_at_tokens(struct doctor *doctor);
/* doctor-reader.c: the way to readers, where a token is behind one. */
void doctor_look_at_readers(struct doctor *doctor);
