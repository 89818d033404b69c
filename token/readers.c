/* SPDX-License-Identifier: Apache-2.0 */
#include "token/readers.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <winscard.h>

/* How long pcscd is waited for at a time: a reader that comes between the list and the question
 * would else be missed. */
#define PATIENCE_MS 2000
/* How long after it was not there it is asked again. */
#define RETRY_MS 500
/* A reader by this name stands for all that are not there yet. */
#define ANY_NEW_READER "\\\\?PnP?\\Notification"

#define STOP_ROUND_MS 100
#define STOP_ROUNDS   20

struct readers {
	pthread_t thread;
	bool started;
	atomic_bool stopping;
	/* wake: the view changed. first: there is one. stop, ended: of the thread. */
	int wake_fd, first_fd, stop_fd, ended_fd;

	pthread_mutex_t lock; /* guards what follows */
	struct readers_view view;
	SCARDCONTEXT context;
	bool has_context;
};

/* What the thread alone works with. */
struct watcher {
	struct readers *readers;
	struct readers_view view;
	DWORD states[READERS_MAX]; /* as pcscd told them last, of the view's readers */
};

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, timeout_ms) > 0;
}

static bool is_same_view(const struct readers_view *a, const struct readers_view *b)
{
	if (a->service != b->service || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
		    a->items[i].has_card != b->items[i].has_card ||
		    a->items[i].events != b->items[i].events)
			return false;
	}
	return true;
}

static void publish(struct readers *readers, const struct readers_view *view)
{
	bool same;

	(void)pthread_mutex_lock(&readers->lock);
	same = is_same_view(&readers->view, view);
	readers->view = *view;
	(void)pthread_mutex_unlock(&readers->lock);
	if (same)
		return;
	(void)eventfd_write(readers->first_fd, 1);
	(void)eventfd_write(readers->wake_fd, 1);
}

static LONG connect_to_pcscd(struct readers *readers)
{
	SCARDCONTEXT context;
	LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

	if (rv != SCARD_S_SUCCESS)
		return rv;
	(void)pthread_mutex_lock(&readers->lock);
	readers->context = context;
	readers->has_context = true;
	(void)pthread_mutex_unlock(&readers->lock);
	return rv;
}

static void disconnect(struct readers *readers)
{
	bool had;

	(void)pthread_mutex_lock(&readers->lock);
	had = readers->has_context;
	readers->has_context = false;
	(void)pthread_mutex_unlock(&readers->lock);
	if (had)
		(void)SCardReleaseContext(readers->context);
}

/* Whom it knew already keeps its state. */
static void add_reader(struct watcher *next, const struct watcher *before, const char *name)
{
	struct reader *reader = &next->view.items[next->view.n];

	if (next->view.n == READERS_MAX)
		return;
	(void)snprintf(reader->name, sizeof(reader->name), "%.127s", name);
	for (size_t i = 0; i < before->view.n; i++) {
		if (strcmp(before->view.items[i].name, reader->name) != 0)
			continue;
		*reader = before->view.items[i];
		next->states[next->view.n] = before->states[i];
	}
	next->view.n++;
}

static LONG list_readers(struct watcher *watcher)
{
	struct watcher next = {.readers = watcher->readers, .view.service = READERS_THERE};
	char names[READERS_MAX * READER_NAME_SIZE + 1] = "";
	DWORD size = sizeof(names);
	LONG rv = SCardListReaders(watcher->readers->context, NULL, names, &size);

	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		names[0] = '\0';
	else if (rv != SCARD_S_SUCCESS)
		return rv;
	for (const char *name = names; *name; name += strlen(name) + 1)
		add_reader(&next, watcher, name);
	*watcher = next;
	return SCARD_S_SUCCESS;
}

static void take_states(struct watcher *watcher, const SCARD_READERSTATE *states)
{
	for (size_t i = 0; i < watcher->view.n; i++) {
		DWORD state = states[i].dwEventState;

		/* One that is out of order is told so once, and has no card; one that went is left
		 * out of the next list. */
		watcher->states[i] = state & ~(DWORD)SCARD_STATE_CHANGED;
		watcher->view.items[i].has_card = state & SCARD_STATE_PRESENT;
		watcher->view.items[i].events = (unsigned)(state >> 16) & 0xffff;
	}
}

/* Waits for a change; a reader that is new to us is told of at once. */
static LONG wait_for_change(struct watcher *watcher)
{
	SCARD_READERSTATE states[READERS_MAX + 1] = {{0}};
	size_t n = watcher->view.n;
	LONG rv;

	for (size_t i = 0; i < n; i++) {
		states[i].szReader = watcher->view.items[i].name;
		states[i].dwCurrentState = watcher->states[i];
	}
	states[n].szReader = ANY_NEW_READER;
	rv = SCardGetStatusChange(watcher->readers->context, PATIENCE_MS, states, (DWORD)n + 1);
	if (rv == SCARD_S_SUCCESS)
		take_states(watcher, states);
	if (rv == SCARD_E_TIMEOUT || rv == SCARD_E_UNKNOWN_READER)
		rv = SCARD_S_SUCCESS;
	return rv;
}

static bool has_new(const struct watcher *watcher)
{
	for (size_t i = 0; i < watcher->view.n; i++) {
		if (watcher->states[i] == SCARD_STATE_UNAWARE)
			return true;
	}
	return false;
}

/* As long as pcscd answers. */
static LONG follow(struct watcher *watcher)
{
	LONG rv = list_readers(watcher);

	while (rv == SCARD_S_SUCCESS && !atomic_load(&watcher->readers->stopping)) {
		if (!has_new(watcher))
			publish(watcher->readers, &watcher->view);
		rv = wait_for_change(watcher);
		if (rv == SCARD_S_SUCCESS)
			rv = list_readers(watcher);
	}
	return rv;
}

static void *watch(void *context)
{
	const struct readers_view away = {.service = READERS_AWAY};
	struct readers *readers = context;

	while (!atomic_load(&readers->stopping)) {
		struct watcher watcher = {.readers = readers};
		LONG rv = connect_to_pcscd(readers);

		if (rv == SCARD_S_SUCCESS)
			rv = follow(&watcher);
		disconnect(readers);
		if (atomic_load(&readers->stopping))
			break;
		log_debug(LOG_PLAIN, "pcscd answered 0x%lx", (unsigned long)rv);
		publish(readers, &away);
		(void)is_readable(readers->stop_fd, RETRY_MS);
	}
	(void)eventfd_write(readers->ended_fd, 1);
	return NULL;
}

static void readers_free(struct readers *readers)
{
	closep(&readers->wake_fd);
	closep(&readers->first_fd);
	closep(&readers->stop_fd);
	closep(&readers->ended_fd);
	(void)pthread_mutex_destroy(&readers->lock);
	free(readers);
}

int readers_new(struct readers **ret)
{
	struct readers *readers = calloc(1, sizeof(*readers));

	if (!readers)
		return -ENOMEM;
	(void)pthread_mutex_init(&readers->lock, NULL);
	readers->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	readers->first_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	readers->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	readers->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (readers->wake_fd < 0 || readers->first_fd < 0 || readers->stop_fd < 0 ||
	    readers->ended_fd < 0) {
		readers_free(readers);
		return -EMFILE;
	}
	*ret = readers;
	return 0;
}

int readers_start(struct readers *readers)
{
	int r;

	if (readers->started)
		return 0;
	r = pthread_create(&readers->thread, NULL, watch, readers);
	readers->started = r == 0;
	return -r;
}

int readers_wake_fd(const struct readers *readers)
{
	return readers->wake_fd;
}

void readers_view(struct readers *readers, int patience_ms, struct readers_view *ret)
{
	if (readers->started)
		(void)is_readable(readers->first_fd, patience_ms);
	(void)pthread_mutex_lock(&readers->lock);
	*ret = readers->view;
	(void)pthread_mutex_unlock(&readers->lock);
}

/* Its wait for pcscd may begin only after it was cancelled once. */
static bool end_thread(struct readers *readers)
{
	atomic_store(&readers->stopping, true);
	(void)eventfd_write(readers->stop_fd, 1);
	for (unsigned i = 0; i < STOP_ROUNDS; i++) {
		SCARDCONTEXT context;
		bool has_context;

		(void)pthread_mutex_lock(&readers->lock);
		context = readers->context;
		has_context = readers->has_context;
		(void)pthread_mutex_unlock(&readers->lock);
		if (has_context)
			(void)SCardCancel(context);
		if (is_readable(readers->ended_fd, STOP_ROUND_MS))
			return pthread_join(readers->thread, NULL) == 0;
	}
	return false;
}

struct readers *readers_stop(struct readers *readers)
{
	if (readers && (!readers->started || end_thread(readers)))
		readers_free(readers);
	return NULL;
}
