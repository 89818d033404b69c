/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/key-files.h"
#include "daemon/base/files.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What a usage is called in the names of files. */
static const struct {
	int usage;
	const char *suffix;
} parts[] = {
	{KEY_USAGE_GENERAL, ""},
	{KEY_USAGE_SIGNATURE, "-sign"},
	{KEY_USAGE_ENCRYPTION, "-encr"},
};

static const char *suffix_of(int usage)
{
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		if (parts[i].usage == usage)
			return parts[i].suffix;
	}
	return "";
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static int append_file(struct buffer *content, const char *path)
{
	_cleanup_(bytes_done) struct bytes read = {};
	int r = file_read(path, KEY_FILES_MOST, &read);

	if (r < 0) {
		fprintf(stderr, "claviger: %s: %s\n", path, file_error_text(r));
		return r;
	}
	buffer_append(content, span_of(read));
	buffer_append_byte(content, '\n');
	return content->error;
}

/* BASE-sign.pub and BASE-sign.prv, of which the public one may be missing. */
static int append_pair(struct buffer *content, const char *base, int usage)
{
	_cleanup_(freep) char *public = NULL, *private = NULL;

	if (text_format(&public, "%s%s.pub", base, suffix_of(usage)) < 0 ||
	    text_format(&private, "%s%s.prv", base, suffix_of(usage)) < 0)
		return -ENOMEM;
	if (exists(public) && append_file(content, public) < 0)
		return -EIO;
	return append_file(content, private);
}

/* Up to a line "quit". */
static int append_terminal(struct buffer *content)
{
	char line[1024];

	fputs("Enter the PEM-formatted certificate or public key, and the encrypted private key.\n"
	      "End with \"quit\" on a line by itself.\n",
	      stderr);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n") != 0) {
		buffer_append_text(content, line);
		if (content->size > KEY_FILES_MOST)
			return -EFBIG;
	}
	return content->error;
}

int key_files_read(const struct key_words *words, int usage, struct buffer *content)
{
	int r = 0;

	if (words->terminal)
		return append_terminal(content);
	if (words->n_files == 1 && !exists(words->files[0]))
		return append_pair(content, words->files[0], usage);
	if (words->n_files == 1 && words->format && words->format[1] != 'e') {
		_cleanup_(bytes_done) struct bytes read = {};

		r = file_read(words->files[0], KEY_FILES_MOST, &read);
		if (r < 0)
			fprintf(stderr, "claviger: %s: %s\n", words->files[0], file_error_text(r));
		buffer_append(content, span_of(read));
		return r;
	}
	for (int i = 0; i < words->n_files && r == 0; i++)
		r = append_file(content, words->files[i]);
	return r;
}

int key_files_write(const char *base, int usage, const char *ending, struct span content,
		    mode_t mode)
{
	_cleanup_(freep) char *path = NULL;
	int r = text_format(&path, "%s%s.%s", base, suffix_of(usage), ending);

	if (r == 0)
		r = file_write_atomically(path, content, mode);
	if (r < 0)
		fprintf(stderr, "claviger: %s: %s\n", path ? path : base, file_error_text(r));
	else
		printf("wrote %s\n", path);
	return r;
}
