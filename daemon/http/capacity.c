/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/capacity.h"

#include "daemon/base/log.h"
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CONNECTIONS_MAX	 16384
#define DESCRIPTORS_MAX	 65536
#define DESCRIPTORS_MORE 128 /* for files, sockets, libraries */
#define THREADS_MAX	 4

unsigned capacity_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 256;
	rlim_t most = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
	if (limit.rlim_cur < most) {
		limit.rlim_cur = most;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			log_warning(LOG_PLAIN, "cannot have %llu descriptors: %s",
				    (unsigned long long)most, strerror(errno));
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < 2 * DESCRIPTORS_MORE)
		return DESCRIPTORS_MORE;
	rlim_t left = limit.rlim_cur - DESCRIPTORS_MORE;
	return left < CONNECTIONS_MAX ? (unsigned)left : CONNECTIONS_MAX;
}

unsigned capacity_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 2)
		return 2;
	return n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}
