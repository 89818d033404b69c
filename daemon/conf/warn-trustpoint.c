/* SPDX-License-Identifier: Apache-2.0 */
/* What is right but unwise in [Trustpoint] sections. */
#include "daemon/conf/lifetime.h"
#include "daemon/conf/server-mode.h"
#include "daemon/conf/superior.h"
#include "daemon/conf/warn.h"
#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* Its certificate ends with its CA's; asked for too early, the next CA's is not there yet. */
static bool is_before_overlap(const struct conf *conf, const struct conf_trustpoint *trustpoint,
			      struct buffer *out)
{
	const struct conf_server *server = conf_find_superior(conf, trustpoint);
	int64_t life_s, percent;

	if (!server || !trustpoint->auto_enroll || !server->auto_rollover_s)
		return false;
	life_s = conf_certificate_lifetime_s(server);
	percent = 100 - server->auto_rollover_s * 100 / life_s;
	if (trustpoint->auto_enroll >= percent)
		return false;
	buffer_printf(out,
		      "AutoEnroll=%u: asks for the next CA certificate before [Server %s] always "
		      "has one: not before %" PRId64 " %% of a certificate's life",
		      trustpoint->auto_enroll, server->label, percent);
	return true;
}

/* Overlaps shrink downward: what is asked for before the superior has its next certificate ends
 * with the one that it has. */
static bool is_longer_than_above(const struct conf *conf, const struct conf_trustpoint *trustpoint,
				 struct buffer *out)
{
	const struct conf_server *server = conf_find_server(conf, trustpoint->name);
	const struct conf_server *superior = conf_find_superior(conf, trustpoint);

	if (!server || !superior || server == superior || !conf_server_enrolls(server) ||
	    !superior->auto_rollover_s || server->auto_rollover_s < superior->auto_rollover_s)
		return false;
	buffer_printf(out,
		      "EnrollmentURL=%s: AutoRollover= of [Server %s] is not less than that of "
		      "[Server %s] above it: it would ask for its next certificate before its "
		      "superior has one",
		      trustpoint->enrollment_url, server->label, superior->label);
	return true;
}

static bool is_unauthenticated(const struct conf *conf, const struct conf_trustpoint *trustpoint,
			       struct buffer *out)
{
	(void)conf;
	if (!trustpoint->auto_enroll || trustpoint->fingerprint ||
	    conf_trustpoint_is_by_hand(trustpoint))
		return false;
	buffer_printf(out,
		      "AutoEnroll=%u: without Fingerprint= nothing is sent before somebody has "
		      "accepted the CA: claviger trustpoint authenticate %s",
		      trustpoint->auto_enroll, trustpoint->name);
	return true;
}

static bool is_by_hand(const struct conf *conf, const struct conf_trustpoint *trustpoint,
		       struct buffer *out)
{
	(void)conf;
	if (!conf_trustpoint_is_by_hand(trustpoint))
		return false;
	buffer_append_text(out, "EnrollmentURL=terminal: is renewed by hand alone, and gets no "
				"rollover of its CA: only SCEP brings that");
	return true;
}

static bool has_nothing_to_tell(const struct conf *conf, const struct conf_trustpoint *trustpoint,
				struct buffer *out)
{
	(void)conf;
	if (!trustpoint->n_reload_units || trustpoint->export_directory)
		return false;
	buffer_append_text(out, "ReloadUnits=: has no effect without ExportDirectory=, whose files "
				"those units read");
	return true;
}

#define RA_MARK "ioscs RA"

/* Whether an attribute of the name, CN or OU, mentions it; as far as the text tells. */
static bool mentions_ra(const char *name)
{
	for (const char *at = name; (at = strcasestr(at, RA_MARK)); at++) {
		const char *from = at;

		while (from > name && !strchr(",+", from[-1]))
			from--;
		from += strspn(from, " ");
		if (!strncasecmp(from, "CN=", 3) || !strncasecmp(from, "OU=", 3))
			return true;
	}
	return false;
}

static bool is_no_ra_name(const struct conf *conf, const struct conf_trustpoint *trustpoint,
			  struct buffer *out)
{
	const struct conf_server *server = conf_find_server(conf, trustpoint->name);

	if (!server || !conf_server_is_ra(server) || !trustpoint->subject_name ||
	    mentions_ra(trustpoint->subject_name))
		return false;
	buffer_append_text(out, "SubjectName=: names no RA: its CA lists and grants an RA only "
				"where CN or OU holds \"" RA_MARK "\"");
	return true;
}

/* The same label may be used on another host, and then this is right. */
static bool is_own_label(const struct conf *conf, const struct conf_trustpoint *trustpoint,
			 struct buffer *out)
{
	const struct conf_server *server = conf_find_superior(conf, trustpoint);

	if (!server || server->trustpoint != trustpoint)
		return false;
	buffer_printf(out,
		      "EnrollmentURL=%s: names a server of the same label: on another host that is "
		      "its superior, on this one itself",
		      trustpoint->enrollment_url);
	return true;
}

static const struct {
	const char *option;
	bool (*is_so)(const struct conf *conf, const struct conf_trustpoint *trustpoint,
		      struct buffer *out);
} warnings[] = {
	{"AutoEnroll", is_before_overlap},	 {"AutoEnroll", is_unauthenticated},
	{"EnrollmentURL", is_by_hand},		 {"ReloadUnits", has_nothing_to_tell},
	{"SubjectName", is_no_ra_name},		 {"EnrollmentURL", is_own_label},
	{"EnrollmentURL", is_longer_than_above},
};

void conf_warn_of_trustpoint(struct draft *draft, const struct conf_origin *section)
{
	for (size_t i = 0; i < ELEMENTS(warnings); i++) {
		_cleanup_(buffer_done) struct buffer text = {0};

		if (warnings[i].is_so(draft->conf, draft_struct(draft, section), &text))
			draft_warning(draft, section, warnings[i].option, "%.*s", (int)text.size,
				      (const char *)text.data);
	}
}
