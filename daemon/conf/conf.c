/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/conf.h"

#include "daemon/base/files.h"
#include "daemon/conf/check.h"
#include "daemon/conf/draft.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/value.h"
#include "daemon/conf/warn.h"
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static int is_drop_in(const struct dirent *entry)
{
	return fnmatch("*.conf", entry->d_name, FNM_PERIOD) == 0;
}

/* By bytes: the order doesn't change with the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int refuse_folder(struct draft *draft, const char *folder, int error)
{
	int r = error == ENOMEM ? -ENOMEM : draft_open_file(draft, folder);

	if (r == 0)
		draft_error_here(draft, 0, "cannot be read: %s", strerror(error));
	return r;
}

/* Reads the drop-in @name, or what is to stand in it. */
static int read_drop_in(struct draft *draft, const char *folder, const char *name,
			const struct conf_drop_in *pending)
{
	_cleanup_(freep) char *file = NULL;

	int r = text_format(&file, "%s/%s", folder, name);
	if (r < 0)
		return r;
	if (pending && strcmp(pending->name, name) == 0)
		return draft_read_text(draft, file, pending->content);
	return draft_read(draft, file);
}

/* In the order of names; one that is pending may not be there yet. */
static int read_entries(struct draft *draft, const char *folder, struct dirent **entries, int n,
			const struct conf_drop_in *pending)
{
	bool is_read = !pending;
	int r = 0;

	for (int i = 0; i < n && r == 0; i++) {
		const char *name = entries[i]->d_name;
		if (!is_read && strcmp(pending->name, name) < 0)
			r = read_drop_in(draft, folder, pending->name, pending);
		is_read = is_read || strcmp(pending->name, name) <= 0;
		if (r == 0)
			r = read_drop_in(draft, folder, name, pending);
	}
	if (r == 0 && !is_read)
		r = read_drop_in(draft, folder, pending->name, pending);
	return r;
}

static int read_drop_ins(struct draft *draft, const char *path, const struct conf_drop_in *pending)
{
	_cleanup_(freep) char *folder = NULL;
	struct dirent **entries = NULL;

	int r = text_format(&folder, "%s.d", path);
	if (r < 0)
		return r;
	int n = scandir(folder, &entries, is_drop_in, by_name);
	if (n < 0 && errno != ENOENT)
		return refuse_folder(draft, folder, errno);
	r = read_entries(draft, folder, entries, n, pending);
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	return r;
}

/* What a default can't say, since it depends on the section's name. */
static int name_issuers(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_servers; i++) {
		struct conf_server *server = &conf->servers[i];
		_cleanup_(freep) char *bare = server->issuer_name;
		/* As on IOS one word alone is a name too: the common one. */
		if (bare && strpbrk(bare, "=,+;\"\\<>")) {
			bare = NULL;
			continue;
		}
		server->issuer_name = NULL;
		int r = text_format(&server->issuer_name, "CN=%s", bare ? bare : server->label);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All are there now, and stay where they are. One that enrols has its key where that says, as
 * routers are told by `on`. */
static int join_trustpoints(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_servers; i++) {
		struct conf_server *server = &conf->servers[i];

		server->trustpoint = conf_find_trustpoint(conf, server->label);
		if (server->token || !conf_server_enrolls(server) || !server->trustpoint ||
		    !server->trustpoint->token)
			continue;
		server->token = strdup(server->trustpoint->token);
		if (!server->token)
			return -ENOMEM;
	}
	return 0;
}

static int read_all(struct draft *draft, const char *path, const struct conf_drop_in *pending)
{
	int r = draft_init(draft);
	if (r == 0)
		r = draft_read(draft, path);
	if (r == 0)
		r = read_drop_ins(draft, path, pending);
	if (r == 0)
		r = join_trustpoints(draft->conf);
	return r == 0 ? name_issuers(draft->conf) : r;
}

int conf_load_runtime(const char *path, char **ret, char **ret_error)
{
	_cleanup_(draft_done) struct draft draft = {0};
	_cleanup_(freep) char *directory = NULL, *error = NULL;

	int r = read_all(&draft, path, NULL);
	if (r == 0)
		r = text_format(&directory, "%s", draft.conf->daemon.runtime_directory);
	if (r == 0 && (draft.errors.size || draft.errors.error))
		r = buffer_take_text(&draft.errors, &error);
	if (r < 0)
		return r;
	/* Another daemon's sockets are none of the operator's business. */
	bool is_wrong = draft.unread || (error && strstr(error, ": RuntimeDirectory="));
	*ret_error = TAKE_PTR(error);
	if (is_wrong)
		return CONF_LOAD_WRONG;
	*ret = TAKE_PTR(directory);
	return 0;
}

int conf_load(const char *path, struct conf **ret, char **ret_error)
{
	return conf_load_pending(path, NULL, ret, ret_error);
}

int conf_load_pending(const char *path, const struct conf_drop_in *pending, struct conf **ret,
		      char **ret_error)
{
	_cleanup_(draft_done) struct draft draft = {0};

	int r = read_all(&draft, path, pending);
	if (r < 0)
		return r;
	/* What was never read right can't be told apart from what doesn't fit. */
	if (!draft.errors.size)
		conf_check(&draft);
	if (draft.errors.size || draft.errors.error) {
		r = buffer_take_text(&draft.errors, ret_error);
		return r < 0 ? r : CONF_LOAD_WRONG;
	}
	conf_warn(&draft);
	if (draft.warnings.size || draft.warnings.error)
		r = buffer_take_text(&draft.warnings, &draft.conf->warnings);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(draft.conf);
	return 0;
}

static void section_done(enum conf_section section, void *base)
{
	for (size_t i = 0; i < conf_n_options; i++)
		if (conf_options[i].section == section)
			conf_value_done(&conf_options[i], (char *)base + conf_options[i].offset);
}

static void conf_free(struct conf *conf)
{
	section_done(CONF_DAEMON, &conf->daemon);
	section_done(CONF_HTTP, &conf->http);
	section_done(CONF_NOTIFY, &conf->notify);
	for (size_t i = 0; i < conf->n_tokens; i++) {
		section_done(CONF_TOKEN, &conf->tokens[i]);
		free(conf->tokens[i].name);
	}
	for (size_t i = 0; i < conf->n_servers; i++) {
		section_done(CONF_SERVER, &conf->servers[i]);
		free(conf->servers[i].label);
	}
	for (size_t i = 0; i < conf->n_trustpoints; i++) {
		section_done(CONF_TRUSTPOINT, &conf->trustpoints[i]);
		free(conf->trustpoints[i].name);
	}
	for (size_t i = 0; i < conf->n_uses; i++) {
		section_done(CONF_USE, &conf->uses[i]);
		free(conf->uses[i].name);
	}
	for (size_t i = 0; i < conf->n_files; i++)
		free(conf->files[i]);
	for (size_t i = 0; i < conf->n_origins; i++)
		free(conf->origins[i].options);
	free(conf->files);
	free(conf->origins);
	free(conf->warnings);
	free(conf->tokens);
	free(conf->servers);
	free(conf->trustpoints);
	free(conf->uses);
	free(conf);
}

struct conf *conf_ref(struct conf *conf)
{
	__atomic_add_fetch(&conf->refs_, 1, __ATOMIC_RELAXED);
	return conf;
}

struct conf *conf_unref(struct conf *conf)
{
	if (conf && __atomic_sub_fetch(&conf->refs_, 1, __ATOMIC_ACQ_REL) == 0)
		conf_free(conf);
	return NULL;
}

void conf_unrefp(struct conf **conf)
{
	conf_unref(*conf);
}

const struct conf_token *conf_find_token(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_tokens; i++)
		if (strcmp(conf->tokens[i].name, name) == 0)
			return &conf->tokens[i];
	return NULL;
}

const struct conf_server *conf_find_server(const struct conf *conf, const char *label)
{
	for (size_t i = 0; i < conf->n_servers; i++)
		if (strcmp(conf->servers[i].label, label) == 0)
			return &conf->servers[i];
	return NULL;
}

const struct conf_trustpoint *conf_find_trustpoint(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_trustpoints; i++)
		if (strcmp(conf->trustpoints[i].name, name) == 0)
			return &conf->trustpoints[i];
	return NULL;
}
