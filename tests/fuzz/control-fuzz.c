/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/ipc */
/*
 * Any bytes on the operators' socket: the first chooses the role, the second how the rest is cut.
 * What is refused has an error that can be sent, what is taken has passed its row. New inputs begin
 * as calls made from the table.
 */
#include "daemon/ipc/control-request.h"
#include "daemon/ipc/control-stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static const struct {
	const char *type;
	const char *value;
} values[] = {{"text", "\"a\""}, {"number", "7"}, {"bool", "true"}, {"numbers", "[1,2]"}};

/* The words of a row's parameters as members of an object. */
static size_t write_parameters(const char *spec, char *to, size_t room)
{
	char copy[256], *rest = copy, *word;
	size_t at = 0;

	snprintf(copy, sizeof(copy), "%s", spec);
	while ((word = strsep(&rest, " ")))
		for (size_t i = 0; i < ELEMENTS(values); i++) {
			size_t name = strcspn(word, ":");
			size_t type = strlen(values[i].type);

			if (!word[name] || strncmp(word + name + 1, values[i].type, type) != 0 ||
			    (word[name + 1 + type] && word[name + 1 + type] != '?'))
				continue;
			at += (size_t)snprintf(to + at, room - at, "%s\"%.*s\":%s", at ? "," : "",
					       (int)name, word, values[i].value);
		}
	to[at] = '\0';
	return at;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	const struct control_row *row = control_describe(seed / 16 % CONTROL_COUNT_);
	char parameters[512], text[1024];

	if (size > 2 && seed % 16 != 0)
		return LLVMFuzzerMutate(data, size, max_size);
	write_parameters(row->parameters, parameters, sizeof(parameters));
	size_t whole =
		(size_t)snprintf(text, sizeof(text),
				 "\3\377{\"method\":\"%s%s\",\"parameters\":{%s},\"more\":true}",
				 CONTROL_PREFIX, row->name, parameters) +
		1;
	if (whole > max_size)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(data, text, whole);
	return whole;
}

static void call(const json_t *message, enum control_role role)
{
	_cleanup_(control_request_done) struct control_request request = {0};
	_cleanup_(control_jsonp) json_t *error = NULL;
	int r = control_request_read(message, role, &request, &error);

	assert(r == 0 || r == CONTROL_REQUEST_REFUSED);
	if (r == 0) {
		assert(request.method < CONTROL_COUNT_ && json_is_object(request.parameters));
		assert(control_describe(request.method)->role <= role);
		return;
	}
	char *text = json_dumps(error, 0);
	assert(text && strlen(text) < CONTROL_REPLY_MOST);
	free(text);
	assert(json_is_string(json_object_get(error, "error")));
	assert(json_is_string(json_object_get(json_object_get(error, "parameters"), "reason")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(control_reader_done) struct control_reader reader = {0};

	if (size < 2)
		return 0;
	enum control_role role = (enum control_role)(data[0] % (CONTROL_ROLE_ADMIN + 1));
	size_t step = (size_t)data[1] + 1;
	control_reader_init(&reader, 4096);
	for (size_t at = 2; at < size; at += step) {
		size_t part = size - at < step ? size - at : step;
		int r;

		if (control_reader_feed(&reader, SPAN(data + at, part)) < 0)
			return 0;
		do {
			_cleanup_(control_jsonp) json_t *message = NULL;

			r = control_reader_next(&reader, &message);
			if (r == 0)
				call(message, role);
		} while (r == 0);
		if (r < 0)
			return 0;
	}
	return 0;
}
