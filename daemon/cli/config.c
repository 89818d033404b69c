/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/config.h"
#include "daemon/cli/config-ios.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/machine-files.h"
#include "daemon/cli/print.h"
#include "daemon/conf/value.h"
#include <stdio.h>
#include <string.h>

json_t *config_json_lines(const char *text)
{
	json_t *lines = json_array();

	while (text && *text) {
		size_t size = strcspn(text, "\n");

		json_array_append_new(lines, json_stringn(text, size));
		text += size + (text[size] == '\n');
	}
	return lines;
}

void config_print_lines(const char *lead, const char *text, FILE *out)
{
	while (text && *text) {
		size_t size = strcspn(text, "\n");

		fprintf(out, "%s%.*s\n", lead, (int)size, text);
		text += size + (text[size] == '\n');
	}
}

static json_t *json_files(const struct machine_files *files)
{
	json_t *list = json_array();

	for (size_t i = 0; i < files->n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "path", files->items[i].path,
						      "content", files->items[i].content));
	return list;
}

static void print_files(const struct machine_files *files)
{
	if (files->n)
		puts("\nOn this machine it needs these files, too; claviger doctor looks for "
		     "them.");
	for (size_t i = 0; i < files->n; i++)
		printf("\n# %s\n%s", files->items[i].path, files->items[i].content);
}

enum command_status config_check(const struct invocation *invocation)
{
	_cleanup_(machine_files_done) struct machine_files files = {};
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(freep) char *errors = NULL;
	int r = conf_load(invocation->config, &conf, &errors);
	const char *wrong = conf ? NULL : errors ? errors : strerror(-r);
	size_t servers = conf ? conf->n_servers : 0, tokens = conf ? conf->n_tokens : 0;
	size_t trustpoints = conf ? conf->n_trustpoints : 0;

	config_print_lines("", wrong, stderr);
	if (conf && machine_files_make(conf, &files) < 0)
		return COMMAND_FAILED;
	if (invocation->json) {
		_cleanup_(control_jsonp) json_t *answer =
			json_pack("{s:b, s:o, s:o, s:I, s:I, s:I, s:o}", "good", conf != NULL,
				  "errors", config_json_lines(wrong), "warnings",
				  config_json_lines(conf ? conf->warnings : NULL), "servers",
				  (json_int_t)servers, "tokens", (json_int_t)tokens, "trustpoints",
				  (json_int_t)trustpoints, "files", json_files(&files));

		print_json(answer);
		return conf ? COMMAND_DONE : COMMAND_FAILED;
	}
	if (!conf)
		return COMMAND_FAILED;
	config_print_lines("warning: ", conf->warnings, stdout);
	printf("%s: good; %zu server%s, %zu token%s, %zu trustpoint%s\n", invocation->config,
	       servers, servers == 1 ? "" : "s", tokens, tokens == 1 ? "" : "s", trustpoints,
	       trustpoints == 1 ? "" : "s");
	print_files(&files);
	return COMMAND_DONE;
}

bool config_read_section(const char *text, enum conf_section *ret, const char **ret_name)
{
	size_t size = strcspn(text, ".");

	for (unsigned i = 0; i < CONF_SECTIONS; i++) {
		if (strlen(conf_sections[i].name) != size ||
		    strncmp(conf_sections[i].name, text, size) != 0)
			continue;
		*ret = (enum conf_section)i;
		*ret_name = text[size] ? text + size + 1 : "";
		return true;
	}
	fputs("claviger: the sections are Daemon, HTTP, Notify, Token.NAME, Server.LABEL, "
	      "Trustpoint.NAME and Use.NAME\n",
	      stderr);
	return false;
}

static const char *lock_name(enum conf_lock lock)
{
	static const char *const names[] = {
		[CONF_FREE] = "free",
		[CONF_RESTART] = "restart",
		[CONF_LOCKED] = "locked",
		[CONF_FIXED] = "fixed",
	};

	return names[lock];
}

static json_t *json_values(const struct conf_option *option, const void *member)
{
	json_t *values = json_array();

	for (size_t i = 0; i < conf_value_count(option, member); i++) {
		_cleanup_(buffer_done) struct buffer text = {};

		conf_value_write(option, member, i, &text);
		json_array_append_new(values, json_stringn((const char *)text.data, text.size));
	}
	return values;
}

static json_t *json_option(const struct conf *conf, const struct conf_origin *origin,
			   const struct conf_option *option)
{
	_cleanup_(buffer_done) struct buffer place = {};
	bool is_set = conf_is_set(origin, option);

	if (is_set)
		conf_write_place(conf, conf_find_place(origin, option), &place);
	return json_pack("{s:s, s:o, s:b, s:s, s:s%, s:s?, s:s}", "name", option->name, "values",
			 json_values(option, conf_member(conf, origin, option)), "default", !is_set,
			 "lock", lock_name(option->lock), "place",
			 is_set ? (const char *)place.data : "", place.size, "ios", option->ios,
			 "help", option->help);
}

static const char *name_of(const struct conf *conf, const struct conf_origin *origin)
{
	return conf_sections[origin->kind].named ? *(char **)conf_section_struct(conf, origin) : "";
}

static json_t *json_section(const struct conf *conf, const struct conf_origin *origin)
{
	json_t *options = json_array();

	for (size_t i = 0; i < conf_n_options; i++)
		if (conf_options[i].section == origin->kind)
			json_array_append_new(options, json_option(conf, origin, &conf_options[i]));
	return json_pack("{s:s, s:s, s:o}", "section", conf_sections[origin->kind].name, "name",
			 name_of(conf, origin), "options", options);
}

/* Which sections are meant: all, those of a kind, or one. */
struct wanted {
	bool all;
	enum conf_section kind;
	const char *name;
};

static json_t *json_sections(const struct conf *conf, const struct wanted *wanted)
{
	json_t *sections = json_array();

	for (size_t i = 0; i < conf->n_origins; i++) {
		const struct conf_origin *origin = &conf->origins[i];

		if (wanted->all ||
		    (origin->kind == wanted->kind &&
		     (!*wanted->name || !strcmp(wanted->name, name_of(conf, origin)))))
			json_array_append_new(sections, json_section(conf, origin));
	}
	return sections;
}

/* As it could be written in a file; where it was, or that nobody did, and what may change it. */
static void print_option(const json_t *option)
{
	const char *name = json_string_value(json_object_get(option, "name"));
	const char *place = json_string_value(json_object_get(option, "place"));
	const json_t *values = json_object_get(option, "values"), *value;
	size_t i;

	printf("# %s%s, %s\n", *place ? "set in " : "default", place,
	       json_string_value(json_object_get(option, "lock")));
	if (!json_array_size(values))
		printf("%s=\n", name);
	json_array_foreach(values, i, value) printf("%s=%s\n", name, json_string_value(value));
}

static void print_section(const json_t *section)
{
	const char *name = json_string_value(json_object_get(section, "name"));
	const json_t *option;
	size_t i;

	printf("[%s%s%s]\n", json_string_value(json_object_get(section, "section")),
	       *name ? " " : "", name);
	json_array_foreach(json_object_get(section, "options"), i, option) print_option(option);
}

enum command_status config_show(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *sections = NULL;
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	struct wanted wanted = {.all = !invocation->n_arguments, .name = ""};

	if (!wanted.all &&
	    !config_read_section(invocation->arguments[0], &wanted.kind, &wanted.name))
		return COMMAND_MISUSE;
	if (invocation->n_arguments > 1)
		wanted.name = invocation->arguments[1];
	if (connection_load_config(invocation, &conf))
		return COMMAND_FAILED;
	if (invocation->ios)
		return config_show_ios(invocation, conf, *wanted.name ? wanted.name : NULL);
	sections = json_sections(conf, &wanted);
	if (!json_array_size(sections)) {
		fprintf(stderr, "claviger: there is no section [%s %s]\n",
			conf_sections[wanted.kind].name, wanted.name);
		return COMMAND_FAILED;
	}
	if (invocation->json) {
		_cleanup_(control_jsonp) json_t *answer = json_pack("{s:O}", "sections", sections);

		print_json(answer);
		return COMMAND_DONE;
	}
	print_list(sections, print_section, NULL);
	return COMMAND_DONE;
}
