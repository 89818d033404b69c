/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/resolve.h"
#include "daemon/base/files.h"
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct resolve {
	atomic_int holders; /* who asked, and the thread */
	char *host, *port;
	int done;
	bool found;
	struct resolve_address first;
};

struct resolve *resolve_let_go(struct resolve *resolve)
{
	if (!resolve || atomic_fetch_sub(&resolve->holders, 1) > 1)
		return NULL;
	closep(&resolve->done);
	free(resolve->host);
	free(resolve->port);
	free(resolve);
	return NULL;
}

static void *look_up(void *context)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
	struct resolve *resolve = context;
	struct addrinfo *found = NULL;
	uint64_t one = 1;

	if (!getaddrinfo(resolve->host, resolve->port, &hints, &found) && found &&
	    found->ai_addrlen <= sizeof(resolve->first.address)) {
		memcpy(&resolve->first.address, found->ai_addr, found->ai_addrlen);
		resolve->first.size = found->ai_addrlen;
		resolve->found = true;
	}
	if (found)
		freeaddrinfo(found);
	/* An event counter takes a one at any time. */
	if (write(resolve->done, &one, sizeof(one)) < 0)
		resolve->found = false;
	resolve_let_go(resolve);
	return NULL;
}

static int start(struct resolve *resolve)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	resolve->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (resolve->done < 0)
		return -errno;
	atomic_store(&resolve->holders, 2);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attributes, look_up, resolve);
	pthread_attr_destroy(&attributes);
	if (r)
		atomic_store(&resolve->holders, 1);
	return -r;
}

int resolve_begin(struct span host, unsigned port, struct resolve **ret)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	int r;

	if (!resolve)
		return -ENOMEM;
	atomic_init(&resolve->holders, 1);
	resolve->done = -1;
	r = span_to_text(host, &resolve->host);
	if (r >= 0)
		r = text_format(&resolve->port, "%u", port);
	if (r >= 0)
		r = start(resolve);
	if (r < 0)
		resolve_let_go(resolve);
	else
		*ret = resolve;
	return r;
}

int resolve_fd(const struct resolve *resolve)
{
	return resolve->done;
}

int resolve_take(const struct resolve *resolve, struct resolve_address *ret)
{
	if (!resolve->found)
		return -ENOENT;
	*ret = resolve->first;
	return 0;
}
