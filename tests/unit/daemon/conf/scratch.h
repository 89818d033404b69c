/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A configuration on disk for one test: a directory of its own with claviger.conf and drop-ins,
 * removed afterwards.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/bytes.h"
#include "daemon/base/files.h"
#include "daemon/conf/conf.h"
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
	char folder[32];
	char path[64];
};

static inline void scratch_write(const struct scratch *scratch, const char *name,
				 struct span content)
{
	_cleanup_(freep) char *path = NULL;

	assert_int_equal(text_format(&path, "%s/%s", scratch->folder, name), 0);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(content.data, 1, content.size, file), content.size);
	assert_int_equal(fclose(file), 0);
}

static inline struct scratch scratch_new(struct span main_file)
{
	struct scratch scratch = {.folder = "/tmp/conf-test-XXXXXX"};
	char drop_ins[96];

	assert_non_null(mkdtemp(scratch.folder));
	snprintf(scratch.path, sizeof(scratch.path), "%s/claviger.conf", scratch.folder);
	snprintf(drop_ins, sizeof(drop_ins), "%s.d", scratch.path);
	assert_int_equal(mkdir(drop_ins, 0700), 0);
	scratch_write(&scratch, "claviger.conf", main_file);
	return scratch;
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int type,
				     struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void scratch_done(struct scratch *scratch)
{
	nftw(scratch->folder, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The snapshot of a text that is right. */
static inline struct conf *scratch_load(const char *text)
{
	_cleanup_(scratch_done) struct scratch scratch = scratch_new(span_of_text(text));
	_cleanup_(freep) char *error = NULL;
	struct conf *conf = NULL;

	int r = conf_load(scratch.path, &conf, &error);
	if (r)
		print_message("%s\n", error ? error : strerror(-r));
	assert_int_equal(r, 0);
	return conf;
}

/* The error of what is wrong, which is the caller's. */
static inline char *scratch_error(const struct scratch *scratch)
{
	char *error = NULL;
	struct conf *conf = NULL;

	assert_int_equal(conf_load(scratch->path, &conf, &error), CONF_LOAD_WRONG);
	assert_null(conf);
	assert_non_null(error);
	return error;
}

static inline void scratch_refuses_bytes(struct span content, const char *expected)
{
	_cleanup_(scratch_done) struct scratch scratch = scratch_new(content);
	_cleanup_(freep) char *error = scratch_error(&scratch);

	if (!strstr(error, expected))
		print_message("error: %s\nexpected: %s\n", error, expected);
	assert_non_null(strstr(error, expected));
	assert_memory_equal(error, scratch.path, strlen(scratch.path));
}

static inline void scratch_refuses(const char *text, const char *expected)
{
	scratch_refuses_bytes(span_of_text(text), expected);
}
