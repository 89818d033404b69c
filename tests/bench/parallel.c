/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/parallel.h"
#include "tests/bench/must.h"
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 16

struct work {
	unsigned n;
	void (*each)(void *context, unsigned i);
	void *context;
	atomic_uint next;
};

static void *run(void *argument)
{
	struct work *work = argument;
	unsigned i;

	while ((i = atomic_fetch_add(&work->next, 1)) < work->n)
		work->each(work->context, i);
	return NULL;
}

void parallel(unsigned n, void (*each)(void *context, unsigned i), void *context)
{
	struct work work = {.n = n, .each = each, .context = context};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	int n_threads = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (int)cores;

	for (int i = 0; i < n_threads; i++)
		MUST(pthread_create(&threads[i], NULL, run, &work) == 0);
	for (int i = 0; i < n_threads; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}
