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

	/* 2: the request database in sections; who signed a request; which passwords are live */
	"ALTER TABLE request ADD COLUMN rollover INTEGER NOT NULL DEFAULT 0 CHECK (rollover IN (0, 1));"
	"ALTER TABLE request ADD COLUMN signer_id INTEGER REFERENCES certificate (id);"
	"CREATE INDEX request_section ON request (server_id, class, rollover);"
	"DROP INDEX request_pending;" /* the bound is one for all servers */
	"CREATE INDEX request_waiting ON request (peer_bucket) WHERE state = 3;"
	"CREATE INDEX password_expiry ON password (server_id, expires_s)"
	"  WHERE superseded = 0 AND used_s IS NULL;"
	"PRAGMA user_version = 2;",

	/* 3: CRLs signed ahead, numbers of all that were signed, revocations known from CRLs alone */
	"ALTER TABLE server ADD COLUMN crl_last_number INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE server ADD COLUMN ahead_wish_s INTEGER NOT NULL DEFAULT 0;"
	"UPDATE server SET crl_last_number = coalesce("
	"  (SELECT number FROM crl WHERE server_id = server.id), 0);"
	"CREATE TABLE crl_ahead ("
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  number INTEGER NOT NULL CHECK (number > 0),"
	"  this_update_s INTEGER NOT NULL,"
	"  next_update_s INTEGER NOT NULL,"
	"  revision INTEGER NOT NULL,"
	"  der BLOB NOT NULL,"
	"  PRIMARY KEY (server_id, number)"
	") STRICT;"
	/* Of certificates that this database never saw: its CRL came from elsewhere. */
	"CREATE TABLE revoked_elsewhere ("
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  serial BLOB NOT NULL,"
	"  revoked_s INTEGER NOT NULL,"
	"  revocation_reason INTEGER NOT NULL,"
	"  PRIMARY KEY (server_id, serial)"
	") STRICT;"
	"CREATE INDEX revoked_elsewhere_order ON revoked_elsewhere (server_id, length(serial), serial);"
	"PRAGMA user_version = 3;",

	/* 4: the options that hold for a server, as they were when they came to hold */
	"CREATE TABLE setting ("
	"  server_id INTEGER NOT NULL REFERENCES server (id) ON DELETE CASCADE,"
	"  option TEXT NOT NULL,"
	"  value TEXT NOT NULL,"
	"  PRIMARY KEY (server_id, option)"
	") STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 4;",

	/* 5: the audit's checkpoints, and how far each token's log of signatures was compared */
	"CREATE TABLE identity (" /* which one this is, for what is signed about it */
	"  one INTEGER PRIMARY KEY CHECK (one = 1),"
	"  id BLOB NOT NULL CHECK (length(id) = 16)"
	") STRICT;"
	"INSERT INTO identity (one, id) VALUES (1, randomblob(16));"
	"CREATE TABLE audit_checkpoint ("
	"  number INTEGER PRIMARY KEY CHECK (number > 0),"
	"  seq INTEGER NOT NULL,"
	"  time_s INTEGER NOT NULL,"
	"  token TEXT NOT NULL,"
	"  spki BLOB NOT NULL,"
	"  to_be_signed BLOB NOT NULL,"
	"  signature BLOB NOT NULL"
	") STRICT;"
	"CREATE TRIGGER audit_checkpoint_stands BEFORE UPDATE ON audit_checkpoint"
	"  BEGIN SELECT RAISE (ABORT, 'a checkpoint is never changed'); END;"
	"CREATE TRIGGER audit_checkpoint_stays BEFORE DELETE ON audit_checkpoint"
	"  BEGIN SELECT RAISE (ABORT, 'a checkpoint is never removed'); END;"
	"CREATE TABLE token_log ("
	"  token TEXT PRIMARY KEY,"
	"  number INTEGER NOT NULL"
	") STRICT;"
	"PRAGMA user_version = 5;",

	/* 6: how far the places are that files are written to. What was written last is found by id,
	 * which rises as certificates are committed; their counters may come out of order. */
	"CREATE TABLE target ("
	"  id INTEGER PRIMARY KEY,"
	"  server_id INTEGER NOT NULL REFERENCES server (id) ON DELETE CASCADE,"
	"  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 2),"
	"  file INTEGER NOT NULL CHECK (file BETWEEN 0 AND 5),"
	"  place TEXT NOT NULL,"
	"  done INTEGER NOT NULL,"
	"  attempts INTEGER NOT NULL,"
	"  next_try_s INTEGER NOT NULL,"
	"  first_failure_s INTEGER NOT NULL,"
	"  reason TEXT,"
	"  UNIQUE (server_id, kind, file, place)"
	") STRICT;"
	"CREATE INDEX certificate_of_server ON certificate (server_id);"
	"PRAGMA user_version = 6;",

	/* 7: a deleted server's label is free again; its row, and what hangs on it, stays as LABEL/ID. */
	"ALTER TABLE server ADD COLUMN deleted_s INTEGER;"
	"ALTER TABLE server ADD COLUMN former_label TEXT;"
	"PRAGMA user_version = 7;",

	/* 8: the last serial counter that a restored server gave out elsewhere */
	"ALTER TABLE server ADD COLUMN restored_counter INTEGER NOT NULL DEFAULT 0;"
	"PRAGMA user_version = 8;",

	/* 9: rollover. A request says which generation it is for; what was done for a generation; whose
	 * key signed a CRL, and those that a retired one signs; the message that gives out the next. */
	"ALTER TABLE server ADD COLUMN rollover_wish_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE server ADD COLUMN rollover_cancelled_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE generation ADD COLUMN archived_s INTEGER;"
	"ALTER TABLE generation ADD COLUMN available_s INTEGER;"
	"ALTER TABLE generation ADD COLUMN changed_over_s INTEGER;"
	"ALTER TABLE generation ADD COLUMN relabelled_s INTEGER;"
	"UPDATE generation SET archived_s = takes_over_s, available_s = takes_over_s,"
	"  changed_over_s = takes_over_s, relabelled_s = takes_over_s;"
	"ALTER TABLE crl ADD COLUMN generation_id INTEGER REFERENCES generation (id);"
	"ALTER TABLE crl_ahead ADD COLUMN generation_id INTEGER REFERENCES generation (id);"
	"UPDATE crl SET generation_id = (SELECT max(id) FROM generation WHERE server_id = crl.server_id);"
	"UPDATE crl_ahead SET generation_id ="
	"  (SELECT max(id) FROM generation WHERE server_id = crl_ahead.server_id);"
	"CREATE TABLE own_crl ("
	"  generation_id INTEGER PRIMARY KEY REFERENCES generation (id),"
	"  number INTEGER NOT NULL CHECK (number > 0),"
	"  this_update_s INTEGER NOT NULL,"
	"  next_update_s INTEGER NOT NULL,"
	"  revision INTEGER NOT NULL,"
	"  der BLOB NOT NULL"
	") STRICT;"
	"CREATE TABLE next_ca ("
	"  server_id INTEGER PRIMARY KEY REFERENCES server (id),"
	"  generation_id INTEGER NOT NULL REFERENCES generation (id),"
	"  der BLOB NOT NULL"
	") STRICT;"
	"DROP INDEX request_section;"
	"ALTER TABLE request DROP COLUMN rollover;"
	"ALTER TABLE request ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;"
	"CREATE INDEX request_section ON request (server_id, class);"
	"CREATE INDEX request_generation ON request (server_id, class, generation);"
	"CREATE INDEX certificate_generation ON certificate (generation_id, not_after_s)"
	"  WHERE request_id IS NOT NULL;"
	"PRAGMA user_version = 9;",

	/* 10: how often a server's CRLs changed. Its newest number doesn't tell: each key has its own. */
	"ALTER TABLE server ADD COLUMN crl_changes INTEGER NOT NULL DEFAULT 0;"
	"UPDATE server SET crl_changes = 1 WHERE id IN (SELECT server_id FROM crl);"
	"PRAGMA user_version = 10;",

	/* 11: trustpoints. Ids are never used twice, as with requests. What is NULL is 0 in the record. */
	"CREATE TABLE trustpoint ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  name TEXT NOT NULL UNIQUE,"
	"  revision INTEGER NOT NULL CHECK (revision > 0),"
	"  created_s INTEGER NOT NULL,"
	"  capabilities INTEGER NOT NULL DEFAULT 0,"
	"  capabilities_s INTEGER,"
	"  halt INTEGER NOT NULL DEFAULT 0 CHECK (halt BETWEEN 0 AND 3),"
	"  halted_s INTEGER,"
	"  halt_reason TEXT,"
	"  failures INTEGER NOT NULL DEFAULT 0,"
	"  failed_s INTEGER,"
	"  failure TEXT,"
	"  next_ca_misses INTEGER NOT NULL DEFAULT 0,"
	"  next_ca_missed_s INTEGER,"
	"  exported_sha256 BLOB NOT NULL DEFAULT (zeroblob(32)) CHECK (length(exported_sha256) = 32),"
	"  reload_due INTEGER NOT NULL DEFAULT 0 CHECK (reload_due IN (0, 1))"
	") STRICT;"
	"CREATE TABLE trustpoint_anchor ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  trustpoint_id INTEGER NOT NULL REFERENCES trustpoint (id) ON DELETE CASCADE,"
	"  certificate BLOB NOT NULL,"
	"  others BLOB NOT NULL," /* certificate after certificate */
	"  not_before_s INTEGER NOT NULL,"
	"  not_after_s INTEGER NOT NULL,"
	"  accepted_s INTEGER NOT NULL,"
	"  takes_over_s INTEGER NOT NULL,"
	"  changed_over_s INTEGER"
	") STRICT;"
	"CREATE INDEX trustpoint_anchor_of ON trustpoint_anchor (trustpoint_id);"
	"CREATE TABLE trustpoint_identity ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  trustpoint_id INTEGER NOT NULL REFERENCES trustpoint (id) ON DELETE CASCADE,"
	"  anchor_id INTEGER NOT NULL REFERENCES trustpoint_anchor (id) ON DELETE CASCADE,"
	"  usage INTEGER NOT NULL CHECK (usage BETWEEN 1 AND 3),"
	"  token TEXT NOT NULL,"
	"  token_serial TEXT,"
	"  key_label TEXT NOT NULL,"
	"  spki BLOB NOT NULL,"
	"  key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),"
	"  certificate BLOB NOT NULL,"
	"  not_before_s INTEGER NOT NULL,"
	"  not_after_s INTEGER NOT NULL,"
	"  takes_over_s INTEGER NOT NULL,"
	"  changed_over_s INTEGER,"
	"  relabelled_s INTEGER,"
	"  key_destroyed_s INTEGER,"
	"  by_hand INTEGER NOT NULL CHECK (by_hand IN (0, 1)),"
	"  jitter INTEGER NOT NULL CHECK (jitter BETWEEN 0 AND 65535)"
	") STRICT;"
	"CREATE INDEX trustpoint_identity_of ON trustpoint_identity (trustpoint_id);"
	"CREATE INDEX trustpoint_identity_anchor ON trustpoint_identity (anchor_id);"
	"CREATE INDEX trustpoint_identity_key ON trustpoint_identity (key_sha256);"
	"CREATE TABLE trustpoint_enrollment ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  trustpoint_id INTEGER NOT NULL REFERENCES trustpoint (id) ON DELETE CASCADE,"
	"  anchor_id INTEGER NOT NULL REFERENCES trustpoint_anchor (id) ON DELETE CASCADE,"
	"  usage INTEGER NOT NULL CHECK (usage BETWEEN 1 AND 3),"
	"  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),"
	"  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"
	"  token TEXT NOT NULL,"
	"  token_serial TEXT,"
	"  key_label TEXT NOT NULL,"
	"  spki BLOB NOT NULL,"
	"  key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),"
	"  key_is_new INTEGER NOT NULL CHECK (key_is_new IN (0, 1)),"
	"  signer_id INTEGER REFERENCES trustpoint_identity (id) ON DELETE CASCADE,"
	"  signer BLOB NOT NULL,"
	"  message BLOB NOT NULL,"
	"  transaction_id BLOB NOT NULL,"
	"  sender_nonce BLOB NOT NULL,"
	"  subject BLOB NOT NULL,"
	"  request_md5 BLOB NOT NULL CHECK (length(request_md5) = 16),"
	"  request_sha1 BLOB NOT NULL CHECK (length(request_sha1) = 20),"
	"  request_sha256 BLOB NOT NULL CHECK (length(request_sha256) = 32),"
	"  created_s INTEGER NOT NULL,"
	"  tries INTEGER NOT NULL,"
	"  tried_s INTEGER,"
	"  told TEXT,"
	"  UNIQUE (trustpoint_id, usage)" /* one under way for each */
	") STRICT;"
	"CREATE INDEX trustpoint_enrollment_anchor ON trustpoint_enrollment (anchor_id);"
	"CREATE INDEX trustpoint_enrollment_signer ON trustpoint_enrollment (signer_id);"
	"CREATE INDEX trustpoint_enrollment_key ON trustpoint_enrollment (key_sha256);"
	"CREATE INDEX generation_key ON generation (key_sha256);"
	"PRAGMA user_version = 11;",

	/* 12: CRLs of others, while they are in force */
	"CREATE TABLE peer_crl ("
	"  source TEXT NOT NULL,"
	"  issuer BLOB NOT NULL CHECK (length(issuer) = 32),"
	"  next_update_s INTEGER NOT NULL,"
	"  der BLOB NOT NULL,"
	"  UNIQUE (source, issuer)"
	") STRICT;"
	"PRAGMA user_version = 12;",

	/* 13: when somebody was told last of what expires */
	"CREATE TABLE notice ("
	"  thing BLOB PRIMARY KEY CHECK (length(thing) = 32),"
	"  until_s INTEGER NOT NULL,"
	"  told_s INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 13;",

	/* 14: servers below others. What is NULL is 0 in the record. */
	"ALTER TABLE generation ADD COLUMN superiors BLOB NOT NULL DEFAULT x'';"
	"CREATE TABLE exchange ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  generation_id INTEGER NOT NULL REFERENCES generation (id),"
	"  token TEXT NOT NULL,"
	"  token_serial TEXT,"
	"  key_label TEXT NOT NULL,"
	"  spki BLOB NOT NULL,"
	"  key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),"
	"  certificate BLOB NOT NULL,"
	"  not_before_s INTEGER NOT NULL,"
	"  not_after_s INTEGER NOT NULL,"
	"  takes_over_s INTEGER NOT NULL,"
	"  relabelled_s INTEGER,"
	"  destroyed_s INTEGER"
	") STRICT;"
	"CREATE INDEX exchange_generation ON exchange (generation_id);"
	"CREATE INDEX exchange_key ON exchange (key_sha256);"
	"PRAGMA user_version = 14;",

	/* 15: what an RA passes on to its CA. A forward goes with the state AUTHORIZED of its request. */
	"CREATE TABLE forward ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  request_id INTEGER NOT NULL UNIQUE REFERENCES request (id) ON DELETE CASCADE,"
	"  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"
	"  client BLOB NOT NULL," /* empty but for a renewal */
	"  exchange_id INTEGER,"
	"  generation_id INTEGER,"
	"  message BLOB NOT NULL,"
	"  transaction_id BLOB NOT NULL,"
	"  sender_nonce BLOB NOT NULL,"
	"  created_s INTEGER NOT NULL,"
	"  tries INTEGER NOT NULL,"
	"  tried_s INTEGER,"
	"  told TEXT"
	") STRICT;"
	"CREATE TRIGGER forward_over AFTER UPDATE OF state ON request WHEN new.state <> 2"
	"  BEGIN DELETE FROM forward WHERE request_id = new.id; END;"
	"CREATE INDEX request_forwarded ON request (peer_bucket) WHERE state = 2;"
	"PRAGMA user_version = 15;",

	/* 16: a generation whose certificate another CA numbered has no counter of ours: 0. */
	"ALTER TABLE generation RENAME COLUMN counter TO former_counter;"
	"ALTER TABLE generation ADD COLUMN counter INTEGER NOT NULL DEFAULT 0 CHECK (counter >= 0);"
	"UPDATE generation SET counter = former_counter;"
	"ALTER TABLE generation DROP COLUMN former_counter;"
	"PRAGMA user_version = 16;",

	/* 17: an enrolment of an emergency is a fourth kind. */
	"ALTER TABLE trustpoint_enrollment RENAME COLUMN kind TO former_kind;"
	"ALTER TABLE trustpoint_enrollment ADD COLUMN"
	"  kind INTEGER NOT NULL DEFAULT 1 CHECK (kind BETWEEN 1 AND 4);"
	"UPDATE trustpoint_enrollment SET kind = former_kind;"
	"ALTER TABLE trustpoint_enrollment DROP COLUMN former_kind;"
	"PRAGMA user_version = 17;",

	/* 18: what a renewal through an RA renews, for the RA's own database may not have it. */
	"ALTER TABLE request ADD COLUMN renewed BLOB NOT NULL DEFAULT x'';"
	"PRAGMA user_version = 18;",

	/* 19: messages that wait for a token */
	"CREATE TABLE parked ("
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  server_id INTEGER NOT NULL REFERENCES server (id),"
	"  token TEXT NOT NULL,"
	"  transaction_id BLOB NOT NULL,"
	"  requester BLOB NOT NULL CHECK (length(requester) = 32),"
	"  peer TEXT NOT NULL,"
	"  peer_bucket INTEGER NOT NULL,"
	"  type INTEGER NOT NULL,"
	"  received_s INTEGER NOT NULL,"
	"  size INTEGER NOT NULL CHECK (size = length(message)),"
	"  message BLOB NOT NULL,"
	"  UNIQUE (server_id, transaction_id, requester)"
	") STRICT;"
	"CREATE INDEX parked_peer ON parked (peer_bucket, size);"
	"CREATE INDEX parked_token ON parked (token);"
	"CREATE INDEX parked_server ON parked (server_id, token, received_s);"
	"PRAGMA user_version = 19;",

	/* 20: keys that were backed up; the backup of one may come before its certificate */
	"CREATE TABLE key_backup ("
	"  key_sha256 BLOB PRIMARY KEY CHECK (length(key_sha256) = 32),"
	"  backed_up_s INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"PRAGMA user_version = 20;",
};
/* clang-format on */

const struct migration_list migrations_of_store = {migrations, ELEMENTS(migrations)};
