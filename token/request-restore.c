/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_RESTORE: a key comes back out of its backup, with its charter. */
#include "daemon/base/log.h"
#include "hsm/rsa-key-wrap.h"
#include "token/acts.h"
#include "token/backup-file.h"
#include <stdlib.h>
#include <string.h>

struct restore {
	struct request *request;
	struct backup_file file;
	struct charter_file charter; /* intended here */
	struct hsm_wrapped wrapped;
	char *label; /* of the wrapping key */
	int outcome;
	const char *why;
	struct held_charter *held;
};

static void restore_done(struct restore *restore)
{
	backup_file_done(&restore->file);
	charter_file_done(&restore->charter);
	bytes_done(&restore->wrapped.content);
	free(restore->label);
}

/* Told before the token fails to open it, for that could mean anything. */
static int compare_wrapping_keys(struct hsm_session *session, struct restore *restore)
{
	uint8_t check[HSM_WRAPPING_CHECK_SIZE];
	int r = hsm_wrapping_key_find(session, restore->label, check, &restore->why);

	if (r || memcmp(check, restore->file.check, sizeof(check)) == 0)
		return r;
	restore->why = "the backup is under another wrapping key than this token has: take a token "
		       "that shares it (claviger token share)";
	return HSM_WRAPPING_WRONG;
}

/* As a key that is made: the intention goes first, and stays where nobody knows what came. */
static int unwrap(struct hsm_session *session, struct restore *restore)
{
	struct charters *charters = restore->request->service->charters;
	const struct charter_file *charter = &restore->charter;
	struct span spki = span_of(restore->file.charter.spki);
	const struct hsm_rsa_order order = {
		.id = span_of(charter->id),
		.label = charter->label,
		.decrypts = charter->decrypts,
		.wrappable = true,
	};
	int r = charters_intend(charters, charter);

	if (r < 0)
		return r;
	r = hsm_rsa_key_unwrap_pair(session, &order, spki, restore->label, &restore->wrapped,
				    &restore->why);
	if (r < 0)
		return r;
	restore->outcome = r;
	return r ? charters_drop(charters, order.id)
		 : charters_finish(charters, order.id, spki, &restore->held);
}

/* Nor may another key have its CKA_ID, by which it is found where this process ends too early. */
static int check_place(struct hsm_session *session, struct restore *restore)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	int r = hsm_rsa_key_read(session, span_of(restore->charter.id), &spki);

	restore->why = "there is a key with its CKA_ID on the token that has no charter here: "
		       "remove it with a tool of the token's maker";
	return r == HSM_RSA_KEY_ABSENT ? 0 : r < 0 ? r : HSM_WRAPPING_UNFIT;
}

static int act(struct hsm_session *session, void *context)
{
	struct restore *restore = context;
	int r = compare_wrapping_keys(session, restore);

	if (r == 0)
		r = check_place(session, restore);

	restore->outcome = r > 0 ? r : 0;
	return r ? (r < 0 ? r : 0) : unwrap(session, restore);
}

static const struct keeper_deed deed = {WATCH_MAKE, true, false, act};

/* Its charter as it was, but on this token. */
static int draw_up(struct restore *restore)
{
	struct service *service = restore->request->service;
	struct charter_file *charter = &restore->charter;
	int r = charter_file_copy(&restore->file.charter, charter);

	if (r < 0)
		return r;
	charter->made = false;
	bytes_done(&charter->spki);
	free(charter->token);
	charter->token = NULL;
	r = keeper_read_serial(service->keeper, &charter->token);
	if (r == 0)
		r = service_read_wrapping_label(service, &restore->label);
	restore->wrapped.mechanism = restore->file.mechanism;
	restore->wrapped.content = TAKE_STRUCT(restore->file.wrapped);
	return r;
}

static void answer(const struct restore *restore)
{
	const struct charter_file *file = charter_fixed(restore->held);

	if (acts_record(restore->request, restore->held, ACT_RESTORE) == 0)
		request_answer(restore->request, IPC_TOKEN_RESTORED,
			       &(struct ipc_token_restored){
				       .id = span_of(file->id),
				       .spki = span_of(file->spki),
				       .label = span_of_text(restore->charter.label),
				       .serial = span_of_text(file->token),
			       });
}

static void run(struct restore *restore, unsigned seat)
{
	struct request *request = restore->request;
	_cleanup_(freep) char *reason = NULL;
	int r = draw_up(restore);

	if (r == 0)
		r = keeper_do(request->service->keeper, seat, &deed, restore, &reason);
	if (r)
		request_fail_keeper(request, r, reason);
	else if (restore->outcome)
		request_fail(request, IPC_FAILURE_REFUSED, "%s", restore->why);
	else
		answer(restore);
}

/* By public key, and by the name of its file. */
static bool is_here(struct charters *charters, const struct charter_file *charter)
{
	struct held_charter *held;

	for (unsigned i = 0; (held = charters_at(charters, i)); i++) {
		const struct charter_file *file = charter_fixed(held);

		if (span_equal(span_of(file->spki), span_of(charter->spki)) ||
		    span_equal(span_of(file->id), span_of(charter->id)))
			return true;
	}
	return false;
}

void request_restore(struct request *request, unsigned seat)
{
	_cleanup_(restore_done) struct restore restore = {.request = request};
	int r = backup_file_read(request->message.restore.content, &restore.file);

	if (r == -ENOMEM)
		request_fail(request, IPC_FAILURE_LATER, "out of memory");
	else if (r < 0)
		request_fail(request, IPC_FAILURE_REFUSED,
			     "this is no backup of a key, or it was changed: its key did not sign "
			     "it so");
	else if (is_here(request->service->charters, &restore.file.charter))
		request_fail(
			request, IPC_FAILURE_REFUSED,
			"this key has its charter here already (claviger key list): nothing is "
			"restored over it; where its token is lost, restore it to another [Token], "
			"name that one's token in this one's URI=, then use `claviger token "
			"adopt`");
	else
		run(&restore, seat);
}
