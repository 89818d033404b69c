/* SPDX-License-Identifier: Apache-2.0 */
/* The `secret` of bytes.h: a mapping of its own for each. */
#include "daemon/base/bytes.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stands before the bytes, so that a secret whose size was cut down is still unmapped whole. In a
 * forked child the kernel has zeroed it with the rest (MADV_WIPEONFORK), or it is not there. */
struct secret_mapping {
	_Alignas(64) size_t mapped_bytes;
	struct secret_mapping *next; /* while it is idle */
};

/*
 * Wiped mappings of one page that wait for the next secret: mapping and unmapping stops all threads
 * of the process on all cores, several times for each private-key operation.
 */
static struct {
	pthread_mutex_t lock;
	struct secret_mapping *first;
	unsigned n;
} idle = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define IDLE_MOST 16

static atomic_bool unlocked_allowed;

void secret_allow_unlocked(void)
{
	atomic_store(&unlocked_allowed, true);
}

static atomic_bool hidden_wanted;

void secret_hide_from_kernel(void)
{
	atomic_store(&hidden_wanted, true);
}

/*
 * Pages that the kernel takes out of its own map: ptrace, /proc/PID/mem, core dumps and whatever a
 * hole in the kernel reads miss them. Locked and never dumped by themselves. They can only be
 * shared, so a child would write into its parent's: it gets none (MADV_DONTFORK). NULL where the
 * kernel lacks it, or a sandbox forbids it.
 */
static void *map_hidden(size_t size)
{
	_cleanup_(closep) int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	void *mapping;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return NULL;
	mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapping == MAP_FAILED)
		return NULL;
	if (madvise(mapping, size, MADV_DONTFORK) == 0)
		return mapping;
	munmap(mapping, size);
	return NULL;
}

static int mapping_protect(void *mapping, size_t size)
{
	if (madvise(mapping, size, MADV_DONTDUMP) < 0 ||
	    madvise(mapping, size, MADV_WIPEONFORK) < 0)
		return -errno;
	/* not mlock(), which the address sanitizer turns into nothing */
	if (mlock2(mapping, size, 0) < 0 && !atomic_load(&unlocked_allowed))
		return -ENOMEM;
	return 0;
}

/* A child's copies are not locked. Another thread may have had the lock, and there is none now. */
static void idle_forget(void)
{
	pthread_mutex_init(&idle.lock, NULL);
	idle.first = NULL;
	idle.n = 0;
}

static void idle_prepare(void)
{
	(void)pthread_atfork(NULL, NULL, idle_forget);
}

static struct secret_mapping *idle_take(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct secret_mapping *mapping;

	pthread_once(&once, idle_prepare);
	pthread_mutex_lock(&idle.lock);
	mapping = idle.first;
	if (mapping) {
		idle.first = mapping->next;
		idle.n--;
	}
	pthread_mutex_unlock(&idle.lock);
	return mapping;
}

static bool idle_keep(struct secret_mapping *mapping)
{
	bool kept;

	pthread_mutex_lock(&idle.lock);
	kept = idle.n < IDLE_MOST;
	if (kept) {
		mapping->next = idle.first;
		idle.first = mapping;
		idle.n++;
	}
	pthread_mutex_unlock(&idle.lock);
	return kept;
}

static void *map_locked(size_t size)
{
	void *mapping =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapping == MAP_FAILED)
		return NULL;
	if (mapping_protect(mapping, size) == 0)
		return mapping;
	munmap(mapping, size);
	return NULL;
}

static struct secret_mapping *map(size_t size)
{
	struct secret_mapping *mapping = atomic_load(&hidden_wanted) ? map_hidden(size) : NULL;

	if (!mapping)
		mapping = map_locked(size);
	return mapping;
}

int secret_new(size_t size, struct secret *ret)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct secret_mapping *mapping;
	size_t mapped;

	if (size > SIZE_MAX / 2)
		return -ENOMEM;
	mapped = (sizeof(*mapping) + size + page - 1) / page * page;
	mapping = mapped == page ? idle_take() : NULL;
	if (!mapping)
		mapping = map(mapped);
	if (!mapping)
		return -ENOMEM;
	mapping->mapped_bytes = mapped;
	*ret = (struct secret){(uint8_t *)(mapping + 1), size};
	return 0;
}

int secret_copy(struct span from, struct secret *ret)
{
	int r = secret_new(from.size, ret);

	if (r == 0 && from.size)
		memcpy(ret->data, from.data, from.size);
	return r;
}

void secret_done(struct secret *s)
{
	struct secret_mapping *mapping;
	size_t mapped;

	if (s->data) {
		mapping = (struct secret_mapping *)(void *)s->data - 1;
		mapped = mapping->mapped_bytes;
		wipe(mapping, mapped);
		if (mapped && (mapped != (size_t)sysconf(_SC_PAGESIZE) || !idle_keep(mapping)))
			munmap(mapping, mapped);
	}
	*s = (struct secret){0};
}
