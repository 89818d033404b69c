/* SPDX-License-Identifier: Apache-2.0 */
#include "token/servers.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/x509/name.h"
#include <stdlib.h>

struct server {
	struct bytes issuer; /* DER Name */
	bool issue_subordinates, allow_weak;
};

struct servers {
	struct server *items;
	size_t n;
};

static int read_name(const struct conf_server *server, struct bytes *ret)
{
	_cleanup_(freep) char *standard = NULL;
	int r;

	if (server->issuer_name)
		return x509_name_from_text(server->issuer_name, ret, NULL);
	r = text_format(&standard, "CN=%s", server->label);
	return r < 0 ? r : x509_name_from_text(standard, ret, NULL);
}

static int add(struct servers *servers, const struct conf_server *server)
{
	struct server item = {
		.issue_subordinates = server->issue_subordinates,
		.allow_weak = server->allow_weak,
	};
	int r = read_name(server, &item.issuer);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		log_warning(LOG_FIELDS(log_text("SERVER", server->label)),
			    "IssuerName= can't be read as a name");
	else
		servers->items[servers->n++] = item;
	return 0;
}

static int add_all(struct servers *servers, const struct conf *conf)
{
	int r = 0;

	servers->items = calloc(conf->n_servers + 1, sizeof(*servers->items));
	if (!servers->items)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_servers && r == 0; i++)
		r = add(servers, &conf->servers[i]);
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
		bytes_done(&servers->items[i].issuer);
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
		if (!span_equal(span_of(server->issuer), issuer))
			continue;
		facts.issue_subordinates =
			server->issue_subordinates && (!facts.known || facts.issue_subordinates);
		facts.allow_weak = server->allow_weak && (!facts.known || facts.allow_weak);
		facts.known = true;
	}
	return facts;
}
