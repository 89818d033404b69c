/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The commands about requests that take more than one call. */

#include "daemon/cli/command.h"

/* The request database, page after page: for people in sections as IOS lists them, an empty one
 * keeping its header; for programs in one list. Each newest first. */
enum command_status request_list(const struct invocation *invocation);
/* A PKCS#10 request by hand; prints the certificate where it is issued at once, else how to go on.
 */
enum command_status request_add(const struct invocation *invocation);
/* All about one request; with --pem or --base64 its certificate alone. */
enum command_status request_show(const struct invocation *invocation);
