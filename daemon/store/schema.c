/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema as numbered migrations: a database of version n has seen the first n. What stands here
 * is never changed once it was released; a new one is added below.
 *
 * Times are seconds since 1970, NULL (or 0 where NOT NULL) for never. Digests are 32 bytes. Names
 * are DER. Numbers of states and classes are those of daemon/ca/records.h.
 */
#include "daemon/store/migration.h"

/* clang-format off */
static const char *const migrations[] = {
	/* 1: servers, generations, requests, certificates, CRLs, passwords, audit */
	"PRAGMA application_id = 1129070934;" /* "CLAV" */
	"CREATE TABLE origin ("
	"  one INTEGER PRIMARY KEY CHECK (one = 1),"
	"  password_key BLOB NOT NULL CHECK (length(password_key) = 32),"
	"  probes INTEGER NOT NULL"
	") STRICT;"

	"CREATE TABLE server ("
	"  id INTEGER PRIMARY KEY,"
	"  label TEXT NOT NULL UNIQUE,"
	"  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),"
	"  created_s INTEGER NOT NULL,"
	"  next_counter INTEGER NOT NULL CHECK (next_counter > 0),"
	"  revocation_revision INTEGER NOT NULL"
	") STRICT;"

	/* Apart from its server, whose row changes with each block of serials. */
	"CREATE TABLE crl ("
	"  server_id INTEGER PRIMARY KEY REFERENCES server (id),"
	"  number INTEGER NOT NULL CHECK (number > 0),"
	"  this_update_s INTEGER NOT NULL,"
	"  next_update_s INTEGER NOT NULL,"
	"  revision INTEGER NOT NULL,"
	"  der BLOB NOT NULL"
	") STRICT;"

	"CREATE TABLE generation ("
	"  id INTEGER PRIMARY KEY,"
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  number INTEGER NOT NULL CHECK (number > 0),"
	"  certificate BLOB NOT NULL,"
	"  not_before_s INTEGER NOT NULL,"
	"  not_after_s INTEGER NOT NULL,"
	"  takes_over_s INTEGER NOT NULL,"
	"  destroyed_s INTEGER,"
	"  token TEXT NOT NULL,"
	"  token_serial TEXT NOT NULL,"
	"  key_id BLOB NOT NULL,"
	"  spki BLOB NOT NULL,"
	"  key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),"
	"  counter INTEGER NOT NULL CHECK (counter > 0),"
	"  serial BLOB NOT NULL,"
	"  issuer BLOB NOT NULL,"
	"  UNIQUE (server_id, number)"
	") STRICT;"

	"CREATE TABLE password ("
	"  id INTEGER PRIMARY KEY,"
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  mac BLOB NOT NULL CHECK (length(mac) = 32),"
	"  subject BLOB NOT NULL," /* empty for a general one */
	"  created_s INTEGER NOT NULL,"
	"  expires_s INTEGER NOT NULL,"
	"  used_s INTEGER,"
	"  superseded INTEGER NOT NULL CHECK (superseded IN (0, 1)),"
	"  UNIQUE (server_id, mac)"
	") STRICT;"
	"CREATE INDEX password_live ON password (server_id, subject)"
	"  WHERE superseded = 0 AND used_s IS NULL;"

	/* An id is never used twice, also not that of a removed request: what was decided on the old
	 * one must not hit a new one. */
	"CREATE TABLE request ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  revision INTEGER NOT NULL,"
	"  transaction_id BLOB NOT NULL,"
	"  requester BLOB NOT NULL CHECK (length(requester) = 32),"
	"  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),"
	"  class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 2),"
	"  renewal INTEGER NOT NULL CHECK (renewal IN (0, 1)),"
	"  csr BLOB NOT NULL,"
	"  csr_sha256 BLOB NOT NULL CHECK (length(csr_sha256) = 32),"
	"  key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),"
	"  subject BLOB NOT NULL,"
	"  sender_nonce BLOB NOT NULL,"
	"  answered_nonce BLOB,"
	"  peer TEXT,"
	"  peer_bucket INTEGER NOT NULL,"
	"  rule TEXT,"
	"  reason TEXT,"
	"  created_s INTEGER NOT NULL,"
	"  updated_s INTEGER NOT NULL,"
	"  expires_s INTEGER NOT NULL,"
	"  password_id INTEGER REFERENCES password (id)"
	") STRICT;"
	"CREATE INDEX request_transaction ON request (server_id, transaction_id, requester);"
	"CREATE INDEX request_server ON request (server_id);"
	"CREATE INDEX request_other ON request (server_id, state) WHERE state <> 5;"
	"CREATE INDEX request_expiry ON request (server_id, expires_s) WHERE state <> 5;"
	"CREATE INDEX request_pending ON request (server_id, peer_bucket) WHERE state = 3;"

	/* A request brings one certificate at most. It may be removed; its certificate stands, and still
	 * tells its number: so that is no foreign key. NULL: the CA's own. */
	"CREATE TABLE certificate ("
	"  id INTEGER PRIMARY KEY,"
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  counter INTEGER NOT NULL CHECK (counter > 0),"
	"  serial BLOB NOT NULL,"
	"  generation_id INTEGER NOT NULL REFERENCES generation (id),"
	"  request_id INTEGER UNIQUE,"
	"  class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 2),"
	"  subject BLOB NOT NULL,"
	"  key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),"
	"  not_before_s INTEGER NOT NULL,"
	"  not_after_s INTEGER NOT NULL,"
	"  certificate BLOB NOT NULL,"
	"  revoked_s INTEGER,"
	"  revocation_reason INTEGER,"
	"  UNIQUE (server_id, counter),"
	"  UNIQUE (server_id, serial)"
	") STRICT;"
	"CREATE INDEX certificate_key ON certificate (server_id, key_sha256);"
	"CREATE INDEX certificate_revoked ON certificate (server_id, length(serial), serial)"
	"  WHERE revoked_s IS NOT NULL;"
	"CREATE TRIGGER certificate_stands BEFORE DELETE ON certificate"
	"  BEGIN SELECT RAISE (ABORT, 'a certificate is never forgotten'); END;"

	"CREATE TABLE audit ("
	"  seq INTEGER PRIMARY KEY,"
	"  time_s INTEGER NOT NULL,"
	"  server TEXT,"
	"  type TEXT NOT NULL,"
	"  actor TEXT NOT NULL,"
	"  details TEXT NOT NULL,"
	"  previous BLOB NOT NULL CHECK (length(previous) = 32),"
	"  hash BLOB NOT NULL CHECK (length(hash) = 32)"
	") STRICT;"
	"CREATE TRIGGER audit_stands BEFORE UPDATE ON audit"
	"  BEGIN SELECT RAISE (ABORT, 'an audit record is never changed'); END;"
	"CREATE TRIGGER audit_stays BEFORE DELETE ON audit"
	"  BEGIN SELECT RAISE (ABORT, 'an audit record is never removed'); END;"
	"PRAGMA user_version = 1;",
};
/* clang-format on */

const struct migration_list migrations_of_store = {migrations, ELEMENTS(migrations)};
