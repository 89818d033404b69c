/* SPDX-License-Identifier: Apache-2.0 */
/* server.restore and server.archive: whole files from the operator's command. */
#include "daemon/flow/server/restore.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/publication/archive.h"
#include "daemon/ipc/keys.h"

struct files {
	struct bytes certificate, ser, crl;
};

static void files_done(struct files *files)
{
	bytes_done(&files->certificate);
	bytes_done(&files->ser);
	bytes_done(&files->crl);
}

/* NULL, or the answer that it is no base64. One that was left out is empty. */
static json_t *read_blob(const struct control_turn *turn, const char *name, struct bytes *ret)
{
	const char *text = control_text(turn, name);

	if (!text || text_read_base64(span_of_text(text), false, ret) == 0)
		return NULL;
	return control_error_new(CONTROL_ERROR_INVALID, name, "\"%s\" is no base64", name);
}

/* A CRL may come as PEM too. */
static void unpack_crl(struct bytes *crl)
{
	struct bytes der = {};

	if (text_read_pem(span_of(*crl), "X509 CRL", &der) < 0)
		return;
	bytes_done(crl);
	*crl = der;
}

json_t *control_server_restore(const struct control_turn *turn)
{
	_cleanup_(files_done) struct files files = {};
	_cleanup_(freep) char *reason = NULL;
	struct restore_order order = {
		.look_only = json_is_true(json_object_get(turn->parameters, "look")),
		.last_counter = (uint64_t)json_integer_value(
			json_object_get(turn->parameters, "lastSerial")),
	};
	json_t *error = NULL;
	struct authority *authority = control_authority(turn, "label", &error);
	int r;

	if (authority)
		error = read_blob(turn, "certificate", &files.certificate);
	if (!error)
		error = read_blob(turn, "ser", &files.ser);
	if (!error)
		error = read_blob(turn, "crl", &files.crl);
	if (error)
		return error;
	unpack_crl(&files.crl);
	order.certificate = span_of(files.certificate);
	order.ser = span_of(files.ser);
	order.crl = span_of(files.crl);
	r = flow_server_restore(turn->flow, authority, &order, turn->actor, turn->now_s, &reason);
	if (r)
		return control_failure(r, reason);
	return order.look_only ? control_reply_new(json_object(), false)
			       : control_server_show(turn);
}

json_t *control_server_archive(const struct control_turn *turn)
{
	_cleanup_(bytes_done) struct bytes content = {};
	_cleanup_(freep) char *reason = NULL;
	json_t *error = NULL;
	struct authority *authority = control_authority(turn, "label", &error);
	int r;

	if (authority)
		error = read_blob(turn, "content", &content);
	if (error)
		return error;
	r = flow_archive_put(turn->flow, authority, span_of(content), turn->actor, turn->now_s,
			     &reason);
	return r ? control_failure(r, reason) : control_reply_new(json_object(), false);
}
