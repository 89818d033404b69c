/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which of a server's files go where. A file that is kept has one place: the type's own, else the
 * server's, else the standard directory. Copies that are published have places of their own,
 * whatever level the database has: several for the CRL, one for each other type. Pure.
 */

#include "daemon/base/err.h"

enum ca_file {
#define CA_FILE(TYPE, ending, level) CA_FILE_##TYPE,
#include "daemon/ca/files.def"
	CA_FILES_
};
/* "ser", "crl" … */
const char *ca_file_ending(enum ca_file file);

enum ca_level { CA_LEVEL_MINIMAL, CA_LEVEL_NAMES, CA_LEVEL_COMPLETE, CA_LEVEL_NEVER };

/* What a failed publication does. */
enum ca_publish_failure {
	CA_PUBLISH_FAILURE_BY_TYPE, /* a CRL's disables, others are tried again */
	CA_PUBLISH_FAILURE_DISABLE,
	CA_PUBLISH_FAILURE_RETRY,
};

/* As configured; texts are paths or URLs, NULL where unset, and borrowed. */
struct ca_places {
	const char *standard;
	const char *store;
	const char *store_of[CA_FILES_];
	const char *const *publish_crl;
	size_t n_publish_crl;
	const char *publish_crt, *publish_cnm;
	enum ca_level level;
	enum ca_publish_failure publish_failure;
};

/* Where files of this type are kept, never NULL. */
const char *ca_places_store(const struct ca_places *places, enum ca_file file);

enum ca_target_kind {
	CA_TARGET_STORE = 1, /* the server's own, and nobody else's */
	CA_TARGET_PUBLISH = 2,
};

/* What becomes of the server while writing there fails. */
enum ca_target_failure {
	CA_TARGET_WARNS,
	CA_TARGET_STOPS_STORAGE,
	CA_TARGET_STOPS_CRL,
	CA_TARGET_STOPS_CERTIFICATES,
};

struct ca_target {
	enum ca_target_kind kind;
	enum ca_file file;
	enum ca_target_failure failure;
	const char *place; /* borrowed from the places */
};

#define CA_TARGETS_MOST 24
/* All that is written by itself, the critical ones first; how many. A place that is named twice for
 * the same comes once. */
size_t ca_places_targets(const struct ca_places *places, struct ca_target ret[CA_TARGETS_MOST]);
