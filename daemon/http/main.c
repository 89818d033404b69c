/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claviger-http: serves SCEP, CRLs and certificates over HTTP. Holds no key and no database, and
 * knows of clavigerd nothing but its socket and the files it publishes.
 */

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "daemon/http/front.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define CONFIG_PATH "/etc/claviger/claviger.conf"
/* At the end, for requests under way, and then for their refusals to go out. */
#define DRAIN_MS   10000
#define GIVE_UP_MS 1000

struct program {
	const char *config;
	struct conf *conf;
	struct listeners listeners;
	struct front *front;
	int signals;
	int64_t last_busy_ms;
	int64_t drain_until_ms; /* 0: serving */
	bool gave_up;
};

static void usage(FILE *to)
{
	fputs("Usage: claviger-http [--config FILE]\n"
	      "Serves SCEP, CRLs and CA certificates over HTTP.\n\n"
	      "  --config FILE  read FILE and FILE.d/*.conf instead of " CONFIG_PATH "\n"
	      "  --help         show this\n"
	      "  --version      show the version\n",
	      to);
}

/* 0 to go on; else ends with *ret_status. */
static int read_arguments(int argc, char **argv, const char **ret_config, int *ret_status)
{
	static const struct option options[] = {
		{"config",	   required_argument, NULL, 'c'},
		{"help",	 no_argument, NULL, 'h'},
		{"version",	    no_argument, NULL, 'v'},
		{0},
	};
	int option;

	*ret_status = EXIT_SUCCESS;
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'c') {
			*ret_config = optarg;
		} else if (option == 'h') {
			usage(stdout);
			return 1;
		} else if (option == 'v') {
			puts("claviger-http " CLAVIGER_VERSION);
			return 1;
		} else {
			*ret_status = 2;
			return 1;
		}
	}
	if (optind == argc)
		return 0;
	usage(stderr);
	*ret_status = 2;
	return 1;
}

/* NULL where it is wrong; that has been logged, an error a line. */
static struct conf *load(const char *path)
{
	_cleanup_(freep) char *error = NULL;
	struct conf *conf = NULL;
	char *rest = NULL;
	int r = conf_load(path, &conf, &error);

	for (char *line = error ? strtok_r(error, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		log_error(LOG_PLAIN, "%s", line);
	if (r < 0)
		log_error(LOG_PLAIN, "cannot read %s: %s", path, strerror(-r));
	return conf;
}

static int use_clock(const struct conf *conf)
{
#ifdef CLAVIGER_TEST_CLOCK
	if (conf->daemon.test_clock)
		return clock_use_file(conf->daemon.test_clock);
#endif
	(void)conf;
	return 0;
}

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

static void drain(struct program *program, int64_t now_ms, const char *why)
{
	if (program->drain_until_ms)
		return;
	log_info(LOG_PLAIN, "ending: %s", why);
	sd_notify(0, "STOPPING=1");
	program->drain_until_ms = now_ms + DRAIN_MS;
	front_drain(program->front);
}

static void reload(struct program *program)
{
	struct conf *conf = load(program->config);

	if (!conf) {
		log_warning(LOG_PLAIN, "the configuration that was read before stays");
		return;
	}
	front_set_conf(program->front, conf);
	conf_unref(program->conf);
	program->conf = conf;
	log_info(LOG_PLAIN, "read %s again", program->config);
}

static void take_signals(struct program *program, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(program->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(program);
		else
			drain(program, now_ms, "told to");
	}
}

/* Only where somebody starts us again. */
static void leave_when_idle(struct program *program, unsigned all, int64_t now_ms)
{
	int64_t idle_ms = program->conf->http.idle_exit_s * 1000;

	if (all)
		program->last_busy_ms = now_ms;
	else if (program->listeners.inherited && idle_ms &&
		 now_ms - program->last_busy_ms >= idle_ms)
		drain(program, now_ms, "idle");
}

/* True once all is done, or has had its time. */
static bool is_drained(struct program *program, unsigned busy, int64_t now_ms)
{
	if (!program->drain_until_ms)
		return false;
	if (!busy)
		return true;
	if (now_ms < program->drain_until_ms)
		return false;
	if (program->gave_up)
		return true;
	program->gave_up = true;
	program->drain_until_ms = now_ms + GIVE_UP_MS;
	front_give_up(program->front);
	return false;
}

static int run(struct program *program)
{
	program->last_busy_ms = clock_monotonic_ms();
	for (;;) {
		struct pollfd fds[RELAY_FDS + 1];
		int64_t now_ms = clock_monotonic_ms(), timeout_ms;
		unsigned all, busy;

		front_step(program->front, now_ms);
		take_signals(program, now_ms);
		front_count(program->front, &all, &busy);
		leave_when_idle(program, all, now_ms);
		if (is_drained(program, busy, now_ms))
			return 0;
		front_prepare(program->front, now_ms, fds, &timeout_ms);
		fds[RELAY_FDS] = (struct pollfd){.fd = program->signals, .events = POLLIN};
		/* While ending, the last answer is waited for by looking. */
		if (program->drain_until_ms && timeout_ms > 50)
			timeout_ms = 50;
		if (poll(fds, ELEMENTS(fds), (int)timeout_ms) < 0 && errno != EINTR)
			return -errno;
	}
}

static int serve(struct program *program)
{
	int r = use_clock(program->conf);

	if (r < 0) {
		log_error(LOG_PLAIN, "cannot use the test clock: %s", strerror(-r));
		return r;
	}
	r = catch_signals(&program->signals);
	if (r == 0)
		r = listeners_open(program->conf, &program->listeners);
	if (r == 0)
		r = front_new(program->conf, &program->listeners, &program->front);
	if (r < 0)
		return r;
	sd_notify(0, "READY=1");
	return run(program);
}

int main(int argc, char **argv)
{
	struct program program = {.config = CONFIG_PATH, .signals = -1};
	int status;

	if (read_arguments(argc, argv, &program.config, &status))
		return status;
	log_init("claviger-http", LOG_LEVEL_INFO);
	crypto_init();
	program.conf = load(program.config);
	if (!program.conf)
		return EXIT_FAILURE;
	int r = serve(&program);
	if (r < 0)
		log_error(LOG_PLAIN, "ended: %s", strerror(-r));
	front_free(program.front);
	closep(&program.signals);
	conf_unref(program.conf);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
