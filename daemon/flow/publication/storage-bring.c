/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/storage-bring.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/ca/ser-file.h"
#include "daemon/flow/publication/storage-claim.h"
#include "daemon/x509/name.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 64 /* certificates between two records of the cursor */

static int write_named(struct bringing *bringing, const char *stem, struct span content,
		       char **ret_reason)
{
	_cleanup_(freep) char *name = NULL;
	int r = text_format(&name, "%s.%s", stem, ca_file_ending(bringing->task->target.file));

	return r < 0 ? r
		     : place_write(&bringing->access, bringing->task->target.place, name, content,
				   ret_reason);
}

/* PLACE_FAILED with a reason. */
__attribute__((format(printf, 2, 3))) static int refuse(char **ret_reason, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(ret_reason, format, arguments);
	va_end(arguments);
	if (r < 0)
		*ret_reason = NULL;
	return r < 0 ? -ENOMEM : PLACE_FAILED;
}

/* A number that the database doesn't know of was given by somebody else: going on could give it
 * twice. */
static int check_serial_file(struct bringing *bringing, struct span found, uint64_t last_counter,
			     char **ret_reason)
{
	const char *place = bringing->task->target.place;
	struct ca_ser_file file = {};
	int r = ca_ser_file_read(found, &file);

	if (r == CA_SER_VERSION_UNKNOWN)
		return refuse(
			ret_reason,
			"%s: the serial file has version %u, which this program does not know: "
			"move it away, or use the program that wrote it",
			place, file.version);
	if (r < 0)
		return refuse(ret_reason,
			      "%s: what is there is no serial file: move it away, and look at who "
			      "wrote it",
			      place);
	if (file.last_serial > last_counter)
		return refuse(
			ret_reason,
			"%s: the serial file says 0x%" PRIX64 " was issued, the database only "
			"0x%" PRIX64 ": it is of another server, or the database is an old copy "
			"(claviger restore)",
			place, file.last_serial, last_counter);
	log_notice(LOG_FIELDS(log_text("SERVER", bringing->task->authority->conf->label),
			      log_number("VERSION", file.version),
			      log_number("LAST_SERIAL", (int64_t)file.last_serial),
			      log_text("PLACE", place)),
		   "found existing serial file");
	return 0;
}

static int look_at_serial_file(struct bringing *bringing, uint64_t last_counter, char **ret_reason)
{
	const struct storage_task *task = bringing->task;
	const char *label = task->authority->conf->label;
	_cleanup_(bytes_done) struct bytes found = {};
	_cleanup_(freep) char *name = NULL;
	int r = text_format(&name, "%s.ser", label);

	if (r < 0)
		return r;
	r = place_read(&bringing->access, task->target.place, name, CA_SER_FILE_MOST, &found,
		       ret_reason);
	if (!r)
		return check_serial_file(bringing, span_of(found), last_counter, ret_reason);
	if (r != PLACE_NOT_FOUND)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", label), log_number("VERSION", CA_SER_VERSION),
			      log_number("LAST_SERIAL", (int64_t)last_counter),
			      log_text("PLACE", task->target.place)),
		   "created a new serial file");
	return 0;
}

static int bring_serial(struct bringing *bringing, char **ret_reason)
{
	const char *label = bringing->task->authority->conf->label;
	_cleanup_(buffer_done) struct buffer text = {};
	struct ca_target_facts facts;
	int r = store_target_facts(bringing->flow->store, label, &facts);

	if (r)
		return r < 0 ? r : 0;
	if (bringing->is_first)
		r = look_at_serial_file(bringing, facts.last_counter, ret_reason);
	if (r)
		return r;
	ca_ser_file_write(facts.last_counter, &text);
	if (text.error)
		return text.error;
	r = write_named(bringing, label, span_of_buffer(&text), ret_reason);
	if (!r)
		bringing->record->done = (int64_t)facts.last_counter;
	return r;
}

static int bring_newest_crl(struct bringing *bringing, char **ret_reason)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	const char *label = bringing->task->authority->conf->label;
	int r = store_crl_load(bringing->flow->store, label, &crl);

	if (r)
		return r < 0 ? r : 0;
	return write_named(bringing, label, span_of(crl.der), ret_reason);
}

/* LABEL.N.crl. */
static int bring_crl_of(struct bringing *bringing, const struct ca_generation_record *generation,
			char **ret_reason)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	_cleanup_(freep) char *stem = NULL;
	int r = store_crl_load_own(bringing->flow->store, generation->id, &crl);

	if (r)
		return r < 0 ? r : 0;
	r = text_format(&stem, "%s.%u", bringing->task->authority->conf->label, generation->number);
	return r < 0 ? r : write_named(bringing, stem, span_of(crl.der), ret_reason);
}

/* The newest, and those of generations that others displaced. */
static int bring_crl(struct bringing *bringing, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(bringing->task->authority);
	struct ca_target_facts facts;
	int r = store_target_facts(bringing->flow->store, bringing->task->authority->conf->label,
				   &facts);

	if (r)
		return r < 0 ? r : 0;
	r = bring_newest_crl(bringing, ret_reason);
	for (size_t i = 0; !r && i < generations->n; i++)
		if (ca_generation_is_displaced(generations->records, generations->n, i,
					       bringing->now_s))
			r = bring_crl_of(bringing, &generations->records[i], ret_reason);
	if (!r)
		bringing->record->done = facts.crl_changes;
	return r;
}

static void write_names(const struct ca_certificate_record *record, struct buffer *out)
{
	char expires[32];

	buffer_append_text(out, "serial = ");
	text_append_hex(out, span_of(record->serial), true);
	buffer_append_text(out, "\nsubject = ");
	x509_name_append_text(out, span_of(record->subject));
	buffer_printf(out, "\nexpires = %s\n", text_format_time(record->not_after_s, expires));
}

/* Copied first, written then: no read of the database stays open while a server is slow. */
struct page {
	struct ca_certificate_record records[PAGE];
	size_t n;
};

static void page_done(struct page *page)
{
	for (size_t i = 0; i < page->n; i++)
		ca_certificate_record_done(&page->records[i]);
}

static int page_add(void *context, const struct ca_certificate_record *record)
{
	struct page *page = context;
	struct ca_certificate_record *copy = &page->records[page->n++];
	int r;

	*copy = (struct ca_certificate_record){
		.id = record->id, .counter = record->counter, .not_after_s = record->not_after_s};
	r = bytes_copy(span_of(record->serial), &copy->serial);
	if (r >= 0)
		r = bytes_copy(span_of(record->subject), &copy->subject);
	return r < 0 ? r : bytes_copy(span_of(record->certificate), &copy->certificate);
}

/* COUNTER.crt, COUNTER.cnm: the counter is what operators name a certificate by. */
static int bring_one(struct bringing *bringing, const struct ca_certificate_record *record,
		     char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer names = {};
	_cleanup_(freep) char *stem = NULL;
	struct span content = span_of(record->certificate);
	int r = text_format(&stem, "%" PRIX64, record->counter);

	if (r >= 0 && bringing->task->target.file == CA_FILE_CNM) {
		write_names(record, &names);
		content = span_of_buffer(&names);
		r = names.error;
	}
	if (r >= 0)
		r = write_named(bringing, stem, content, ret_reason);
	if (!r)
		bringing->record->done = record->id;
	return r;
}

static int bring_certificates(struct bringing *bringing, char **ret_reason)
{
	const char *label = bringing->task->authority->conf->label;
	_cleanup_(page_done) struct page page = {};
	struct ca_target_facts facts;
	int r = store_target_facts(bringing->flow->store, label, &facts);

	if (r)
		return r < 0 ? r : 0;
	r = store_certificate_list_after(bringing->flow->store, label, bringing->record->done, PAGE,
					 page_add, &page);
	/* Also a cursor that a copy of the database has overtaken comes to its goal. */
	if (!page.n)
		bringing->record->done = facts.certificate_id;
	for (size_t i = 0; i < page.n && !r; i++)
		r = bring_one(bringing, &page.records[i], ret_reason);
	bringing->is_full = !r && page.n == PAGE;
	return r;
}

int storage_bring(struct bringing *bringing, char **ret_reason)
{
	static int (*const acts[CA_FILES_])(struct bringing *, char **) = {
		[CA_FILE_SER] = bring_serial,
		[CA_FILE_CRL] = bring_crl,
		[CA_FILE_CRT] = bring_certificates,
		[CA_FILE_CNM] = bring_certificates,
	};
	const struct ca_target *target = &bringing->task->target;
	int r = 0;

	if (target->kind == CA_TARGET_STORE)
		r = storage_claim(bringing->flow, bringing->task->authority, target->place,
				  bringing->standard, ret_reason);
	if (!r)
		r = acts[target->file](bringing, ret_reason);
	/* What failed is told by its reason alone. */
	return r < 0 ? r : 0;
}
