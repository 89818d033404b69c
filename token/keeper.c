/* SPDX-License-Identifier: Apache-2.0 */
#include "token/keeper.h"
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "hsm/fault.h"
#include "token/keeper-internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Sessions that seats don't get: the token's own, and one for making keys. */
#define SPARE_SESSIONS 2
/* A software token scales with the processors; beyond this it only queues. */
#define SEATS_UNLIMITED 8

unsigned keeper_seats_for(const struct hsm_token_facts *facts, unsigned configured, unsigned cpus,
			  bool single)
{
	unsigned most = facts->sessions > SPARE_SESSIONS ? facts->sessions - SPARE_SESSIONS : 1;
	unsigned seats = 2 * cpus < SEATS_UNLIMITED ? 2 * cpus : SEATS_UNLIMITED;

	if (facts->sessions == 0)
		most = KEEPER_SEATS_MAX;
	if (most > KEEPER_SEATS_MAX)
		most = KEEPER_SEATS_MAX;
	/* A card or stick does one thing at a time, whatever it says of its sessions. */
	if (facts->slot.removable)
		seats = 1;
	if (configured)
		seats = configured;
	if (single || seats == 0)
		seats = 1;
	return seats < most ? seats : most;
}

static int init_locks(struct keeper *keeper)
{
	pthread_rwlockattr_t attributes;

	/* Else a busy token could never be opened anew. */
	(void)pthread_rwlockattr_init(&attributes);
	(void)pthread_rwlockattr_setkind_np(&attributes,
					    PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	(void)pthread_rwlock_init(&keeper->gate, &attributes);
	(void)pthread_rwlockattr_destroy(&attributes);
	(void)pthread_mutex_init(&keeper->lock, NULL);
	keeper->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return keeper->wake_fd < 0 ? -errno : 0;
}

int keeper_new(const char *directory, struct charters *charters, struct keeper **ret)
{
	_cleanup_(keeper_freep) struct keeper *keeper = calloc(1, sizeof(*keeper));
	int r;

	if (!keeper)
		return -ENOMEM;
	keeper->charters = charters;
	keeper->now.state = TOKEN_ABSENT;
	keeper->now.wait = PRESENCE_OPEN_AGAIN;
	(void)snprintf(keeper->now.reason, sizeof(keeper->now.reason), "it was not looked at yet");
	keeper->told.state = TOKEN_ABSENT;
	r = init_locks(keeper);
	if (r == 0)
		r = readers_new(&keeper->readers);
	if (r == 0)
		r = pin_memory_open(directory, &keeper->refused);
	if (r == 0)
		*ret = TAKE_PTR(keeper);
	return r;
}

void keeper_settings_done(struct keeper_settings *settings)
{
	free(settings->name);
	free(settings->module);
	free(settings->uri);
	free(settings->reader);
	pin_source_done(&settings->pin);
	*settings = (struct keeper_settings){0};
}

/* NULL stays NULL. */
static int copy_text(const char *from, char **ret)
{
	return from ? text_format(ret, "%s", from) : 0;
}

int keeper_settings_copy(const struct keeper_settings *from, struct keeper_settings *ret)
{
	_cleanup_(keeper_settings_done) struct keeper_settings copy = {
		.sessions = from->sessions,
		.pin.kind = from->pin.kind,
	};
	int r;

	r = copy_text(from->name, &copy.name);
	if (r == 0)
		r = copy_text(from->module, &copy.module);
	if (r == 0)
		r = copy_text(from->uri, &copy.uri);
	if (r == 0)
		r = copy_text(from->reader, &copy.reader);
	if (r == 0)
		r = copy_text(from->pin.path, &copy.pin.path);
	if (r == 0)
		*ret = TAKE_STRUCT(copy);
	return r;
}

struct keeper *keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return NULL;
	keeper_close_token(keeper);
	keeper->readers = readers_stop(keeper->readers);
	keeper->module = hsm_module_close(keeper->module);
	keeper_settings_done(&keeper->settings);
	keeper_settings_done(&keeper->next);
	secret_done(&keeper->typed);
	keeper->refused = pin_memory_close(keeper->refused);
	closep(&keeper->wake_fd);
	(void)pthread_rwlock_destroy(&keeper->gate);
	(void)pthread_mutex_destroy(&keeper->lock);
	free(keeper);
	return NULL;
}

void keeper_freep(struct keeper **keeper)
{
	*keeper = keeper_free(*keeper);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_settings(const struct keeper_settings *a, const struct keeper_settings *b)
{
	return same_text(a->module, b->module) && same_text(a->uri, b->uri) &&
	       same_text(a->reader, b->reader) && a->pin.kind == b->pin.kind &&
	       same_text(a->pin.path, b->pin.path) && a->sessions == b->sessions;
}

int keeper_configure(struct keeper *keeper, const struct conf_token *token)
{
	_cleanup_(keeper_settings_done) struct keeper_settings settings = {
		.sessions = token->sessions,
	};
	bool same;
	int r;

	r = text_format(&settings.name, "%s", token->name);
	if (r == 0)
		r = text_format(&settings.module, "%s", token->module);
	if (r == 0)
		r = copy_text(token->reader, &settings.reader);
	if (r == 0)
		r = text_format(&settings.uri, "%s", token->uri);
	if (r == 0)
		r = pin_source_read(token->pin, getenv("CREDENTIALS_DIRECTORY"), &settings.pin);
	if (r < 0)
		return r;
	(void)pthread_mutex_lock(&keeper->lock);
	same = same_settings(&settings, &keeper->next);
	if (!same) {
		keeper_settings_done(&keeper->next);
		keeper->next = TAKE_STRUCT(settings);
		keeper->has_next = true;
	}
	(void)pthread_mutex_unlock(&keeper->lock);
	return same ? KEEPER_UNCHANGED : 0;
}

int keeper_wake_fd(const struct keeper *keeper)
{
	return keeper->wake_fd;
}

void keeper_view(struct keeper *keeper, struct keeper_view *ret)
{
	(void)pthread_mutex_lock(&keeper->lock);
	*ret = keeper->now;
	(void)pthread_mutex_unlock(&keeper->lock);
}

int keeper_read_serial(struct keeper *keeper, char **ret)
{
	_cleanup_(buffer_done) struct buffer serial = {0};

	(void)pthread_mutex_lock(&keeper->lock);
	text_append_escaped(&serial, span_of_text(keeper->now.facts.slot.serial));
	(void)pthread_mutex_unlock(&keeper->lock);
	return buffer_take_text(&serial, ret);
}

const struct watch *keeper_watches(const struct keeper *keeper)
{
	return keeper->watches;
}

void keeper_note(struct keeper *keeper, unsigned seat, enum watch_operation operation)
{
	watch_note(&keeper->watches[seat], operation, clock_monotonic_ms());
}

static void log_step(enum token_state from, enum token_state to, enum presence_event event,
		     const char *reason)
{
	enum log_level level = to == TOKEN_READY ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING;

	log_write(level, LOG_FIELDS(log_text("REASON", reason)), "token %s → %s (%s)",
		  token_state_name(from), token_state_name(to), presence_event_name(event));
}

void keeper_step(struct keeper *keeper, enum presence_event event, const char *reason)
{
	struct presence next;
	enum token_state before, told;
	bool changed;

	reason = reason ? reason : "";
	(void)pthread_mutex_lock(&keeper->lock);
	before = keeper->now.state;
	next = presence_step(before, event);
	told = keeper->told.state;
	/* That the login comes next is told by its end. */
	changed = next.state != TOKEN_MAPPED &&
		  (next.state != told ||
		   strncmp(reason, keeper->told.reason, sizeof(keeper->told.reason) - 1) != 0);
	keeper->now.state = next.state;
	keeper->now.wait = next.wait;
	keeper->now.pin_helps = event == PRESENCE_NEEDS_PIN || event == PRESENCE_PIN_REFUSED;
	(void)snprintf(keeper->now.reason, sizeof(keeper->now.reason), "%s", reason);
	if (changed) {
		keeper->told.state = next.state;
		memcpy(keeper->told.reason, keeper->now.reason, sizeof(keeper->told.reason));
	}
	/* It was away for however long, and has not failed since. */
	if (presence_is_return(before, next.state))
		keeper->now.tries = 0;
	(void)pthread_mutex_unlock(&keeper->lock);
	if (changed)
		log_step(told, next.state, event, reason);
	(void)eventfd_write(keeper->wake_fd, 1);
}

void keeper_explain(char **reason, const char *format, ...)
{
	va_list arguments;

	free(*reason);
	va_start(arguments, format);
	if (vasprintf(reason, format, arguments) < 0)
		*reason = NULL;
	va_end(arguments);
}

enum presence_event keeper_event_of(int error, char **reason)
{
	char text[96];

	if (error == -ENODEV) {
		keeper_explain(reason, "the token was taken out");
		return PRESENCE_GONE;
	}
	keeper_explain(reason, "%s (%s)", strerrordesc_np(-error), hsm_fault_text(text));
	return PRESENCE_FAULT;
}
