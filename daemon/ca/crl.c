/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/crl.h"

int64_t ca_crl_due_s(const struct ca_server_record *server,
		     const struct ca_generation_record *active, int64_t now_s)
{
	int64_t this_s = server->crl_this_update_s;
	int64_t half_s = this_s + (server->crl_next_update_s - this_s) / 2;

	if (!server->crl_number || server->crl_revision < server->revocation_revision)
		return now_s;
	/* The newest CRL is of the generation before: nobody who has the new one can verify it. */
	if (this_s < active->takes_over_s)
		return active->takes_over_s < half_s ? active->takes_over_s : half_s;
	return half_s;
}
