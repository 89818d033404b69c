/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The archive of a CA's key, once, when the server is made (Archive=): LABEL.p12 or LABEL.pem where
 * the server keeps files of that type. It comes encrypted from the token's process by the
 * operator's command; here it is put in its place and recorded.
 */

#include "daemon/flow/flow.h"

/* The archive of a rollover's key, in its place: LABEL_00001.p12, the next one _00002 and so on,
 * for
 * @rollover 1, 2 …. @ret_name: how the file is called, the caller's; nothing is recorded. As below.
 */
_checked_ int flow_archive_write(struct flow *flow, struct authority *authority, unsigned rollover,
				 struct span content, char **ret_name, char **ret_reason);
/* 0; FLOW_REFUSED, with *ret_reason, the caller's, also where the server has no Archive=; -errno.
 */
_checked_ int flow_archive_put(struct flow *flow, struct authority *authority, struct span content,
			       const char *actor, int64_t now_s, char **ret_reason);
