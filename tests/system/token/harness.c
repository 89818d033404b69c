/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/system/token/harness.h"
#include "daemon/base/clock.h"
#include "daemon/base/socket.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static void set_up_paths(struct harness *h)
{
	const char *directory = h->softhsm.directory;

	softhsm_set_path(NULL, directory, "claviger.conf", h->configuration);
	softhsm_set_path(NULL, directory, "pin", h->pin);
	softhsm_set_path(NULL, directory, "clock", h->clock);
	softhsm_set_path(NULL, directory, "token/soft", h->state);
	softhsm_set_path(NULL, directory, "run/token/soft.sock", h->door);
	softhsm_set_path(NULL, directory, "run/token/soft.admin", h->admin);
}

int harness_setup(void **state)
{
	struct harness *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->log_fd = -1;
	softhsm_start(&h->softhsm);
	set_up_paths(h);
	harness_add_token(h, "ca");
	harness_set_pin(h, "1234");
	harness_set_time(h, 1700000000);
	harness_configure(h, &(struct harness_configuration){0});
	*state = h;
	return 0;
}

int harness_teardown(void **state)
{
	struct harness *h = *state;

	if (h->pid)
		harness_kill(h);
	softhsm_stop(&h->softhsm);
	free(h);
	return 0;
}

void harness_add_token(struct harness *h, const char *label)
{
	char command[256];

	(void)h;
	(void)snprintf(command, sizeof(command),
		       "softhsm2-util --init-token --free --label %s --so-pin 12345678 --pin 1234 "
		       ">/dev/null",
		       label);
	assert_int_equal(system(command), 0);
}

void harness_configure(struct harness *h, const struct harness_configuration *with)
{
	char text[6 * PATH_MAX];
	const char *directory = h->softhsm.directory;

	(void)snprintf(text, sizeof(text),
		       "[Daemon]\nRuntimeDirectory=%s/run\nStateDirectory=%s/state\n"
		       "TokenStateDirectory=%s/token\nTimeSource=authoritative\nTestClock=%s\n"
		       "[Token soft]\nModule=%s\nURI=%s\nPIN=%s\n%s\n"
		       "[Server ROOTCA]\nToken=soft\nIssuerName=CN=RootCA,O=Cisco\n%s\n",
		       directory, directory, directory, h->clock,
		       with->module ? with->module : h->softhsm.fault_module,
		       with->uri ? with->uri : "pkcs11:token=ca", with->pin ? with->pin : h->pin,
		       with->token_more ? with->token_more : "",
		       with->server_more ? with->server_more : "");
	softhsm_write(h->configuration, text);
}

void harness_set_pin(struct harness *h, const char *pin)
{
	char temporary[PATH_MAX + 8];
	int fd;

	(void)snprintf(temporary, sizeof(temporary), "%s.new", h->pin);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, pin, strlen(pin)), strlen(pin));
	assert_int_equal(close(fd), 0);
	assert_int_equal(rename(temporary, h->pin), 0);
}

void harness_set_time(struct harness *h, int64_t now_s)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld\n", (long long)now_s);
	softhsm_write(h->clock, text);
}

/* It lies beside the module. */
static void find_program(struct harness *h, char path[static PATH_MAX])
{
	char *name;

	(void)snprintf(path, PATH_MAX, "%s", h->softhsm.fault_module);
	name = strrchr(path, '/');
	(void)snprintf(name, (size_t)(PATH_MAX - (name - path)), "/claviger-token");
}

void harness_start(struct harness *h, unsigned limits_percent)
{
	char program[PATH_MAX], percent[16];
	char *arguments[] = {"claviger-token", "--config", h->configuration, "soft", NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];

	assert_int_equal(h->pid, 0);
	find_program(h, program);
	(void)snprintf(percent, sizeof(percent), "%u", limits_percent);
	assert_int_equal(setenv("CLAVIGER_TEST_LIMITS_PERCENT", percent, 1), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], 2), 0);
	assert_int_equal(posix_spawn(&h->pid, program, &actions, NULL, arguments, environ), 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	h->log_fd = ends[0];
	h->log_size = h->log_read = 0;
}

/* Takes what was logged; false at its end or after @timeout_ms. */
static bool read_log(struct harness *h, int64_t timeout_ms)
{
	struct pollfd readable = {h->log_fd, POLLIN, 0};
	ssize_t n;

	if (h->log_fd < 0 || poll(&readable, 1, timeout_ms > 0 ? (int)timeout_ms : 0) != 1)
		return false;
	assert_true(h->log_size < sizeof(h->log) - 1);
	n = read(h->log_fd, h->log + h->log_size, sizeof(h->log) - 1 - h->log_size);
	if (n <= 0)
		return false;
	h->log_size += (size_t)n;
	h->log[h->log_size] = '\0';
	return true;
}

void harness_expect(struct harness *h, const char *text)
{
	int64_t until_ms = clock_monotonic_ms() + HARNESS_PATIENCE_MS;
	const char *found;

	h->log[h->log_size] = '\0';
	while (!(found = strstr(h->log + h->log_read, text))) {
		if (!read_log(h, until_ms - clock_monotonic_ms()))
			fail_msg("it did not log \"%s\", but:\n%s", text, h->log + h->log_read);
	}
	h->log_read = (size_t)(found - h->log) + strlen(text);
}

bool harness_logged(struct harness *h, const char *text)
{
	while (read_log(h, 0))
		;
	h->log[h->log_size] = '\0';
	return strstr(h->log, text);
}

const char *harness_signatures(const struct harness *h)
{
	static char text[1 << 16];
	char path[2 * PATH_MAX];
	FILE *file;
	size_t size;

	(void)snprintf(path, sizeof(path), "%s/signatures", h->state);
	file = fopen(path, "re");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	(void)fclose(file);
	return text;
}

unsigned harness_count(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

void harness_start_ready(struct harness *h)
{
	harness_start(h, 100);
	harness_expect(h, "→ ready");
}

int harness_wait_end(struct harness *h)
{
	int status = 0;

	/* The pipe ends with the process, or it does not end at all. */
	while (read_log(h, HARNESS_PATIENCE_MS))
		;
	assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
	h->pid = 0;
	(void)close(h->log_fd);
	h->log_fd = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void harness_stop(struct harness *h)
{
	int status;

	assert_int_equal(kill(h->pid, SIGTERM), 0);
	status = harness_wait_end(h);
	if (status != 0)
		fail_msg("it ended with %d:\n%s", status, h->log);
}

void harness_kill(struct harness *h)
{
	assert_int_equal(kill(h->pid, SIGKILL), 0);
	assert_int_equal(harness_wait_end(h), 128 + SIGKILL);
}

void harness_until_called(struct harness *h, const char *function, unsigned n)
{
	int64_t until_ms = clock_monotonic_ms() + HARNESS_PATIENCE_MS;

	while (softhsm_calls(&h->softhsm, function) < n) {
		assert_true(clock_monotonic_ms() < until_ms);
		/* Counts are written through a mapping, which nothing announces. */
		(void)poll(NULL, 0, 5);
	}
}

void answer_done(struct answer *answer)
{
	ipc_packet_done(&answer->packet);
}

struct answer harness_ask(const char *door, enum ipc_number number, const void *message,
			  void *reply)
{
	struct answer answer = {0};
	struct ipc_failed failed;
	int fd, r;

	assert_int_equal(socket_connect(door, SOCK_SEQPACKET, &fd), 0);
	r = ipc_call(fd, number, message, HARNESS_PATIENCE_MS, &answer.packet);
	(void)close(fd);
	if (r < 0) {
		answer.failure = r;
		return answer;
	}
	if (r == 0) {
		if (reply)
			assert_int_equal(
				ipc_decode(answer.packet.content, ipc_reply(number), reply), 0);
		return answer;
	}
	assert_int_equal(ipc_decode(answer.packet.content, IPC_FAILED, &failed), 0);
	answer.failure = failed.code;
	(void)snprintf(answer.reason, sizeof(answer.reason), "%.*s", (int)failed.reason.size,
		       (const char *)failed.reason.data);
	ipc_packet_done(&answer.packet);
	return answer;
}

int harness_state(struct harness *h)
{
	struct ipc_token_state state = {};
	_cleanup_(answer_done) struct answer answer =
		harness_ask(h->door, IPC_TOKEN_STATUS, &(struct ipc_token_status){}, &state);

	assert_int_equal(answer.failure, 0);
	return state.state;
}
