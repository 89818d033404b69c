/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers of the daemon's, for people. What foreigners wrote into them is escaped. */

#include "daemon/base/bytes.h"
#include <jansson.h>

/* Foreign text as a terminal may have it: as text_append_escaped(), but quotes stay, since
 * sentences have them. */
void print_append(struct buffer *out, struct span text);

void print_json(const json_t *answer);
void print_nothing(const json_t *answer);
void print_object(const json_t *answer); /* a line for each member */
void print_server(const json_t *answer);
void print_requests(const json_t *answer);
void print_certificates(const json_t *answer);
void print_done(const json_t *answer);
void print_password(const json_t *answer);
void print_tokens(const json_t *answer);
void print_timers(const json_t *answer);
void print_status(const json_t *answer);
/* Whether an act on several things failed for one of them. */
bool print_has_failures(const json_t *answer);
