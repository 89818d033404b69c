/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/checkpoint.h"

int64_t ca_checkpoint_due_s(const struct ca_checkpoint_facts *facts)
{
	/* Where the chain is shorter than what was signed, signing what is left would cover that
	 * up. */
	if (facts->newest_seq <= facts->last_seq)
		return CA_CHECKPOINT_NEVER;
	return facts->since_s + facts->every_s;
}
