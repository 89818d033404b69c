/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/modules/control.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULES	  32
#define FUNCTIONS 48
#define NAME_SIZE 24
#define LINE_SIZE 36 /* name, blank, ten digits, line break */

struct rule {
	char function[NAME_SIZE];
	struct fault fault;
	unsigned long seen, skip, count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES];
static size_t n_rules;
static struct fault_token token;
static bool just_left;
static struct stat known; /* of the control file as it was last read */
static char *counts;	  /* FUNCTIONS lines, mapped from the file */

static void read_word(struct rule *rule, const char *word)
{
	(void)sscanf(word, "delay=%ld", &rule->fault.delay_ms);
	(void)sscanf(word, "skip=%lu", &rule->skip);
	(void)sscanf(word, "count=%lu", &rule->count);
	if (sscanf(word, "answer=%li", (long *)&rule->fault.answer) == 1)
		rule->fault.has_answer = true;
	if (strcmp(word, "hang") == 0)
		rule->fault.hang = true;
	if (strcmp(word, "crash") == 0)
		rule->fault.crash = true;
	if (strcmp(word, "after") == 0)
		rule->fault.after = true;
}

static void read_token_word(const char *word)
{
	(void)sscanf(word, "token-flags=%li", (long *)&token.flags);
	if (token.n_hidden < sizeof(token.hidden) / sizeof(token.hidden[0]) &&
	    sscanf(word, "hide-mechanism=%li", (long *)&token.hidden[token.n_hidden]) == 1)
		token.n_hidden++;
	if (sscanf(word, "pad=%63s", token.typed) == 1 || strcmp(word, "pad") == 0)
		token.pad = true;
	if (strcmp(word, "pad-cancelled") == 0)
		token.pad = token.cancelled = true;
	if (strcmp(word, "absent") == 0)
		token.absent = true;
	if (strcmp(word, "one-at-a-time") == 0)
		token.one_at_a_time = true;
}

static void read_line(char *line)
{
	char *rest = NULL;
	char *word = strtok_r(line, " \n", &rest);
	struct rule rule = {.count = (unsigned long)-1};

	if (!word)
		return;
	if (strncmp(word, "C_", 2) != 0) {
		read_token_word(word);
		return;
	}
	(void)snprintf(rule.function, sizeof(rule.function), "%s", word);
	while ((word = strtok_r(NULL, " \n", &rest)))
		read_word(&rule, word);
	if (n_rules < RULES)
		rules[n_rules++] = rule;
}

static void forget(void)
{
	memset(rules, 0, sizeof(rules));
	n_rules = 0;
	token = (struct fault_token){0};
}

/* Reads the control file where it is another than before. */
static void refresh(void)
{
	const char *path = getenv("FAULT_MODULE_CONTROL");
	bool was_absent = token.absent;
	struct stat now = {0};
	char line[256];
	FILE *file;

	if (path && stat(path, &now) < 0)
		now = (struct stat){0};
	if (now.st_ino == known.st_ino && now.st_size == known.st_size &&
	    memcmp(&now.st_mtim, &known.st_mtim, sizeof(now.st_mtim)) == 0)
		return;
	known = now;
	forget();
	file = path ? fopen(path, "re") : NULL;
	while (file && fgets(line, sizeof(line), file))
		read_line(line);
	if (file)
		(void)fclose(file);
	if (token.absent && !was_absent)
		just_left = true;
}

static void map_counts(void)
{
	const char *path = getenv("FAULT_MODULE_COUNTS");
	int fd;

	if (counts || !path)
		return;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (ftruncate(fd, FUNCTIONS * LINE_SIZE) == 0) {
		counts = mmap(NULL, FUNCTIONS * LINE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			      0);
		if (counts == MAP_FAILED)
			counts = NULL;
	}
	(void)close(fd);
}

/* A line of text that is always whole: its digits are counted up in place. */
static void count(const char *function)
{
	char padded[LINE_SIZE + 1];
	char *line;

	map_counts();
	if (!counts)
		return;
	(void)snprintf(padded, sizeof(padded), "%-*s %010d\n", NAME_SIZE, function, 0);
	for (size_t i = 0; i < FUNCTIONS; i++) {
		line = counts + i * LINE_SIZE;
		if (line[0] == '\0')
			memcpy(line, padded, LINE_SIZE);
		if (memcmp(line, padded, NAME_SIZE) == 0)
			break;
	}
	for (char *digit = line + NAME_SIZE + 10; digit > line + NAME_SIZE; digit--) {
		if ((*digit)++ != '9')
			break;
		*digit = '0';
	}
}

struct fault fault_take(const char *function)
{
	struct fault fault = {0};

	pthread_mutex_lock(&lock);
	refresh();
	count(function);
	for (size_t i = 0; i < n_rules; i++) {
		struct rule *rule = &rules[i];
		unsigned long n;

		if (strcmp(rule->function, function) != 0)
			continue;
		n = rule->seen++;
		if (n >= rule->skip && n - rule->skip < rule->count)
			fault = rule->fault;
	}
	pthread_mutex_unlock(&lock);
	return fault;
}

struct fault_token fault_token_now(void)
{
	struct fault_token now;

	pthread_mutex_lock(&lock);
	refresh();
	now = token;
	pthread_mutex_unlock(&lock);
	return now;
}

bool fault_token_just_left(void)
{
	bool left;

	pthread_mutex_lock(&lock);
	left = just_left;
	just_left = false;
	pthread_mutex_unlock(&lock);
	return left;
}
