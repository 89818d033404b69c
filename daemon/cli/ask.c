/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/ask.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256

bool ask_yes(const char *question, const char *about)
{
	char line[16];

	/* What follows on it may be a secret: no stream's buffer takes that in. */
	(void)setvbuf(stdin, NULL, _IONBF, 0);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(stderr, question, about);
#pragma GCC diagnostic pop
	fputs(" [yes/no]: ", stderr);
	if (!fgets(line, sizeof(line), stdin)) {
		fputc('\n', stderr);
		return false;
	}
	return !strcmp(line, "yes\n") || !strcmp(line, "y\n");
}

/* Byte by byte, so that nothing of the secret stays in a stream's buffer. */
static int read_line(struct secret *ret)
{
	size_t n = 0;

	for (;;) {
		char byte;
		ssize_t r = read(STDIN_FILENO, &byte, 1);

		if (r < 0)
			return -errno;
		if (!r && !n)
			return -ENODATA;
		if (!r || byte == '\n')
			break;
		if (n == LINE_MAX_BYTES - 1)
			return -EMSGSIZE;
		ret->data[n++] = (uint8_t)byte;
	}
	ret->size = n;
	return 0;
}

/* As the terminal was, for whoever gives up at the question. */
static struct termios loud;

static void on_end(int number)
{
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &loud);
	(void)raise(number);
}

static void handle_ends(void (*handler)(int))
{
	const struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND};

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

static void silence(bool silent)
{
	struct termios quiet;

	if (silent && !tcgetattr(STDIN_FILENO, &loud)) {
		quiet = loud;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		handle_ends(on_end);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	} else if (!silent) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &loud);
		handle_ends(SIG_DFL);
		fputc('\n', stderr);
	}
}

int ask_secret(const char *prompt, struct secret *ret)
{
	_cleanup_(secret_done) struct secret line = {};
	bool terminal = isatty(STDIN_FILENO);
	int r;

	r = secret_new(LINE_MAX_BYTES, &line);
	if (r < 0)
		return r;
	if (terminal) {
		/* Before anybody is asked: who answers at once would be seen, and not heard. */
		silence(true);
		fprintf(stderr, "%s: ", prompt);
	}
	r = read_line(&line);
	if (terminal)
		silence(false);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(line);
	return 0;
}
