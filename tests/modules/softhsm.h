/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A SoftHSM of a test's own: a directory for its tokens, and the environment that leads modules
 * loaded from now on, here and in children, to it. Optionally the fault module stands before it.
 */

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOFTHSM_MODULE "/usr/lib/softhsm/libsofthsm2.so"

struct softhsm {
	char directory[64];
	char control[PATH_MAX], counts[PATH_MAX];
	char fault_module[PATH_MAX]; /* the path to load instead of SOFTHSM_MODULE */
};

static inline void softhsm_write(const char *path, const char *text)
{
	char temporary[PATH_MAX + 8];
	FILE *file;

	(void)snprintf(temporary, sizeof(temporary), "%s.new", path);
	file = fopen(temporary, "we");
	assert(file);
	assert(fputs(text, file) >= 0);
	assert(fclose(file) == 0);
	assert(rename(temporary, path) == 0);
}

/* What the fault module does from now on; "" makes it healthy again. */
static inline void softhsm_spoil(const struct softhsm *hsm, const char *lines)
{
	softhsm_write(hsm->control, lines);
}

/* How often the fault module was asked for @function. */
static inline unsigned softhsm_calls(const struct softhsm *hsm, const char *function)
{
	FILE *file = fopen(hsm->counts, "re");
	char name[32];
	unsigned n, found = 0;

	while (file && fscanf(file, "%31s %u\n", name, &n) == 2) {
		if (strcmp(name, function) == 0)
			found = n;
	}
	if (file)
		(void)fclose(file);
	return found;
}

static inline void softhsm_set_path(const char *variable, const char *directory, const char *name,
				    char ret[static PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s/%s", directory, name);
	if (variable)
		assert(setenv(variable, ret, 1) == 0);
}

/* The fault module lies in bin/ of the build that this program is from. */
static inline void softhsm_find_fault_module(struct softhsm *hsm)
{
	char self[PATH_MAX] = "";
	char *bin = NULL;

	assert(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	while ((bin = strrchr(self, '/'))) {
		*bin = '\0';
		(void)snprintf(hsm->fault_module, sizeof(hsm->fault_module),
			       "%.4000s/bin/fault-module.so", self);
		if (access(hsm->fault_module, R_OK) == 0)
			return;
	}
	/* It was not built. */
	assert(access(hsm->fault_module, R_OK) == 0);
}

static inline void softhsm_start(struct softhsm *hsm)
{
	char path[PATH_MAX], text[PATH_MAX * 2];

	*hsm = (struct softhsm){.directory = "/tmp/claviger-softhsm-XXXXXX"};
	assert(mkdtemp(hsm->directory));
	softhsm_set_path(NULL, hsm->directory, "tokens", path);
	assert(mkdir(path, 0700) == 0);
	(void)snprintf(text, sizeof(text),
		       "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n",
		       path);
	softhsm_set_path("SOFTHSM2_CONF", hsm->directory, "softhsm2.conf", path);
	softhsm_write(path, text);
	softhsm_set_path("FAULT_MODULE_CONTROL", hsm->directory, "control", hsm->control);
	softhsm_set_path("FAULT_MODULE_COUNTS", hsm->directory, "counts", hsm->counts);
	assert(setenv("FAULT_MODULE_REAL", SOFTHSM_MODULE, 1) == 0);
	softhsm_find_fault_module(hsm);
}

static inline void softhsm_stop(struct softhsm *hsm)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r '%s'", hsm->directory);
	assert(system(command) == 0);
}
