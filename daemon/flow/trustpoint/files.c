/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/files.h"
#include "daemon/base/file-set.h"
#include "daemon/base/files.h"
#include "daemon/base/key-reference.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/place.h"
#include "daemon/flow/trustpoint/chain.h"
#include "daemon/flow/trustpoint/unit-reload.h"
#include "daemon/ipc/keys.h"
#include <stdlib.h>
#include <string.h>

enum exported_kind { IDENTITY, NEXT_IDENTITY, ANCHOR, NEXT_ANCHOR, CHAIN, KEY };

/* Every file there may be, by what stands behind the trustpoint's name. */
static const struct exported {
	const char *ending;
	enum exported_kind kind;
	int usage; /* of identities; 0: the one that signs */
} rows[] = {
	{".crt", IDENTITY, KEY_USAGE_GENERAL},
	{"-sign.crt", IDENTITY, KEY_USAGE_SIGNATURE},
	{"-encr.crt", IDENTITY, KEY_USAGE_ENCRYPTION},
	{"-key.pem", KEY, KEY_USAGE_GENERAL},
	{"-sign-key.pem", KEY, KEY_USAGE_SIGNATURE},
	{"-encr-key.pem", KEY, KEY_USAGE_ENCRYPTION},
	{"-ca.crt", ANCHOR, 0},
	{"-chain.pem", CHAIN, 0},
	{"-next.crt", NEXT_IDENTITY, KEY_USAGE_GENERAL},
	{"-next-sign.crt", NEXT_IDENTITY, KEY_USAGE_SIGNATURE},
	{"-next-encr.crt", NEXT_IDENTITY, KEY_USAGE_ENCRYPTION},
	{"-next-ca.crt", NEXT_ANCHOR, 0},
};
#define FILES ELEMENTS(rows)

/* The files as they should be. */
struct files {
	char *names[FILES + 1]; /* of all rows, NULL-ended */
	struct bytes contents[FILES];
	struct file_set_item items[FILES]; /* of those that there are */
	struct file_set set;
	uint8_t sha256[SHA256_SIZE]; /* over directory, names and contents */
};

static void files_done(struct files *files)
{
	for (size_t i = 0; i < FILES; i++) {
		free(files->names[i]);
		bytes_done(&files->contents[i]);
	}
}

static void append_identity(struct buffer *out, const struct ca_identity_record *identity)
{
	if (identity)
		text_append_pem(out, "CERTIFICATE", span_of(identity->certificate));
}

static void append_anchor(struct buffer *out, const struct ca_anchor_record *anchor)
{
	if (anchor)
		text_append_pem(out, "CERTIFICATE", span_of(anchor->certificate));
}

/* A server's key is for no program. Other keys than RSA's can't be referred to: there is no file.
 */
static int append_key(struct buffer *out, const struct trustpoint_turn *turn,
		      const struct ca_identity_record *identity)
{
	_cleanup_(bytes_done) struct bytes pem = {};
	int r;

	if (turn->server || !identity || identity->key_destroyed_s)
		return 0;
	r = key_reference_write(turn->conf->name, span_of(identity->key.spki), &pem);
	if (r == 0)
		buffer_append(out, span_of(pem));
	return r == -EINVAL ? 0 : r;
}

/* Under the CA that issued it, which is the active one but where that has just changed. */
static void append_chain(struct buffer *out, const struct ca_trustpoint_state *state, int64_t now_s)
{
	const struct ca_identity_record *identity =
		ca_identity_active(state, KEY_USAGE_GENERAL, now_s);
	const struct ca_anchor_record *anchor;

	if (!identity)
		identity = ca_identity_active(state, KEY_USAGE_SIGNATURE, now_s);
	anchor = identity ? ca_anchor_find(state, identity->anchor_id) : NULL;
	if (anchor)
		trustpoint_append_chain(out, span_of(identity->certificate), anchor);
}

static int append_row(struct buffer *out, const struct exported *row,
		      const struct trustpoint_turn *turn)
{
	const struct ca_trustpoint_state *state = &turn->state;
	int64_t now_s = turn->now_s;

	switch (row->kind) {
	case IDENTITY:
		append_identity(out, ca_identity_active(state, row->usage, now_s));
		break;
	case NEXT_IDENTITY:
		append_identity(out, ca_identity_next(state, row->usage, now_s));
		break;
	case ANCHOR:
		append_anchor(out, ca_anchor_active(state, now_s));
		break;
	case NEXT_ANCHOR:
		append_anchor(out, ca_anchor_next(state, now_s));
		break;
	case CHAIN:
		append_chain(out, state, now_s);
		break;
	case KEY:
		return append_key(out, turn, ca_identity_active(state, row->usage, now_s));
	}
	return 0;
}

static int make_row(struct files *files, size_t i, const struct trustpoint_turn *turn)
{
	_cleanup_(buffer_done) struct buffer text = {};
	int r = append_row(&text, &rows[i], turn);

	if (r < 0 || text.error || !text.size)
		return r < 0 ? r : text.error;
	r = buffer_take(&text, &files->contents[i]);
	if (r >= 0)
		files->items[files->set.n++] =
			(struct file_set_item){files->names[i], span_of(files->contents[i])};
	return r;
}

static void append_part(struct buffer *out, struct span part)
{
	buffer_printf(out, "%zu:", part.size);
	buffer_append(out, part);
}

static int fingerprint(struct files *files)
{
	_cleanup_(buffer_done) struct buffer all = {};

	append_part(&all, span_of_text(files->set.directory));
	for (size_t i = 0; i < files->set.n; i++) {
		append_part(&all, span_of_text(files->items[i].name));
		append_part(&all, files->items[i].content);
	}
	sha256(span_of_buffer(&all), files->sha256);
	return all.error;
}

/* @turn: NULL for no files at all. */
static int files_make(const struct conf_trustpoint *conf, const struct trustpoint_turn *turn,
		      struct files *ret)
{
	int r = 0;

	*ret = (struct files){.set = {.directory = conf->export_directory, .name = conf->name}};
	ret->set.items = ret->items;
	ret->set.former = (const char *const *)ret->names;
	for (size_t i = 0; i < FILES && r >= 0; i++)
		r = text_format(&ret->names[i], "%s%s", conf->name, rows[i].ending);
	for (size_t i = 0; turn && i < FILES && r >= 0; i++)
		r = make_row(ret, i, turn);
	return r < 0 ? r : fingerprint(ret);
}

static int refuse_set(const struct file_set *set, int result, char **ret_reason)
{
	static const char *const texts[] = {
		[FILE_SET_OPEN_TO_ALL] = "anybody may write there: chmod o-w",
		[FILE_SET_TAKEN] = "one of the names is taken by a link or a directory that is not "
				   "ours: move it away",
	};
	int r = result < 0 ? place_refuse(result, set->directory, ret_reason)
			   : text_format(ret_reason, "%s: %s", set->directory, texts[result]);

	return r < 0 ? -ENOMEM : FLOW_REFUSED;
}

static bool is_set_up(const struct trustpoint_turn *turn)
{
	return turn->conf->export_directory && turn->state.record.id &&
	       ca_anchor_active(&turn->state, turn->now_s);
}

static bool is_as_recorded(const struct trustpoint_turn *turn, const struct files *files)
{
	return !memcmp(files->sha256, turn->state.record.exported_sha256, SHA256_SIZE) &&
	       file_set_is_there(&files->set);
}

int trustpoint_export_due(struct trustpoint_turn *turn, bool *ret)
{
	_cleanup_(files_done) struct files files = {};
	int r;

	*ret = false;
	if (!is_set_up(turn))
		return 0;
	r = files_make(turn->conf, turn, &files);
	if (r >= 0)
		*ret = turn->state.record.reload_due || !is_as_recorded(turn, &files);
	return r;
}

static int record(struct trustpoint_turn *turn, const uint8_t *sha256, bool reload_due)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record};
	int r = trustpoint_record_copy(turn, &record);

	if (r < 0)
		return r;
	if (sha256)
		memcpy(record.exported_sha256, sha256, SHA256_SIZE);
	record.reload_due = reload_due;
	return trustpoint_commit(turn, &change, NULL);
}

/* The units are due before the files are there: a crash between tells one too often. */
static int write_files(struct trustpoint_turn *turn, const struct files *files, char **ret_reason)
{
	const struct conf_trustpoint *conf = turn->conf;
	int r = 0;

	if (conf->n_reload_units && !turn->state.record.reload_due)
		r = record(turn, NULL, true);
	if (r)
		return r;
	r = file_set_write(&files->set);
	if (r)
		return r == -ENOMEM ? r : refuse_set(&files->set, r, ret_reason);
	log_notice(LOG_FIELDS(log_text("TRUSTPOINT", conf->name),
			      log_text("DIRECTORY", conf->export_directory),
			      log_number("FILES", (int64_t)files->set.n)),
		   "certificates exported");
	return record(turn, files->sha256, turn->state.record.reload_due);
}

/* One that fails keeps no other from its files; all are told again then. */
static int tell_units(struct trustpoint_turn *turn, char **ret_reason)
{
	const struct conf_trustpoint *conf = turn->conf;
	int failed = 0;

	for (size_t i = 0; i < conf->n_reload_units; i++) {
		_cleanup_(freep) char *reason = NULL;
		int r = unit_reload(conf->reload_units[i], &reason);

		if (r && !failed) {
			failed = r;
			*ret_reason = TAKE_PTR(reason);
		}
	}
	if (failed)
		return failed < 0 ? failed : FLOW_REFUSED;
	return record(turn, NULL, false);
}

int trustpoint_export(struct trustpoint_turn *turn, char **ret_reason)
{
	_cleanup_(files_done) struct files files = {};
	int r;

	if (!is_set_up(turn))
		return 0;
	r = files_make(turn->conf, turn, &files);
	if (!r && !is_as_recorded(turn, &files))
		r = write_files(turn, &files, ret_reason);
	return r || !turn->state.record.reload_due ? r : tell_units(turn, ret_reason);
}

bool trustpoint_export_stands(const struct conf_trustpoint *conf)
{
	const struct file_set set = {.directory = conf->export_directory, .name = conf->name};

	return conf->export_directory && file_set_stands(&set);
}

int trustpoint_export_remove(const struct conf_trustpoint *conf, char **ret_reason)
{
	_cleanup_(files_done) struct files files = {};
	int r;

	if (!conf->export_directory)
		return 0;
	r = files_make(conf, NULL, &files);
	if (r < 0)
		return r;
	r = file_set_remove(&files.set);
	if (!r || r == -ENOENT || r == -ENOMEM)
		return r == -ENOENT ? 0 : r;
	return refuse_set(&files.set, r, ret_reason);
}
