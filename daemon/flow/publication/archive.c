/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/archive.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publication/storage.h"

static const struct {
	enum conf_archive archive;
	enum ca_file file;
	const char *ending;
} forms[] = {
	{CONF_ARCHIVE_PKCS12, CA_FILE_P12, "p12"},
	{CONF_ARCHIVE_PEM, CA_FILE_PEM, "pem"},
};

static int record(struct flow *flow, const char *label, const char *name, const char *actor,
		  int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = label, .now_s = now_s, .audit = &event.row, .n_audit = 1};
	int r = audit_of_act(AUDIT_SERVER_ARCHIVE, actor, label, name, &event);

	if (r < 0)
		return r;
	r = store_commit(flow->store, &change);
	return r > 0 ? -ENOENT : r;
}

/* The first one is called as the server is (DB-14), those of rollovers are counted (DB-20). */
static int name_file(const char *label, unsigned rollover, const char *ending, char **ret)
{
	return rollover ? text_format(ret, "%s_%05u.%s", label, rollover, ending)
			: text_format(ret, "%s.%s", label, ending);
}

int flow_archive_write(struct flow *flow, struct authority *authority, unsigned rollover,
		       struct span content, char **ret_name, char **ret_reason)
{
	const char *label = authority->conf->label;
	int r;

	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		if (forms[i].archive != authority->conf->archive)
			continue;
		r = name_file(label, rollover, forms[i].ending, ret_name);
		return r < 0 ? r
			     : storage_put(flow, authority, forms[i].file, *ret_name, content,
					   ret_reason);
	}
	r = text_format(ret_reason, "server %s has no Archive= in its configuration", label);
	return r < 0 ? r : FLOW_REFUSED;
}

int flow_archive_put(struct flow *flow, struct authority *authority, struct span content,
		     const char *actor, int64_t now_s, char **ret_reason)
{
	const char *label = authority->conf->label;
	_cleanup_(freep) char *name = NULL;
	int r;

	r = flow_archive_write(flow, authority, 0, content, &name, ret_reason);
	if (r == 0)
		r = record(flow, label, name, actor, now_s);
	if (r == 0)
		log_warning(LOG_FIELDS(log_event(LOG_EVENT_KEY_ARCHIVED), log_text("SERVER", label),
				       log_text("FILE", name)),
			    "the CA key was archived: move the archive to a safe place, "
			    "and take ArchivePassword= out of the configuration");
	return r;
}
