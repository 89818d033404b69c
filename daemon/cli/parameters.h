/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Arguments turned into a method's parameters; NULL, with the reason printed, where they are wrong.
 */

#include "daemon/cli/command.h"

json_t *parameters_none(const struct invocation *invocation);
json_t *parameters_name(const struct invocation *invocation);
json_t *parameters_label(const struct invocation *invocation);
json_t *parameters_preview(const struct invocation *invocation);
json_t *parameters_level(const struct invocation *invocation);
json_t *parameters_token(const struct invocation *invocation); /* --on, if it is given */
json_t *parameters_server(const struct invocation *invocation);
json_t *parameters_server_or_none(const struct invocation *invocation);
json_t *parameters_server_id(const struct invocation *invocation);
json_t *parameters_server_ids(const struct invocation *invocation);
json_t *parameters_server_serial(const struct invocation *invocation);
json_t *parameters_revoke(const struct invocation *invocation);
json_t *parameters_crl_show(const struct invocation *invocation);
json_t *parameters_create(const struct invocation *invocation);
json_t *parameters_crl_import(const struct invocation *invocation);
json_t *parameters_crl_issue(const struct invocation *invocation);
json_t *parameters_password(const struct invocation *invocation);
