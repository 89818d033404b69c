/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A line of a token's log of signatures, as TOKEN_LOG_PAGE brings it: eight fields with tabs
 * between, an empty one written as "-". Read strictly; what the token's process writes is
 * token/signature-log.h.
 *
 *	number, time, key, kind, serial, subject, SHA-256 of the to-be-signed, the audit chain's
 *	head
 */

#include "daemon/base/crypto.h"

struct signature_line {
	int64_t number;	     /* from 1 */
	struct span time;    /* as text */
	struct span kind;    /* "certificate", "self-signed", "crl", "request", "cms", "checkpoint",
				"use", "tls", "ike", an act, "head" */
	struct span subject; /* escaped text */
	uint8_t key[SHA256_SIZE];     /* of its SubjectPublicKeyInfo; zeros for "head" */
	uint8_t serial[64];	      /* of a certificate */
	size_t serial_size;	      /* 0: none */
	uint8_t signed_[SHA256_SIZE]; /* of the to-be-signed; zeros for "head" */
	uint8_t head[SHA256_SIZE];    /* zeros where none came along */
};

/* Takes the next line off @page, also where it is none such: -EBADMSG; -ENODATA at the end. What is
 * given borrows from @page. */
_checked_ int signature_line_next(struct span *page, struct signature_line *ret);
