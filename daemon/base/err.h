/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How functions of this project fail, and how they let go of what they hold.
 *
 * An int result is 0 when the thing was done, negative for a fault (-errno; forwarded unmatched,
 * and logged once, where it stops), positive for an outcome out of that one function's own enum
 * (handled where it is received, never forwarded). A refusal to a client is none of these: it is a
 * value (policy/verdict.h). Wrong use by a programmer is an assert, and asserts stay in release
 * builds.
 */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define _cleanup_(destructor) __attribute__((cleanup(destructor)))
#define _checked_	      __attribute__((warn_unused_result))
#define _printf_(text, first) __attribute__((format(printf, text, first)))
#define _public_	      __attribute__((visibility("default")))

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Hands over what a pointer variable owns and leaves NULL behind. */
#define TAKE_PTR(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

/* Hands over what a struct variable owns and leaves its zero value behind. */
#define TAKE_STRUCT(object)                                                                        \
	({                                                                                         \
		__typeof__(object) taken_ = (object);                                              \
		(object) = (__typeof__(object)){0};                                                \
		taken_;                                                                            \
	})

/* Hands over an open descriptor and leaves -1 behind. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

/* free() for `char *` variables with _cleanup_. */
void freep(void *pointer_to_pointer);
/* close() for `int` variables with _cleanup_; negative values are left alone, errno is kept. */
void closep(const int *fd);
