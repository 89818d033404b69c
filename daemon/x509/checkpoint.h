/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A checkpoint of the audit: what the chain had come to at a moment, signed by a key that signs
 * nothing else. Of our own making, and like no other structure that is signed: it begins with its
 * name.
 *
 *	SEQUENCE {
 *	  name      UTF8String "claviger audit checkpoint 1",
 *	  database  OCTET STRING (16),   -- which one
 *	  number    INTEGER,             -- of this checkpoint, from 1
 *	  seq       INTEGER,             -- the newest record that it covers
 *	  head      OCTET STRING (32),   -- that record's hash
 *	  time      Time,
 *	  previous  OCTET STRING (32) }  -- SHA-256 of the checkpoint before, zeros for the first
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"

#define X509_CHECKPOINT_DATABASE_SIZE 16

struct x509_checkpoint {
	struct span database;
	uint64_t number, seq;
	struct span head;
	int64_t time_s;
	struct span previous;
};

/* The to-be-signed. Asserts the sizes. -ENOMEM. */
_checked_ int x509_checkpoint_build(const struct x509_checkpoint *from, struct bytes *ret);
/* Strictly; borrows. -EBADMSG. */
_checked_ int x509_checkpoint_read(struct span whole, struct x509_checkpoint *ret);
