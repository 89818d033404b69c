/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/control-request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One call, and either nothing or the error that it gets: its name and the "parameter" of it. */
static const struct {
	enum control_role role;
	const char *message;
	const char *error;
	const char *parameter;
} calls[] = {
	{CONTROL_ROLE_AUDITOR, "{'method':'io.claviger.status'}", NULL, NULL},
	{CONTROL_ROLE_AUDITOR, "{'method':'io.claviger.status','parameters':{},'more':true}", NULL,
	 NULL},
	{CONTROL_ROLE_OPERATOR, "{'method':'io.claviger.status'}", NULL, NULL},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.server.create','parameters':{'label':'R'}}",
	 NULL, NULL},
	{CONTROL_ROLE_OPERATOR,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','ids':[0,1,2]}}", NULL,
	 NULL},
	{CONTROL_ROLE_OPERATOR,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','all':true}}", NULL,
	 NULL},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.password.generate','parameters':{'server':'R','minutes':60}}",
	 NULL, NULL},
	/* Who may not. Even where the parameters are bad, too. */
	{CONTROL_ROLE_NONE, "{'method':'io.claviger.status'}", "PermissionDenied", NULL},
	{CONTROL_ROLE_AUDITOR, "{'method':'io.claviger.request.grant'}", "PermissionDenied", NULL},
	{CONTROL_ROLE_OPERATOR, "{'method':'io.claviger.server.create'}", "PermissionDenied", NULL},
	{CONTROL_ROLE_OPERATOR, "{'method':'io.claviger.log','parameters':{'level':'debug'}}",
	 "PermissionDenied", NULL},
	/* The message itself. */
	{CONTROL_ROLE_ADMIN, "{}", "InvalidParameter", "method"},
	{CONTROL_ROLE_ADMIN, "{'method':7}", "InvalidParameter", "method"},
	{CONTROL_ROLE_ADMIN, "{'method':null}", "InvalidParameter", "method"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.status','parameters':[]}", "InvalidParameter",
	 "parameters"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.status','parameters':null}",
	 "InvalidParameter", "parameters"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.status','more':1}", "InvalidParameter",
	 "more"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.status','oneway':true}", "InvalidParameter",
	 "oneway"},
	/* The method. */
	{CONTROL_ROLE_ADMIN, "{'method':''}", "InvalidParameter", "method"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.'}", "MethodNotFound", NULL},
	{CONTROL_ROLE_ADMIN, "{'method':'status'}", "MethodNotFound", NULL},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.statusx'}", "MethodNotFound", NULL},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.STATUS'}", "MethodNotFound", NULL},
	{CONTROL_ROLE_ADMIN, "{'method':'io.clavigerr.status'}", "MethodNotFound", NULL},
	/* Its parameters: unknown, missing, of a wrong type. */
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.status','parameters':{'label':'R'}}",
	 "InvalidParameter", "label"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.server.show','parameters':{'label':'R','labe':'R'}}",
	 "InvalidParameter", "labe"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.server.show'}", "InvalidParameter", "label"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.server.show','parameters':{'label':7}}",
	 "InvalidParameter", "label"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.server.show','parameters':{'label':''}}",
	 "InvalidParameter", "label"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.server.show','parameters':{'label':null}}",
	 "InvalidParameter", "label"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.server.show','parameters':{'label':['R']}}",
	 "InvalidParameter", "label"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.show','parameters':{'server':'R','id':'7'}}",
	 "InvalidParameter", "id"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.show','parameters':{'server':'R','id':-1}}",
	 "InvalidParameter", "id"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.show','parameters':{'server':'R','id':7.0}}",
	 "InvalidParameter", "id"},
	{CONTROL_ROLE_ADMIN, "{'method':'io.claviger.request.show','parameters':{'server':'R'}}",
	 "InvalidParameter", "id"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','ids':[]}}",
	 "InvalidParameter", "ids"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','ids':7}}",
	 "InvalidParameter", "ids"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','ids':[7,'8']}}",
	 "InvalidParameter", "ids"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','all':'yes'}}",
	 "InvalidParameter", "all"},
	{CONTROL_ROLE_ADMIN,
	 "{'method':'io.claviger.request.grant','parameters':{'server':'R','all':null}}",
	 "InvalidParameter", "all"},
};

/* JSON with single quotes, for legibility. */
static json_t *load(const char *text)
{
	_cleanup_(freep) char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	json = json_loads(copy, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static void assert_error(const json_t *error, const char *name, const char *parameter)
{
	const json_t *parameters = json_object_get(error, "parameters");
	const char *reason = json_string_value(json_object_get(parameters, "reason"));
	char full[64];

	snprintf(full, sizeof(full), "io.claviger.%s", name);
	assert_string_equal(json_string_value(json_object_get(error, "error")), full);
	assert_non_null(reason);
	if (!parameter) {
		assert_null(json_object_get(parameters, "parameter"));
		return;
	}
	assert_string_equal(json_string_value(json_object_get(parameters, "parameter")), parameter);
	assert_non_null(strstr(reason, parameter));
}

static void calls_get_what_they_deserve(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		_cleanup_(control_jsonp) json_t *message = load(calls[i].message), *error = NULL;
		_cleanup_(control_request_done) struct control_request request = {0};
		int r = control_request_read(message, calls[i].role, &request, &error);

		if (r != (calls[i].error ? CONTROL_REQUEST_REFUSED : 0))
			fail_msg("%s gave %d", calls[i].message, r);
		if (calls[i].error)
			assert_error(error, calls[i].error, calls[i].parameter);
		else
			assert_null(error);
		assert_int_equal(json_is_object(request.parameters), !calls[i].error);
	}
}

static void what_was_read(void **state)
{
	_cleanup_(control_jsonp) json_t *message =
		load("{'more':true,'parameters':{'server':'R','id':7},'method':'io.claviger."
		     "request.show'}");
	_cleanup_(control_jsonp) json_t *error = NULL;
	_cleanup_(control_request_done) struct control_request request = {0};

	(void)state;
	assert_int_equal(control_request_read(message, CONTROL_ROLE_ADMIN, &request, &error), 0);
	assert_int_equal(request.method, CONTROL_REQUEST_SHOW);
	assert_true(request.more);
	assert_int_equal(json_integer_value(json_object_get(request.parameters, "id")), 7);
	/* It lives on without its message. */
	json_decref(TAKE_PTR(message));
	assert_string_equal(json_string_value(json_object_get(request.parameters, "server")), "R");
}

/* Every row against each role, with what its own specification asks for. */
static void every_method_can_be_called_by_its_role(void **state)
{
	static const struct {
		const char *type;
		const char *value;
	} values[] = {{"text", "'t'"}, {"bulk", "'MA=='"}, {"blob", "'MA=='"},
		      {"number", "1"}, {"bool", "true"},   {"numbers", "[1]"}};

	(void)state;
	for (unsigned method = 0; method < CONTROL_COUNT_; method++) {
		const struct control_row *row = control_describe(method);
		char text[512], spec[256], *rest = spec, *word;
		size_t at = (size_t)snprintf(text, sizeof(text), "{'method':'io.claviger.%s'",
					     row->name);
		const char *glue = ",'parameters':{";

		snprintf(spec, sizeof(spec), "%s", row->parameters);
		while ((word = strsep(&rest, " ?")))
			for (size_t i = 0; i < ELEMENTS(values); i++)
				if (strchr(word, ':') &&
				    strcmp(strchr(word, ':') + 1, values[i].type) == 0) {
					at += (size_t)snprintf(
						text + at, sizeof(text) - at, "%s'%.*s':%s", glue,
						(int)strcspn(word, ":"), word, values[i].value);
					glue = ",";
				}
		snprintf(text + at, sizeof(text) - at, "%s", *glue && glue[1] ? "}" : "}}");
		_cleanup_(control_jsonp) json_t *message = load(text);
		for (unsigned role = 0; role <= CONTROL_ROLE_ADMIN; role++) {
			_cleanup_(control_jsonp) json_t *error = NULL;
			_cleanup_(control_request_done) struct control_request request = {0};
			int r = control_request_read(message, role, &request, &error);

			assert_int_equal(r, role < row->role ? CONTROL_REQUEST_REFUSED : 0);
			if (r == 0)
				assert_int_equal(request.method, method);
		}
	}
}

static void texts_and_lists_have_limits(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		_cleanup_(freep) char *text = calloc(1, CONTROL_TEXT_MOST + more + 1);
		_cleanup_(control_jsonp) json_t *ids = json_array(), *error = NULL, *twice = NULL;
		_cleanup_(control_request_done) struct control_request request = {0}, second = {0};

		memset(text, 'x', CONTROL_TEXT_MOST + more);
		_cleanup_(control_jsonp) json_t *message =
			json_pack("{s:s, s:{s:s}}", "method", "io.claviger.server.show",
				  "parameters", "label", text);
		int r = control_request_read(message, CONTROL_ROLE_ADMIN, &request, &error);
		assert_int_equal(r, more ? CONTROL_REQUEST_REFUSED : 0);
		for (size_t i = 0; i < CONTROL_NUMBERS_MOST + more; i++)
			json_array_append_new(ids, json_integer((json_int_t)i));
		_cleanup_(control_jsonp) json_t *grant =
			json_pack("{s:s, s:{s:s, s:O}}", "method", "io.claviger.request.grant",
				  "parameters", "server", "R", "ids", ids);
		r = control_request_read(grant, CONTROL_ROLE_ADMIN, &second, &twice);
		assert_int_equal(r, more ? CONTROL_REQUEST_REFUSED : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_get_what_they_deserve),
		cmocka_unit_test(what_was_read),
		cmocka_unit_test(every_method_can_be_called_by_its_role),
		cmocka_unit_test(texts_and_lists_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
