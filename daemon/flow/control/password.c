/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/password.h"
#include "daemon/flow/control/parts.h"

json_t *control_password_generate(const struct control_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	char password[PASSWORD_TEXT_SIZE];
	const json_t *minutes_given = json_object_get(turn->parameters, "minutes");
	json_int_t minutes =
		minutes_given ? json_integer_value(minutes_given) : PASSWORD_MINUTES_DEFAULT;
	struct hand hand;
	json_t *answer;
	int r;

	if (!control_hand(turn, "server", &hand, &answer))
		return answer;
	if (minutes < 1 || minutes > PASSWORD_MINUTES_MAX)
		return control_error_new(CONTROL_ERROR_INVALID, "minutes",
					 "a password lives 1 to %d minutes", PASSWORD_MINUTES_MAX);
	r = flow_generate_password(&hand, (unsigned)minutes, control_text(turn, "subject"),
				   password, &reason);
	if (r)
		return control_failure(r, reason);
	answer = control_reply_new(json_pack("{s:s, s:I, s:o?}", "password", password, "minutes",
					     minutes, "expires",
					     control_json_time(turn->now_s + minutes * 60)),
				   false);
	wipe(password, sizeof(password));
	return answer;
}
