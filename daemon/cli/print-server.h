/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Servers and their certificates in the words, and the order of lines, that IOS has for them. */

#include "daemon/cli/print.h"

void print_server(const json_t *answer);
void print_started(const json_t *answer);
/* A line for each of them, as status has them, of which messages or requests wait for a token. */
void print_waiting_servers(const json_t *servers);
/* What is done next by itself, the earliest first, and how long it is until then. */
void print_timers(const json_t *answer);
/* Each CA certificate, those to come before the one in force, then those of trustpoints. */
void print_ca_certificates(const json_t *answer);
/* The same as a router's configuration holds them: in hex. */
void print_chain(const json_t *answer);
