/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_BACKUP: a key leaves, wrapped by the token under its trusted wrapping key. */
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "hsm/rsa-key-wrap.h"
#include "token/acts.h"
#include "token/backup-file.h"
#include <stdlib.h>

struct backup {
	struct hsm_rsa_key key;
	char *label; /* of the wrapping key */
	struct hsm_wrapped wrapped;
	struct backup_file *file;
	struct bytes content;
	int outcome;
	const char *why;
};

/* What is wrapped is signed by its own key: whoever restores it knows that its charter is as it was
 * when the key was here. */
static int seal(struct hsm_session *session, struct backup *backup)
{
	_cleanup_(bytes_done) struct bytes written = {0}, signature = {0};
	uint8_t info[DIGEST_SIZE_MAX + 32];
	size_t size;
	int r;

	bytes_done(&backup->file->wrapped);
	backup->file->wrapped = TAKE_STRUCT(backup->wrapped.content);
	r = span_to_text(span_of_text(backup->wrapped.mechanism), &backup->file->mechanism);
	if (r == 0)
		r = backup_file_write(backup->file, &written);
	if (r < 0)
		return r;
	size = digest_info(DIGEST_SHA256, span_of(written), info);
	r = hsm_rsa_key_sign(session, &backup->key, SPAN(info, size), &signature);
	if (r)
		return r < 0 ? r : -EIO; /* it was wrapped a moment ago */
	return backup_file_seal(span_of(written), span_of(signature), &backup->content);
}

static int back_up(struct hsm_session *session, void *context)
{
	struct backup *backup = context;
	int r = hsm_wrapping_key_find(session, backup->label, backup->file->check, &backup->why);

	if (r == 0)
		r = hsm_rsa_key_wrap(session, &backup->key, backup->label, &backup->wrapped,
				     &backup->why);
	if (r == 0)
		r = seal(session, backup);
	backup->outcome = r;
	return r < 0 ? r : 0;
}

static const struct keeper_deed deed = {WATCH_CHANGE, true, false, back_up};

static int draw_up(struct request *request, const struct held_charter *held,
		   struct backup_file *file)
{
	struct charters *charters = request->service->charters;
	_cleanup_(freep) char *label = NULL;
	int r = charter_file_copy(charter_fixed(held), &file->charter);

	if (r == 0)
		r = charters_read_label(charters, held, &label);
	if (r < 0)
		return r;
	free(file->charter.label);
	file->charter.label = TAKE_PTR(label);
	file->charter.exportable = (int)charters_exportable(charters, held);
	file->charter.not_after_s = charters_not_after_s(charters, held);
	return 0;
}

static void run(struct request *request, unsigned seat, const struct held_charter *held,
		struct backup *backup)
{
	_cleanup_(freep) char *reason = NULL;
	int r = draw_up(request, held, backup->file);

	if (r == 0)
		r = service_read_wrapping_label(request->service, &backup->label);
	if (r == 0)
		r = keeper_do(request->service->keeper, seat, &deed, backup, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else if (backup->outcome)
		request_fail(request, IPC_FAILURE_REFUSED, "%s", backup->why);
	else if (acts_record(request, held, ACT_BACKUP) == 0)
		request_answer(request, IPC_TOKEN_BACKED_UP,
			       &(struct ipc_token_backed_up){span_of(backup->content)});
}

void request_backup(struct request *request, unsigned seat)
{
	struct held_charter *held = request_find_key(request, request->message.backup.key);
	struct backup_file file = {0};
	struct backup backup = {.file = &file};

	if (!held)
		return;
	if (charters_exportable(request->service->charters, held) != KEY_EXPORTABLE_WRAPPED) {
		request_fail(request, IPC_FAILURE_REFUSED,
			     "this key was not made wrappable (Backup=wrapped), which can't be "
			     "changed: no backup of it can be made");
		return;
	}
	backup.key = charter_key(held);
	run(request, seat, held, &backup);
	bytes_done(&backup.wrapped.content);
	bytes_done(&backup.content);
	backup_file_done(&file);
	free(backup.label);
}
