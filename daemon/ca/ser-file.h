/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * LABEL.ser: the copy of a server's last serial number that stands beside its CRL, and that a
 * restore goes on from. Two lines of text, as IOS writes them, 32 bytes with a short number:
 *
 *	db_version = 1
 *	last_serial = 0x2A
 *
 * The number is the counter in the last serial number that was issued, in upper-case hexadecimal;
 * no line break follows it. Read are also "DB version 1" and "last serial 0x2A", in any case, with
 * or without the equals sign, decimal numbers, either order, CR LF, and lines besides, which are
 * left aside. Pure.
 */

#include "daemon/base/bytes.h"

#define CA_SER_VERSION	 1
#define CA_SER_FILE_MOST ((size_t)4096)

struct ca_ser_file {
	unsigned version;
	uint64_t last_serial; /* the counter; 0 before any certificate */
};

enum ca_ser_outcome {
	CA_SER_VERSION_UNKNOWN = 1, /* only version is set: nothing else may be believed */
};

/* The file's whole text, appended. */
void ca_ser_file_write(uint64_t last_serial, struct buffer *out);
/* -EINVAL where version or serial is missing, there twice, or no number; -EFBIG above
 * CA_SER_FILE_MOST. */
_checked_ int ca_ser_file_read(struct span text, struct ca_ser_file *ret);
