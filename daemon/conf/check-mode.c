/* SPDX-License-Identifier: Apache-2.0 */
/* Which options count in which mode of a server, and what each mode needs. */
#include "daemon/conf/check.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/superior.h"
#include "daemon/conf/value.h"
#include <string.h>

#define ROOT	    (1U << CONF_MODE_ROOT)
#define SUBORDINATE (1U << CONF_MODE_SUBORDINATE)
#define RA	    (1U << CONF_MODE_RA)
#define TRANSPARENT (1U << CONF_MODE_RA_TRANSPARENT)
#define CA	    (ROOT | SUBORDINATE)
#define READS	    (CA | RA)
#define ENROLLS	    (SUBORDINATE | RA)
#define ASKS	    (ENROLLS | TRANSPARENT)
#define ALL	    (READS | TRANSPARENT)
#define MODES	    (CONF_MODE_RA_TRANSPARENT + 1)

/* An option, and the modes in which it has an effect. */
struct reach {
	const char *option;
	unsigned modes;
	const char *why; /* not in others, where no word is said of that mode */
};

/* Of [Server]; what isn't here counts where requests are read. */
static const struct reach of_servers[] = {
	{"Mode", ALL, NULL},
	{"Grant", ALL, NULL},
	{"IssuerName", ALL, NULL}, /* what a server is called when it is shown */
	{"CACertificateLifetime", ROOT,
	 "the superior CA decides how long its certificate lasts (SubordinateLifetime= there)"},
	{"Hash", CA, NULL},
	{"AllowWeak", CA, NULL},
	{"ShadowToken", CA, NULL},
	{"SubordinateLifetime", CA, NULL},
	{"SubordinatePathLength", CA, NULL},
	{"CertificateLifetime", CA, NULL},
	{"CRLLifetime", CA, NULL},
	{"Offline", CA, NULL},
	{"CDP", CA, NULL},
	{"Store.ser", CA, NULL},
	{"Store.crl", CA, NULL},
	{"Store.p12", CA, NULL},
	{"Store.pem", CA, NULL},
	{"Publish.crl", CA, NULL},
	{"Archive", CA, NULL},
	{"ArchivePassword", CA, NULL},
	{"SerialNumbers", CA, NULL},
	{"ExchangeKey", CA, NULL},
};

/* Of the [Trustpoint] of the server's label; what isn't here counts nowhere. */
static const struct reach of_trustpoints[] = {
	{"Key", READS, NULL},
	{"KeySize", READS, NULL},
	{"Token", READS, NULL},
	{"EnrollmentURL", ASKS, NULL},
	{"Fingerprint", ASKS, NULL},
	{"RetryCount", ENROLLS, NULL},
	{"RetryPeriod", ENROLLS, NULL},
	{"RevocationCheck", ENROLLS, NULL},
	{"QueryURL", ENROLLS, NULL},
	{"Hash", ENROLLS, NULL},
	{"Password", ENROLLS, NULL},
	{"Regenerate", ENROLLS, NULL}, /* as it does anyway */
	{"SubjectName", RA, "IssuerName= of the server is the name that it asks for"},
	{"SerialNumber", RA, "a CA's name has none"},
	{"IPAddress", RA, "a CA's name has none"},
	{"FQDN", RA, "a CA's name has none"},
	{"UsageKeys", 0, "a certificate server has one key at a time"},
	{"AutoEnroll", 0,
	 "a certificate server's own trustpoint never enrols by itself: its first certificate "
	 "follows claviger server create, the next ones come by AutoRollover= of the server"},
	{"ExportDirectory", 0,
	 "a certificate server's own certificate is nobody's identity: programs need a trustpoint "
	 "of another name"},
	{"ReloadUnits", 0,
	 "a certificate server's own certificate is nobody's identity: programs need a trustpoint "
	 "of another name"},
};

static const char *const whys_of_servers[MODES] = {
	[CONF_MODE_RA] = "an RA issues nothing itself, and its one key is on the token of Token=",
	[CONF_MODE_RA_TRANSPARENT] = "it has no key, and passes on what it can't read",
};
static const char *const whys_of_trustpoints[MODES] = {
	[CONF_MODE_ROOT] = "of its trustpoint Key=, KeySize= and Token= alone may be set; a "
			   "server below another CA has Mode=subordinate or ra",
	[CONF_MODE_RA_TRANSPARENT] = "it has no key, and no certificate of its own",
};

static const struct {
	enum conf_section section;
	const struct reach *rows;
	size_t n;
	struct reach others; /* of what has no row */
	const char *const *whys;
} reaches[] = {
	{CONF_SERVER,
	 of_servers,
	 ELEMENTS(of_servers),
	 {NULL, READS, "it is read nowhere"},
	 whys_of_servers},
	{CONF_TRUSTPOINT,
	 of_trustpoints,
	 ELEMENTS(of_trustpoints),
	 {NULL, 0, "a certificate server's own trustpoint has no use for it"},
	 whys_of_trustpoints},
};

static const struct reach *find_reach(size_t table, const char *option)
{
	for (size_t i = 0; i < reaches[table].n; i++)
		if (!strcmp(reaches[table].rows[i].option, option))
			return &reaches[table].rows[i];
	return &reaches[table].others;
}

/* Something is said, and it is neither the default nor that there is none. */
static bool is_said(struct draft *draft, const struct conf_origin *section,
		    const struct conf_option *option)
{
	const void *member = conf_member(draft->conf, section, option);
	_cleanup_(buffer_done) struct buffer value = {0};
	int r = conf_is_set(section, option) ? conf_value_is_default(option, member) : 1;

	if (!r)
		conf_value_write_all(option, member, &value);
	if (r < 0 || value.error)
		draft->errors.error = -ENOMEM;
	return !r && !span_equal(span_of_buffer(&value), SPAN_LITERAL("none"));
}

static void check_option(struct draft *draft, const struct conf_origin *section,
			 const struct conf_option *option, enum conf_mode mode)
{
	size_t table = section->kind == CONF_TRUSTPOINT;
	const struct reach *reach = find_reach(table, option->name);
	const char *why = reaches[table].whys[mode];

	if (reach->modes & 1U << mode || !is_said(draft, section, option))
		return;
	if (!reach->modes)
		draft_error(draft, section, option->name, "%s=: %s", option->name, reach->why);
	else
		draft_error(draft, section, option->name,
			    "%s=: has no effect with Mode=%s, so leave it out: %s", option->name,
			    conf_mode_to_string(mode), why ? why : reach->why);
}

void conf_check_reach(struct draft *draft, const struct conf_origin *section, enum conf_mode mode)
{
	for (size_t i = 0; i < conf_n_options; i++)
		if (conf_options[i].section == section->kind)
			check_option(draft, section, &conf_options[i], mode);
}

/* Whom it asks: nothing can be made up for that. */
static void check_superior(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);
	const struct conf_trustpoint *own = server->trustpoint;

	if (!own || !own->enrollment_url)
		draft_error(draft, section, "Mode",
			    "Mode=%s: you must specify an enrollment URL for its CA: "
			    "EnrollmentURL= in a section [Trustpoint %s], of the same name as the "
			    "server",
			    conf_mode_to_string(server->mode), server->label);
	else if (conf_trustpoint_is_by_hand(own) && server->mode != CONF_MODE_SUBORDINATE)
		draft_error(draft, section, "Mode",
			    "Mode=%s: passes requests on by SCEP: EnrollmentURL= of [Trustpoint "
			    "%s] must be a URL, not terminal",
			    conf_mode_to_string(server->mode), server->label);
	else if (conf_server_asks_itself(draft->conf, server))
		draft_error(draft, section, "Mode",
			    "Mode=%s: EnrollmentURL=%s of [Trustpoint %s] leads back to this "
			    "server: it must be its superior's",
			    conf_mode_to_string(server->mode), own->enrollment_url, server->label);
}

/* What a server that can't read a request may say of it, and one that issues nothing. */
static void check_grant(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (conf_server_is_transparent(server) && server->grant != CONF_GRANT_AUTO &&
	    server->grant != CONF_GRANT_NONE)
		draft_error(draft, section, "Grant",
			    "Grant=%s: must be auto (all is passed on) or none (nothing is) with "
			    "Mode=ra-transparent, where nobody can read what is asked",
			    conf_grant_to_string(server->grant));
	if (conf_server_is_ra(server) && server->grant == CONF_GRANT_RA_AUTO)
		draft_error(draft, section, "Grant",
			    "Grant=ra-auto: is for the CA behind an RA: must be manual, auto or "
			    "none here");
}

static void check_exchange(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	if (conf_server_is_ca(server) && conf_server_has_exchange(server) &&
	    !conf_find_token(draft->conf, server->exchange_key))
		draft_error(draft, section, "ExchangeKey",
			    "ExchangeKey=%s: must be ca, or the name of a [Token] section: there "
			    "is no [Token %s]",
			    server->exchange_key, server->exchange_key);
}

void conf_check_mode(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_server *server = draft_struct(draft, section);

	conf_check_reach(draft, section, server->mode);
	if (server->mode != CONF_MODE_ROOT)
		check_superior(draft, section);
	check_grant(draft, section);
	check_exchange(draft, section);
}
