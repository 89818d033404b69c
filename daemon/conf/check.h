/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the parts of a configuration fit together: what is required, what refers to what, what
 * only goes with something else. Errors and warnings go to the draft.
 */

#include "daemon/conf/draft.h"

void conf_check(struct draft *draft);

/* The rules of one [Server] section. */
void conf_check_server(struct draft *draft, const struct conf_origin *section);
/* Of these: what its Mode= needs, and which options have no effect in it. */
void conf_check_mode(struct draft *draft, const struct conf_origin *section);
/* The latter of a [Server] of this mode, or of the [Trustpoint] of its label. */
void conf_check_reach(struct draft *draft, const struct conf_origin *section, enum conf_mode mode);
/* Those of one [Trustpoint] section, and of [Notify]. */
void conf_check_trustpoint(struct draft *draft, const struct conf_origin *section);
void conf_check_notify(struct draft *draft, const struct conf_origin *section);
/* Those of one [Use] section. */
void conf_check_use(struct draft *draft, const struct conf_origin *section);
