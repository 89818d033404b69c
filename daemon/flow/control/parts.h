/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the methods of the operators' protocol share: parameters read, values in JSON, results as
 * answers. Within flow/ alone.
 */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/flow/control/control.h"
#include "daemon/flow/enroll/hand.h"

/* The server that a parameter names; NULL with *ret_error set where there is none. */
struct authority *control_authority(const struct control_turn *turn, const char *parameter,
				    json_t **ret_error);
/* The same, with all that an operator's act on it needs. */
bool control_hand(const struct control_turn *turn, const char *parameter, struct hand *ret,
		  json_t **ret_error);
/* two-persons.c: NULL where the act may be done now, as TwoPersons= has it; else what to
 * answer, the act being proposed by then. Then, with the act's own @answer, whether it is over. */
json_t *control_await_second(const struct control_turn *turn, enum control_method method);
void control_note_second(const struct control_turn *turn, enum control_method method,
			 const json_t *answer);
/* What waits for a second operator: [{"method", "actor", "until"}]. */
json_t *control_json_proposals(struct flow *flow, const struct authority *authority, int64_t now_s);

/* NULL where it was left out. */
const char *control_text(const struct control_turn *turn, const char *parameter);

json_t *control_json_hex(struct span data, bool upper);
json_t *control_json_name(struct span der);   /* "CN=RootCA,O=Cisco", as typed */
json_t *control_json_router(struct span der); /* "hostname=r1,cn=x", as IOS lists requests */
json_t *control_json_time(int64_t time_s);    /* null for 0 */
json_t *control_json_pem(const char *label, struct span der);
/* {"md5", "sha1", "sha256"} of a DER. */
json_t *control_json_fingerprints(struct span der);

/* The generations, those to come first, then the active one. @whole: with PEM, and only those whose
 * keys stand. */
json_t *control_json_generations(const struct authority *authority,
				 const struct generations *generations, int64_t now_s, bool whole);
/* Exchange keys, the newest first; of those whose keys are gone none (control-exchange.c). */
json_t *control_json_exchanges(const struct authority *authority,
			       const struct generations *generations, int64_t now_s);
/* {"status", "reason", "overlap" (seconds; 0: off), "timer", …}, and of a shadow its certificate
 * (control-rollover-show.c). */
json_t *control_json_rollover(struct flow *flow, struct authority *authority,
			      const struct generations *generations, int64_t now_s);

/* The tokens that the server works with at @now_s: [{"name", "keys", "state", "reason"}]; keys is
 * "CA" or "exchange", or "CA, exchange" (control-waiting.c). Asks their processes. */
json_t *control_json_tokens_of(struct flow *flow, const struct authority *authority,
			       const struct generations *generations, int64_t now_s);
/* Adds to @server, which may be NULL, what waits for a token: "parked" messages, "authorized"
 * requests. */
json_t *control_add_parked(struct flow *flow, const struct authority *authority, json_t *server);

/* What the certificate's key is for, in IOS's words: "General Purpose", "Signature", "Encryption".
 */
const char *control_usage_words(const struct x509_certificate *certificate);
/* The same of an enum key_usage. */
const char *control_key_words(int usage);
/* control-trustpoint-json.c: a certificate, whole DER, with fingerprints and PEM; null where it
 * can't be read. @status: "Available". Those of DER after DER. */
json_t *control_json_certificate(struct span der, const char *status);
json_t *control_json_certificates(struct span ders);
/* The same with key and token; a request that has no certificate yet. */
json_t *control_json_identity(const struct ca_identity_record *identity, const char *status);
json_t *control_json_enrollment(const struct ca_enrollment_record *enrollment);
/* A trustpoint as trustpoint.show has it, and all of them; with those of servers or without. */
json_t *control_json_trustpoint(struct flow *flow, const struct conf_trustpoint *conf,
				const struct ca_trustpoint_state *state, int64_t now_s);
/* How each but the servers' own stands: [{"name", "state", "reason"}]; reason is what asks for
 * somebody's attention, or "". */
json_t *control_json_trustpoint_standings(const struct control_turn *turn);
json_t *control_json_trustpoint_standing(struct flow *flow, const struct conf_trustpoint *conf,
					 const struct ca_trustpoint_state *state, int64_t now_s);
json_t *control_json_trustpoints(const struct control_turn *turn, bool with_servers);
/* The key of an identity in force as its token's process knows it; NULL without an identity. */
json_t *control_json_trustpoint_key(struct flow *flow, const struct ca_trustpoint_state *state,
				    int64_t now_s);

/* What a trustpoint will do by itself: [{"trustpoint", "timer", "keyUsage", "when", "inSeconds"}],
 * what is due first; empty while the time is not good (control-timers.c). */
json_t *control_json_timers(struct flow *flow, const struct conf_trustpoint *conf, int64_t now_s);
/* Appends when RAs ask their CAs next: {"server", "timer": "FORWARD", "request", "when",
 * "inSeconds"}. */
void control_append_forwards(struct flow *flow, json_t *list, int64_t now_s);

/* {"@member": @list}, which is taken over; the error where the @result of filling it is -errno. */
json_t *control_reply_list(const char *member, json_t *list, int result);
/* The error for a result of flow's: FLOW_LATER, FLOW_REFUSED, one of hand.h's or -errno. @reason
 * may be NULL. */
json_t *control_failure(int result, const char *reason);

struct trustpoint_turn;
/* A turn of the trustpoint that `name` names; -ENOENT where there is none, or it is a server's own.
 * May wait for whoever has it in hand. */
_checked_ int control_trustpoint_begin(const struct control_turn *turn,
				       struct trustpoint_turn *ret);
/* control_failure() of a trustpoint's. */
json_t *control_trustpoint_failure(const struct control_turn *turn, int result, const char *reason);
/* trustpoint.enroll, but for the answer: password, serialNumber and ipAddress of @turn. 0;
 * FLOW_REFUSED, FLOW_LATER with *ret_reason; -errno. */
_checked_ int control_trustpoint_ask(const struct control_turn *turn,
				     struct trustpoint_turn *trustpoint, char **ret_reason);
/* A base64 parameter; nothing where it was left out. -EINVAL, -ENOMEM. */
_checked_ int control_blob(const struct control_turn *turn, const char *parameter,
			   struct bytes *ret);

/* One function a group of methods; control.c has the table. */
json_t *control_server_create(const struct control_turn *turn);
json_t *control_server_restore(const struct control_turn *turn); /* control-restore.c */
json_t *control_server_archive(const struct control_turn *turn);
json_t *control_server_start(const struct control_turn *turn);
json_t *control_server_stop(const struct control_turn *turn);
json_t *control_server_delete(const struct control_turn *turn);
json_t *control_server_rollover(const struct control_turn *turn); /* control-rollover.c */
json_t *control_server_rollover_cancel(const struct control_turn *turn);
json_t *control_server_show(const struct control_turn *turn);
json_t *control_server_preview(const struct control_turn *turn); /* control-preview.c, and timers */
json_t *control_request_list(const struct control_turn *turn);
json_t *control_request_show(const struct control_turn *turn);
json_t *control_request_add(const struct control_turn *turn);
json_t *control_request_grant(const struct control_turn *turn); /* control-request-acts.c */
json_t *control_request_reject(const struct control_turn *turn);
json_t *control_request_remove(const struct control_turn *turn);
json_t *control_password_generate(const struct control_turn *turn);
json_t *control_certificate_ca(const struct control_turn *turn);
json_t *control_certificate_list(const struct control_turn *turn);
json_t *control_certificate_show(const struct control_turn *turn);
json_t *control_certificate_revoke(const struct control_turn *turn);
json_t *control_certificate_release(const struct control_turn *turn);
json_t *control_crl_show(const struct control_turn *turn);
json_t *control_crl_issue(const struct control_turn *turn);
json_t *control_crl_import(const struct control_turn *turn);
json_t *control_key_list(const struct control_turn *turn);
json_t *control_key_uses(const struct control_turn *turn); /* control-key-use.c */
json_t *control_key_reference(const struct control_turn *turn);
json_t *control_token_list(const struct control_turn *turn);
json_t *control_token_adopted(const struct control_turn *turn);
json_t *control_token_backed_up(const struct control_turn *turn);
json_t *control_token_restored(const struct control_turn *turn);
json_t *control_trustpoint_verify(const struct control_turn *turn); /* control-validate.c */
json_t *control_trustpoint_list(const struct control_turn *turn);   /* control-trustpoint-show.c */
json_t *control_trustpoint_show(const struct control_turn *turn);
json_t *control_trustpoint_look(const struct control_turn *turn); /* control-trustpoint.c */
json_t *control_trustpoint_accept(const struct control_turn *turn);
json_t *control_trustpoint_enroll(const struct control_turn *turn); /* control-trustpoint-acts.c */
json_t *control_trustpoint_import(const struct control_turn *turn);
json_t *control_trustpoint_clear(const struct control_turn *turn);
json_t *control_timers(const struct control_turn *turn);
json_t *control_config_reload(const struct control_turn *turn);
json_t *control_config_allows(const struct control_turn *turn);
json_t *control_status(const struct control_turn *turn);
json_t *control_audit_list(const struct control_turn *turn);
json_t *control_audit_verify(const struct control_turn *turn);
json_t *control_log(const struct control_turn *turn);
