/* SPDX-License-Identifier: Apache-2.0 */
/* The sections that an import is written as. */
#include "daemon/base/files.h"
#include "daemon/cli/import.h"
#include <stdlib.h>
#include <string.h>

/* The text, and of each of its lines where it comes from. */
struct page {
	struct buffer *out;
	unsigned *lines;
	size_t n;
	int error;
};

/* Says that the next line comes from this one. */
static void note(struct page *page, unsigned line)
{
	unsigned *grown = reallocarray(page->lines, page->n + 1, sizeof(*grown));

	if (!grown) {
		page->error = -ENOMEM;
		return;
	}
	page->lines = grown;
	page->lines[page->n++] = line;
}

static void write_line(struct page *page, unsigned line, const char *text)
{
	note(page, line);
	buffer_append_text(page->out, text);
	buffer_append_byte(page->out, '\n');
}

static void write_pair(struct page *page, unsigned line, const char *name, const char *value)
{
	note(page, line);
	buffer_printf(page->out, "%s=%s\n", name, value);
}

int import_secret_path(const struct import_section *section, const struct import_secret *secret,
		       const char *folder, char **ret)
{
	static const struct {
		const char *option, *what;
	} names[] = {{"ArchivePassword", "archive"},
		     {"StorePassword", "store"},
		     {"Password", "challenge"}};
	size_t i = 0;

	while (strcmp(secret->option, names[i].option) != 0)
		i++;
	return text_format(ret, "%s/%s.%s-password", folder, section->label, names[i].what);
}

static int write_secrets(struct page *page, const struct import_section *section,
			 const struct import_style *style)
{
	for (size_t i = 0; i < section->n_secrets; i++) {
		const struct import_secret *secret = &section->secrets[i];
		_cleanup_(freep) char *path = NULL;
		int r = import_secret_path(section, secret, style->folder, &path);

		if (r < 0)
			return r;
		if (!style->has_secrets)
			write_line(page, 0, "; a file of mode 0600 with the password:");
		note(page, style->has_secrets ? secret->line : 0);
		buffer_printf(page->out, "%s%s=%s\n", style->has_secrets ? "" : "; ",
			      secret->option, path);
	}
	return 0;
}

/* What a server's mode asks to be written beside what its lines say. */
static const struct import_mode {
	const char *name;
	bool has_key, issues;
} modes[] = {
	{"root", true, true},
	{"subordinate", true, true},
	{"ra", true, false},
	{"ra-transparent", false, false},
};

static const struct import_mode *mode_of(const struct import_section *section)
{
	const char *said = import_find_value(section, "Mode");

	for (size_t i = 0; i < ELEMENTS(modes) && said; i++)
		if (!strcmp(modes[i].name, said))
			return &modes[i];
	return &modes[0];
}

/* Where its key is: on the token that a line names, else on the one for all. */
static void write_token(struct page *page, const struct import_section *section,
			const struct import_style *style)
{
	if (import_find_value(section, "Token"))
		return;
	if (style->token)
		write_pair(page, 0, "Token", style->token);
	else
		write_line(page, 0,
			   section->block == IOS_BLOCK_SERVER
				   ? "; Token= the [Token] section that holds the CA's key"
				   : "; Token= the [Token] section that holds its key");
}

/* What IOS does of itself, and a configuration here has to say. */
static void write_implied(struct page *page, const struct import_section *section,
			  const struct import_mode *mode)
{
	/* What that server issued had such numbers, so what it goes on with has, too. */
	if (mode->issues)
		write_pair(page, 0, "SerialNumbers", "sequential");
	if (mode->has_key || import_find_value(section, "Grant"))
		return;
	write_line(page, 0,
		   "; nobody can decide by hand on what is passed on unread: auto lets all "
		   "of it through");
	write_pair(page, 0, "Grant", "none");
}

static int write_section(struct page *page, const struct import *import,
			 const struct import_section *section, const struct import_style *style)
{
	bool is_server = section->block == IOS_BLOCK_SERVER;
	const struct import_mode *mode = mode_of(section);

	note(page, 0);
	buffer_printf(page->out, "[%s %s]\n", is_server ? "Server" : "Trustpoint", section->label);
	/* A server's own trustpoint needs none: the server says it. */
	if (is_server ? mode->has_key : !import_find_server(import, section->label))
		write_token(page, section, style);
	for (size_t i = 0; i < section->n_settings; i++) {
		const struct import_setting *setting = &section->settings[i];

		write_pair(page, setting->line, setting->option, setting->value);
	}
	if (is_server)
		write_implied(page, section, mode);
	return write_secrets(page, section, style);
}

/* Beside its server a trustpoint says which key it has, or nothing. */
static bool is_written(const struct import *import, const struct import_section *section)
{
	return !section->is_dropped && (section->block == IOS_BLOCK_SERVER || section->n_settings ||
					!import_find_server(import, section->label));
}

int import_write(const struct import *import, const struct import_style *style, struct buffer *out,
		 unsigned **ret_lines, size_t *ret_n)
{
	struct page page = {.out = out};
	int r = 0;

	for (size_t i = 0; i < import->n_sections && r >= 0; i++) {
		if (!is_written(import, &import->sections[i]))
			continue;
		if (out->size)
			write_line(&page, 0, "");
		r = write_section(&page, import, &import->sections[i], style);
	}
	if (r >= 0)
		r = page.error ? page.error : out->error;
	if (r < 0) {
		free(page.lines);
		return r;
	}
	*ret_lines = page.lines;
	*ret_n = page.n;
	return 0;
}
