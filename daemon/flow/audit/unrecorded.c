/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/unrecorded.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/witness.h"
#include <string.h>

void unrecorded_done(struct unrecorded *unrecorded)
{
	head_set_done(&unrecorded->recorded);
}

static int add_checkpoint(void *context, const struct store_checkpoint *checkpoint)
{
	struct unrecorded *unrecorded = context;
	uint8_t digest[SHA256_SIZE];

	if (checkpoint->seq < unrecorded->from)
		return 0;
	sha256(checkpoint->to_be_signed, digest);
	return head_set_add(&unrecorded->recorded, digest, checkpoint->number);
}

/* A log goes on from where it was compared, so what came before need not be held. */
static int load_recorded(struct unrecorded *unrecorded, int64_t about)
{
	int r;

	if (unrecorded->from && unrecorded->from <= about)
		return 0;
	head_set_done(&unrecorded->recorded);
	unrecorded->from = about;
	r = store_checkpoint_list(unrecorded->flow->store, add_checkpoint, unrecorded);
	if (r < 0)
		unrecorded->from = 0;
	return r;
}

static int match_head(void *context, const struct store_audit_record *record)
{
	struct unrecorded *unrecorded = context;

	if (memcmp(record->hash, unrecorded->head, SHA256_SIZE) == 0)
		unrecorded->head_seq = record->seq;
	return 0;
}

/* In a chain whose hashes are computed anew. While a disk is full the head stays, however often a
 * checkpoint is tried. */
static int find_head(struct unrecorded *unrecorded, const uint8_t head[static SHA256_SIZE])
{
	struct store_audit_report report;
	int r;

	if (unrecorded->head_seq && !memcmp(unrecorded->head, head, SHA256_SIZE))
		return 0;
	memcpy(unrecorded->head, head, SHA256_SIZE);
	unrecorded->head_seq = 0;
	r = store_audit_verify(unrecorded->flow->store, match_head, unrecorded, &report);
	return r < 0 ? r : 0;
}

/* Which record has this head; none where the chain ends before @about, as an older copy's does:
 * that is not walked for each line. */
static int load_head(struct unrecorded *unrecorded, int64_t about,
		     const uint8_t head[static SHA256_SIZE], int64_t *ret_seq)
{
	struct store_audit_newest newest;
	int r = store_audit_newest(unrecorded->flow->store, &newest);

	*ret_seq = 0;
	if (r < 0 || newest.seq < about)
		return r;
	r = find_head(unrecorded, head);
	*ret_seq = unrecorded->head_seq;
	return r;
}

/* "SEQ SHA256", the latter in hexadecimal. */
static int name(int64_t about, const struct signature_line *line, char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};

	buffer_printf(&text, "%lld ", (long long)about);
	text_append_hex(&text, SPAN_ARRAY(line->signed_), false);
	return buffer_take_text(&text, ret);
}

static int record(struct unrecorded *unrecorded, int64_t about, const struct signature_line *line,
		  int64_t now_s)
{
	_cleanup_(freep) char *note = NULL;
	int r = name(about, line, &note);

	if (r == 0)
		r = flow_audit_note(unrecorded->flow, AUDIT_CHECKPOINT_UNFINISHED, NULL, note,
				    now_s);
	if (r == 0)
		log_warning(LOG_FIELDS(log_event(LOG_EVENT_CHECKPOINT_UNFINISHED),
				       log_text("TOKEN", unrecorded->token),
				       log_number("SEQ", about)),
			    "an audit checkpoint was signed, but the daemon could not record it");
	return r;
}

int unrecorded_note(struct unrecorded *unrecorded, const struct signature_line *line, int64_t now_s)
{
	int64_t about, seq;
	int r;

	if (text_read_number(line->subject, 1, INT64_MAX, &about) < 0)
		return UNRECORDED_FOREIGN;
	r = load_recorded(unrecorded, about);
	if (r < 0 || head_set_find(&unrecorded->recorded, line->signed_))
		return r < 0 ? r : 0;
	r = load_head(unrecorded, about, line->head, &seq);
	if (r < 0)
		return r;
	if (seq < about)
		return UNRECORDED_FOREIGN;
	return record(unrecorded, about, line, now_s);
}
