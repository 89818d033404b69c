/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The configuration read again while the process runs. What is wrong, or may not change under a
 * server, leaves all as it was; else a fresh snapshot of flow is ready to take the running one's
 * place, which the event loop does.
 */

#include "daemon/flow/flow.h"

/*
 * Reads the files that @running was made from. One at a time: the next only after what this one
 * gave was adopted.
 *
 * @actor       who wants it, for the audit
 * @ret_report  a text of the caller's, one line each: where FLOW_REFUSED, what is wrong and what to
 *		do; where 0, what deserves a look or waits for a restart; NULL where there is none
 *
 * 0; FLOW_REFUSED; FLOW_LATER where another reload is under way; -errno. All logged. Blocks.
 */
_checked_ int flow_reload_files(struct flow *running, const char *actor, int64_t now_s,
				struct flow **ret, char **ret_report);
/* Says that @fresh has taken the place of the one before it, or (@taken false) never will. */
void flow_adopted(struct flow *fresh, bool taken);

/* Logs what deserves a look: the configuration's warnings, and where space is low. */
void flow_tell_warnings(const struct flow *flow);

/* Whether this server may say so now (conf/lock.h). 0; FLOW_REFUSED with the reason, the caller's;
 * -errno. @value in its plainest form. */
_checked_ int flow_allows(const struct authority *authority, const struct conf_option *option,
			  const char *value, char **ret_reason);
