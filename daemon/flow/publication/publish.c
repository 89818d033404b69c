/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/publish.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/allowance.h"
#include "daemon/flow/publication/ca-chain.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC_FILE 0644

int publish_write(const char *directory, const char *name, struct span content)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	r = text_format(&path, "%s/%s", directory, name);
	return r < 0 ? r : file_write_atomically(path, content, PUBLIC_FILE);
}

static int write_capabilities(const char *directory, const struct conf_server *conf)
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct scep_allowance allowance = allowance_of(conf);

	scep_append_capabilities(&text, &allowance);
	return text.error ? text.error : publish_write(directory, "caps", span_of_buffer(&text));
}

static int write_expiry(const char *directory, const char *name, int64_t expires_s)
{
	_cleanup_(freep) char *file = NULL;
	char expires[32];

	(void)snprintf(expires, sizeof(expires), "%lld\n", (long long)expires_s);
	if (text_format(&file, "%s.expires", name) < 0)
		return -ENOMEM;
	return publish_write(directory, file, span_of_text(expires));
}

/* @r: what came of loading it; none is none. */
static int write_crl(const char *directory, const char *name, const struct ca_crl_record *crl,
		     int r)
{
	if (r)
		return r < 0 ? r : 0;
	r = publish_write(directory, name, span_of(crl->der));
	return r < 0 ? r : write_expiry(directory, name, crl->next_update_s);
}

static int write_newest_crl(struct flow *flow, const char *label, const char *directory)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};

	return write_crl(directory, "crl", &crl, store_crl_load(flow->store, label, &crl));
}

/* Who has a certificate of an earlier generation can verify no CRL but that one's. */
static int write_crl_of(struct flow *flow, const struct ca_generation_record *generation,
			const char *directory)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	_cleanup_(freep) char *name = NULL;
	int r;

	r = text_format(&name, "crl.%u", generation->number);
	return r < 0 ? r
		     : write_crl(directory, name, &crl,
				 store_crl_load_own(flow->store, generation->id, &crl));
}

static int write_crls(struct flow *flow, const char *label, const char *directory,
		      const struct generations *generations, int64_t now_s)
{
	int r = write_newest_crl(flow, label, directory);

	for (size_t i = 0; r >= 0 && i < generations->n; i++)
		if (ca_generation_has_crl(generations->records, generations->n, i, now_s))
			r = write_crl_of(flow, &generations->records[i], directory);
	return r;
}

/* Only as long as there is one to come: once it took over, GetCACert gives it out. */
static int write_next_ca(struct flow *flow, const char *label, const char *directory)
{
	_cleanup_(bytes_done) struct bytes message = {};
	int r = store_next_ca_load(flow->store, label, &message);

	if (r)
		return r < 0 ? r : 0;
	return publish_write(directory, "nextcacert", span_of(message));
}

/* One certificate as it is, several as a degenerate SignedData: the front end tells the type by
 * that (RFC 8894 §4.2.1). */
static int write_ca_chain(const char *directory, const struct conf_server *conf,
			  const struct generations *generations, const struct generation *active,
			  int64_t now_s)
{
	_cleanup_(bytes_done) struct bytes all = {};
	struct ca_chain chain;
	int r = ca_chain_of(generations, conf, active, now_s, &chain);

	if (r < 0)
		return r;
	if (chain.n == 1)
		return publish_write(directory, "cacert", chain.items[0]);
	r = scep_certificates_only(chain.items, chain.n, (struct span){}, &all);
	return r < 0 ? r : publish_write(directory, "cacert", span_of(all));
}

/* Those to come too: whoever keeps them by hand finds them here. */
static int write_ca_certificates(const char *directory, const struct generations *generations,
				 int64_t now_s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < generations->n; i++) {
		_cleanup_(buffer_done) struct buffer text = {};
		_cleanup_(freep) char *name = NULL;

		if (ca_generation_phase(generations->records, generations->n, i, now_s) ==
		    CA_PHASE_GONE)
			continue;
		generation_append_file_name(&text, &generations->items[i]);
		r = buffer_take_text(&text, &name);
		if (r >= 0)
			r = publish_write(directory, name, generations->items[i].certificate.whole);
	}
	return r;
}

struct filling {
	struct flow *flow;
	struct authority *authority;
	int64_t now_s;
};

static int fill(void *context, const char *directory)
{
	const struct filling *filling = context;
	struct flow *flow = filling->flow;
	struct authority *authority = filling->authority;
	int64_t now_s = filling->now_s;
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	int r;

	r = write_capabilities(directory, authority->conf);
	if (r >= 0 && active &&
	    !generations_is_uncertified(generations, authority->conf, active, now_s))
		r = write_ca_chain(directory, authority->conf, generations, active, now_s);
	if (r >= 0 && active)
		r = publish_write(directory, "ca.crt", active->certificate.whole);
	if (r >= 0)
		r = write_ca_certificates(directory, generations, now_s);
	if (r >= 0 && generations_shadow(generations, now_s))
		r = write_next_ca(flow, authority->conf->label, directory);
	return r < 0 ? r : write_crls(flow, authority->conf->label, directory, generations, now_s);
}

/* A directory of its own for this version: `.LABEL.N`, with the first N that is free. */
static int make_version(const char *public_directory, const char *label, char **ret)
{
	_cleanup_(freep) char *path = NULL;
	int r = -EEXIST;

	for (unsigned i = 0; r == -EEXIST && i < 1000; i++) {
		freep(&path);
		path = NULL;
		r = text_format(&path, "%s/.%s.%u", public_directory, label, i);
		if (r < 0)
			return r;
		r = mkdir(path, 0755) < 0 ? -errno : 0;
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(path);
	return 0;
}

static int point_to(const char *public_directory, const char *label, const char *version)
{
	_cleanup_(freep) char *link = NULL, *fresh = NULL;
	int r;

	r = text_format(&link, "%s/%s", public_directory, label);
	if (r >= 0)
		r = text_format(&fresh, "%s/.%s.link", public_directory, label);
	if (r < 0)
		return r;
	if (unlink(fresh) < 0 && errno != ENOENT)
		return -errno;
	if (symlink(strrchr(version, '/') + 1, fresh) < 0 || rename(fresh, link) < 0)
		return -errno;
	return directory_sync(public_directory);
}

/* `.LABEL.N`, where @prefix is `.LABEL.`: a label may hold dots and digits itself. */
static bool is_version(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(name, prefix, n) && name[n] &&
	       strspn(name + n, "0123456789") == strlen(name + n);
}

/* Older versions than @keep ("": all), and what a crash left half-written. A reader that holds one
 * open keeps its files. */
static void sweep(const char *public_directory, const char *label, const char *keep)
{
	_cleanup_(freep) char *prefix = NULL;
	DIR *directory = opendir(public_directory);
	struct dirent *entry;

	if (directory && text_format(&prefix, ".%s.", label) >= 0)
		while ((entry = readdir(directory)))
			if (is_version(entry->d_name, prefix) && strcmp(entry->d_name, keep) != 0)
				directory_remove_flat(dirfd(directory), entry->d_name);
	if (directory)
		closedir(directory);
}

static void note_published(struct authority *authority, unsigned snapshot)
{
	pthread_mutex_lock(&authority->shared->lock);
	authority->shared->published_by = snapshot;
	pthread_mutex_unlock(&authority->shared->lock);
}

int flow_publish_by(struct flow *flow, struct authority *authority, publish_function *function,
		    void *context)
{
	const char *label = authority->conf->label;
	_cleanup_(freep) char *version = NULL;
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	int r;

	claim = claim_take(flow->claims, CLAIM_PUBLICATION, span_of_text(label));
	note_published(authority, 0);
	r = make_version(flow->public_directory, label, &version);
	if (r >= 0)
		r = function(context, version);
	if (r >= 0)
		r = point_to(flow->public_directory, label, version);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("SERVER", label), log_number("ERRNO", -r)),
			  "public files can't be written");
		return r;
	}
	note_published(authority, flow->number);
	flow_committed(flow);
	sweep(flow->public_directory, label, strrchr(version, '/') + 1);
	log_debug(LOG_FIELDS(log_text("SERVER", label)), "public files published");
	return 0;
}

int flow_publish(struct flow *flow, struct authority *authority, int64_t now_s)
{
	struct filling filling = {flow, authority, now_s};

	if (conf_server_is_transparent(authority->conf))
		return 0;
	return flow_publish_by(flow, authority, fill, &filling);
}

/* What a server that was deleted left. */
static int unpublish(struct flow *flow, struct authority *authority)
{
	const char *label = authority->conf->label;
	_cleanup_(freep) char *link = NULL;
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	int r;

	claim = claim_take(flow->claims, CLAIM_PUBLICATION, span_of_text(label));
	r = text_format(&link, "%s/%s", flow->public_directory, label);
	if (r < 0)
		return r;
	if (unlink(link) < 0 && errno != ENOENT)
		return -errno;
	sweep(flow->public_directory, label, "");
	note_published(authority, flow->number);
	return 0;
}

int flow_publish_missing(struct flow *flow, struct authority *authority, int64_t now_s)
{
	bool is_created, is_due;

	pthread_mutex_lock(&authority->shared->lock);
	is_created = authority->shared->generations->created;
	is_due = authority->shared->published_by < flow->number;
	pthread_mutex_unlock(&authority->shared->lock);
	if (!is_due)
		return 0;
	return is_created ? flow_publish(flow, authority, now_s) : unpublish(flow, authority);
}
