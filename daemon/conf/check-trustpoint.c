/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of [Trustpoint] sections, and of [Notify]. */
#include "daemon/base/files.h"
#include "daemon/conf/check.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/value.h"
#include <string.h>

static void check_token_exists(struct draft *draft, const struct conf_origin *section,
			       const char *token)
{
	if (token && !conf_find_token(draft->conf, token))
		draft_error(draft, section, "Token", "Token=%s: there is no section [Token %s]",
			    token, token);
}

static void check_hash(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_trustpoint *trustpoint = draft_struct(draft, section);

	if (trustpoint->hash == DIGEST_MD5 || trustpoint->hash == DIGEST_SHA1)
		draft_error(draft, section, "Hash",
			    "Hash=%s: must be sha256, sha384 or sha512: what is signed over this "
			    "one can be forged",
			    digest_name(trustpoint->hash));
}

static void check_own(struct draft *draft, const struct conf_origin *section,
		      const struct conf_server *server)
{
	const struct conf_trustpoint *trustpoint = draft_struct(draft, section);

	conf_check_reach(draft, section, server->mode);
	check_token_exists(draft, section, trustpoint->token);
	check_hash(draft, section);
	if (trustpoint->key_size && server->key_size && trustpoint->key_size != server->key_size)
		draft_error(draft, section, "KeySize",
			    "KeySize=%u: [Server %s] says %u; one of the two is enough",
			    trustpoint->key_size, server->label, server->key_size);
}

static bool uses_keys(const struct conf_trustpoint *trustpoint)
{
	return trustpoint->enrollment_url || trustpoint->key || trustpoint->key_size ||
	       trustpoint->usage_keys || trustpoint->auto_enroll || trustpoint->regenerate ||
	       trustpoint->export_directory;
}

static void check_needs(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_trustpoint *trustpoint = draft_struct(draft, section);

	check_token_exists(draft, section, trustpoint->token);
	if (!trustpoint->token && uses_keys(trustpoint))
		draft_error(draft, section, "Token",
			    "[Trustpoint %s] needs Token=, the name of the [Token] section that "
			    "holds its key; only one that has no key of its own, and no "
			    "EnrollmentURL=, does without",
			    trustpoint->name);
	if (trustpoint->auto_enroll && !trustpoint->enrollment_url)
		draft_error(draft, section, "AutoEnroll",
			    "AutoEnroll=: needs EnrollmentURL=, the CA's SCEP server");
	check_hash(draft, section);
}

/* One key or two, as labels. */
struct labels {
	char *first, *second;
};
static void labels_done(struct labels *labels)
{
	freep(&labels->first);
	freep(&labels->second);
}

static struct labels labels_of(struct draft *draft, const struct conf_trustpoint *trustpoint)
{
	struct labels labels = {};

	if (conf_trustpoint_key_labels(trustpoint, &labels.first, &labels.second) < 0)
		draft->errors.error = -ENOMEM;
	return labels;
}

static bool has_label(const struct labels *labels, const char *label)
{
	return label && ((labels->first && !strcmp(labels->first, label)) ||
			 (labels->second && !strcmp(labels->second, label)));
}

/* Of two that share a key neither may make another in its place. */
static void check_sharing(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_trustpoint *trustpoint = draft_struct(draft, section), *other;
	_cleanup_(labels_done) struct labels labels = labels_of(draft, trustpoint);

	for (other = draft->conf->trustpoints; other < trustpoint; other++) {
		_cleanup_(labels_done) struct labels others = labels_of(draft, other);
		bool regenerates = trustpoint->regenerate || other->regenerate;

		if (!regenerates || !trustpoint->token || !other->token ||
		    strcmp(trustpoint->token, other->token) != 0 ||
		    conf_find_server(draft->conf, other->name) ||
		    (!has_label(&labels, others.first) && !has_label(&labels, others.second)))
			continue;
		draft_error(draft, section, "Key",
			    "[Trustpoint %s] shares its key with [Trustpoint %s], and Regenerate= "
			    "of %s makes another in its place: another Key= is needed",
			    trustpoint->name, other->name,
			    trustpoint->regenerate ? "this one" : "that one");
	}
}

static bool is_token_of(const struct conf_server *server, const char *token)
{
	const char *const tokens[] = {server->token, server->shadow_token,
				      conf_server_first_token(server)};

	for (size_t i = 0; i < ELEMENTS(tokens); i++)
		if (tokens[i] && !strcmp(tokens[i], token))
			return true;
	return false;
}

/* A CA's key certifies; it is nobody's identity. */
static void check_ca_keys(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_trustpoint *trustpoint = draft_struct(draft, section);
	_cleanup_(labels_done) struct labels labels = labels_of(draft, trustpoint);

	for (size_t i = 0; i < draft->conf->n_servers && trustpoint->token; i++) {
		const struct conf_server *server = &draft->conf->servers[i];

		if (is_token_of(server, trustpoint->token) &&
		    has_label(&labels, conf_server_key_label(server)))
			draft_error(draft, section, "Key",
				    "Key=%s: is the CA's key of [Server %s] on this token, and "
				    "nobody's identity: another Key= is needed",
				    conf_server_key_label(server), server->label);
	}
}

void conf_check_trustpoint(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_trustpoint *trustpoint = draft_struct(draft, section);
	const struct conf_server *server = conf_find_server(draft->conf, trustpoint->name);

	if (server) {
		check_own(draft, section, server);
		return;
	}
	check_needs(draft, section);
	check_sharing(draft, section);
	check_ca_keys(draft, section);
}

/* SNMPv3 of the user-based model: who isn't authenticated isn't let in (RFC 3414). */
void conf_check_notify(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_notify *notify = draft_struct(draft, section);

	for (size_t i = 0; i < notify->n_snmp_trap; i++) {
		const char *sink = notify->snmp_trap[i];

		if (strncmp(sink, "v3:", 3) != 0)
			continue;
		if (!notify->snmp_auth_password)
			draft_error(draft, section, "SNMPTrap",
				    "SNMPTrap=%s: needs SNMPAuthPassword=, where the user's "
				    "password is",
				    sink);
		if (notify->snmp_privacy != CONF_SNMP_PRIVACY_NONE &&
		    !notify->snmp_privacy_password)
			draft_error(draft, section, "SNMPTrap",
				    "SNMPTrap=%s: needs SNMPPrivacyPassword=, or "
				    "SNMPPrivacy=none",
				    sink);
	}
}
