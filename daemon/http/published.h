/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What clavigerd publishes for a server, as files in StateDirectory/public/LABEL. LABEL is a
 * symbolic link that is renamed to a new directory at each change, so that what one directory holds
 * belongs together; its files never change.
 */

#include "daemon/base/bytes.h"

enum published_kind {
	PUBLISHED_CAPS,
	PUBLISHED_CACERT,
	PUBLISHED_NEXTCACERT,
	PUBLISHED_CRL,
	PUBLISHED_CA,
	PUBLISHED_KINDS_
};

#define PUBLISHED_ETAG_SIZE 64

struct published {
	int fd; /* at the start of the file; -1: none */
	uint64_t size;
	const char *content_type;
	bool cached;			/* may be kept by clients and proxies */
	int64_t modified_s;		/* seconds since 1970 */
	int64_t expires_s;		/* as the file beside it says; 0 where there is none */
	char etag[PUBLISHED_ETAG_SIZE]; /* with its quotes */
};

/*
 * Opens the newest file of @kind.
 *
 * @label       of a server of the configuration
 * @generation  whose CRL is meant, by its number; 0: the active one's, and of what has none
 * @ret         the caller's; closed by published_done()
 * Returns 0; -ENOENT where nothing is published (yet); -errno. Blocks for the file system.
 */
_checked_ int published_open(const char *state_directory, const char *label,
			     enum published_kind kind, unsigned generation, struct published *ret);
void published_done(struct published *published);

/* The type of a GetCACert answer by its first bytes: certs-only SignedData or one certificate.
 * Source: RFC 8894 §4.2.1. */
const char *published_cacert_type(struct span start);
