/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of a shadow's key, before its certificate is given out. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/publication/archive.h"
#include "daemon/flow/succession/shadow.h"
#include "daemon/flow/succession/succession.h"
#include "daemon/ipc/keys.h"

static int save(struct succession *s, const char *name)
{
	struct store_change change = {.generation_step = STORE_GENERATION_ARCHIVED};

	return succession_commit(s, &change, AUDIT_SERVER_ARCHIVE, name);
}

/* Out of the token, encrypted, and into its place. */
static int write_file(struct succession *s, struct token_link *token, char **ret_name,
		      char **ret_reason)
{
	const struct ca_generation_record *record = s->generation->record;
	const char *label = s->authority->conf->label;
	_cleanup_(bytes_done) struct bytes content = {};
	int r;

	log_notice(LOG_FIELDS(log_text("SERVER", label), log_number("GENERATION", record->number)),
		   "exporting the rollover certificate and key");
	r = token_link_archive(token, SPAN_ARRAY(record->key_sha256), span_of(record->certificate),
			       &content, ret_reason);
	if (r)
		return r == TOKEN_LINK_LATER ? FLOW_LATER : r > 0 ? FLOW_REFUSED : r;
	crash_here(CRASH_ARCHIVE_MADE);
	r = flow_archive_write(s->flow, s->authority, record->number - 1, span_of(content),
			       ret_name, ret_reason);
	if (r)
		return r;
	crash_here(CRASH_ARCHIVE_WRITTEN);
	log_notice(LOG_FIELDS(log_text("SERVER", label), log_text("FILE", *ret_name)),
		   "file '%s' opened and written", *ret_name);
	return 0;
}

/* A token that can't: its process asks for no second archive all the same. */
static int seal(struct succession *s, struct token_link *token)
{
	_cleanup_(freep) char *reason = NULL;
	int r = token_link_seal(token, SPAN_ARRAY(s->generation->record->key_sha256), &reason);

	if (r == TOKEN_LINK_LATER)
		return FLOW_LATER;
	if (r)
		log_warning(LOG_FIELDS(log_text("SERVER", s->authority->conf->label),
				       log_text("REASON", reason)),
			    "the archived key stays exportable on its token");
	crash_here(CRASH_ARCHIVE_SEALED);
	return 0;
}

static int archive(struct succession *s, struct token_link *token, uint8_t exportable,
		   char **ret_reason)
{
	const char *label = s->authority->conf->label;
	_cleanup_(freep) char *name = NULL;
	int r = write_file(s, token, &name, ret_reason);

	if (!r && exportable == KEY_EXPORTABLE_ONCE)
		r = seal(s, token);
	if (!r)
		r = save(s, name);
	if (r)
		return r;
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_KEY_ARCHIVED), log_text("SERVER", label),
			       log_text("FILE", name)),
		    "the rollover key was archived: move the archive to a safe place");
	return 0;
}

int flow_archive_shadow(struct flow *flow, struct authority *authority, unsigned number,
			int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	_cleanup_(token_key_done) struct token_key key = {};
	_cleanup_(freep) char *reason = NULL;
	struct token_link *token;
	int r = succession_begin(&s, number);

	if (r || s.generation->record->archived_s)
		return r;
	r = succession_find_key(&s, &token, &key);
	/* Sealed after the archive was written, by one that ended before it could record that; or
	 * made by hand so that it never leaves. */
	if (!r && key.exportable == KEY_EXPORTABLE_NEVER)
		r = save(&s, "the key can't leave its token any more");
	else if (!r)
		r = archive(&s, token, key.exportable, &reason);
	succession_note_failure(authority, r, reason);
	crash_here(CRASH_ARCHIVE_SAVED);
	return r;
}
