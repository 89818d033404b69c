/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claviger-http: serves SCEP, CRLs and certificates over HTTP. Holds no key and no database, and
 * knows of clavigerd nothing but its socket and the files it publishes.
 */

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "daemon/conf/lock.h"
#include "daemon/conf/program.h"
#include "daemon/conf/watch.h"
#include "daemon/http/front.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* At the end, for requests under way, and then for their refusals to go out. */
#define DRAIN_MS   10000
#define GIVE_UP_MS 1000

struct serving {
	const char *config;
	struct conf *conf;
	struct listeners listeners;
	struct front *front;
	int signals;
	struct conf_watch *watch; /* NULL: its directory can't be watched */
	int64_t last_busy_ms;
	int64_t drain_until_ms; /* 0: serving */
	bool gave_up;
};

static const struct program description = {
	.name = "claviger-http",
	.about = "Serves SCEP, CRLs and CA certificates over HTTP.\n",
};

static int catch_signals(int *ret_fd)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	/* Before there are threads: they inherit it. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? -errno : 0;
}

static void drain(struct serving *serving, int64_t now_ms, const char *why)
{
	if (serving->drain_until_ms)
		return;
	log_info(LOG_PLAIN, "ending: %s", why);
	sd_notify(0, "STOPPING=1");
	serving->drain_until_ms = now_ms + DRAIN_MS;
	front_drain(serving->front);
}

static void reload(struct serving *serving)
{
	_cleanup_(buffer_done) struct buffer report = {0};
	struct conf *conf;

	if (program_load_configuration(serving->config, &conf) < 0) {
		log_warning(LOG_PLAIN, "the configuration that was read before stays");
		return;
	}
	if (conf_keep_started(conf, serving->conf, &report) < 0 || report.error) {
		conf_unref(conf);
		return;
	}
	if (report.size)
		log_warning(LOG_PLAIN, "%.*s", (int)report.size, (const char *)report.data);
	front_set_conf(serving->front, conf);
	conf_unref(serving->conf);
	serving->conf = conf;
	log_info(LOG_PLAIN, "read %s again", serving->config);
}

static void take_signals(struct serving *serving, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(serving->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(serving);
		else
			drain(serving, now_ms, "told to");
	}
}

/* Only where somebody starts us again. */
static void leave_when_idle(struct serving *serving, unsigned all, int64_t now_ms)
{
	int64_t idle_ms = serving->conf->http.idle_exit_s * 1000;

	if (all)
		serving->last_busy_ms = now_ms;
	else if (serving->listeners.inherited && idle_ms &&
		 now_ms - serving->last_busy_ms >= idle_ms)
		drain(serving, now_ms, "idle");
}

/* True once all is done, or has had its time. */
static bool is_drained(struct serving *serving, unsigned busy, int64_t now_ms)
{
	if (!serving->drain_until_ms)
		return false;
	if (!busy)
		return true;
	if (now_ms < serving->drain_until_ms)
		return false;
	if (serving->gave_up)
		return true;
	serving->gave_up = true;
	serving->drain_until_ms = now_ms + GIVE_UP_MS;
	front_give_up(serving->front);
	return false;
}

static int run(struct serving *serving)
{
	struct pollfd fds[RELAY_FDS + 2] = {0};
	struct pollfd *signals = &fds[RELAY_FDS], *watch = &fds[RELAY_FDS + 1];

	serving->last_busy_ms = clock_monotonic_ms();
	for (;;) {
		int64_t now_ms = clock_monotonic_ms(), timeout_ms;
		unsigned all, busy;

		front_step(serving->front, now_ms);
		if (signals->revents)
			take_signals(serving, now_ms);
		if (watch->revents && conf_watch_take(serving->watch))
			reload(serving);
		front_count(serving->front, &all, &busy);
		leave_when_idle(serving, all, now_ms);
		if (is_drained(serving, busy, now_ms))
			return 0;
		front_prepare(serving->front, now_ms, fds, &timeout_ms);
		*signals = (struct pollfd){.fd = serving->signals, .events = POLLIN};
		*watch = (struct pollfd){.fd = serving->watch ? conf_watch_fd(serving->watch) : -1,
					 .events = POLLIN};
		/* While ending, the last answer is waited for by looking. */
		if (serving->drain_until_ms && timeout_ms > 50)
			timeout_ms = 50;
		if (poll(fds, ELEMENTS(fds), (int)timeout_ms) < 0 && errno != EINTR)
			return -errno;
	}
}

static int serve(struct serving *serving)
{
	int r = program_use_test_clock(serving->conf);

	if (r < 0)
		return r;
	r = catch_signals(&serving->signals);
	if (r == 0)
		r = listeners_open(serving->conf, &serving->listeners);
	if (r == 0)
		r = front_new(serving->conf, &serving->listeners, &serving->front);
	if (r < 0)
		return r;
	/* A hardened unit may not let it: then SIGHUP tells. */
	if (conf_watch_open(serving->config, &serving->watch) < 0)
		log_debug(LOG_PLAIN, "changes of the configuration are not watched");
	sd_notify(0, "READY=1");
	return run(serving);
}

int main(int argc, char **argv)
{
	struct serving serving = {.signals = -1};
	struct program_options options;
	int r = program_read_options(&description, argc, argv, &options);

	if (r >= 0)
		return r;
	log_init(description.name, options.level);
	crypto_init();
	serving.config = options.config;
	r = program_load_configuration(serving.config, &serving.conf);
	if (r < 0)
		return EXIT_FAILURE;
	r = serve(&serving);
	if (r < 0)
		log_error(LOG_PLAIN, "ended: %s", strerror(-r));
	front_free(serving.front);
	closep(&serving.signals);
	conf_watch_close(serving.watch);
	conf_unref(serving.conf);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
