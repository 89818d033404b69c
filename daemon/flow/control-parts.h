/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the methods of the operators' protocol share: parameters read, values in JSON, results as
 * answers. Within flow/ alone.
 */

#include "daemon/flow/control.h"

/* The server that a parameter names; NULL with *ret_error set where there is none. */
struct authority *control_authority(const struct control_turn *turn, const char *parameter,
				    json_t **ret_error);
/* NULL where it was left out. */
const char *control_text(const struct control_turn *turn, const char *parameter);

json_t *control_json_hex(struct span data, bool upper);
json_t *control_json_name(struct span der);   /* "CN=RootCA,O=Cisco", as typed */
json_t *control_json_router(struct span der); /* "hostname=r1,cn=x", as IOS lists requests */
json_t *control_json_time(int64_t time_s);    /* null for 0 */
json_t *control_json_pem(const char *label, struct span der);
/* {"md5", "sha1", "sha256"} of a DER. */
json_t *control_json_fingerprints(struct span der);

/* {"@member": @list}, which is taken over; the error where the @result of filling it is -errno. */
json_t *control_reply_list(const char *member, json_t *list, int result);
/* The error for a result of flow's: FLOW_LATER, FLOW_REFUSED, one of hand.h's or -errno. @reason
 * may be NULL. */
json_t *control_failure(int result, const char *reason);

/* One function a group of methods; control.c has the table. */
json_t *control_server_create(const struct control_turn *turn);
json_t *control_server_start(const struct control_turn *turn);
json_t *control_server_stop(const struct control_turn *turn);
json_t *control_server_show(const struct control_turn *turn);
json_t *control_request_list(const struct control_turn *turn);
json_t *control_request_show(const struct control_turn *turn);
json_t *control_request_grant(const struct control_turn *turn);
json_t *control_request_reject(const struct control_turn *turn);
json_t *control_password_generate(const struct control_turn *turn);
json_t *control_certificate_list(const struct control_turn *turn);
json_t *control_certificate_show(const struct control_turn *turn);
json_t *control_certificate_revoke(const struct control_turn *turn);
json_t *control_crl_show(const struct control_turn *turn);
json_t *control_crl_issue(const struct control_turn *turn);
json_t *control_token_list(const struct control_turn *turn);
json_t *control_timers(const struct control_turn *turn);
json_t *control_status(const struct control_turn *turn);
json_t *control_log(const struct control_turn *turn);
