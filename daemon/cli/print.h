/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers of the daemon's, for people. What foreigners wrote into them is escaped. */

#include "daemon/cli/print-parts.h"

/* What @pem holds under @label: as it is, or without @headers, base64 in lines of 64. -errno. */
_checked_ int print_pem(const char *pem, const char *label, bool headers);

void print_json(const json_t *answer);
void print_nothing(const json_t *answer);
void print_object(const json_t *answer); /* a line for each member */
/* The head of one section of the request database, then each page of it. */
void print_requests_head(const char *title);
void print_requests(const json_t *answer);
void print_certificates(const json_t *answer);
/* The certificate, and what its subject holds beside it. */
void print_revoked(const json_t *answer);
void print_crl(const json_t *answer);
void print_done(const json_t *answer);
void print_password(const json_t *answer);
void print_tokens(const json_t *answer);
void print_keys(const json_t *answer);	  /* as IOS has it */
void print_keys_xr(const json_t *answer); /* as IOS XR has it */
void print_key_uses(const json_t *answer);
void print_status(const json_t *answer);
void print_report(const json_t *answer); /* of a reload */
/* Whether an act on several things failed for one of them, or what was verified is not whole. */
bool print_has_failures(const json_t *answer);
