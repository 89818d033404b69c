/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/config-set.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/cli/config-risk.h"
#include "daemon/cli/config.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print.h"
#include "daemon/conf/lock.h"
#include "daemon/conf/value.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (1 << 20)

struct change {
	const struct invocation *invocation;
	const struct conf_edit *edits;
	size_t n;
	char *folder, *path; /* of the drop-in */
	struct bytes before; /* what it held */
	bool existed;
	struct bytes after;
	struct conf *running; /* as the files say now; NULL where they are wrong */
	struct conf *wanted;
	bool daemon_runs;
};

static void change_done(struct change *change)
{
	freep(&change->folder);
	freep(&change->path);
	bytes_done(&change->before);
	bytes_done(&change->after);
	conf_unref(change->running);
	conf_unref(change->wanted);
}

static enum command_status fail(const char *what, int error)
{
	fprintf(stderr, "claviger: %s: %s\n", what, file_error_text(error));
	return COMMAND_FAILED;
}

static enum command_status read_present(struct change *change)
{
	const char *config = change->invocation->config;
	int r;

	r = text_format(&change->folder, "%s.d", config);
	if (r >= 0)
		r = text_format(&change->path, "%s.d/" CONF_EDIT_NAME, config);
	if (r < 0)
		return fail(config, r);
	r = file_read(change->path, FILE_MAX, &change->before);
	if (r < 0 && r != -ENOENT)
		return fail(change->path, r);
	change->existed = r >= 0;
	return COMMAND_DONE;
}

static enum command_status edit_text(struct change *change)
{
	int r = bytes_copy(span_of(change->before), &change->after);

	for (size_t i = 0; i < change->n && r >= 0; i++) {
		_cleanup_(buffer_done) struct buffer out = {};

		conf_edit(span_of(change->after), &change->edits[i], &out);
		bytes_done(&change->after);
		r = buffer_take(&out, &change->after);
	}
	return r < 0 ? fail(change->path, r) : COMMAND_DONE;
}

/* Reads everything with the change in it, and looks whether another file takes it back. */
static enum command_status read_wanted(struct change *change)
{
	const struct conf_drop_in pending = {CONF_EDIT_NAME, span_of(change->after)};
	_cleanup_(freep) char *errors = NULL, *old_errors = NULL;
	int r;

	/* Only to tell what becomes different: it may well be what this change mends. */
	(void)!conf_load(change->invocation->config, &change->running, &old_errors);
	r = conf_load_pending(change->invocation->config, &pending, &change->wanted, &errors);
	if (!r)
		return COMMAND_DONE;
	if (r < 0)
		return fail(change->invocation->config, r);
	fprintf(stderr, "%s\nclaviger: nothing was changed\n", errors);
	return COMMAND_FAILED;
}

static enum command_status check_place(const struct change *change, const struct conf_edit *edit)
{
	const struct conf_origin *origin =
		conf_find_origin(change->wanted, edit->option->section, span_of_text(edit->name));
	struct conf_place place = conf_find_place(origin, edit->option);
	_cleanup_(buffer_done) struct buffer text = {};

	if (!strcmp(change->wanted->files[place.file], change->path))
		return COMMAND_DONE;
	conf_write_place(change->wanted, place, &text);
	fprintf(stderr, "claviger: %.*s sets %s= again: change it there; nothing was changed\n",
		(int)text.size, (const char *)text.data, edit->option->name);
	return COMMAND_FAILED;
}

static bool is_running(const struct conf *conf)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;

	return text_format(&path, "%s/control.sock", conf->daemon.runtime_directory) >= 0 &&
	       !socket_connect(path, SOCK_STREAM, &fd);
}

/* Whether the daemon lets the server's option change now; what stands against it is printed. */
static enum command_status ask_daemon(const struct change *change, const struct conf_edit *edit)
{
	_cleanup_(control_jsonp) json_t *parameters = NULL, *answer = NULL;
	const struct conf_origin *origin =
		conf_find_origin(change->wanted, edit->option->section, span_of_text(edit->name));
	_cleanup_(buffer_done) struct buffer value = {};
	bool is_of_trustpoint = edit->option->section == CONF_TRUSTPOINT;

	if (!conf_may_be_held(edit->option) ||
	    (is_of_trustpoint && !conf_find_server(change->wanted, edit->name)))
		return COMMAND_DONE;
	conf_value_write_all(edit->option, conf_member(change->wanted, origin, edit->option),
			     &value);
	parameters = json_pack("{s:s, s:s++}", "label", edit->name, "option",
			       is_of_trustpoint ? "Trustpoint." : "", edit->option->name, "");
	if (value.size)
		json_object_set_new(parameters, "value",
				    json_stringn((const char *)value.data, value.size));
	return connection_call(change->invocation, CONTROL_CONFIG_ALLOWS, parameters, &answer);
}

static enum command_status check(struct change *change)
{
	enum command_status status = COMMAND_DONE;

	change->daemon_runs = is_running(change->running ? change->running : change->wanted);
	for (size_t i = 0; i < change->n && !status; i++) {
		status = check_place(change, &change->edits[i]);
		if (!status && change->daemon_runs)
			status = ask_daemon(change, &change->edits[i]);
	}
	if (status || config_risk_is_taken(change->invocation, change->running, change->wanted,
					   change->edits, change->n))
		return status;
	fputs("claviger: nothing was changed\n", stderr);
	return COMMAND_FAILED;
}

static enum command_status write_wanted(const struct change *change)
{
	int r = directory_make(change->folder, 0755);

	if (r >= 0)
		r = file_write_atomically(change->path, span_of(change->after), 0644);
	return r < 0 ? fail(change->path, r) : COMMAND_DONE;
}

static enum command_status take_back(const struct change *change)
{
	int r = 0;

	if (change->existed)
		r = file_write_atomically(change->path, span_of(change->before), 0644);
	else if (unlink(change->path) < 0)
		r = -errno;
	if (r < 0)
		return fail(change->path, r);
	fputs("claviger: nothing was changed\n", stderr);
	return COMMAND_FAILED;
}

/* What the daemon's reload reports, but for the warnings that the configuration has anyway. */
static void append_news(const struct change *change, const json_t *report, struct buffer *out)
{
	const char *known = change->wanted->warnings;
	const json_t *line;
	size_t i;

	json_array_foreach(report, i, line)
	{
		const char *text = json_string_value(line);

		if (!text || (known && strstr(known, text)))
			continue;
		buffer_append_text(out, text);
		buffer_append_byte(out, '\n');
	}
}

/* What the change has to say for itself. @reload: the daemon's answer; NULL: it does not run. */
static void tell(const struct change *change, const json_t *reload)
{
	_cleanup_(buffer_done) struct buffer changes = {};
	_cleanup_(freep) char *text = NULL;

	if (reload)
		append_news(change, json_object_get(reload, "report"), &changes);
	else if (change->running)
		conf_tell_changes(change->wanted, change->running, &changes);
	if (buffer_take_text(&changes, &text) < 0)
		return;
	if (change->invocation->json) {
		_cleanup_(control_jsonp) json_t *answer =
			json_pack("{s:s, s:b, s:o}", "file", change->path, "inForce",
				  change->daemon_runs, "warnings", config_json_lines(text));

		print_json(answer);
		return;
	}
	config_print_lines("warning: ", text, stdout);
	printf("%s: written%s\n", change->path,
	       change->daemon_runs ? ", and in force"
				   : "; clavigerd does not run and reads it when it starts");
}

enum command_status config_apply(const struct invocation *invocation, const struct conf_edit *edits,
				 size_t n)
{
	_cleanup_(change_done) struct change change = {
		.invocation = invocation, .edits = edits, .n = n};
	_cleanup_(control_jsonp) json_t *parameters = json_object(), *answer = NULL;
	enum command_status status = read_present(&change);

	if (!status)
		status = edit_text(&change);
	if (!status)
		status = read_wanted(&change);
	if (!status)
		status = check(&change);
	if (!status)
		status = write_wanted(&change);
	if (status)
		return status;
	if (change.daemon_runs &&
	    connection_call(invocation, CONTROL_CONFIG_RELOAD, parameters, &answer))
		return take_back(&change);
	tell(&change, answer);
	return COMMAND_DONE;
}

/* Where the name is missing, wrong or too much, what there is. */
static bool has_right_name(enum conf_section section, const char *name)
{
	bool named = conf_sections[section].named;

	if (named ? conf_is_label(span_of_text(name)) : !*name)
		return true;
	fprintf(stderr, "claviger: %s%s\n", conf_sections[section].name,
		named ? ".NAME needs the name of a section" : " takes no name");
	return false;
}

/* The option of this name, and whether its values can be written; what can't is told. */
static enum command_status complete(struct conf_edit *edit, enum conf_section section,
				    struct span name)
{
	edit->option = conf_find_option(section, name);
	if (!edit->option) {
		fprintf(stderr,
			"claviger: [%s] has no option of this name (claviger config show)\n",
			conf_sections[section].name);
		return COMMAND_MISUSE;
	}
	for (size_t i = 0; i < edit->n_values; i++)
		if (!conf_edit_takes(edit->values[i])) {
			fprintf(stderr,
				"claviger: %s=: a value is one line, without a backslash "
				"at its end\n",
				edit->option->name);
			return COMMAND_MISUSE;
		}
	/* An empty word asks for the default too. */
	if (edit->n_values == 1 && !*edit->values[0])
		edit->n_values = 0;
	if (!conf_sections[section].named)
		edit->name = NULL;
	return COMMAND_DONE;
}

#define ASSIGNMENTS_MOST 32

/* OPTION=VALUE for each. */
static enum command_status set_several(const struct invocation *invocation,
				       const struct conf_edit *first, enum conf_section section)
{
	struct conf_edit edits[ASSIGNMENTS_MOST];
	const char *values[ASSIGNMENTS_MOST];
	size_t n = (size_t)invocation->n_arguments - 1;

	for (size_t i = 0; i < n; i++) {
		const char *word = invocation->arguments[i + 1];
		const char *sign = strchr(word, '=');

		if (!sign || i == ASSIGNMENTS_MOST) {
			fprintf(stderr,
				"claviger: config set takes OPTION VALUE…, or up to %d "
				"OPTION=VALUE\n",
				ASSIGNMENTS_MOST);
			return COMMAND_MISUSE;
		}
		values[i] = sign + 1;
		edits[i] = *first;
		edits[i].values = &values[i];
		edits[i].n_values = 1;
		if (complete(&edits[i], section, SPAN(word, (size_t)(sign - word))))
			return COMMAND_MISUSE;
	}
	return config_apply(invocation, edits, n);
}

enum command_status config_set(const struct invocation *invocation)
{
	char **arguments = invocation->arguments;
	struct conf_edit edit = {.values = (const char *const *)arguments + 2,
				 .n_values = (size_t)invocation->n_arguments - 2,
				 .add = invocation->add};
	enum conf_section section;
	enum command_status status;

	if (!config_read_section(arguments[0], &section, &edit.name) ||
	    !has_right_name(section, edit.name))
		return COMMAND_MISUSE;
	if (strchr(arguments[1], '='))
		return set_several(invocation, &edit, section);
	status = complete(&edit, section, span_of_text(arguments[1]));
	return status ? status : config_apply(invocation, &edit, 1);
}
