/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claviger-fetch: all traffic that goes out: what is published elsewhere, what is fetched for the
 * operator's command. Holds no key and no database, and reads of the configuration only where its
 * socket is.
 */
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/conf/program.h"
#include "daemon/fetch/directory.h"
#include "daemon/fetch/service.h"
#include "daemon/fetch/snmp.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define SOCKET_NAME "fetch"
#define SOCKET_MODE 0660
#define LOOK_MS	    1000
#define IDLE_MS	    60000

struct serving {
	struct conf *conf;
	struct service *service;
	char *known_hosts;
	int signals;
	bool inherited; /* whoever comes later starts us again */
};

static const struct program description = {
	.name = "claviger-fetch",
	.about = "Fetches and writes files elsewhere for clavigerd: HTTP, FTP, TFTP, SFTP, LDAP.\n",
};

static int catch_signals(int *ret_fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	/* Before libcurl has threads: they inherit it. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? -errno : 0;
}

static int listen_for_peers(struct serving *serving, int *ret_fd)
{
	const char *directory = serving->conf->daemon.runtime_directory;
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	int r = text_format(&path, "%s/fetch.sock", directory);

	serving->inherited = socket_inherit(SOCKET_NAME, &fd) == 0;
	if (r >= 0 && !serving->inherited)
		r = directory_make(directory, 0755);
	if (r >= 0 && !serving->inherited)
		r = socket_listen(SOCKET_NAME, path, SOCK_SEQPACKET, SOCKET_MODE, &fd);
	if (r >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("SOCKET", path)), "can't listen: %s", strerror(-r));
		return r;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* The keys of SSH hosts, as ssh-keyscan prints them: known_hosts beside the configuration. */
static int name_known_hosts(const char *config, char **ret)
{
	const char *slash = strrchr(config, '/');

	return slash ? text_format(ret, "%.*s/known_hosts", (int)(slash - config), config)
		     : text_format(ret, "known_hosts");
}

static int serve(struct serving *serving, const char *config)
{
	int listening, r;

	r = catch_signals(&serving->signals);
	if (r >= 0)
		r = name_known_hosts(config, &serving->known_hosts);
	if (r >= 0)
		r = listen_for_peers(serving, &listening);
	if (r >= 0)
		r = service_new(listening, serving->known_hosts, &serving->service);
	return r;
}

static bool is_told_to_end(const struct serving *serving)
{
	struct signalfd_siginfo info;

	return read(serving->signals, &info, sizeof(info)) == sizeof(info);
}

static int run(struct serving *serving)
{
	int64_t last_busy_ms = clock_monotonic_ms();
	int r = 0;

	sd_notify(0, "READY=1");
	while (!r && !is_told_to_end(serving)) {
		int64_t now_ms = clock_monotonic_ms();

		if (!service_is_idle(serving->service))
			last_busy_ms = now_ms;
		else if (serving->inherited && now_ms - last_busy_ms >= IDLE_MS)
			break;
		r = service_step(serving->service, serving->signals, LOOK_MS);
	}
	sd_notify(0, "STOPPING=1");
	return r;
}

int main(int argc, char **argv)
{
	struct serving serving = {.signals = -1};
	struct program_options options;
	int r = program_read_options(&description, argc, argv, &options);

	if (r >= 0)
		return r;
	log_init(description.name, options.level);
	program_harden();
	directory_limit_memory();
	snmp_init();
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return EXIT_FAILURE;
	r = program_load_configuration(options.config, &serving.conf);
	if (r >= 0)
		r = serve(&serving, options.config);
	if (r >= 0)
		r = run(&serving);
	if (r < 0)
		log_error(LOG_PLAIN, "ended: %s", strerror(-r));
	service_free(serving.service);
	closep(&serving.signals);
	free(serving.known_hosts);
	conf_unref(serving.conf);
	curl_global_cleanup();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
