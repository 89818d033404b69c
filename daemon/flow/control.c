/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/control.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/flow/control-parts.h"
#include "daemon/x509/name.h"
#include <string.h>

static json_t *(*const methods[CONTROL_COUNT_])(const struct control_turn *turn) = {
	[CONTROL_SERVER_CREATE] = control_server_create,
	[CONTROL_SERVER_START] = control_server_start,
	[CONTROL_SERVER_STOP] = control_server_stop,
	[CONTROL_SERVER_SHOW] = control_server_show,
	[CONTROL_REQUEST_LIST] = control_request_list,
	[CONTROL_REQUEST_SHOW] = control_request_show,
	[CONTROL_REQUEST_GRANT] = control_request_grant,
	[CONTROL_REQUEST_REJECT] = control_request_reject,
	[CONTROL_PASSWORD_GENERATE] = control_password_generate,
	[CONTROL_CERTIFICATE_LIST] = control_certificate_list,
	[CONTROL_CERTIFICATE_SHOW] = control_certificate_show,
	[CONTROL_CERTIFICATE_REVOKE] = control_certificate_revoke,
	[CONTROL_CRL_SHOW] = control_crl_show,
	[CONTROL_CRL_ISSUE] = control_crl_issue,
	[CONTROL_TOKEN_LIST] = control_token_list,
	[CONTROL_TIMERS] = control_timers,
	[CONTROL_STATUS] = control_status,
	[CONTROL_LOG] = control_log,
};

json_t *flow_control(const struct control_turn *turn, enum control_method method)
{
	assert(method < CONTROL_COUNT_ && methods[method]);
	return methods[method](turn);
}

struct authority *control_authority(const struct control_turn *turn, const char *parameter,
				    json_t **ret_error)
{
	const char *label = control_text(turn, parameter);
	struct authority *authority = flow_find_authority(turn->flow, span_of_text(label));

	if (!authority)
		*ret_error = control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					       "no [Server %s] in the configuration", label);
	return authority;
}

const char *control_text(const struct control_turn *turn, const char *parameter)
{
	return json_string_value(json_object_get(turn->parameters, parameter));
}

static json_t *text_of(struct buffer *text)
{
	return text->error ? NULL : json_stringn((const char *)text->data, text->size);
}

json_t *control_json_hex(struct span data, bool upper)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_hex(&text, data, upper);
	return text.size || text.error ? text_of(&text) : json_string("");
}

json_t *control_json_name(struct span der)
{
	_cleanup_(buffer_done) struct buffer text = {};

	x509_name_append_text(&text, der);
	return text.size || text.error ? text_of(&text) : json_string("");
}

json_t *control_json_router(struct span der)
{
	_cleanup_(buffer_done) struct buffer text = {};

	x509_name_append_ios(&text, der);
	return text.size || text.error ? text_of(&text) : json_string("");
}

json_t *control_json_time(int64_t time_s)
{
	char text[32];

	return time_s ? json_string(text_format_time(time_s, text)) : json_null();
}

json_t *control_json_pem(const char *label, struct span der)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_pem(&text, label, der);
	return text_of(&text);
}

static json_t *json_digest(enum digest digest, struct span der)
{
	uint8_t value[DIGEST_SIZE_MAX];

	return control_json_hex(SPAN(value, digest_compute(digest, der, value)), true);
}

json_t *control_json_fingerprints(struct span der)
{
	return json_pack("{s:o?, s:o?, s:o?}", "md5", json_digest(DIGEST_MD5, der), "sha1",
			 json_digest(DIGEST_SHA1, der), "sha256", json_digest(DIGEST_SHA256, der));
}

json_t *control_failure(int result, const char *reason)
{
	static const struct {
		int result;
		enum control_error error;
		const char *reason;
	} rows[] = {
		{FLOW_LATER, CONTROL_ERROR_LATER,
		 "the token is away: try again when it is back (claviger token list)"},
		{FLOW_REFUSED, CONTROL_ERROR_REFUSED, "not allowed"},
		{HAND_NOT_FOUND, CONTROL_ERROR_NOT_FOUND,
		 "there is no such request or certificate"},
		{HAND_NO_SERIAL, CONTROL_ERROR_INVALID,
		 "that is no serial number: 0x for hexadecimal, a leading 0 for octal, else "
		 "decimal"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].result == result)
			return control_error_new(rows[i].error, NULL, "%s",
						 reason ? reason : rows[i].reason);
	log_error(LOG_FIELDS(log_number("ERRNO", -result)), "an operator's command failed");
	return control_error_new(CONTROL_ERROR_FAULT, NULL, "%s",
				 reason ? reason : strerror(-result));
}

json_t *control_reply_list(const char *member, json_t *list, int result)
{
	if (result < 0) {
		json_decref(list);
		return control_failure(result, NULL);
	}
	return control_reply_new(json_pack("{s:o}", member, list), false);
}
