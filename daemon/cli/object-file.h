/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Certificates and CRLs that the command reads from a file for the daemon, which opens none. */

#include <jansson.h>

/* The object in the file @path ("-": standard input), DER or the first PEM block of @label, as
 * base64; NULL with a message printed where it can't be read. */
json_t *object_file_read(const char *path, const char *label);
/* The same of all blocks of the label, DER after DER; of a file without any its bytes. */
json_t *object_file_read_all(const char *path, const char *label);
