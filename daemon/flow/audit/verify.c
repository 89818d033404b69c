/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/verify.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit/unfinished.h"
#include "daemon/flow/audit/verify-internal.h"
#include "daemon/flow/witness.h"
#include "daemon/ipc/audit-type.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MOST 200

static void add(json_t *list, const char *format, va_list arguments)
{
	char text[4096];

	(void)vsnprintf(text, sizeof(text), format, arguments);
	json_array_append_new(list, json_string(text));
}

void verify_find(struct verify *verify, const char *format, ...)
{
	va_list arguments;

	if (json_array_size(verify->findings) == FINDINGS_MOST) {
		verify->n_more++;
		return;
	}
	va_start(arguments, format);
	add(verify->findings, format, arguments);
	va_end(arguments);
}

void verify_note(struct verify *verify, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(verify->notes, format, arguments);
	va_end(arguments);
}

/* "NUMBER SHA256", as unfinished_name() and unrecorded_note() write it. */
static int note_unfinished(struct head_set *set, const struct store_audit_record *record)
{
	json_t *details = json_loads(record->details, 0, NULL);
	const char *note = json_string_value(json_object_get(details, "note"));
	const char *blank = note ? strchr(note, ' ') : NULL;
	_cleanup_(bytes_done) struct bytes digest = {};
	int r = blank ? text_read_hex(span_of_text(blank + 1), &digest) : 0;

	json_decref(details);
	if (r == 0 && digest.size == SHA256_SIZE)
		r = head_set_add(set, digest.data, record->seq);
	return r == -ENOMEM ? r : 0;
}

static bool is_of(const struct store_audit_record *record, enum audit_type type)
{
	return !strcmp(record->type, audit_type_describe(type)->name);
}

static int pass(void *context, const struct store_audit_record *record)
{
	struct verify *verify = context;
	struct head_entry *entry = head_set_find(&verify->sought, record->hash);

	if (entry)
		entry->found = true;
	verify_pass_checkpoints(verify, record);
	if (is_of(record, AUDIT_CERTIFICATE_UNFINISHED))
		return note_unfinished(&verify->unfinished, record);
	if (is_of(record, AUDIT_CHECKPOINT_UNFINISHED))
		return note_unfinished(&verify->unrecorded, record);
	return 0;
}

int verify_walk(struct verify *verify)
{
	int r = store_audit_verify(verify->flow->store, pass, verify, &verify->chain);

	return r < 0 ? r : 0;
}

/* What this process wrote last must be there, too. */
static int seek_own_head(struct verify *verify)
{
	static const uint8_t none[SHA256_SIZE];
	uint8_t head[SHA256_SIZE];

	store_audit_head(verify->flow->store, head);
	return memcmp(head, none, sizeof(head)) ? head_set_add(&verify->sought, head, 1) : 0;
}

static int verify_chain(struct verify *verify)
{
	int r = seek_own_head(verify);

	if (r == 0)
		r = verify_load_checkpoints(verify);
	if (r == 0)
		r = verify_walk(verify);
	if (r < 0)
		return r;
	if (verify->chain.fault) {
		verify_find(verify, "record %lld %s", (long long)verify->chain.bad,
			    verify->chain.fault);
		return 0;
	}
	verify_end_checkpoints(verify);
	for (size_t i = 0; i < verify->sought.capacity; i++)
		if (verify->sought.entries[i].number && !verify->sought.entries[i].found)
			verify_find(verify,
				    "the record that this daemon wrote last is missing: the "
				    "newest were removed while it ran");
	head_set_done(&verify->sought);
	return 0;
}

static void done(struct verify *verify)
{
	for (size_t i = 0; i < verify->n_unknown; i++)
		free(verify->unknown[i].text);
	free(verify->unknown);
	free(verify->checkpoints);
	head_set_done(&verify->sought);
	head_set_done(&verify->signed_);
	head_set_done(&verify->unfinished);
	head_set_done(&verify->unrecorded);
}

static json_t *report(struct verify *verify)
{
	if (verify->n_more)
		json_array_append_new(verify->findings,
				      json_sprintf("and %zu more", verify->n_more));
	return json_pack("{s:b, s:I, s:I, s:o, s:o}", "whole",
			 json_array_size(verify->findings) == 0, "records",
			 (json_int_t)verify->chain.good, "checkpoints",
			 (json_int_t)verify->n_checkpoints, "findings", verify->findings, "notes",
			 verify->notes);
}

int flow_audit_verify(struct flow *flow, bool certificates, int64_t now_s, json_t **ret)
{
	_cleanup_(witness_unlockp) struct witness *locked = NULL;
	struct verify verify = {
		.flow = flow,
		.certificates = certificates,
		.findings = json_array(),
		.notes = json_array(),
	};
	int r;

	/* The daemon may have begun a moment ago. A token that does not answer is told below. */
	r = certificates ? flow_find_unfinished(flow, now_s) : 0;
	if (r < 0)
		verify_note(&verify, "what was signed but never issued can't be recorded now");
	locked = flow->witness;
	witness_lock(locked);
	r = verify_chain(&verify);
	/* Of a chain that is broken nobody can say what comes after. */
	if (r == 0 && !verify.chain.fault)
		r = verify_tokens(&verify);
	done(&verify);
	if (r < 0) {
		json_decref(verify.findings);
		json_decref(verify.notes);
		return r;
	}
	*ret = report(&verify);
	return *ret ? 0 : -ENOMEM;
}
