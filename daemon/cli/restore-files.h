/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The files of a saved server, read from where the command line says. */

#include "daemon/base/bytes.h"
#include "daemon/cli/command.h"

struct restore_files {
	struct buffer keys; /* PKCS#12, or PEM with the certificate and the encrypted key */
	struct bytes ser, crl;
};
void restore_files_done(struct restore_files *files);

/* After the label: archives, certificates (.crt, .cer), .ser and .crl files, a directory that holds
 * LABEL.p12 or LABEL.pem and the rest, or "terminal". What is wrong is printed. */
enum command_status restore_files_read(const struct invocation *invocation,
				       struct restore_files *ret);
