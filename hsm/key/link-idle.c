/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/link-idle.h"

#include <unistd.h>

void link_idle_init(struct link_idle *idle)
{
	idle->n = 0;
	pthread_mutex_init(&idle->mutex, NULL);
}

void link_idle_done(struct link_idle *idle)
{
	link_idle_drop(idle);
	pthread_mutex_destroy(&idle->mutex);
}

int link_idle_take(struct link_idle *idle)
{
	int fd = -1;

	pthread_mutex_lock(&idle->mutex);
	if (idle->n > 0)
		fd = idle->fds[--idle->n];
	pthread_mutex_unlock(&idle->mutex);
	return fd;
}

void link_idle_keep(struct link_idle *idle, int fd)
{
	pthread_mutex_lock(&idle->mutex);
	if (idle->n < LINK_IDLE_MOST) {
		idle->fds[idle->n++] = fd;
		fd = -1;
	}
	pthread_mutex_unlock(&idle->mutex);
	closep(&fd);
}

void link_idle_drop(struct link_idle *idle)
{
	pthread_mutex_lock(&idle->mutex);
	while (idle->n > 0)
		close(idle->fds[--idle->n]);
	pthread_mutex_unlock(&idle->mutex);
}
