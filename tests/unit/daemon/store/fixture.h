/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store in a directory of its own, with one server, and records to put into it. */

#include "daemon/store/store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW   INT64_C(1700000000)
#define LABEL "ROOTCA"

struct fixture {
	char folder[64];
	char path[128];
	struct store *store;
};

static inline void fixture_reopen(struct fixture *fixture)
{
	fixture->store = store_close(fixture->store);
	assert_int_equal(store_open(fixture->path, &fixture->store), 0);
}

static inline struct bytes copy_of(struct span span)
{
	struct bytes copy = {};

	assert_int_equal(bytes_copy(span, &copy), 0);
	return copy;
}

/* The first generation's record, whole. */
static inline struct ca_generation_record generation_of(unsigned number)
{
	struct ca_generation_record record = {
		.number = number,
		.certificate = copy_of(SPAN_LITERAL("a certificate")),
		.not_before_s = NOW,
		.not_after_s = NOW + 1000,
		.takes_over_s = NOW,
		.token = strdup("soft"),
		.token_serial = strdup("0123456789abcdef"),
		.key_id = copy_of(SPAN_LITERAL("\x01\x02")),
		.spki = copy_of(SPAN_LITERAL("a key")),
		.counter = number,
		.serial = copy_of(SPAN(&(uint8_t){(uint8_t)number}, 1)),
		.issuer = copy_of(SPAN_LITERAL("\x30\x00")),
	};

	memset(record.key_sha256, 0x11, SHA256_SIZE);
	return record;
}

static inline void make_server(struct store *store, const char *label)
{
	_cleanup_(ca_generation_record_done) struct ca_generation_record generation =
		generation_of(1);
	struct store_change change = {
		.now_s = NOW, .create_server = label, .generation = &generation};

	assert_int_equal(store_commit(store, &change), 0);
	assert_true(generation.id > 0);
}

static inline int fixture_empty(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	secret_allow_unlocked();
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/claviger-store-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/claviger.db", fixture->folder);
	assert_int_equal(store_open(fixture->path, &fixture->store), 0);
	*state = fixture;
	return 0;
}

static inline int fixture_make(void **state)
{
	struct fixture *fixture;

	fixture_empty(state);
	fixture = *state;
	make_server(fixture->store, LABEL);
	return 0;
}

static inline int fixture_drop(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	struct fixture *fixture = *state;

	store_close(fixture->store);
	for (size_t i = 0; i < ELEMENTS(ends); i++) {
		char path[160];

		snprintf(path, sizeof(path), "%s%s", fixture->path, ends[i]);
		unlink(path);
	}
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

/* A pending request of this transaction and requester, not in the database yet. */
static inline struct ca_request_record request_of(const char *transaction, uint8_t requester)
{
	struct ca_request_record record = {
		.transaction_id = copy_of(span_of_text(transaction)),
		.state = CA_REQUEST_PENDING,
		.csr = copy_of(SPAN_LITERAL("a CSR")),
		.subject = copy_of(SPAN_LITERAL("\x30\x01S")),
		.sender_nonce = copy_of(SPAN_LITERAL("nonce")),
		.peer = strdup("192.0.2.1"),
		.rule = strdup("Grant=manual"),
		.reason = strdup("waits"),
		.created_s = NOW,
		.updated_s = NOW,
		.expires_s = NOW + 100,
	};

	memset(record.requester, requester, SHA256_SIZE);
	memset(record.csr_sha256, 0x22, SHA256_SIZE);
	memset(record.key_sha256, 0x33, SHA256_SIZE);
	return record;
}

/* Among the requests for any generation. */
static inline int find_request(struct store *store, const char *label, struct span transaction_id,
			       struct span requester, struct ca_request_record *ret)
{
	const struct store_transaction transaction = {transaction_id, requester, {0, UINT32_MAX}};

	return store_request_find(store, label, &transaction, ret);
}

static inline int commit_request(struct store *store, struct ca_request_record *record,
				 int64_t expected_newest)
{
	struct store_change change = {.server = LABEL,
				      .now_s = NOW,
				      .request = record,
				      .request_range = {0, UINT32_MAX},
				      .expected_newest = expected_newest};

	return store_commit(store, &change);
}

/* A certificate with this counter, also as its serial; of the fixture's generation. */
static inline struct ca_certificate_record certificate_of(uint64_t counter)
{
	uint8_t serial[] = {(uint8_t)(counter >> 16), (uint8_t)(counter >> 8), (uint8_t)counter};
	size_t skip = counter < 0x100 ? 2 : counter < 0x10000 ? 1 : 0;
	struct ca_certificate_record record = {
		.counter = counter,
		.serial = copy_of(SPAN(serial + skip, sizeof(serial) - skip)),
		.generation_id = 1,
		.subject = copy_of(SPAN_LITERAL("\x30\x01S")),
		.not_before_s = NOW,
		.not_after_s = NOW + 500,
		.certificate = copy_of(SPAN_LITERAL("a certificate")),
	};

	memset(record.key_sha256, 0x33, SHA256_SIZE);
	return record;
}

static inline int commit_certificate(struct store *store, struct ca_certificate_record *record)
{
	struct store_change change = {.server = LABEL, .now_s = NOW, .certificate = record};

	return store_commit(store, &change);
}

/* store_audit_verify(); @ret: the last good record. */
static inline int verify_audit(struct store *store, int64_t *ret)
{
	struct store_audit_report report = {.good = -1};
	int r = store_audit_verify(store, NULL, NULL, &report);

	assert_int_equal(report.bad, r ? report.good + 1 : 0);
	*ret = report.good;
	return r;
}
