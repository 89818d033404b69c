/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a server stands at a moment: the facts, recorded and measured, that its state follows from.
 */

#include "daemon/ca/lifecycle.h"
#include "daemon/flow/authority.h"
#include "daemon/flow/trustpoint/superior.h"

#define AUTHORITY_TOKEN_REASON_SIZE 1280
/* Whether this token answers and is logged in; in words how it is. */
bool authority_token_is_ready(struct flow *flow, const char *name,
			      char ret_reason[static AUTHORITY_TOKEN_REASON_SIZE]);

#define AUTHORITY_BACKUP_SIZE 256
/* Of a generation that lacks the copy that RequireBackup= asks for: what it waits for, with the
 * command that makes one; else "". */
void authority_backup_tell(const struct conf_server *conf,
			   const struct ca_generation_record *generation,
			   char ret[static AUTHORITY_BACKUP_SIZE]);

/* Whether the token that should have this generation's key is there without it, as its process saw
 * when it was opened or asked for the key last. Asks that process, but not the token. */
bool authority_key_is_gone(struct flow *flow, const struct ca_generation_record *generation);

/* What the lifecycle derives its state from; its texts live as long as it does. */
struct authority_standing {
	struct ca_server_record record;
	struct generations *generations;
	char token_reason[AUTHORITY_TOKEN_REASON_SIZE];
	char storage_reason[256];
	char failure[FAILURES_TEXT_SIZE];
	char superior[SUPERIOR_TEXT_SIZE], successor[SUPERIOR_TEXT_SIZE];
	char breach[AUTHORITY_BREACH_SIZE];
	char backup[AUTHORITY_BACKUP_SIZE];
	struct ca_server_facts facts;
};
_checked_ int authority_standing_load(struct flow *flow, struct authority *authority, int64_t now_s,
				      struct authority_standing *ret);
void authority_standing_done(struct authority_standing *standing);
