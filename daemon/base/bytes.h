/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How bytes travel: `span` borrows, `bytes` owns, `secret` owns locked memory that is wiped before
 * it is given back and is never printed, logged or dumped. `buffer` is `bytes` that grows while
 * something is being written; its first failure sticks, so a writer checks once, at the end.
 *
 * A zeroed struct is the empty value of each. Destructors accept it.
 */

#include "daemon/base/err.h"

struct span {
	const uint8_t *data;
	size_t size;
};

struct bytes {
	uint8_t *data;
	size_t size;
};

struct secret {
	uint8_t *data;
	size_t size;
};

struct buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
	int error; /* 0, or the -errno of the first write that failed */
};

#define SPAN_LITERAL(text) ((struct span){(const uint8_t *)(text), sizeof(text) - 1})
#define SPAN_ARRAY(array)  ((struct span){(const uint8_t *)(array), sizeof(array)})
#define SPAN(pointer, n)   ((struct span){(const uint8_t *)(pointer), (n)})

/* Borrows a NUL-ended text (without its NUL); NULL gives the empty span. */
struct span span_of_text(const char *text);
static inline struct span span_of(struct bytes b)
{
	return (struct span){b.data, b.size};
}
static inline struct span span_of_secret(struct secret s)
{
	return (struct span){s.data, s.size};
}
static inline struct span span_of_buffer(const struct buffer *b)
{
	return (struct span){b->data, b->size};
}

/* True where both have the same size and bytes. Not for secrets: see span_equal_secretly(). */
bool span_equal(struct span a, struct span b);
/* The same in time that depends on the sizes alone. */
bool span_equal_secretly(struct span a, struct span b);
/* memcmp order; a prefix sorts before what it begins. */
int span_compare(struct span a, struct span b);
/* The part from @offset on, at most @size bytes; the empty span where @offset is past the end. */
struct span span_slice(struct span s, size_t offset, size_t size);

/* Copies. @ret owns the copy. -ENOMEM. */
_checked_ int bytes_copy(struct span from, struct bytes *ret);
/* Zeroed memory of @size bytes. -ENOMEM. */
_checked_ int bytes_new(size_t size, struct bytes *ret);
/* A NUL-ended heap copy of @from; -EINVAL where it holds a NUL. */
_checked_ int span_to_text(struct span from, char **ret);
void bytes_done(struct bytes *b);

/*
 * Locked (mlock), zeroed memory that core dumps leave out (MADV_DONTDUMP) and children do not
 * inherit (MADV_WIPEONFORK). Where the lock limit is reached the memory is used unlocked only if
 * secret_allow_unlocked() was called (unit tests); else -ENOMEM.
 */
_checked_ int secret_new(size_t size, struct secret *ret);
_checked_ int secret_copy(struct span from, struct secret *ret);
void secret_done(struct secret *s);
/* From here on secrets lie in memory that the kernel itself can't see (memfd_secret(2)), where it
 * has that; as above where not. For programs that never fork: in a child such a secret is no memory
 * at all. */
void secret_hide_from_kernel(void);
/* Lets secret_new() go on without the lock where the limit is reached. For unit tests. */
void secret_allow_unlocked(void);
/* Overwrites @size bytes in a way the compiler keeps. */
void wipe(void *data, size_t size);

/* Room for @more bytes: until those are written nothing moves, so that what must be wiped can be
 * wiped where it stands. False with the sticky error. */
bool buffer_reserve(struct buffer *b, size_t more);
void buffer_append(struct buffer *b, struct span s);
void buffer_append_byte(struct buffer *b, uint8_t byte);
void buffer_append_text(struct buffer *b, const char *text);
_printf_(2, 3) void buffer_printf(struct buffer *b, const char *format, ...);
/* Moves what was written to @ret; the sticky error, if there is one. @b is empty afterwards either
 * way. */
_checked_ int buffer_take(struct buffer *b, struct bytes *ret);
/* The same as a NUL-ended text. */
_checked_ int buffer_take_text(struct buffer *b, char **ret);
void buffer_done(struct buffer *b);
