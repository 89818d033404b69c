/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The configuration looked at and shown; no daemon is asked. */

#include "daemon/cli/command.h"
#include "daemon/conf/option.h"

enum command_status config_check(const struct invocation *invocation);
enum command_status config_show(const struct invocation *invocation);

/* "Server.ROOTCA" to a section and a name ("" without one); false, told, where it is none.
 * @ret_name borrows from @text. */
bool config_read_section(const char *text, enum conf_section *ret, const char **ret_name);

/* Lines of a text: as an array of JSON, and each after @lead. NULL is none. */
json_t *config_json_lines(const char *text);
void config_print_lines(const char *lead, const char *text, FILE *out);
