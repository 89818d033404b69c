/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* When the audit chain gets its next signed checkpoint. Pure. */

#include <stdint.h>

struct ca_checkpoint_facts {
	int64_t newest_seq; /* of the newest record; 0: none */
	int64_t last_seq;   /* that the newest checkpoint covers; 0 without one */
	int64_t since_s; /* when that checkpoint was made; without one the time of the first record
			  */
	int64_t every_s; /* CheckpointEvery= */
};

#define CA_CHECKPOINT_NEVER INT64_MAX

/* The moment; CA_CHECKPOINT_NEVER while nothing was recorded since the last one. */
int64_t ca_checkpoint_due_s(const struct ca_checkpoint_facts *facts);
