/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/control-request.h"

#include "daemon/base/bytes.h"
#include <string.h>

static bool is_text(const json_t *value)
{
	size_t size = json_string_length(value);

	return json_is_string(value) && size > 0 && size <= CONTROL_TEXT_MOST;
}

static bool is_blob(const json_t *value)
{
	size_t size = json_string_length(value);

	return json_is_string(value) && size > 0 && size <= CONTROL_BLOB_MOST;
}

static bool is_bulk(const json_t *value)
{
	size_t size = json_string_length(value);

	return json_is_string(value) && size > 0 && size <= CONTROL_BULK_MOST;
}

static bool is_secret(const json_t *value)
{
	return is_text(value);
}

static bool is_number(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_bool(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

static bool is_numbers(const json_t *value)
{
	size_t n = json_array_size(value);

	for (size_t i = 0; i < n; i++)
		if (!is_number(json_array_get(value, i)))
			return false;
	return n > 0 && n <= CONTROL_NUMBERS_MOST;
}

static const struct type {
	const char *name;
	bool (*matches)(const json_t *value);
	const char *wanted;
} types[] = {
	{"text", is_text, "a text of 1 to 1024 bytes"},
	{"blob", is_blob, "base64 of at most 512 KiB"},
	{"bulk", is_bulk, "base64 of at most 12 MiB"},
	{"secret", is_secret, "base64 of at most 1 KiB"},
	{"number", is_number, "a whole number from 0"},
	{"bool", is_bool, "true or false"},
	{"numbers", is_numbers, "a list of 1 to 4096 whole numbers from 0"},
	{"object", is_object, "an object"},
};

/* The message itself, in the language of control.def. */
static const char envelope[] = "method:text parameters:object? more:bool?";

struct parameter {
	struct span name;
	const struct type *type;
	bool optional;
};

/* Cuts the next parameter off @spec, which is a table's: a fault in it is a programmer's. */
static bool next_parameter(const char **spec, struct parameter *ret)
{
	const char *word = *spec + strspn(*spec, " ");
	const char *colon = word + strcspn(word, ": ");
	size_t size = strcspn(colon, "? ");

	if (*word == '\0')
		return false;
	assert(*colon == ':' && colon > word);
	*ret = (struct parameter){SPAN(word, (size_t)(colon - word)), NULL, colon[size] == '?'};
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (strlen(types[i].name) == size - 1 &&
		    memcmp(types[i].name, colon + 1, size - 1) == 0)
			ret->type = &types[i];
	assert(ret->type);
	*spec = colon + size + (ret->optional ? 1 : 0);
	return true;
}

static bool is_named(const char *spec, const char *name)
{
	struct parameter parameter;

	while (next_parameter(&spec, &parameter))
		if (span_equal(parameter.name, span_of_text(name)))
			return true;
	return false;
}

/* Each parameter of @spec in turn, then whether there is one that it does not know. */
static int check(const char *spec, const json_t *object, json_t **ret_error)
{
	struct parameter parameter;
	const json_t *value;
	const char *name;
	char key[64];

	for (const char *rest = spec; next_parameter(&rest, &parameter);) {
		assert(parameter.name.size < sizeof(key));
		memcpy(key, parameter.name.data, parameter.name.size);
		key[parameter.name.size] = '\0';
		value = json_object_get(object, key);
		if (!value && parameter.optional)
			continue;
		if (value && parameter.type->matches(value))
			continue;
		*ret_error = control_error_new(CONTROL_ERROR_INVALID, key,
					       value ? "%s must be %s" : "%s is missing: %s", key,
					       parameter.type->wanted);
		return *ret_error ? CONTROL_REQUEST_REFUSED : -ENOMEM;
	}
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (is_named(spec, name))
			continue;
		*ret_error = control_error_new(CONTROL_ERROR_INVALID, name,
					       "there is no parameter %s", name);
		return *ret_error ? CONTROL_REQUEST_REFUSED : -ENOMEM;
	}
	return 0;
}

/* Which method it is, and whether this role may call it. */
static int find(const char *name, enum control_role role, enum control_method *ret,
		json_t **ret_error)
{
	enum control_method method = CONTROL_COUNT_;

	if (strncmp(name, CONTROL_PREFIX, strlen(CONTROL_PREFIX)) == 0)
		method = control_find(name + strlen(CONTROL_PREFIX));
	if (method == CONTROL_COUNT_) {
		*ret_error = control_error_new(CONTROL_ERROR_NO_METHOD, NULL,
					       "there is no method %s", name);
		return *ret_error ? CONTROL_REQUEST_REFUSED : -ENOMEM;
	}
	enum control_role least = control_describe(method)->role;
	if (role < least) {
		*ret_error = control_error_new(CONTROL_ERROR_NO_PERMISSION, NULL,
					       "%s needs the role %s, you have %s", name,
					       control_role_name(least), control_role_name(role));
		return *ret_error ? CONTROL_REQUEST_REFUSED : -ENOMEM;
	}
	*ret = method;
	return 0;
}

int control_request_read(const json_t *message, enum control_role role, struct control_request *ret,
			 json_t **ret_error)
{
	_cleanup_(control_jsonp) json_t *parameters = NULL;
	enum control_method method;
	int r;

	r = check(envelope, message, ret_error);
	if (r != 0)
		return r;
	r = find(json_string_value(json_object_get(message, "method")), role, &method, ret_error);
	if (r != 0)
		return r;
	parameters = json_incref(json_object_get(message, "parameters"));
	if (!parameters)
		parameters = json_object();
	if (!parameters)
		return -ENOMEM;
	r = check(control_describe(method)->parameters, parameters, ret_error);
	if (r != 0)
		return r;
	bool more = json_is_true(json_object_get(message, "more"));
	*ret = (struct control_request){method, more, TAKE_PTR(parameters)};
	return 0;
}

void control_request_done(struct control_request *request)
{
	json_decref(request->parameters);
	*request = (struct control_request){0};
}
