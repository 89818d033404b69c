/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#ifdef CLAVIGER_TEST_CLOCK
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Set once, before there are threads; the directory stands beside it for the watch. */
static char test_path[PATH_MAX];
static char test_directory[PATH_MAX];
static _Atomic int64_t test_last_s;

/* A file that a test is replacing at this moment keeps the time that it had. */
static int test_clock_read(int64_t *ret_s)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	struct span text;
	int r = file_read(test_path, 64, &content);

	if (r < 0)
		return r;
	text = span_of(content);
	while (text.size && (text.data[text.size - 1] == '\n' || text.data[text.size - 1] == ' '))
		text.size--;
	return text_read_number(text, 0, INT64_MAX / 1000000, ret_s);
}

static int64_t test_clock_now(void)
{
	int64_t now_s;

	if (test_clock_read(&now_s) == 0)
		atomic_store(&test_last_s, now_s);
	return atomic_load(&test_last_s);
}
#endif

static int64_t clock_read_us(clockid_t clock)
{
	struct timespec now;
	int r = clock_gettime(clock, &now);

	assert(r == 0);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_s(void)
{
#ifdef CLAVIGER_TEST_CLOCK
	if (test_path[0])
		return test_clock_now();
#endif
	return clock_read_us(CLOCK_REALTIME) / 1000000;
}

#ifdef CLAVIGER_TEST_CLOCK
/* Beside the file of the time: NTP keeps it while there is one more of this name. */
static bool test_clock_is_synchronised(void)
{
	char path[sizeof(test_path) + sizeof(".synchronised")];

	snprintf(path, sizeof(path), "%s.synchronised", test_path);
	return access(path, F_OK) == 0;
}
#endif

int64_t clock_monotonic_ms(void)
{
	return clock_read_us(CLOCK_BOOTTIME) / 1000;
}

bool clock_is_synchronised(void)
{
	struct timex state = {.modes = 0};

#ifdef CLAVIGER_TEST_CLOCK
	if (test_path[0])
		return test_clock_is_synchronised();
#endif
	return adjtimex(&state) >= 0 && !(state.status & STA_UNSYNC);
}

#ifdef CLAVIGER_TEST_CLOCK

int clock_use_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	int64_t now_s;
	int r;

	if (strlen(path) >= sizeof(test_path))
		return -ENAMETOOLONG;
	memcpy(test_path, path, strlen(path) + 1);
	snprintf(test_directory, sizeof(test_directory), "%.*s",
		 slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	r = test_clock_read(&now_s);
	if (r < 0)
		test_path[0] = 0;
	else
		atomic_store(&test_last_s, now_s);
	return r;
}

/* The directory and not the file, because the file may be replaced by a rename. What else happens
 * in that directory wakes the reader too, which is harmless. */
const char *clock_directory(void)
{
	return test_path[0] ? test_directory : NULL;
}

#else

int clock_use_file(const char *path)
{
	(void)path;
	return -ENOTSUP;
}

const char *clock_directory(void)
{
	return NULL;
}

#endif
