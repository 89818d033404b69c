/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crash.h"

#ifdef CLAVIGER_TEST_CLOCK
#include "daemon/base/bytes.h"
#include "daemon/base/files.h"
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static char crash_path[PATH_MAX];

static const char *const names[] = {
#define CRASH(name, text) [CRASH_##name] = (text),
#include "daemon/base/crash.def"
};

void crash_use_file(const char *path)
{
	if (path)
		(void)snprintf(crash_path, sizeof(crash_path), "%s", path);
}

void crash_here(enum crash_point point)
{
	_cleanup_(bytes_done) struct bytes content = {};

	if (!crash_path[0] || file_read(crash_path, 64, &content) < 0 ||
	    !span_equal(span_of(content), span_of_text(names[point])))
		return;
	(void)unlink(crash_path);
	(void)raise(SIGKILL);
}
#endif
