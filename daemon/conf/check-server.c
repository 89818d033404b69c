/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/pattern.h"
#include "daemon/conf/check.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/url.h"
#include "daemon/conf/value.h"
#include <string.h>

#define LEAST_STRONG_BITS   2048
#define DAY_S		    86400
#define MOST_CA_LIFETIME_S  ((int64_t)1825 * DAY_S)
#define MOST_CRL_LIFETIME_S ((int64_t)14 * DAY_S)

static void check_token(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (!server->token && conf_server_is_transparent(server))
		return;
	if (!server->token)
		draft_error(draft, section, "Token",
			    "[Server %s] needs Token=, the name of a [Token] section",
			    server->label);
	else if (!conf_find_token(draft->conf, server->token))
		draft_error(draft, section, "Token", "Token=%s: there is no section [Token %s]",
			    server->token, server->token);
	if (server->shadow_token && !conf_find_token(draft->conf, server->shadow_token))
		draft_error(draft, section, "ShadowToken",
			    "ShadowToken=%s: there is no section [Token %s]", server->shadow_token,
			    server->shadow_token);
}

static void check_strength(struct draft *draft, const struct conf_origin *section)
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

/* What a root in a safe may have, and a CA that is at hand must not need. */
static void check_lifetimes(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (server->offline)
		return;
	if (server->ca_certificate_lifetime_s > MOST_CA_LIFETIME_S)
		draft_error(draft, section, "CACertificateLifetime",
			    "CACertificateLifetime=: must be 1d…1825d; up to 7305d only with "
			    "Offline=yes");
	if (server->crl_lifetime_s > MOST_CRL_LIFETIME_S)
		draft_error(draft, section, "CRLLifetime",
			    "CRLLifetime=: must be 1h…336h; up to 8784h only with Offline=yes");
}

/* The files that a server must have for itself, by the option that places each; one server's last
 * serial over another's is the end of both. */
static const struct {
	const char *option;
	size_t offset;
} exclusive[] = {
	{"Store.ser", offsetof(struct conf_server, store_ser)},
	{"Store.crl", offsetof(struct conf_server, store_crl)},
	{"Store.crt", offsetof(struct conf_server, store_crt)},
	{"Store.cnm", offsetof(struct conf_server, store_cnm)},
};

/* The more specific wins; NULL: the place that each server has of its own. */
static const char *place_of(const struct conf_server *server, size_t offset)
{
	const char *place = *(char *const *)((const char *)server + offset);

	return place ? place : server->store;
}

/* The later section of two is the one that is told. */
static void check_places(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	for (const struct conf_server *other = draft->conf->servers; other < server; other++)
		for (size_t i = 0; i < ELEMENTS(exclusive); i++) {
			const char *mine = place_of(server, exclusive[i].offset);
			const char *theirs = place_of(other, exclusive[i].offset);
			if (!mine || !theirs || !conf_url_same(mine, theirs))
				continue;
			const char *name = mine == server->store ? "Store" : exclusive[i].option;
			draft_error(draft, section, name,
				    "%s=%s: is where [Server %s] keeps its own; each server needs "
				    "a place for itself",
				    name, mine, other->label);
			break;
		}
}

static bool is_network(struct span text)
{
	struct pattern_network network;

	return !pattern_network_read(text, &network);
}

/* What patterns may be set, and what one is. */
static const struct {
	const char *option;
	size_t items, n; /* where in struct conf_server */
	bool (*is_valid)(struct span pattern);
	const char *wanted;
} patterns[] = {
	{"AllowSubject", offsetof(struct conf_server, allow_subject),
	 offsetof(struct conf_server, n_allow_subject), pattern_name_is_valid,
	 "must be attributes of a name with their patterns, as CN=*.branch.example,O=Example"},
	{"AllowDNS", offsetof(struct conf_server, allow_dns),
	 offsetof(struct conf_server, n_allow_dns), pattern_dns_is_valid,
	 "must be a DNS name of labels in which * may stand, as *.example or .example"},
	{"AllowAddress", offsetof(struct conf_server, allow_address),
	 offsetof(struct conf_server, n_allow_address), is_network,
	 "must be an address or a network without bits behind its prefix, as 192.0.2.0/24"},
};

static void check_patterns(struct draft *draft, const struct conf_origin *section)
{
	const char *server = draft_struct(draft, section);

	for (size_t i = 0; i < ELEMENTS(patterns); i++) {
		char *const *items = *(char **const *)(server + patterns[i].items);
		size_t n = *(const size_t *)(server + patterns[i].n);

		for (size_t k = 0; k < n; k++)
			if (!patterns[i].is_valid(span_of_text(items[k])))
				draft_error(draft, section, patterns[i].option, "%s=%s: %s",
					    patterns[i].option, items[k], patterns[i].wanted);
	}
}

/* A key that leaves under a trusted key alone can't be written into an archive. */
static void check_copies(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (server->backup != CONF_BACKUP_NONE && server->archive != CONF_ARCHIVE_OFF)
		draft_error(
			draft, section, "Backup",
			"Backup=wrapped: its key leaves the token under a trusted key alone, so "
			"it can't be archived as well: leave out Archive=");
	if (server->require_backup && server->backup == CONF_BACKUP_NONE)
		draft_error(draft, section, "RequireBackup",
			    "RequireBackup=yes: its key would never have a backup to wait for: set "
			    "Backup=wrapped, before the key is made");
}

static void (*const checks[])(struct draft *draft, const struct conf_origin *section) = {
	check_token, check_strength, check_lifetimes, check_places, check_patterns, check_copies,
};

void conf_check_server(struct draft *draft, const struct conf_origin *section)
{
	for (size_t i = 0; i < ELEMENTS(checks); i++)
		checks[i](draft, section);
}
