/* SPDX-License-Identifier: Apache-2.0 */
#include "token/servers.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/x509/name.h"
#include <stdlib.h>
#include <string.h>

struct server {
	struct bytes issuer; /* DER Name */
	char *label;	     /* of its key */
	char *archive_password;
	enum conf_archive archive;
	enum conf_backup backup;
	unsigned key_size;
	bool issue_subordinates, allow_weak, separate_exchange;
};

struct servers {
	struct server *items;
	size_t n;
};

static void server_done(struct server *server)
{
	bytes_done(&server->issuer);
	free(server->label);
	free(server->archive_password);
}

static int read_name(const struct conf_server *server, struct bytes *ret)
{
	_cleanup_(freep) char *standard = NULL;
	int r;

	if (server->issuer_name)
		return x509_name_from_text(server->issuer_name, ret, NULL);
	r = text_format(&standard, "CN=%s", server->label);
	return r < 0 ? r : x509_name_from_text(standard, ret, NULL);
}

/*
 * Whether the CA's key is to open nothing. What a superior CA answers by SCEP is enveloped to the
 * key that it certifies (RFC 8894 §2.3): a subordinate's key goes on opening that.
 */
static bool separates_exchange(const struct conf *conf, const struct conf_server *server)
{
	const struct conf_trustpoint *trustpoint = conf_find_trustpoint(conf, server->label);
	const char *url = trustpoint ? trustpoint->enrollment_url : NULL;
	bool asks_by_scep = conf_server_enrolls(server) && url && strcmp(url, "terminal") != 0;

	return conf_server_is_ca(server) && conf_server_has_exchange(server) && !asks_by_scep;
}

static int add(struct servers *servers, const struct conf *conf, const struct conf_server *server)
{
	struct server item = {
		.issue_subordinates = server->issue_subordinates,
		.allow_weak = server->allow_weak,
		.separate_exchange = separates_exchange(conf, server),
		.key_size = conf_server_key_size(server),
		.archive = server->archive,
		.backup = server->backup,
	};
	int r = read_name(server, &item.issuer);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		log_warning(LOG_FIELDS(log_text("SERVER", server->label)),
			    "IssuerName= can't be read as a name");
		return 0;
	}
	r = text_format(&item.label, "%s", conf_server_key_label(server));
	if (r >= 0 && server->archive_password)
		r = text_format(&item.archive_password, "%s", server->archive_password);
	if (r < 0)
		server_done(&item);
	else
		servers->items[servers->n++] = item;
	return r;
}

static int add_all(struct servers *servers, const struct conf *conf)
{
	int r = 0;

	servers->items = calloc(conf->n_servers + 1, sizeof(*servers->items));
	if (!servers->items)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_servers && r == 0; i++)
		r = add(servers, conf, &conf->servers[i]);
	return r;
}

int servers_new(const struct conf *conf, struct servers **ret)
{
	struct servers *servers = calloc(1, sizeof(*servers));
	int r = servers ? add_all(servers, conf) : -ENOMEM;

	if (r == 0)
		*ret = servers;
	else
		servers_free(servers);
	return r;
}

struct servers *servers_free(struct servers *servers)
{
	if (!servers)
		return NULL;
	for (size_t i = 0; i < servers->n; i++)
		server_done(&servers->items[i]);
	free(servers->items);
	free(servers);
	return NULL;
}

void servers_freep(struct servers **servers)
{
	*servers = servers_free(*servers);
}

struct server_facts servers_find(const struct servers *servers, struct span issuer)
{
	struct server_facts facts = {0};

	for (size_t i = 0; i < servers->n; i++) {
		const struct server *server = &servers->items[i];
		/* A restored CA's name may have been written in other string types. */
		if (!x509_name_equal(span_of(server->issuer), issuer))
			continue;
		facts.issue_subordinates =
			server->issue_subordinates && (!facts.known || facts.issue_subordinates);
		facts.allow_weak = server->allow_weak && (!facts.known || facts.allow_weak);
		facts.separate_exchange =
			server->separate_exchange && (!facts.known || facts.separate_exchange);
		facts.known = true;
	}
	return facts;
}

struct server_key_facts servers_find_label(const struct servers *servers, struct span label)
{
	for (size_t i = 0; i < servers->n; i++) {
		const struct server *server = &servers->items[i];
		if (span_equal(span_of_text(server->label), label))
			return (struct server_key_facts){
				.known = true,
				.issuer = span_of(server->issuer),
				.allow_weak = server->allow_weak,
				.backs_up = server->backup == CONF_BACKUP_WRAPPED,
				.key_size = server->key_size,
			};
	}
	return (struct server_key_facts){0};
}

void server_archive_done(struct server_archive *archive)
{
	free(archive->password);
	*archive = (struct server_archive){0};
}

static bool is_key_of(const struct server *server, const char *label, struct span issuer)
{
	size_t n = strlen(server->label);

	return !strncmp(server->label, label, n) && (!label[n] || !strcmp(label + n, "#")) &&
	       x509_name_equal(span_of(server->issuer), issuer);
}

bool servers_back_up(const struct servers *servers, const char *label, struct span issuer)
{
	for (size_t i = 0; i < servers->n; i++)
		if (is_key_of(&servers->items[i], label, issuer))
			return servers->items[i].backup == CONF_BACKUP_WRAPPED;
	return false;
}

int servers_find_archive(const struct servers *servers, const char *label, struct span issuer,
			 struct server_archive *ret)
{
	static const enum key_form forms[] = {
		[CONF_ARCHIVE_PKCS12] = KEY_FORM_ARCHIVE_PKCS12,
		[CONF_ARCHIVE_PEM] = KEY_FORM_ARCHIVE_PEM,
		[CONF_ARCHIVE_OFF] = 0,
	};
	const char *password = NULL;

	*ret = (struct server_archive){0};
	for (size_t i = 0; i < servers->n && !ret->form; i++)
		if (is_key_of(&servers->items[i], label, issuer)) {
			ret->form = forms[servers->items[i].archive];
			password = servers->items[i].archive_password;
		}
	return ret->form && password ? text_format(&ret->password, "%s", password) : 0;
}
