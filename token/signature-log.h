/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every signature that was given out: one line each, written before the signature leaves this
 * process, so that a certificate that the daemon's database doesn't know, or an audit that was
 * shortened, is found. The file lies where only the token's process can write. Thread-safe.
 *
 *	number <tab> time <tab> key <tab> kind <tab> serial <tab> subject <tab> SHA-256 of the
 *	to-be-signed <tab> the audit chain's head
 */

#include "daemon/base/crypto.h"

struct signature_log;

struct signature_record {
	int64_t time_s;
	struct span key;     /* SHA-256 of its SubjectPublicKeyInfo */
	const char *kind;    /* "certificate", "crl", "request", "cms" */
	struct span serial;  /* of a certificate; empty else */
	struct span subject; /* text, foreign: escaped when written */
	struct span to_be_signed;
	struct span head; /* 32 bytes or none */
};

/* Opens or makes the file; goes on with the number after its last line. -errno. */
_checked_ int signature_log_open(const char *path, struct signature_log **ret);
struct signature_log *signature_log_close(struct signature_log *log);
/* -errno: then the signature must not be given out. Written, though not synced: a crash of this
 * process loses nothing, a power cut may lose the last lines. */
_checked_ int signature_log_append(struct signature_log *log,
				   const struct signature_record *record);
