/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/control/control.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/x509/name.h"
#include <string.h>

static json_t *(*const methods[CONTROL_COUNT_])(const struct control_turn *turn) = {
	[CONTROL_SERVER_CREATE] = control_server_create,
	[CONTROL_SERVER_RESTORE] = control_server_restore,
	[CONTROL_SERVER_ARCHIVE] = control_server_archive,
	[CONTROL_SERVER_START] = control_server_start,
	[CONTROL_SERVER_STOP] = control_server_stop,
	[CONTROL_SERVER_DELETE] = control_server_delete,
	[CONTROL_SERVER_ROLLOVER] = control_server_rollover,
	[CONTROL_SERVER_ROLLOVER_CANCEL] = control_server_rollover_cancel,
	[CONTROL_SERVER_SHOW] = control_server_show,
	[CONTROL_SERVER_PREVIEW] = control_server_preview,
	[CONTROL_REQUEST_LIST] = control_request_list,
	[CONTROL_REQUEST_SHOW] = control_request_show,
	[CONTROL_REQUEST_GRANT] = control_request_grant,
	[CONTROL_REQUEST_REJECT] = control_request_reject,
	[CONTROL_REQUEST_ADD] = control_request_add,
	[CONTROL_REQUEST_REMOVE] = control_request_remove,
	[CONTROL_PASSWORD_GENERATE] = control_password_generate,
	[CONTROL_CERTIFICATE_CA] = control_certificate_ca,
	[CONTROL_CERTIFICATE_LIST] = control_certificate_list,
	[CONTROL_CERTIFICATE_SHOW] = control_certificate_show,
	[CONTROL_CERTIFICATE_REVOKE] = control_certificate_revoke,
	[CONTROL_CERTIFICATE_RELEASE] = control_certificate_release,
	[CONTROL_CRL_SHOW] = control_crl_show,
	[CONTROL_CRL_ISSUE] = control_crl_issue,
	[CONTROL_CRL_IMPORT] = control_crl_import,
	[CONTROL_KEY_LIST] = control_key_list,
	[CONTROL_KEY_USES] = control_key_uses,
	[CONTROL_KEY_REFERENCE] = control_key_reference,
	[CONTROL_TOKEN_LIST] = control_token_list,
	[CONTROL_TOKEN_ADOPTED] = control_token_adopted,
	[CONTROL_TOKEN_BACKED_UP] = control_token_backed_up,
	[CONTROL_TOKEN_RESTORED] = control_token_restored,
	[CONTROL_TRUSTPOINT_VERIFY] = control_trustpoint_verify,
	[CONTROL_TRUSTPOINT_LIST] = control_trustpoint_list,
	[CONTROL_TRUSTPOINT_SHOW] = control_trustpoint_show,
	[CONTROL_TRUSTPOINT_LOOK] = control_trustpoint_look,
	[CONTROL_TRUSTPOINT_ACCEPT] = control_trustpoint_accept,
	[CONTROL_TRUSTPOINT_ENROLL] = control_trustpoint_enroll,
	[CONTROL_TRUSTPOINT_IMPORT] = control_trustpoint_import,
	[CONTROL_TRUSTPOINT_CLEAR] = control_trustpoint_clear,
	[CONTROL_TIMERS] = control_timers,
	[CONTROL_CONFIG_RELOAD] = control_config_reload,
	[CONTROL_CONFIG_ALLOWS] = control_config_allows,
	[CONTROL_STATUS] = control_status,
	[CONTROL_AUDIT_LIST] = control_audit_list,
	[CONTROL_AUDIT_VERIFY] = control_audit_verify,
	[CONTROL_LOG] = control_log,
};

/* What a transparent RA has none of, by the methods that are about it. */
static const char *const of_cas[CONTROL_COUNT_] = {
	[CONTROL_SERVER_RESTORE] = "key or certificate",
	[CONTROL_SERVER_ARCHIVE] = "key",
	[CONTROL_SERVER_ROLLOVER] = "key or certificate",
	[CONTROL_SERVER_ROLLOVER_CANCEL] = "key or certificate",
	[CONTROL_REQUEST_LIST] = "requests",
	[CONTROL_REQUEST_SHOW] = "requests",
	[CONTROL_REQUEST_GRANT] = "requests",
	[CONTROL_REQUEST_REJECT] = "requests",
	[CONTROL_REQUEST_ADD] = "requests",
	[CONTROL_REQUEST_REMOVE] = "requests",
	[CONTROL_PASSWORD_GENERATE] = "one-time passwords",
	[CONTROL_CERTIFICATE_LIST] = "certificates",
	[CONTROL_CERTIFICATE_SHOW] = "certificates",
	[CONTROL_CERTIFICATE_REVOKE] = "certificates",
	[CONTROL_CERTIFICATE_RELEASE] = "certificates",
	[CONTROL_CRL_SHOW] = "CRL",
	[CONTROL_CRL_ISSUE] = "CRL",
	[CONTROL_CRL_IMPORT] = "CRL",
	[CONTROL_TRUSTPOINT_ENROLL] = "key or certificate",
	[CONTROL_TRUSTPOINT_IMPORT] = "key or certificate",
	[CONTROL_LOG] = NULL,
};

/* NULL where the server that is meant may be asked for it. */
static json_t *refuse_relay(const struct control_turn *turn, enum control_method method)
{
	static const char *const parameters[] = {"server", "label", "name"};
	const struct conf_server *server;
	const char *label = NULL;

	for (size_t i = 0; i < ELEMENTS(parameters) && !label; i++)
		label = control_text(turn, parameters[i]);
	server = label && of_cas[method] ? conf_find_server(turn->flow->conf, label) : NULL;
	if (!server || !conf_server_is_transparent(server))
		return NULL;
	return control_error_new(CONTROL_ERROR_REFUSED, NULL,
				 "server %s is a transparent RA, which passes messages on and has "
				 "no %s of its own: ask its CA",
				 label, of_cas[method]);
}

json_t *flow_control(const struct control_turn *turn, enum control_method method)
{
	json_t *answer = refuse_relay(turn, method);

	assert(method < CONTROL_COUNT_ && methods[method]);
	if (!answer)
		answer = control_await_second(turn, method);
	if (answer)
		return answer;
	answer = methods[method](turn);
	control_note_second(turn, method, answer);
	return answer;
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

bool control_hand(const struct control_turn *turn, const char *parameter, struct hand *ret,
		  json_t **ret_error)
{
	*ret = (struct hand){.flow = turn->flow, .actor = turn->actor, .now_s = turn->now_s};
	ret->authority = control_authority(turn, parameter, ret_error);
	return ret->authority;
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
