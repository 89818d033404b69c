/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_IMPORT: a key that an operator brings in a file. */
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"
#include "token/acts.h"
#include "token/key-file.h"
#include "token/making.h"
#include <string.h>

#define BITS_LEAST 2048
#define BITS_WEAK  1024 /* with AllowWeak=yes */

struct import {
	struct request *request;
	struct key_file file;
	struct x509_certificate certificate; /* zeroed where the file has none */
	struct server_key_facts server;
	struct bytes server_issuer;
	struct making_order order;
};

static void import_done(struct import *import)
{
	key_file_done(&import->file);
	bytes_done(&import->server_issuer);
}

static void refuse(struct request *request, const char *why)
{
	request_fail(request, IPC_FAILURE_REFUSED, "%s", why);
}

/* What a ca key signs in the name of: its certificate says, and the configuration must agree. */
static const char *choose_issuer(struct import *import)
{
	struct making_order *order = &import->order;

	if (!import->certificate.subject.size)
		return "a ca key comes with its CA certificate: give that too, in the same file or "
		       "beside it";
	if (!import->server.known)
		return "a ca key needs a [Server] of its label in the configuration";
	/* Else the charter would let it sign in a name that nobody configured. */
	if (!x509_name_equal(import->certificate.subject, import->server.issuer))
		return "the certificate has another name than the configuration: write its subject "
		       "as IssuerName= of the [Server]";
	order->issuer = import->certificate.subject;
	order->not_after_s = import->certificate.not_after_s;
	return order->usage == KEY_USAGE_GENERAL ? NULL : "a server needs a general purpose key";
}

static const char *check_strength(const struct import *import)
{
	bool weak = import->order.role == CHARTER_CA && import->server.allow_weak;
	const struct hsm_rsa_parts *parts = &import->file.key.parts;

	return rsa_weakness(parts->modulus, parts->exponent, weak ? BITS_WEAK : BITS_LEAST);
}

static int refuse_weak(const struct import *import, const char *weakness)
{
	request_fail(import->request, IPC_FAILURE_REFUSED, "the key is too weak to be used (%s)%s",
		     weakness,
		     import->order.role == CHARTER_CA && !import->server.allow_weak
			     ? ": AllowWeak=yes in its [Server] lets in down to 1024 bits"
			     : "");
	return MAKING_TOLD;
}

/* 0, or MAKING_TOLD. */
static int check(struct import *import)
{
	const char *fault = NULL, *weakness;

	if (import->order.role == CHARTER_CA)
		fault = choose_issuer(import);
	if (!fault)
		fault = making_find_fault(&import->order);
	if (fault) {
		refuse(import->request, fault);
		return MAKING_TOLD;
	}
	weakness = check_strength(import);
	return weakness ? refuse_weak(import, weakness) : 0;
}

static int read_file(struct import *import)
{
	const struct ipc_token_import *ask = &import->request->message.import;
	int r;

	r = service_find_label(import->request->service, ask->label, &import->server,
			       &import->server_issuer);
	if (r == 0)
		r = key_file_read(ask->content, ask->passphrase, &import->file);
	if (r < 0)
		request_fail(import->request, IPC_FAILURE_LATER, "%s", strerrordesc_np(-r));
	else if (r)
		refuse(import->request, key_file_advice((enum key_file_outcome)r));
	if (r)
		return MAKING_TOLD;
	if (import->file.certificate.size)
		r = x509_certificate_read(span_of(import->file.certificate), &import->certificate);
	return r < 0 ? -EBADMSG : 0; /* it was read before */
}

static void tell_held(const struct held_charter *held, struct ipc_token_imported *imported)
{
	const struct charter_file *file = charter_fixed(held);

	imported->id = span_of(file->id);
	imported->spki = span_of(file->spki);
	imported->serial = span_of_text(file->token);
}

static int bring(struct import *import, unsigned seat, struct ipc_token_imported *imported)
{
	struct held_charter *held = NULL;

	if (making_run(import->request, seat, &import->order, &held) ||
	    acts_record(import->request, held, ACT_IMPORT) < 0)
		return MAKING_TOLD;
	tell_held(held, imported);
	return 0;
}

/* The same key twice on a token would be two charters for one. NULL: it is not there. */
static struct held_charter *find_held(struct import *import)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	const struct hsm_rsa_parts *parts = &import->file.key.parts;
	uint8_t name[SHA256_SIZE];

	if (spki_write(parts->modulus, parts->exponent, &spki) < 0)
		return NULL;
	sha256(span_of(spki), name);
	return charters_find(import->request->service->charters, SPAN_ARRAY(name));
}

void request_import(struct request *request, unsigned seat)
{
	const struct ipc_token_import *ask = &request->message.import;
	_cleanup_(import_done) struct import import = {
		.request = request,
		.order = {.role = (enum charter_role)ask->role,
			  .label = ask->label,
			  .usage = (enum key_usage)ask->usage,
			  .exportable = ask->exportable == KEY_EXPORTABLE_ALWAYS
						? KEY_EXPORTABLE_ALWAYS
						: KEY_EXPORTABLE_NEVER},
	};
	struct ipc_token_imported imported = {0};
	const struct held_charter *held;
	int r;

	r = read_file(&import);
	import.order.parts = &import.file.key.parts;
	if (r == 0)
		r = check(&import);
	if (r < 0)
		request_fail(request, IPC_FAILURE_FAULT, "%s", strerrordesc_np(-r));
	if (r)
		return;
	imported.certificate = span_of(import.file.certificate);
	imported.others = span_of(import.file.others);
	held = find_held(&import);
	if (!ask->look_only && held) {
		refuse(request, "this key is on the token already (claviger key list)");
		return;
	}
	if (held)
		tell_held(held, &imported);
	if (ask->look_only || bring(&import, seat, &imported) == 0)
		request_answer(request, IPC_TOKEN_IMPORTED, &imported);
}
