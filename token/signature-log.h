/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every signature that was given out: one line each, written before the signature leaves this
 * process, so that a certificate that the daemon's database doesn't know, or an audit that was
 * shortened, is found. The file lies where only the token's process can write. Thread-safe.
 *
 *	number <tab> time <tab> key <tab> kind <tab> serial <tab> subject <tab> SHA-256 of the
 *	to-be-signed <tab> the audit chain's head
 *
 * A line of kind "head" is no signature: the daemon told its head. One of kind "tls" or "ike", and
 * one of kind "cms" or "use" without a to-be-signed, is that many since the one before
 * (token/tally.h). The log grows by some 350 bytes a signature of our own, is never shortened, and
 * grows by no more than some lines a minute and key for other programs.
 */

#include "daemon/base/crypto.h"

struct signature_log;

struct signature_record {
	int64_t time_s;
	struct span key;  /* SHA-256 of its SubjectPublicKeyInfo */
	const char *kind; /* "certificate", "self-signed", "crl", "request", "cms", "checkpoint"; an
			   * act of acts.h; "use" for another program; "tls" or "ike", and without
			   * to_be_signed "cms" and "use", which stands for as many as its subject
			   * says; "head" */
	struct span serial;	  /* of a certificate; empty else */
	struct span subject;	  /* text, foreign: escaped when written */
	struct span to_be_signed; /* none: an act, a head, or many */
	struct span head;	  /* 32 bytes or none */
	bool may_trail;		  /* reaches the disk with the next line that may not */
};

/* Opens or makes the file; goes on with the number after its last line. -errno. */
_checked_ int signature_log_open(const char *path, struct signature_log **ret);
struct signature_log *signature_log_close(struct signature_log *log);
/* -errno: then the signature must not be given out. The line is on the disk when it returns, unless
 * it may trail: then a power cut may lose it, a crash of this process does not. Concurrent ones
 * share a sync. */
_checked_ int signature_log_append(struct signature_log *log,
				   const struct signature_record *record);

/* Appends whole lines numbered above @after to @out, in their order, up to @most bytes; none past
 * the last. Lines that were cut by a power failure are left out. Reads a few pages, however long
 * the log is. -errno. */
_checked_ int signature_log_read(struct signature_log *log, int64_t after, size_t most,
				 struct buffer *out);
