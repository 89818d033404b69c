/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/check.h"

#include <string.h>
#include <sys/un.h>

static void check_token(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_token *token = draft_struct(draft, section);

	if (!token->module)
		draft_error(draft, section, "Module",
			    "[Token %s] needs Module=, the path of its PKCS#11 module",
			    token->name);
	if (!token->uri)
		draft_error(draft, section, "URI",
			    "[Token %s] needs URI=, as pkcs11:token=LABEL;serial=SERIAL",
			    token->name);
}

static void check_default_server(struct draft *draft, const struct conf_origin *section)
{
	const char *label = draft->conf->http.default_server;

	if (label && !conf_find_server(draft->conf, label))
		draft_error(draft, section, "DefaultServer",
			    "DefaultServer=%s: there is no section [Server %s]", label, label);
}

/* LABEL.N, in the one way that N is written: so the files of a generation are called. */
static bool is_generation_of(const char *label, const char *other)
{
	size_t n = strlen(other);

	return !strncmp(label, other, n) && label[n] == '.' && label[n + 1] > '0' &&
	       label[n + 1] <= '9' && !label[n + 1 + strspn(label + n + 1, "0123456789")];
}

static void check_label(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);
	const struct conf *conf = draft->conf;

	for (size_t i = 0; i < conf->n_servers; i++)
		if (is_generation_of(server->label, conf->servers[i].label))
			draft_error(draft, section, NULL,
				    "[Server %s]: its files would be mistaken for those of a "
				    "generation of [Server %s], as %s.crl: another label is needed",
				    server->label, conf->servers[i].label, server->label);
}

/* A socket's path ends at 107 bytes (unix(7)); said here, not at the first bind(). */
static void check_socket_paths(struct draft *draft, const struct conf_origin *section)
{
	const struct conf *conf = draft->conf;
	const size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
	size_t longest = strlen("/control.sock");

	for (size_t i = 0; i < conf->n_tokens; i++) {
		size_t size = strlen("/token/.admin") + strlen(conf->tokens[i].name);
		longest = size > longest ? size : longest;
	}
	if (strlen(conf->daemon.runtime_directory) + longest > most)
		draft_error(draft, section, "RuntimeDirectory",
			    "RuntimeDirectory=%s: may have at most %zu bytes, or its sockets' "
			    "paths are too long for the system",
			    conf->daemon.runtime_directory, most - longest);
}

static const struct {
	enum conf_section kind;
	void (*check)(struct draft *draft, const struct conf_origin *section);
} checks[] = {
	{CONF_DAEMON, check_socket_paths},
	{CONF_HTTP, check_default_server},
	{CONF_TOKEN, check_token},
	{CONF_SERVER, check_label},
	{CONF_SERVER, conf_check_server},
	{CONF_SERVER, conf_check_mode},
	{CONF_TRUSTPOINT, conf_check_trustpoint},
	{CONF_USE, conf_check_use},
	{CONF_NOTIFY, conf_check_notify},
};

void conf_check(struct draft *draft)
{
	for (size_t s = 0; s < draft->conf->n_origins; s++)
		for (size_t i = 0; i < ELEMENTS(checks); i++)
			if (checks[i].kind == draft->conf->origins[s].kind)
				checks[i].check(draft, &draft->conf->origins[s]);
}
