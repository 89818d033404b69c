/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/check.h"

#include <string.h>
#include <sys/un.h>

#define LEAST_STRONG_BITS 2048

static void check_token(struct draft *draft, const struct draft_section *section)
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

static void check_server_token(struct draft *draft, const struct draft_section *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (!server->token)
		draft_error(draft, section, "Token",
			    "[Server %s] needs Token=, the name of a [Token] section",
			    server->label);
	else if (!conf_find_token(draft->conf, server->token))
		draft_error(draft, section, "Token", "Token=%s: there is no section [Token %s]",
			    server->token, server->token);
}

static void check_mode(struct draft *draft, const struct draft_section *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (server->mode != CONF_MODE_ROOT)
		draft_error(draft, section, "Mode",
			    "Mode=%s: is not available in this version; root is",
			    conf_mode_to_string(server->mode));
}

static void check_strength(struct draft *draft, const struct draft_section *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (server->allow_weak)
		return;
	if (server->key_size && server->key_size < LEAST_STRONG_BITS)
		draft_error(draft, section, "KeySize",
			    "KeySize=%u: must be 2048…4096; less only with AllowWeak=yes",
			    server->key_size);
	if (server->hash == DIGEST_MD5 || server->hash == DIGEST_SHA1)
		draft_error(draft, section, "Hash",
			    "Hash=%s: must be sha256, sha384 or sha512; this one only with "
			    "AllowWeak=yes",
			    digest_name(server->hash));
}

static void check_default_server(struct draft *draft, const struct draft_section *section)
{
	const char *label = draft->conf->http.default_server;

	if (label && !conf_find_server(draft->conf, label))
		draft_error(draft, section, "DefaultServer",
			    "DefaultServer=%s: there is no section [Server %s]", label, label);
}

/* A socket's path ends at 107 bytes (unix(7)); said here, not at the first bind(). */
static void check_socket_paths(struct draft *draft, const struct draft_section *section)
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
	void (*check)(struct draft *draft, const struct draft_section *section);
} checks[] = {
	{CONF_DAEMON, check_socket_paths}, {CONF_HTTP, check_default_server},
	{CONF_TOKEN, check_token},	   {CONF_SERVER, check_server_token},
	{CONF_SERVER, check_mode},	   {CONF_SERVER, check_strength},
};

void conf_check(struct draft *draft)
{
	for (size_t s = 0; s < draft->n_sections; s++)
		for (size_t i = 0; i < ELEMENTS(checks); i++)
			if (checks[i].kind == draft->sections[s].kind)
				checks[i].check(draft, &draft->sections[s]);
}
