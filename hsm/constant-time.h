/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Choices by mask, in time that depends on no value: for the files of hsm/ that undo paddings.
 * Nothing here is indexed or branched on by what is secret.
 */

#include "daemon/base/bytes.h"

/* Keeps the compiler from seeing through a mask and branching after all. */
static inline uint8_t constant_opaque(uint8_t value)
{
	__asm__("" : "+r"(value));
	return value;
}

/* 0xff where @value is zero, else 0. */
static inline uint8_t constant_is_zero(uint8_t value)
{
	return constant_opaque((uint8_t)((((unsigned)value - 1u) >> 8) & 0xffu));
}

/* 0xff where they are equal, else 0. */
static inline uint8_t constant_equal(size_t a, size_t b)
{
	size_t difference = a ^ b;
	uint8_t any = 0;

	for (size_t i = 0; i < sizeof(difference); i++)
		any |= (uint8_t)(difference >> (8 * i));
	return constant_is_zero(any);
}

/* @mask is 0xff or 0. */
static inline uint8_t constant_choose(uint8_t mask, uint8_t where_set, uint8_t where_not)
{
	return (uint8_t)((where_set & mask) | (where_not & (uint8_t)~mask));
}

static inline size_t constant_choose_size(uint8_t mask, size_t where_set, size_t where_not)
{
	/* all ones, or none */
	size_t wide = (size_t)0 - (size_t)(constant_opaque(mask) & 1u);

	return (where_set & wide) | (where_not & ~wide);
}
