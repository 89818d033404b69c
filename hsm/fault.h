/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What PKCS#11's return values mean here. They end at this border: everything above sees -errno.
 *
 *	-ENODEV     the token is gone
 *	-EACCES     the user is not logged in (any more)
 *	-ESTALE     a session or an object's handle is dead: open another session and find again
 *	-ENOSPC     the token is full
 *	-EMFILE     the token gives no more sessions
 *	-EOPNOTSUPP a mechanism or function that this token does not have
 *	-EBADMSG    the token says that the data is wrong
 *	-EPROTO     a general failure, which some modules also give for wrong data
 *	-EIO        the device failed, and whatever else there is
 *
 * Each thread remembers the last one, as errno does, for the log and for people.
 */

#include "daemon/base/err.h"

/* "C_Sign: CKR_DEVICE_ERROR" of this thread's last fault; "" without one. */
const char *hsm_fault_text(char ret[static 96]);

/* "CKR_DEVICE_ERROR"; NULL for a number outside PKCS#11 2.40. */
const char *hsm_fault_name(unsigned long rv);
/* The -errno from the table above; CKR_OK has none. */
int hsm_fault_errno(unsigned long rv);

/* Remembers the fault, logs it at debug, and returns its -errno. */
int hsm_failed(const char *function, unsigned long rv);
