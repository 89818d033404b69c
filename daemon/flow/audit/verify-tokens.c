/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit/unfinished.h"
#include "daemon/flow/audit/verify-internal.h"
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_MOST 10000 /* more are counted no further: something is very wrong */

/* One token's log as it is read. */
struct reading {
	struct verify *verify;
	const char *token;
	int64_t after; /* the last line that was read */
	bool full;     /* the set of heads is: the rest is for the next walk */
};

static bool is_none(const uint8_t digest[static SHA256_SIZE])
{
	static const uint8_t none[SHA256_SIZE];

	return !memcmp(digest, none, SHA256_SIZE);
}

static int describe(const struct signature_line *line, char **ret)
{
	_cleanup_(buffer_done) struct buffer text = {};

	buffer_append_text(&text, "serial 0x");
	text_append_hex(&text, SPAN(line->serial, line->serial_size), false);
	buffer_append_text(&text, ", subject ");
	buffer_append(&text, line->subject);
	buffer_append_text(&text, ", at ");
	buffer_append(&text, line->time);
	buffer_printf(&text, " (line %lld of its log)", (long long)line->number);
	return buffer_take_text(&text, ret);
}

static int keep_unknown(struct reading *reading, const struct signature_line *line)
{
	struct verify *verify = reading->verify;
	struct verify_unknown *grown;

	if (verify->n_unknown == UNKNOWN_MOST)
		return 0;
	grown = reallocarray(verify->unknown, verify->n_unknown + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	verify->unknown = grown;
	grown += verify->n_unknown;
	*grown = (struct verify_unknown){.line = *line, .token = reading->token};
	verify->n_unknown++;
	return describe(line, &grown->text);
}

static int check_certificate(struct reading *reading, const struct signature_line *line)
{
	_cleanup_(freep) char *label = NULL;
	int r = flow_find_signed(reading->verify->flow, line, &label);

	return r > 0 ? keep_unknown(reading, line) : r;
}

static int check_checkpoint(struct reading *reading, const struct signature_line *line)
{
	struct verify *verify = reading->verify;

	if (verify->checkpoints_broken || head_set_find(&verify->signed_, line->signed_))
		return 0;
	/* Whether the chain has the head that came along is told with all heads: an event that
	 * somebody wrote in hides no record that he took away. */
	if (head_set_find(&verify->unrecorded, line->signed_) && !is_none(line->head))
		verify_note(verify,
			    "token %s signed a checkpoint that was never recorded, as the audit "
			    "says (line %lld of its log)",
			    reading->token, (long long)line->number);
	else
		verify_find(verify,
			    "token %s signed a checkpoint that the database doesn't have (line "
			    "%lld of its log)",
			    reading->token, (long long)line->number);
	return 0;
}

static const struct {
	const char *kind;
	bool only_with_certificates;
	int (*check)(struct reading *reading, const struct signature_line *line);
} checks[] = {
	{"certificate", true, check_certificate},
	{"checkpoint", false, check_checkpoint},
};

static int read_line(void *context, const struct signature_line *line)
{
	struct reading *reading = context;
	int r = is_none(line->head)
			? 0
			: head_set_add(&reading->verify->sought, line->head, line->number);

	if (r == -ENOSPC) {
		reading->full = true;
		return 1;
	}
	for (size_t i = 0; i < ELEMENTS(checks) && r == 0; i++)
		if (span_equal(line->kind, span_of_text(checks[i].kind)) &&
		    (reading->verify->certificates || !checks[i].only_with_certificates))
			r = checks[i].check(reading, line);
	if (r == 0)
		reading->after = line->number;
	return r;
}

/* Of the heads that the chain doesn't have, the first. */
static void tell_missing(struct reading *reading)
{
	const struct head_set *sought = &reading->verify->sought;
	int64_t first = INT64_MAX;
	size_t n = 0;

	for (size_t i = 0; i < sought->capacity; i++) {
		const struct head_entry *entry = &sought->entries[i];

		if (!entry->number || entry->found)
			continue;
		first = entry->number < first ? entry->number : first;
		n++;
	}
	if (n)
		verify_find(reading->verify,
			    "token %s was told of %zu record%s, from line %lld of its log on, that "
			    "the chain doesn't have: the newest records were removed, or this is "
			    "an older copy of the database",
			    reading->token, n, n == 1 ? "" : "s", (long long)first);
}

static int verify_token(struct verify *verify, struct token_link *token)
{
	struct reading reading = {.verify = verify, .token = token_link_name(token)};
	int r;

	do {
		reading.full = false;
		r = token_link_log(token, reading.after, read_line, &reading);
		if (r == 0)
			r = verify_walk(verify);
		if (r == 0)
			tell_missing(&reading);
		head_set_done(&verify->sought);
	} while (r == 0 && reading.full);
	if (r > 0)
		(verify->certificates ? verify_find : verify_note)(
			verify,
			"token %s: its process does not answer, so what it knows was not compared",
			reading.token);
	return r < 0 ? r : 0;
}

/* An enrolment that was under way is in the database by now. */
static int tell_unknown(struct verify *verify, const struct verify_unknown *unknown)
{
	_cleanup_(freep) char *label = NULL;
	int r = flow_find_signed(verify->flow, &unknown->line, &label);

	if (r <= 0)
		return r;
	if (head_set_find(&verify->unfinished, unknown->line.signed_))
		verify_note(verify,
			    "token %s signed a certificate that was never issued, as the "
			    "audit says: %s",
			    unknown->token, unknown->text);
	else if (r == SIGNED_ANOTHER)
		verify_find(verify,
			    "token %s signed another certificate than the one that the "
			    "database has under its serial number: %s",
			    unknown->token, unknown->text);
	else
		verify_find(verify,
			    "token %s signed a certificate that the database doesn't know: "
			    "%s",
			    unknown->token, unknown->text);
	return 0;
}

int verify_tokens(struct verify *verify)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < verify->flow->conf->n_tokens; i++)
		r = verify_token(verify, verify->flow->tokens[i]);
	/* A commit stands behind those that came before it. */
	if (r == 0 && verify->n_unknown && store_probe(verify->flow->store) < 0)
		verify_note(verify, "the database can't be written: what is under way can't be "
				    "told from what is not known");
	for (size_t i = 0; r == 0 && i < verify->n_unknown; i++)
		r = tell_unknown(verify, &verify->unknown[i]);
	return r;
}
