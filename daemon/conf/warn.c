/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/warn.h"

#include "daemon/conf/duration.h"
#include "daemon/conf/lifetime.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/superior.h"
#include "daemon/conf/url.h"
#include <inttypes.h>
#include <string.h>

#define DAY_S 86400
/* Routers are told to renew at 70 to 90 % of their certificate's life. */
#define COMMON_RENEWAL_PERCENT 70
#define LEAST_OVERLAP_PERCENT  10

/* One line each: true where it is so, the sentence in @out. */

static bool is_weak_hash(const struct conf_server *server, struct buffer *out)
{
	if (server->hash != DIGEST_MD5 && server->hash != DIGEST_SHA1)
		return false;
	buffer_printf(out,
		      "Hash=%s: is no longer recommended: certificates over it can be forged; "
		      "sha256 is the default",
		      digest_name(server->hash));
	return true;
}

static bool is_small_key(const struct conf_server *server, struct buffer *out)
{
	if (!server->key_size || server->key_size >= 2048)
		return false;
	buffer_printf(out, "KeySize=%u: is weak: 2048 bits are the least that still hold",
		      server->key_size);
	return true;
}

static bool is_legacy(const struct conf_server *server, struct buffer *out)
{
	if (server->clients != CONF_CLIENTS_LEGACY)
		return false;
	buffer_append_text(out, "Clients=legacy: lets DES, MD5 and keys of 1024 bits in");
	return true;
}

static bool is_local(const char *place)
{
	struct conf_url url;

	return !place ||
	       (conf_url_read(span_of_text(place), &url) == 0 && url.scheme == CONF_SCHEME_FILE);
}

static bool is_heavy_storage(const struct conf_server *server, struct buffer *out)
{
	const char *place = server->store_crt ? server->store_crt : server->store;

	if (server->database_level != CONF_DATABASE_LEVEL_COMPLETE || !is_local(place))
		return false;
	buffer_append_text(out, "DatabaseLevel=complete: writes every certificate to this "
				"machine's storage, which fills it: Store.crt= on another machine "
				"is better");
	return true;
}

static bool is_without_rollover(const struct conf_server *server, struct buffer *out)
{
	if (server->auto_rollover_s)
		return false;
	buffer_append_text(out, "AutoRollover=off: when the CA's certificate ends");
	if (!conf_server_enrolls(server))
		buffer_printf(out, " after %" PRId64 " days",
			      server->ca_certificate_lifetime_s / DAY_S);
	buffer_append_text(out, ", every client has to be enrolled anew by hand");
	return true;
}

/* A client that renews before the next CA certificate exists renews under the one that ends. */
static bool is_late_overlap(const struct conf_server *server, struct buffer *out)
{
	int64_t overlap_s = server->auto_rollover_s;
	int64_t life_s = conf_certificate_lifetime_s(server);
	int64_t percent = 100 - overlap_s * 100 / life_s;

	if (!overlap_s || percent <= COMMON_RENEWAL_PERCENT)
		return false;
	buffer_append_text(out, "AutoRollover=");
	conf_write_duration(out, "d", overlap_s);
	buffer_printf(out,
		      ": asks clients to renew late: not before %" PRId64
		      " %% of a certificate's life is there always a next CA certificate",
		      percent);
	return true;
}

static bool is_short_overlap(const struct conf_server *server, struct buffer *out)
{
	int64_t overlap_s = server->auto_rollover_s;
	int64_t ca_s = server->ca_certificate_lifetime_s;

	/* How long another CA's certificate lasts is that one's to say. */
	if (!overlap_s || conf_server_enrolls(server) ||
	    overlap_s * 100 >= ca_s * LEAST_OVERLAP_PERCENT)
		return false;
	buffer_append_text(out, "AutoRollover=");
	conf_write_duration(out, "d", overlap_s);
	buffer_append_text(out, ": is less than 10 % of the CA's life: clients that don't enrol by "
				"themselves ask at 90 % and find no next CA certificate yet");
	return true;
}

/* It is made at once then, one after the other. */
static bool is_overlap_of_a_life(const struct conf_server *server, struct buffer *out)
{
	if (conf_server_enrolls(server) ||
	    server->auto_rollover_s < server->ca_certificate_lifetime_s)
		return false;
	buffer_append_text(out, "AutoRollover=");
	conf_write_duration(out, "d", server->auto_rollover_s);
	buffer_append_text(out, ": is no less than the CA's life: the next CA certificate is made "
				"as soon as one takes over");
	return true;
}

static bool is_no_other_token(const struct conf_server *server, struct buffer *out)
{
	if (!server->shadow_token || !server->token ||
	    strcmp(server->shadow_token, server->token) != 0)
		return false;
	buffer_printf(out,
		      "ShadowToken=%s: is the token of Token= too: the next CA key is made there "
		      "without it, and is lost with that token",
		      server->shadow_token);
	return true;
}

static bool is_capped(const struct conf_server *server, struct buffer *out)
{
	int64_t capped_s = conf_certificate_lifetime_s(server);

	if (capped_s == server->certificate_lifetime_s)
		return false;
	buffer_append_text(out, "CertificateLifetime=");
	conf_write_duration(out, "d", server->certificate_lifetime_s);
	buffer_append_text(out, ": is longer than the CA's life less one month: certificates get ");
	conf_write_duration(out, "d", capped_s);
	return true;
}

/* What speaks of subordinates where none is issued. */
static bool is_about_nobody(const struct conf_server *server, struct buffer *out)
{
	if (server->issue_subordinates ||
	    (!server->subordinate_lifetime_s && server->subordinate_path_length < 0))
		return false;
	buffer_printf(out, "%s=: has no effect without IssueSubordinates=yes",
		      server->subordinate_lifetime_s ? "SubordinateLifetime"
						     : "SubordinatePathLength");
	return true;
}

/* What an RA lets in holds the RA's password, if any: never one of this server's. */
static bool asks_ras_for_passwords(const struct conf_server *server, struct buffer *out)
{
	if (server->grant != CONF_GRANT_RA_AUTO || !server->password_required)
		return false;
	buffer_append_text(out, "PasswordRequired=yes: refuses what an RA forwards too, where it "
				"brings no one-time password of this server: with Grant=ra-auto "
				"nothing is granted by itself then");
	return true;
}

static bool is_ra_without_rollover(const struct conf_server *server, struct buffer *out)
{
	if (server->auto_rollover_s)
		return false;
	buffer_append_text(out, "AutoRollover=off: when the RA's certificate ends, or its CA's, it "
				"passes nothing on until it is created anew by hand");
	return true;
}

/* What a superior sends is enveloped to the key that it certifies (RFC 8894 §2.3). */
static bool is_opened_by_ca_key(const struct conf_server *server, struct buffer *out)
{
	if (!conf_server_enrolls(server) || !conf_server_has_exchange(server) ||
	    !server->trustpoint || conf_trustpoint_is_by_hand(server->trustpoint))
		return false;
	buffer_printf(out,
		      "ExchangeKey=%s: the CA's key still opens the superior's answers, which are "
		      "enveloped to it: only EnrollmentURL=terminal spares it that",
		      server->exchange_key);
	return true;
}

/* The modes of which a row speaks. */
#define ROOT	    (1U << CONF_MODE_ROOT)
#define SUBORDINATE (1U << CONF_MODE_SUBORDINATE)
#define RA	    (1U << CONF_MODE_RA)
#define CA	    (ROOT | SUBORDINATE)
#define READS	    (CA | RA)

static const struct {
	unsigned modes;
	const char *option;
	bool (*is_so)(const struct conf_server *server, struct buffer *out);
} warnings[] = {
	{CA, "Hash", is_weak_hash},
	{CA, "KeySize", is_small_key},
	{CA, "IssueSubordinates", is_about_nobody},
	{CA, "PasswordRequired", asks_ras_for_passwords},
	{READS, "Clients", is_legacy},
	{READS, "DatabaseLevel", is_heavy_storage},
	{CA, "AutoRollover", is_without_rollover},
	{ROOT, "AutoRollover", is_late_overlap},
	{ROOT, "AutoRollover", is_short_overlap},
	{ROOT, "AutoRollover", is_overlap_of_a_life},
	{CA, "ShadowToken", is_no_other_token},
	{ROOT, "CertificateLifetime", is_capped},
	{RA, "AutoRollover", is_ra_without_rollover},
	{SUBORDINATE, "ExchangeKey", is_opened_by_ca_key},
};

static void warn_of_server(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	for (size_t i = 0; i < ELEMENTS(warnings); i++) {
		_cleanup_(buffer_done) struct buffer text = {0};

		if (!(warnings[i].modes & 1U << server->mode))
			continue;
		if (warnings[i].is_so(server, &text))
			draft_warning(draft, section, warnings[i].option, "%.*s", (int)text.size,
				      (const char *)text.data);
	}
}

void conf_warn(struct draft *draft)
{
	for (size_t i = 0; i < draft->conf->n_origins; i++) {
		if (draft->conf->origins[i].kind == CONF_SERVER)
			warn_of_server(draft, &draft->conf->origins[i]);
		if (draft->conf->origins[i].kind == CONF_TRUSTPOINT)
			conf_warn_of_trustpoint(draft, &draft->conf->origins[i]);
		if (draft->conf->origins[i].kind == CONF_USE)
			conf_warn_of_use(draft, &draft->conf->origins[i]);
	}
}
