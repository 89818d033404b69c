/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is foreseen of a server, for people. */

#include <jansson.h>

/* Several of one kind that come one after the other are one line. */
void print_preview(const json_t *answer);
