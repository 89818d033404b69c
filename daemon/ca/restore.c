/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/restore.h"

static bool is_new(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return !f->exists;
}

/* Two servers with one key and one name would each give the same serial numbers. */
static bool is_nobody_elses(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return !f->is_anothers;
}

static bool is_root(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->root;
}

static bool is_of_this_name(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->name_matches;
}

static bool is_self_signed(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->self_signed;
}

static bool is_authority(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->ca && f->cert_sign && f->crl_sign;
}

static bool has_begun(const struct ca_restore_facts *f, int64_t now_s)
{
	return f->not_before_s <= now_s;
}

static bool has_not_ended(const struct ca_restore_facts *f, int64_t now_s)
{
	return now_s < f->not_after_s;
}

static bool is_strong_enough(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->allow_weak || !f->weak;
}

/* A client of a plainly counting CA must not see its numbers jump by 2⁶⁴, nor the other way round.
 */
static bool counts_on(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->serial_is_random || !f->random;
}

static bool counts_on_randomly(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return !f->serial_is_random || f->random;
}

static bool has_last_serial(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->has_last;
}

static bool last_is_not_before_its_own(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->last_counter >= f->own_counter && f->last_counter >= 1 &&
	       f->last_counter < INT64_MAX;
}

static bool crl_is_its_own(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return !f->has_crl || f->crl_is_its_own;
}

/* Else the last serial number is of an older copy, and what was issued since would come again. */
static bool last_is_not_before_revoked(const struct ca_restore_facts *f, int64_t now_s)
{
	(void)now_s;
	return f->last_counter >= f->revoked_counter;
}

static const struct {
	bool (*is_kept)(const struct ca_restore_facts *f, int64_t now_s);
	const char *otherwise;
} rules[] = {
	{is_new, "this server exists already: a restore makes one where there is none (claviger "
		 "server delete)"},
	{is_nobody_elses, "another server here has this CA's key and goes on with its serial "
			  "numbers: delete that one first (claviger server delete)"},
	{is_root, "only a root is restored: Mode=root in its [Server]"},
	{is_of_this_name, "the certificate has another name than the configuration: write its "
			  "subject as IssuerName= of the [Server]"},
	{is_self_signed, "the certificate is not self-signed, or its signature is wrong: it is no "
			 "root's"},
	{is_authority, "the certificate is no CA's: it lacks CA:TRUE, keyCertSign or cRLSign (RFC "
		       "5280 §4.2.1.9, §4.2.1.3)"},
	{has_begun, "the CA certificate is not valid yet: is the clock right?"},
	{has_not_ended, "the CA certificate has expired: nothing that it signs would be valid; "
			"create a server anew"},
	{is_strong_enough,
	 "the CA certificate is signed over MD5 or SHA-1, or its key has under 2048 "
	 "bits: AllowWeak=yes in its [Server] lets it in"},
	{counts_on, "this CA's serial numbers are a plain counter: SerialNumbers=sequential in its "
		    "[Server] goes on with them"},
	{counts_on_randomly, "64 random bits follow the counter in this CA's serial numbers: "
			     "SerialNumbers=random in its [Server] goes on so"},
	{has_last_serial, "the last serial number is not known, and one that was issued must never "
			  "come again: give the server's .ser file (--ser), or the number by hand "
			  "(--last-serial)"},
	{last_is_not_before_its_own,
	 "the last serial number is below the CA certificate's own: is it "
	 "this server's .ser file?"},
	{crl_is_its_own, "the CRL is not of this CA, or its signature is wrong"},
	{last_is_not_before_revoked,
	 "the CRL lists a serial number above the last one, which is of an older copy then: find "
	 "the newest .ser file (--ser), or give the last number by hand (--last-serial)"},
};

const char *ca_restore_refuses(const struct ca_restore_facts *facts, int64_t now_s)
{
	for (size_t i = 0; i < ELEMENTS(rules); i++) {
		if (!rules[i].is_kept(facts, now_s))
			return rules[i].otherwise;
	}
	return NULL;
}
