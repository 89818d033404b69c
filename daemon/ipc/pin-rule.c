/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/pin-rule.h"
#include "daemon/base/files.h"
#include <string.h>

int pin_rule_text(const struct pin_rule *rule, char **ret)
{
	const char *what = rule->hex ? "hexadecimal digits" : "characters";

	if (rule->least == rule->most)
		return text_format(ret, "%u %s", rule->least, what);
	return text_format(ret, "%u to %u %s", rule->least, rule->most, what);
}

bool pin_rule_fits(const struct pin_rule *rule, struct span pin)
{
	if (pin.size < rule->least || pin.size > rule->most)
		return false;
	for (size_t i = 0; i < pin.size; i++) {
		uint8_t c = pin.data[i];

		if (c < ' ' || (rule->hex && !memchr("0123456789abcdefABCDEF", c, 22)))
			return false;
	}
	return true;
}
