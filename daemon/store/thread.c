/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/thread.h"
#include <signal.h>

int thread_start(pthread_t *ret, void *(*body)(void *), void *argument)
{
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(ret, NULL, body, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}
