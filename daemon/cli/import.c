/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/import.h"
#include "daemon/base/files.h"
#include "daemon/cli/ios-line.h"
#include "daemon/cli/running-config.h"
#include "daemon/cli/type7.h"
#include "daemon/conf/value.h"
#include <stdlib.h>
#include <string.h>

/* One element more; NULL where memory is short. */
static void *grow(void *array_pointer, size_t *n, size_t size)
{
	char **array = array_pointer;
	char *grown = reallocarray(*array, *n + 1, size);

	if (!grown)
		return NULL;
	*array = grown;
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}

/* The line as it may be shown: what follows the word password is hidden. */
static int copy_shown(struct span text, char **ret)
{
	static const char word[] = "password ";
	const uint8_t *found = memmem(text.data, text.size, word, sizeof(word) - 1);

	if (!found)
		return span_to_text(text, ret);
	return text_format(ret, "%.*s…", (int)(found - text.data) + (int)sizeof(word) - 1,
			   (const char *)text.data);
}

static int leave(struct import *import, unsigned line, struct span text, const char *why)
{
	struct import_left *left = grow(&import->left, &import->n_left, sizeof(*left));
	int r;

	if (!left)
		return -ENOMEM;
	left->line = line;
	r = copy_shown(text, &left->text);
	return r < 0 ? r : text_format(&left->why, "%s", why);
}

int import_leave(struct import *import, struct import_section *section, size_t setting,
		 const char *why)
{
	struct import_setting *gone = &section->settings[setting];
	int r = leave(import, gone->line, span_of_text(gone->text), why);

	free(gone->text);
	free(gone->value);
	memmove(gone, gone + 1, (section->n_settings - setting - 1) * sizeof(*gone));
	section->n_settings--;
	return r;
}

static struct import_section *find_section(const struct import *import, enum ios_block block,
					   const char *label)
{
	for (size_t i = 0; i < import->n_sections; i++)
		if (import->sections[i].block == block && !strcmp(import->sections[i].label, label))
			return &import->sections[i];
	return NULL;
}

const struct import_section *import_find_server(const struct import *import, const char *label)
{
	return find_section(import, IOS_BLOCK_SERVER, label);
}

size_t import_count(const struct import *import, enum ios_block block)
{
	size_t n = 0;

	for (size_t i = 0; i < import->n_sections; i++)
		n += import->sections[i].block == block && !import->sections[i].is_dropped;
	return n;
}

static int open_section(struct import *import, const struct running_line *line,
			struct import_section **ret)
{
	enum ios_block block = running_block_of(line->block);
	const char *label = line->words[3];

	*ret = NULL;
	if (!conf_is_label(span_of_text(label)))
		return leave(import, line->number, line->text,
			     "a label has 1 to 64 of A-Z a-z 0-9 . _ - and no dot first");
	*ret = find_section(import, block, label);
	if (*ret)
		return 0;
	*ret = grow(&import->sections, &import->n_sections, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->block = block;
	return text_format(&(*ret)->label, "%s", label);
}

static const struct import_setting *find_setting(const struct import_section *section,
						 const char *option)
{
	for (size_t i = 0; i < section->n_settings; i++)
		if (!strcmp(section->settings[i].option, option))
			return &section->settings[i];
	return NULL;
}

const char *import_find_value(const struct import_section *section, const char *option)
{
	const struct import_setting *setting = find_setting(section, option);

	return setting ? setting->value : NULL;
}

static void remove_settings(struct import_section *section, const char *option)
{
	size_t kept = 0;

	for (size_t i = 0; i < section->n_settings; i++) {
		if (strcmp(section->settings[i].option, option) != 0) {
			section->settings[kept++] = section->settings[i];
			continue;
		}
		free(section->settings[i].text);
		free(section->settings[i].value);
	}
	section->n_settings = kept;
}

static int add_setting(struct import_section *section, const struct running_line *line,
		       const char *option, const char *value)
{
	struct import_setting *setting;
	int r;

	setting = grow(&section->settings, &section->n_settings, sizeof(*setting));
	if (!setting)
		return -ENOMEM;
	*setting = (struct import_setting){.line = line->number, .option = option};
	r = copy_shown(line->text, &setting->text);
	return r < 0 ? r : text_format(&setting->value, "%s", value);
}

/* What the configuration's own reader says to a value: 0, CONF_VALUE_WRONG. */
static int judge(const struct conf_option *option, const char *value, struct buffer *why)
{
	union {
		struct conf_server server;
		struct conf_trustpoint trustpoint;
	} section = {};
	void *member = (char *)&section + option->offset;
	int r = conf_value_read(option, span_of_text(value), member, why);

	conf_value_done(option, member);
	buffer_append_byte(why, 0);
	return why->error ? why->error : r;
}

/* One option of a line. */
static int set_option(struct import *import, struct import_section *section,
		      const struct running_line *line, const struct ios_setting *setting)
{
	const struct conf_option *option =
		conf_find_option(ios_block_section(section->block), span_of_text(setting->option));
	_cleanup_(buffer_done) struct buffer why = {};
	int r;

	assert(option);
	if (!setting->value || !conf_is_list(option))
		remove_settings(section, setting->option);
	if (!setting->value)
		return 0;
	r = judge(option, setting->value, &why);
	if (r == CONF_VALUE_WRONG)
		return leave(import, line->number, line->text, (char *)why.data);
	return r < 0 ? r : add_setting(section, line, setting->option, setting->value);
}

static int set(struct import *import, struct import_section *section,
	       const struct running_line *line, const struct ios_line *read)
{
	const struct ios_setting first = {read->option, read->value};
	int r = read->is_secret ? 0 : set_option(import, section, line, &first);

	for (size_t i = 0; i < read->n_also && r >= 0; i++)
		r = set_option(import, section, line, &read->also[i]);
	return r;
}

/* One user serves all stores. */
static int set_user(struct import *import, struct import_section *section,
		    const struct running_line *line, const struct ios_line *read)
{
	const struct import_setting *setting = find_setting(section, "StoreUser");

	if (!read->user || !strcmp(read->option, "StoreUser"))
		return 0;
	if (!setting)
		return add_setting(section, line, "StoreUser", read->user);
	if (!strcmp(setting->value, read->user))
		return 0;
	return leave(import, line->number, line->text,
		     "its user: one StoreUser= serves all stores, and another line has one");
}

static int read_password(const struct ios_line *read, struct secret *ret)
{
	struct span text = span_of_text(read->password);

	return read->password_kind == IOS_PASSWORD_OBSCURED ? type7_read(text, ret)
							    : secret_copy(text, ret);
}

static int set_password(struct import *import, struct import_section *section,
			const struct running_line *line, const struct ios_line *read)
{
	_cleanup_(secret_done) struct secret secret = {};
	int r;

	if (!read->password)
		return 0;
	r = read_password(read, &secret);
	if (r == -EINVAL)
		return leave(import, line->number, line->text,
			     "its password: that is none of type 7");
	if (r < 0)
		return r;
	for (size_t i = 0; i < section->n_secrets; i++) {
		const struct import_secret *other = &section->secrets[i];

		if (strcmp(other->option, read->password_option) != 0)
			continue;
		if (span_equal_secretly(span_of_secret(other->secret), span_of_secret(secret)))
			return 0;
		return leave(import, line->number, line->text,
			     "its password: another line has another one");
	}
	assert(section->n_secrets < ELEMENTS(section->secrets));
	section->secrets[section->n_secrets++] =
		(struct import_secret){line->number, read->password_option, TAKE_STRUCT(secret)};
	return 0;
}

/* IOS's own HTTPS server makes such a trustpoint for itself. */
static bool is_self_signed(const struct running_line *line)
{
	return line->n_words == 2 && !strcmp(line->words[1], "selfsigned");
}

static int read_section_line(struct import *import, struct import_section *section,
			     const struct running_line *line)
{
	_cleanup_(ios_line_done) struct ios_line read = {};
	int r = ios_line_read(section->block, line->words, line->n_words, &read);

	if (r == IOS_LINE_UNKNOWN)
		return leave(import, line->number, line->text,
			     section->block == IOS_BLOCK_SERVER
				     ? "no such line of a certificate server is known"
				     : "no such line of a trustpoint is known");
	if (r == IOS_LINE_REFUSED) {
		section->is_dropped |= is_self_signed(line);
		return leave(import, line->number, line->text, read.note);
	}
	if (r < 0)
		return r;
	if (!read.option) {
		section->is_shut |= !strcmp(line->words[0], "shutdown");
		return 0;
	}
	r = set(import, section, line, &read);
	if (r >= 0)
		r = set_user(import, section, line, &read);
	return r < 0 ? r : set_password(import, section, line, &read);
}

static int read_lines(struct running_config *reader, struct import *import)
{
	struct import_section *section = NULL;
	struct running_line line;
	int r;

	while (!(r = running_config_next(reader, &line))) {
		if (line.opens)
			r = open_section(import, &line, &section);
		else if (!section)
			r = leave(import, line.number, line.text, "its block was not turned");
		else
			r = read_section_line(import, section, &line);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : 0;
}

int import_read(struct span text, struct import *ret)
{
	_cleanup_(running_config_done) struct running_config reader = {};
	int r;

	*ret = (struct import){};
	if (!running_config_is_text(text))
		return IMPORT_NO_TEXT;
	running_config_init(&reader, text);
	r = read_lines(&reader, ret);
	ret->n_ignored = reader.n_ignored;
	if (r < 0)
		return r;
	return import_count(ret, IOS_BLOCK_SERVER) + import_count(ret, IOS_BLOCK_TRUSTPOINT)
		       ? 0
		       : IMPORT_NOTHING;
}

static void section_done(struct import_section *section)
{
	for (size_t i = 0; i < section->n_settings; i++) {
		free(section->settings[i].text);
		free(section->settings[i].value);
	}
	for (size_t i = 0; i < section->n_secrets; i++)
		secret_done(&section->secrets[i].secret);
	free(section->settings);
	free(section->label);
}

void import_done(struct import *import)
{
	for (size_t i = 0; i < import->n_sections; i++)
		section_done(&import->sections[i]);
	for (size_t i = 0; i < import->n_left; i++) {
		free(import->left[i].text);
		free(import->left[i].why);
	}
	free(import->sections);
	free(import->left);
	*import = (struct import){};
}
