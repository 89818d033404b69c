/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of the log of signatures: the place of a number is found by halving the file, since numbers
 * rise from line to line. No index, nothing to keep in memory.
 */
#include "daemon/base/text.h"
#include "token/signature-log-internal.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABS 7 /* in a whole line */

/* A stretch of the file. */
struct stretch {
	uint8_t data[4 * SIGNATURE_LINE_MOST];
	size_t size;
};

static int read_at(int fd, off_t offset, off_t end, struct stretch *ret)
{
	off_t left = end - offset;
	size_t size = left < (off_t)sizeof(ret->data) ? (size_t)left : sizeof(ret->data);
	ssize_t n = pread(fd, ret->data, size, offset);

	if (n < 0)
		return -errno;
	ret->size = (size_t)n;
	return 0;
}

/* Takes one whole line off @rest, without its end; false where there is none. */
static bool next_line(struct span *rest, struct span *ret)
{
	const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;

	if (!end)
		return false;
	*ret = SPAN(rest->data, (size_t)(end - rest->data));
	*rest = span_slice(*rest, ret->size + 1, rest->size);
	return true;
}

static bool is_whole(struct span line, int64_t *ret_number)
{
	unsigned tabs = 0;

	for (size_t i = 0; i < line.size; i++)
		tabs += line.data[i] == '\t';
	return tabs == TABS && signature_line_number(line, ret_number) == 0;
}

/* The first whole line that begins after @offset and before @end: its place and number.
 * Returns 1 where there is none within reach. */
static int find_line(int fd, off_t offset, off_t end, off_t *ret_place, int64_t *ret_number)
{
	struct stretch stretch;
	struct span rest, line;
	int r = read_at(fd, offset, end, &stretch);

	if (r < 0)
		return r;
	rest = SPAN(stretch.data, stretch.size);
	/* It may begin in the middle of one. */
	if (!next_line(&rest, &line))
		return 1;
	while (next_line(&rest, &line)) {
		if (!is_whole(line, ret_number))
			continue;
		*ret_place = offset + (line.data - stretch.data);
		return 0;
	}
	return 1;
}

/* A place at the beginning of a line, from which the first line above @after is not far. */
static int find_place(int fd, int64_t after, off_t end, off_t *ret)
{
	off_t low = 0, high = end;

	while (high - low > 2 * SIGNATURE_LINE_MOST) {
		off_t middle = low + (high - low) / 2, place;
		int64_t number;
		int r = find_line(fd, middle, end, &place, &number);

		if (r < 0)
			return r;
		if (r > 0 || number > after)
			high = middle;
		else
			low = place;
	}
	*ret = low;
	return 0;
}

/* Takes the lines of a stretch over; gives how far it was read. False where @out is full. */
static bool take_lines(const struct stretch *stretch, int64_t after, size_t most,
		       struct buffer *out, size_t *ret_used)
{
	struct span rest = SPAN(stretch->data, stretch->size), line;
	int64_t number;

	while (next_line(&rest, &line)) {
		if (is_whole(line, &number) && number > after) {
			if (out->size + line.size + 1 > most)
				return false;
			buffer_append(out, SPAN(line.data, line.size + 1));
		}
		*ret_used = stretch->size - rest.size;
	}
	return true;
}

int signature_log_read(struct signature_log *log, int64_t after, size_t most, struct buffer *out)
{
	int fd = signature_log_fd(log);
	struct stretch stretch;
	struct stat st;
	off_t place;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	r = find_place(fd, after, st.st_size, &place);
	while (r == 0 && place < st.st_size) {
		size_t used = 0;

		r = read_at(fd, place, st.st_size, &stretch);
		if (r < 0 || !take_lines(&stretch, after, most, out, &used) || !used)
			break;
		place += (off_t)used;
	}
	return r < 0 ? r : out->error;
}
