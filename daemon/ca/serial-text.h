/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How operators name a certificate: by the counter in its serial number, or by the whole number.
 * Pure. */

#include "daemon/base/bytes.h"

struct ca_serial_name {
	bool is_counter;
	uint64_t counter;
	uint8_t serial[20]; /* the whole number, a magnitude */
	size_t serial_size;
};

/*
 * 0x: hexadecimal, a leading 0: octal, else decimal; up to 64 bits that is a counter. More
 * hexadecimal digits than 16, with 0x or without, are a whole serial number of at most 20 bytes.
 * -EINVAL where it is none of these.
 */
_checked_ int ca_serial_name_read(const char *text, struct ca_serial_name *ret);
