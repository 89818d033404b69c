/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/conf.h"

#include "daemon/base/files.h"
#include "daemon/conf/check.h"
#include "daemon/conf/draft.h"
#include "daemon/conf/value.h"
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

static int read_drop_ins(struct draft *draft, const char *path)
{
	_cleanup_(freep) char *folder = NULL;
	struct dirent **entries = NULL;

	int r = text_format(&folder, "%s.d", path);
	if (r < 0)
		return r;
	int n = scandir(folder, &entries, is_drop_in, by_name);
	if (n < 0 && errno != ENOENT)
		return refuse_folder(draft, folder, errno);
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *file = NULL;
		if (r == 0)
			r = text_format(&file, "%s/%s", folder, entries[i]->d_name);
		if (r == 0)
			r = draft_read(draft, file);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* What a default can't say, since it depends on the section's name. */
static int name_issuers(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_servers; i++) {
		struct conf_server *server = &conf->servers[i];
		if (server->issuer_name)
			continue;
		int r = text_format(&server->issuer_name, "CN=%s", server->label);
		if (r < 0)
			return r;
	}
	return 0;
}

int conf_load(const char *path, struct conf **ret, char **ret_error)
{
	_cleanup_(draft_done) struct draft draft = {0};

	int r = draft_init(&draft);
	if (r == 0)
		r = draft_read(&draft, path);
	if (r == 0)
		r = read_drop_ins(&draft, path);
	if (r == 0)
		r = name_issuers(draft.conf);
	if (r < 0)
		return r;
	/* What was never read right can't be told apart from what doesn't fit. */
	if (!draft.errors.size)
		conf_check(&draft);
	if (draft.errors.size || draft.errors.error) {
		r = buffer_take_text(&draft.errors, ret_error);
		return r < 0 ? r : CONF_LOAD_WRONG;
	}
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
	for (size_t i = 0; i < conf->n_tokens; i++) {
		section_done(CONF_TOKEN, &conf->tokens[i]);
		free(conf->tokens[i].name);
	}
	for (size_t i = 0; i < conf->n_servers; i++) {
		section_done(CONF_SERVER, &conf->servers[i]);
		free(conf->servers[i].label);
	}
	free(conf->tokens);
	free(conf->servers);
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
