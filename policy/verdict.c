/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

const char *verdict_alarm_name(enum verdict_alarm alarm)
{
	static const char *const names[] = {
		[VERDICT_ALARM_NONE] = "",
		[VERDICT_ALARM_PASSWORD_REUSE] = "password-reuse",
		[VERDICT_ALARM_REVOKED_SIGNER] = "revoked-signer",
		[VERDICT_ALARM_COMPROMISED_KEY] = "compromised-key",
		[VERDICT_ALARM_GUESSING] = "password-guessing",
		[VERDICT_ALARM_SHARED_KEY] = "shared-key",
	};

	assert((size_t)alarm < ELEMENTS(names));
	return names[alarm];
}

struct verdict verdict_refusal(enum verdict_fail_info fail_info, const char *rule,
			       const char *reason)
{
	return (struct verdict){.fail_info = fail_info, .rule = rule, .reason = reason};
}
