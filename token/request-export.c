/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_EXPORT, TOKEN_ARCHIVE and TOKEN_SEAL: a key leaves, encrypted by this process, and is then
 * kept. */
#include "daemon/base/credential.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "token/leaving.h"
#include <stdlib.h>
#include <string.h>

static bool is_archive(int form)
{
	return form == KEY_FORM_ARCHIVE_PKCS12 || form == KEY_FORM_ARCHIVE_PEM;
}

/* Whether this key may leave, and so. */
static const char *find_rule(struct request *request, const struct held_charter *held)
{
	const struct ipc_token_export *ask = &request->message.export;
	enum key_exportable exportable = charters_exportable(request->service->charters, held);

	if (exportable == KEY_EXPORTABLE_NEVER)
		return "this key is not exportable: it never leaves its token, and no copy of it "
		       "can be made";
	if (exportable == KEY_EXPORTABLE_WRAPPED)
		return "this key leaves its token under a trusted wrapping key alone (claviger "
		       "token backup)";
	if (exportable == KEY_EXPORTABLE_ONCE && !is_archive(ask->form))
		return "this key can leave its token once, to its server's archive (claviger "
		       "server "
		       "archive), and not otherwise";
	if (ask->passphrase.size < LEAVING_PASSPHRASE_LEAST)
		return "the passphrase must have at least 8 characters";
	return NULL;
}

static void log_refusal(const struct request *request, const struct held_charter *held,
			const char *rule)
{
	struct charter charter = charter_rules(held);
	char key[129];

	log_warning(LOG_FIELDS(log_text("TOKEN", request->service->name),
			       log_hex("KEY", SPAN_ARRAY(charter.key_sha256), key),
			       log_text("RULE", rule),
			       log_number("PEER_UID", connection_uid(request->connection))),
		    "refused to export or seal a key: %s", rule);
}

static void refuse(struct request *request, const struct held_charter *held, const char *rule)
{
	log_refusal(request, held, rule);
	request_fail(request, IPC_FAILURE_REFUSED, "%s", rule);
}

void request_export(struct request *request, unsigned seat)
{
	const struct ipc_token_export *ask = &request->message.export;
	struct held_charter *held = request_find_key(request, ask->key);
	const char *rule = held ? find_rule(request, held) : NULL;
	const struct leaving_order order = {
		.form = (enum key_form)ask->form,
		.certificate = ask->certificate,
		.others = ask->others,
		.passphrase = ask->passphrase,
	};

	if (rule)
		refuse(request, held, rule);
	else if (held)
		leaving_run(request, seat, held, &order);
}

/* Nobody gives the passphrase: this process reads it itself, so that the daemon, which asks, gets
 * nothing that it could open. */
static const char *find_archive_rule(struct request *request, const struct held_charter *held,
				     const struct server_archive *archive)
{
	struct charter charter = charter_rules(held);

	if (charter.role != CHARTER_CA || !archive->form)
		return "this key is none of a server that has Archive= set";
	if (charters_exportable(request->service->charters, held) == KEY_EXPORTABLE_NEVER)
		return "this key was archived already, or is not exportable";
	if (charters_exportable(request->service->charters, held) == KEY_EXPORTABLE_WRAPPED)
		return "this key leaves its token under a trusted wrapping key alone";
	if (!archive->password)
		return "ArchivePassword= is not set: an archive that nobody asks for has no other "
		       "password";
	return NULL;
}

static int read_password(const char *name, struct secret *ret)
{
	_cleanup_(freep) char *path = NULL;
	int r = credential_path(name, getenv("CREDENTIALS_DIRECTORY"), &path);

	return r < 0 ? r : file_read_secret(path, 256, ret);
}

static void archive(struct request *request, unsigned seat, struct held_charter *held,
		    const struct server_archive *archive)
{
	_cleanup_(secret_done) struct secret password = {0};
	struct leaving_order order = {
		.form = archive->form,
		.certificate = request->message.archive.certificate,
	};
	int r = read_password(archive->password, &password);

	order.passphrase = span_of_secret(password);
	if (r < 0)
		request_fail(request, IPC_FAILURE_REFUSED,
			     "ArchivePassword=%s can't be read by claviger-token: %s",
			     archive->password, credential_advice(r));
	else if (password.size < LEAVING_PASSPHRASE_LEAST)
		request_fail(request, IPC_FAILURE_REFUSED,
			     "ArchivePassword= must have at least 8 characters");
	else
		leaving_run(request, seat, held, &order);
}

void request_archive(struct request *request, unsigned seat)
{
	struct held_charter *held = request_find_key(request, request->message.archive.key);
	_cleanup_(server_archive_done) struct server_archive wanted = {0};
	_cleanup_(freep) char *label = NULL;
	const char *rule;
	int r;

	if (!held)
		return;
	r = charters_read_label(request->service->charters, held, &label);
	if (r == 0)
		r = service_find_archive(request->service, label, charter_rules(held).issuer,
					 &wanted);
	if (r < 0) {
		request_fail(request, IPC_FAILURE_LATER, "%s", strerrordesc_np(-r));
		return;
	}
	rule = find_archive_rule(request, held, &wanted);
	if (rule)
		refuse(request, held, rule);
	else
		archive(request, seat, held, &wanted);
}

void request_seal(struct request *request, unsigned seat)
{
	struct held_charter *held = request_find_key(request, request->message.seal.key);

	enum key_exportable exportable =
		held ? charters_exportable(request->service->charters, held) : KEY_EXPORTABLE_NEVER;

	if (exportable == KEY_EXPORTABLE_ALWAYS || exportable == KEY_EXPORTABLE_WRAPPED)
		refuse(request, held, "this key may leave as often as its owner wants");
	else if (held)
		leaving_end(request, seat, held);
}
