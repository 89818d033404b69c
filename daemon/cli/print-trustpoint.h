/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Trustpoints and their certificates in the words, and the order of lines, that routers have for
 * them. */

#include "daemon/cli/print.h"

/* The answers of trustpoint.show and trustpoint.list. */
void print_trustpoint(const json_t *answer);
void print_trustpoints(const json_t *answer);
/* The answer of trustpoint.clear. */
void print_trustpoint_cleared(const json_t *answer);
/* The answer of trustpoint.look: what an operator holds against what the CA's told him. */
void print_trustpoint_look(const json_t *answer);
/* One certificate as `certificate ca` lists it; @name: the trustpoint's. */
void print_trustpoint_certificate(const char *name, const json_t *certificate);
/* All that a trustpoint holds and waits for, as `certificate ca` lists it. */
void print_trustpoint_certificates(const json_t *trustpoint);
/* The same as a router's configuration has them: "certificate 06" and so on. */
void print_trustpoint_chain(const json_t *trustpoint);
