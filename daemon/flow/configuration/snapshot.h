/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A struct flow out of a configuration: the first of a process, and those of its reloads. */

#include "daemon/flow/flow.h"

/* Opens the database, makes the directories, loads the servers. Takes a reference to @conf. -errno,
 * logged. */
_checked_ int flow_open(struct conf *conf, struct flow **ret);
/* A snapshot with another configuration beside @running: servers and tokens of the same name go on
 * with what they have. Takes an own reference to @conf. -errno, logged. */
_checked_ int flow_snapshot(struct flow *running, struct conf *conf, struct flow **ret);
