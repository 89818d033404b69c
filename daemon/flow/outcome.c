/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/outcome.h"
#include <stdlib.h>
#include <string.h>

void scep_outcome_done(struct scep_outcome *outcome)
{
	bytes_done(&outcome->certificate);
	bytes_done(&outcome->crl);
	free(outcome->text_storage);
	*outcome = (struct scep_outcome){};
}

void scep_outcome_fail(struct scep_outcome *outcome, enum scep_fail_info info, const char *text)
{
	scep_outcome_done(outcome);
	outcome->status = SCEP_FAILURE;
	outcome->fail_info = info;
	outcome->fail_text = text;
}

int scep_outcome_copy_text(struct scep_outcome *outcome, const char *text)
{
	free(outcome->text_storage);
	outcome->text_storage = strdup(text ? text : "");
	outcome->fail_text = outcome->text_storage;
	return outcome->text_storage ? 0 : -ENOMEM;
}
