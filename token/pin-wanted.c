/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pin-wanted.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct pin_wanted {
	char *path, *next;
	char *told; /* NULL: there is no file */
	int fd;	    /* the file, for its lock; -1 */
};

/* What the token does not take from anybody now is not asked for. */
static bool may_be_typed(const struct keeper_view *view, bool by_pad)
{
	const struct hsm_token_facts *facts = &view->facts;

	return view->pin_helps && !by_pad && view->has_facts && !facts->pin_locked &&
	       !facts->pin_final_try;
}

int pin_wanted_ask(const char *token, const struct keeper_view *view, bool by_pad,
		   char **ret_question)
{
	_cleanup_(buffer_done) struct buffer question = {0};

	*ret_question = NULL;
	if (!may_be_typed(view, by_pad))
		return 0;
	buffer_printf(&question, "PIN of token %s (label ", token);
	text_append_escaped(&question, span_of_text(view->facts.slot.label));
	buffer_append_text(&question, ", serial ");
	text_append_escaped(&question, span_of_text(view->facts.slot.serial));
	buffer_append_text(&question, ")");
	if (view->state == TOKEN_FAILED)
		buffer_append_text(&question, ": the one before was refused");
	if (view->facts.pin_count_low)
		buffer_append_text(&question, "; few tries are left");
	return buffer_take_text(&question, ret_question);
}

int pin_wanted_new(const char *directory, struct pin_wanted **ret)
{
	struct pin_wanted *wanted = calloc(1, sizeof(*wanted));
	int r = 0;

	if (!wanted)
		return -ENOMEM;
	wanted->fd = -1;
	if (directory)
		r = text_format(&wanted->path, "%s/pin-wanted", directory);
	if (directory && r == 0)
		r = text_format(&wanted->next, "%s/.pin-wanted", directory);
	if (r < 0) {
		pin_wanted_free(wanted);
		return r;
	}
	/* Of a process that was killed. */
	if (directory)
		(void)unlink(wanted->path);
	*ret = wanted;
	return 0;
}

/* In this order: who waits for the lock finds no file any more. */
static void take_away(struct pin_wanted *wanted)
{
	if (wanted->told)
		(void)unlink(wanted->path);
	closep(&wanted->fd);
	wanted->fd = -1;
	free(wanted->told);
	wanted->told = NULL;
}

struct pin_wanted *pin_wanted_free(struct pin_wanted *wanted)
{
	if (!wanted)
		return NULL;
	take_away(wanted);
	free(wanted->path);
	free(wanted->next);
	free(wanted);
	return NULL;
}

/* Whole and locked before it gets its name. */
static int write_locked(const struct pin_wanted *wanted, const char *question, int *ret_fd)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	_cleanup_(closep) int fd = open(wanted->next, flags, 0644);

	if (fd < 0 || fchmod(fd, 0644) < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ||
	    dprintf(fd, "%s\n", question) < 0 || rename(wanted->next, wanted->path) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int pin_wanted_tell(struct pin_wanted *wanted, const char *question)
{
	_cleanup_(freep) char *copy = NULL;
	int r;

	if (!wanted->path || (question && wanted->told && strcmp(question, wanted->told) == 0))
		return 0;
	take_away(wanted);
	if (!question)
		return 0;
	r = text_format(&copy, "%s", question);
	if (r == 0)
		r = write_locked(wanted, question, &wanted->fd);
	if (r == 0)
		wanted->told = TAKE_PTR(copy);
	return r;
}
