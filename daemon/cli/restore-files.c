/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/restore-files.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/ipc/control.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define KEYS_MOST 32768 /* bytes of an archive */
#define SER_MOST  4096
#define CRL_MOST  (CONTROL_BULK_MOST / 4 * 3) /* what goes over the daemon's socket */

void restore_files_done(struct restore_files *files)
{
	if (files->keys.data)
		wipe(files->keys.data, files->keys.size);
	buffer_done(&files->keys);
	bytes_done(&files->ser);
	bytes_done(&files->crl);
}

static enum command_status fail(const char *path, int error)
{
	fprintf(stderr, "claviger: %s: %s\n", path, file_error_text(error));
	return COMMAND_FAILED;
}

static enum command_status read_ser(const char *path, struct restore_files *files)
{
	int r;

	bytes_done(&files->ser);
	r = file_read(path, SER_MOST, &files->ser);
	return r < 0 ? fail(path, r) : COMMAND_DONE;
}

static enum command_status read_crl(const char *path, struct restore_files *files)
{
	int r;

	bytes_done(&files->crl);
	r = file_read(path, CRL_MOST, &files->crl);
	return r < 0 ? fail(path, r) : COMMAND_DONE;
}

/* A certificate may lie there as DER: then it is made PEM, to stand beside the key. */
static enum command_status read_certificate(const char *path, struct restore_files *files)
{
	_cleanup_(bytes_done) struct bytes content = {};
	int r = file_read(path, KEYS_MOST, &content);

	if (r < 0)
		return fail(path, r);
	if (content.size && content.data[0] == 0x30)
		text_append_pem(&files->keys, "CERTIFICATE", span_of(content));
	else
		buffer_append(&files->keys, span_of(content));
	return files->keys.error ? COMMAND_FAILED : COMMAND_DONE;
}

static enum command_status read_archive(const char *path, struct restore_files *files)
{
	_cleanup_(bytes_done) struct bytes content = {};
	int r = file_read(path, KEYS_MOST, &content);

	if (r < 0)
		return fail(path, r);
	if (files->keys.size)
		buffer_append_byte(&files->keys, '\n');
	buffer_append(&files->keys, span_of(content));
	wipe(content.data, content.size);
	return files->keys.error ? COMMAND_FAILED : COMMAND_DONE;
}

static const struct {
	const char *ending;
	enum command_status (*read)(const char *path, struct restore_files *files);
} kinds[] = {
	{".ser", read_ser},	    {".crl", read_crl},	    {".cer", read_certificate},
	{".crt", read_certificate}, {".p12", read_archive}, {".pfx", read_archive},
	{".pem", read_archive},	    {".prv", read_archive},
};

static bool ends_with(const char *path, const char *ending)
{
	size_t size = strlen(path), n = strlen(ending);

	return size > n && !strcasecmp(path + size - n, ending);
}

static enum command_status read_file(const char *path, struct restore_files *files)
{
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		if (ends_with(path, kinds[i].ending))
			return kinds[i].read(path, files);
	}
	fprintf(stderr,
		"claviger: %s: which kind of file is that? Its name must end with .p12, .pem, "
		".ser, .crl, .crt or .cer\n",
		path);
	return COMMAND_MISUSE;
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* LABEL_00001.p12 and on: that of a generation after the first. */
static bool is_later_archive(const char *name, const char *label)
{
	size_t n = strlen(label);

	return !strncmp(name, label, n) && name[n] == '_' && name[n + 1] >= '0' &&
	       name[n + 1] <= '9' && (ends_with(name, ".p12") || ends_with(name, ".pem"));
}

/* Whose turn it was of several the names don't tell: the last may be of a shadow, and the first of
 * a key that is succeeded, perhaps as others know it. */
static bool has_rolled_over(const char *directory, const char *label)
{
	DIR *listing = opendir(directory);
	const struct dirent *entry;
	bool found = false;

	if (!listing)
		return false;
	while (!found && (entry = readdir(listing)))
		found = is_later_archive(entry->d_name, label);
	(void)closedir(listing);
	return found;
}

/* As a router keeps them: everything under the server's label. */
static enum command_status read_directory(const char *directory, const char *label,
					  struct restore_files *files)
{
	static const char *const endings[] = {"p12", "pem", "ser", "crl"};
	enum command_status status = COMMAND_DONE;
	unsigned archives = 0;

	if (has_rolled_over(directory, label)) {
		fprintf(stderr,
			"claviger: %s: each generation has an archive there: name the one of the "
			"CA certificate that was in force, with the other files, as claviger "
			"restore %s %s/%s_00001.p12 --ser %s/%s.ser --crl %s/%s.crl\n",
			directory, label, directory, label, directory, label, directory, label);
		return COMMAND_FAILED;
	}
	for (size_t i = 0; i < ELEMENTS(endings) && !status; i++) {
		_cleanup_(freep) char *path = NULL;

		if (text_format(&path, "%s/%s.%s", directory, label, endings[i]) < 0)
			return COMMAND_FAILED;
		if (!is_there(path))
			continue;
		archives += i < 2;
		status = read_file(path, files);
	}
	if (!status && archives == 1)
		return COMMAND_DONE;
	fprintf(stderr, "claviger: %s: %s %s.p12 and %s.pem\n", directory,
		archives ? "name the one that is meant of" : "there is neither of", label, label);
	return COMMAND_FAILED;
}

/* One part of the dialogue, up to its end or "quit"; false where "quit" came at once. */
static bool read_part(const char *prompt, bool to_end_line, struct buffer *ret)
{
	char line[1024];

	fprintf(stderr, "%% Enter PEM-formatted %s.\n%% End with %s\"quit\" on a line by itself.\n",
		prompt, to_end_line ? "a blank line or " : "");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "quit\n") || (to_end_line && ret->size && !strcmp(line, "\n")))
			break;
		buffer_append_text(ret, line);
		if (ret->size > KEYS_MOST || (to_end_line && !strncmp(line, "-----END", 8)))
			break;
	}
	return ret->size > 0;
}

static const struct {
	const char *prompt;
	bool certificate;
} parts[] = {
	{"CA certificate", true},
	{"encrypted private SIGNATURE key", false},
	{"SIGNATURE certificate", true},
	{"encrypted private ENCRYPTION key", false},
};

static bool is_blank(const struct buffer *text)
{
	for (size_t i = 0; i < text->size; i++) {
		if (!strchr(" \t\r\n", text->data[i]))
			return false;
	}
	return true;
}

/* A root's certificate is for signatures: its own stands twice, and there is no encryption key. */
static enum command_status read_terminal(struct restore_files *files)
{
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		_cleanup_(buffer_done) struct buffer part = {};

		(void)read_part(parts[i].prompt, parts[i].certificate, &part);
		if (i < 2 && is_blank(&part)) {
			fprintf(stderr, "claviger: no %s: nothing was done\n", parts[i].prompt);
			return COMMAND_FAILED;
		}
		if (i == 3 && !is_blank(&part)) {
			fputs("claviger: a CA has no encryption key: answer quit\n", stderr);
			return COMMAND_FAILED;
		}
		if (i < 2)
			buffer_append(&files->keys, span_of_buffer(&part));
	}
	return files->keys.error ? COMMAND_FAILED : COMMAND_DONE;
}

static enum command_status read_source(const char *source, const char *label,
				       struct restore_files *files)
{
	struct stat st;

	if (!strcmp(source, "terminal"))
		return read_terminal(files);
	if (stat(source, &st) < 0)
		return fail(source, -errno);
	return S_ISDIR(st.st_mode) ? read_directory(source, label, files)
				   : read_file(source, files);
}

enum command_status restore_files_read(const struct invocation *invocation,
				       struct restore_files *ret)
{
	enum command_status status = COMMAND_DONE;

	for (int i = 1; i < invocation->n_arguments && !status; i++)
		status = read_source(invocation->arguments[i], invocation->arguments[0], ret);
	if (!status && invocation->ser)
		status = read_ser(invocation->ser, ret);
	if (!status && invocation->crl)
		status = read_crl(invocation->crl, ret);
	if (!status && (!ret->keys.size || ret->keys.size > KEYS_MOST)) {
		fputs("claviger: there is no archive of the key among these files (.p12, .pem)\n",
		      stderr);
		return COMMAND_FAILED;
	}
	return status;
}
