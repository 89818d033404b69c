/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/import-ios.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/import-place.h"
#include "daemon/cli/import.h"
#include "daemon/cli/print.h"
#include "daemon/cli/running-config.h"
#include "daemon/cli/trial.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All that one import knows. */
struct work {
	const struct invocation *invocation;
	const char *from;  /* what the running-config is called */
	struct conf *conf; /* NULL: there is no configuration yet */
	struct import import;
	struct import_style style;
	struct import_place place;
	struct buffer text;
	unsigned *lines; /* of the text: the running-config's */
	size_t n_lines;
};

static void work_done(struct work *work)
{
	conf_unref(work->conf);
	import_done(&work->import);
	import_place_done(&work->place);
	buffer_done(&work->text);
	free(work->lines);
}

static enum command_status tell(const struct work *work, const char *why)
{
	fprintf(stderr, "claviger: %s: %s\n", work->from, why);
	return COMMAND_FAILED;
}

static int read_input(const char *path, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer text = {};

	if (strcmp(path, "-") != 0)
		return file_read(path, RUNNING_CONFIG_MOST, ret);
	for (;;) {
		uint8_t piece[4096];
		ssize_t n = read(STDIN_FILENO, piece, sizeof(piece));

		if (n < 0)
			return -errno;
		if (!n)
			return buffer_take(&text, ret);
		buffer_append(&text, SPAN(piece, (size_t)n));
		if (text.size > RUNNING_CONFIG_MOST)
			return -EFBIG;
	}
}

static void print_left(const struct work *work)
{
	for (size_t i = 0; i < work->import.n_left; i++) {
		const struct import_left *left = &work->import.left[i];
		_cleanup_(buffer_done) struct buffer text = {};

		print_append(&text, span_of_text(left->text));
		buffer_append_text(&text, "\": ");
		print_append(&text, span_of_text(left->why));
		fprintf(stderr, "%s:%u: could not be turned: \"%.*s\n", work->from, left->line,
			(int)text.size, (const char *)text.data);
	}
}

static enum command_status read_running_config(struct work *work)
{
	_cleanup_(bytes_done) struct bytes text = {};
	int r = read_input(work->invocation->arguments[0], &text);

	if (r == -EFBIG)
		return tell(work, "larger than 4 MiB: that is no running-config");
	if (r < 0)
		return tell(work, file_error_text(r));
	r = import_read(span_of(text), &work->import);
	wipe(text.data, text.size); /* it may hold passwords */
	if (r < 0)
		return tell(work, strerror(-r));
	if (r == IMPORT_NO_TEXT)
		return tell(work, "not text: a running-config is what \"show running-config\" "
				  "prints");
	if (r == IMPORT_NOTHING) {
		print_left(work);
		return tell(work,
			    "no \"crypto pki server\" and no \"crypto pki trustpoint\" in it: is "
			    "this a running-config?");
	}
	return COMMAND_DONE;
}

/* The operator's word, else the only token there is. */
static enum command_status find_token(struct work *work)
{
	const char *on = work->invocation->on;

	work->style.token = on;
	if (!on && work->conf && work->conf->n_tokens == 1)
		work->style.token = work->conf->tokens[0].name;
	if (on && (!work->conf || !conf_find_token(work->conf, on))) {
		fprintf(stderr, "claviger: --on %s: no [Token %s] in %s\n", on, on,
			work->invocation->config);
		return COMMAND_FAILED;
	}
	if (work->style.token || !work->place.path)
		return COMMAND_DONE;
	fputs("claviger: --on TOKEN is missing: which token holds the keys?\n", stderr);
	return COMMAND_MISUSE;
}

static enum command_status find_configuration(struct work *work)
{
	if (access(work->invocation->config, F_OK) < 0 && errno == ENOENT && !work->place.path)
		return COMMAND_DONE;
	return connection_load_config(work->invocation, &work->conf);
}

static enum command_status refuse_known(const struct work *work)
{
	for (size_t i = 0; i < work->import.n_sections && work->conf; i++) {
		const struct import_section *section = &work->import.sections[i];
		enum conf_section kind = ios_block_section(section->block);

		if (!conf_find_origin(work->conf, kind, span_of_text(section->label)))
			continue;
		fprintf(stderr, "claviger: [%s %s] is in %s already: nothing was done\n",
			conf_sections[kind].name, section->label, work->invocation->config);
		return COMMAND_FAILED;
	}
	return COMMAND_DONE;
}

static int write_text(struct work *work)
{
	struct buffer text = {};
	unsigned *lines = NULL;
	size_t n_lines = 0;
	int r = import_write(&work->import, &work->style, &text, &lines, &n_lines);

	buffer_done(&work->text);
	free(work->lines);
	work->text = text;
	work->lines = lines;
	work->n_lines = n_lines;
	return r;
}

/* The setting of that line goes to what is left; false in @ret where it is of none. What mode a
 * server has is no detail: one that isn't a root must not become one. */
static int leave_line(struct work *work, unsigned line, const char *why, bool *ret)
{
	*ret = false;
	for (size_t i = 0; line && i < work->import.n_sections; i++) {
		struct import_section *section = &work->import.sections[i];

		for (size_t j = 0; j < section->n_settings; j++) {
			if (section->settings[j].line != line)
				continue;
			if (!strcmp(section->settings[j].option, "Mode"))
				return 0;
			*ret = true;
			return import_leave(&work->import, section, j, why);
		}
	}
	return 0;
}

/* Leaves the first setting that is wrong in the whole. @ret_all: nothing but a token is missing. */
static int leave_first(struct work *work, const struct trial *trial, bool *ret_left, bool *ret_all)
{
	const char *at = NULL;
	struct span why;
	unsigned line;

	*ret_left = false;
	*ret_all = !work->style.token;
	while (trial_next(trial, &at, &line, &why)) {
		_cleanup_(freep) char *text = NULL;
		int r = span_to_text(why, &text);
		unsigned from = line && line <= work->n_lines ? work->lines[line - 1] : 0;

		if (r >= 0)
			r = leave_line(work, from, text, ret_left);
		if (r < 0 || *ret_left)
			return r;
		*ret_all = *ret_all && !from;
	}
	return 0;
}

/* Tried as a whole until nothing of the import is wrong in it: what is, is left out and told. */
static enum command_status try_whole(struct work *work)
{
	for (;;) {
		_cleanup_(trial_done) struct trial trial = {};
		bool left = false, all = false;
		int r = write_text(work);

		if (r >= 0)
			r = trial_run(work->invocation->config, import_place_name(&work->place),
				      span_of_buffer(&work->text), &trial);
		if (!r)
			return COMMAND_DONE;
		if (r == TRIAL_WRONG)
			r = leave_first(work, &trial, &left, &all);
		if (r < 0)
			return tell(work, strerror(-r));
		if (left)
			continue;
		return all ? COMMAND_DONE : tell(work, trial.errors);
	}
}

static json_t *describe(const struct work *work)
{
	json_t *left = json_array();
	json_t *names[IOS_BLOCKS] = {json_array(), json_array()};

	for (size_t i = 0; i < work->import.n_sections; i++)
		if (!work->import.sections[i].is_dropped)
			json_array_append_new(names[work->import.sections[i].block],
					      json_string(work->import.sections[i].label));
	for (size_t i = 0; i < work->import.n_left; i++) {
		const struct import_left *one = &work->import.left[i];

		json_array_append_new(left, json_pack("{s:i,s:s,s:s}", "line", (int)one->line,
						      "text", one->text, "why", one->why));
	}
	return json_pack("{s:s%,s:o,s:o,s:o,s:i}", "text", (const char *)work->text.data,
			 work->text.size, "servers", names[IOS_BLOCK_SERVER], "trustpoints",
			 names[IOS_BLOCK_TRUSTPOINT], "left", left, "ignored",
			 (int)work->import.n_ignored);
}

static void print_result(const struct work *work)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	size_t n_servers = import_count(&work->import, IOS_BLOCK_SERVER);
	size_t n_trustpoints = import_count(&work->import, IOS_BLOCK_TRUSTPOINT);

	if (work->invocation->json) {
		answer = describe(work);
		print_json(answer);
		return;
	}
	if (!work->place.path)
		printf("%.*s", (int)work->text.size, (const char *)work->text.data);
	print_left(work);
	fprintf(stderr,
		"%s: %zu server%s, %zu trustpoint%s, %zu line%s not turned, %u about other "
		"things\n",
		work->from, n_servers, n_servers == 1 ? "" : "s", n_trustpoints,
		n_trustpoints == 1 ? "" : "s", work->import.n_left,
		work->import.n_left == 1 ? "" : "s", work->import.n_ignored);
	for (size_t i = 0; i < work->import.n_sections; i++)
		if (work->import.sections[i].is_shut)
			fprintf(stderr, "%s: server %s is shut there, so leave it stopped here\n",
				work->from, work->import.sections[i].label);
}

static enum command_status write_all(struct work *work)
{
	_cleanup_(freep) char *why = NULL;

	if (!work->place.path)
		return COMMAND_DONE;
	if (!import_place_write(&work->place, &work->import, span_of_buffer(&work->text), &why)) {
		fprintf(stderr, "claviger: wrote %s; \"systemctl reload clavigerd\" takes it up\n",
			work->place.path);
		return COMMAND_DONE;
	}
	fprintf(stderr, "claviger: %s: nothing was done\n", why ? why : "short of memory");
	return COMMAND_FAILED;
}

enum command_status import_ios_run(const struct invocation *invocation)
{
	static enum command_status (*const steps[])(struct work * work) = {
		find_configuration, read_running_config, find_token, try_whole, write_all,
	};
	_cleanup_(work_done) struct work work = {
		.invocation = invocation,
		.from = strcmp(invocation->arguments[0], "-") ? invocation->arguments[0]
							      : "standard input",
	};
	enum command_status status =
		import_place_find(&work.place, invocation->config, invocation->write);

	work.style.folder = work.place.folder;
	work.style.has_secrets = work.place.path;
	for (size_t i = 0; i < ELEMENTS(steps) && !status; i++) {
		status = steps[i](&work);
		if (!status && steps[i] == read_running_config)
			status = refuse_known(&work);
	}
	if (!status)
		print_result(&work);
	return status;
}
