/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/charter.h"

static const struct {
	enum charter_role role;
	const char *name;
} roles[] = {
	{CHARTER_CA, "ca"},
	{CHARTER_EXCHANGE, "exchange"},
	{CHARTER_IDENTITY, "identity"},
	{CHARTER_AUDIT, "audit"},
};

const char *charter_role_name(enum charter_role role)
{
	for (size_t i = 0; i < ELEMENTS(roles); i++) {
		if (roles[i].role == role)
			return roles[i].name;
	}
	return "unknown";
}

enum charter_role charter_role_find(struct span name)
{
	for (size_t i = 0; i < ELEMENTS(roles); i++) {
		if (span_equal(span_of_text(roles[i].name), name))
			return roles[i].role;
	}
	return 0;
}

/* Conditions: true where the rule is kept. */

static bool is_version_3(const struct charter *charter, const struct charter_ask *ask)
{
	(void)charter;
	return ask->version == 2;
}

static bool has_readable_extensions(const struct charter *charter, const struct charter_ask *ask)
{
	(void)charter;
	return !ask->unreadable_extensions;
}

/* Byte by byte: a name that is merely equivalent is not the one the key was made for. */
static bool is_issued_in_its_name(const struct charter *charter, const struct charter_ask *ask)
{
	return charter->issuer.size > 0 && span_equal(ask->issuer, charter->issuer);
}

static bool is_about_its_name(const struct charter *charter, const struct charter_ask *ask)
{
	return charter->issuer.size > 0 && span_equal(ask->subject, charter->issuer);
}

static bool is_over_its_key(const struct charter *charter, const struct charter_ask *ask)
{
	return span_equal(SPAN_ARRAY(ask->key_sha256), SPAN_ARRAY(charter->key_sha256));
}

static bool is_no_authority(const struct charter *charter, const struct charter_ask *ask)
{
	(void)charter;
	return !ask->ca && !ask->key_cert_sign && !ask->crl_sign;
}

static bool is_no_authority_but_itself(const struct charter *charter, const struct charter_ask *ask)
{
	return is_no_authority(charter, ask) || ask->issue_subordinates ||
	       (span_equal(ask->subject, ask->issuer) && is_over_its_key(charter, ask));
}

/* RFC 5280 §4.2.1.3, §6.3.3 (f): without one the key may serve for anything, CRLs too. */
static bool says_its_key_usage(const struct charter *charter, const struct charter_ask *ask)
{
	(void)charter;
	return ask->has_key_usage;
}

/* Who writes both of two texts can give them one MD5, and with more effort one SHA-1: what was
 * signed as a router's certificate, a CRL or a request is then a CA's certificate too. */
static bool has_digest_without_twins(const struct charter *charter, const struct charter_ask *ask)
{
	(void)charter;
	return ask->allow_weak || ask->digest >= DIGEST_SHA256;
}

/* Old clients read SHA-1 alone in an answer; MD5 is never answered with. */
static bool is_not_over_md5(const struct charter *charter, const struct charter_ask *ask)
{
	(void)charter;
	return ask->digest >= DIGEST_SHA1;
}

struct rule {
	bool (*is_kept)(const struct charter *charter, const struct charter_ask *ask);
	const char *text;
};

static const struct rule version_3 = {is_version_3, "only certificates of version 3 are signed"};
static const struct rule readable = {
	has_readable_extensions,
	"what has malformed or repeated extensions is never signed",
};
static const struct rule own_issuer = {
	is_issued_in_its_name,
	"a ca key signs in the issuer name of its charter alone",
};
static const struct rule own_subject = {
	is_about_its_name,
	"a ca key signs requests for the name of its charter alone",
};
static const struct rule own_key = {
	is_over_its_key,
	"a key signs requests and certificates for itself over its own public key alone",
};
static const struct rule no_authority = {
	is_no_authority,
	"only a ca key signs certificates with CA:TRUE, keyCertSign or cRLSign",
};
static const struct rule no_other_authority = {
	is_no_authority_but_itself,
	"CA:TRUE, keyCertSign and cRLSign only in the key's own self-issued certificate, or with "
	"IssueSubordinates=yes",
};

static const struct rule key_usage = {
	says_its_key_usage,
	"only certificates that say their keyUsage are signed",
};
static const struct rule digest_without_twins = {
	has_digest_without_twins,
	"certificates, CRLs and requests are signed over MD5 or SHA-1 only with AllowWeak=yes",
};
static const struct rule not_over_md5 = {is_not_over_md5,
					 "CMS attributes are never signed over MD5"};

/* What each role may sign, and the rules that hold for it, in the order in which they are told.
 * What has no row is refused. */
static const struct permit {
	enum charter_role role;
	enum charter_shape shape;
	const struct rule *rules[7];
} permits[] = {
	/* clang-format off */
	{CHARTER_CA, CHARTER_SHAPE_CERTIFICATE, {&version_3, &readable, &own_issuer, &no_other_authority, &key_usage, &digest_without_twins}},
	{CHARTER_CA, CHARTER_SHAPE_CRL, {&readable, &own_issuer, &digest_without_twins}},
	{CHARTER_CA, CHARTER_SHAPE_REQUEST, {&readable, &own_subject, &own_key, &digest_without_twins}},
	{CHARTER_CA, CHARTER_SHAPE_CMS_ATTRIBUTES, {&not_over_md5}},
	{CHARTER_EXCHANGE, CHARTER_SHAPE_CERTIFICATE, {&version_3, &readable, &own_key, &no_authority, &key_usage, &digest_without_twins}},
	{CHARTER_EXCHANGE, CHARTER_SHAPE_REQUEST, {&readable, &own_key, &digest_without_twins}},
	{CHARTER_EXCHANGE, CHARTER_SHAPE_CMS_ATTRIBUTES, {&not_over_md5}},
	{CHARTER_IDENTITY, CHARTER_SHAPE_CERTIFICATE, {&version_3, &readable, &own_key, &no_authority, &key_usage, &digest_without_twins}},
	{CHARTER_IDENTITY, CHARTER_SHAPE_REQUEST, {&readable, &own_key, &digest_without_twins}},
	{CHARTER_IDENTITY, CHARTER_SHAPE_CMS_ATTRIBUTES, {&not_over_md5}},
	{CHARTER_AUDIT, CHARTER_SHAPE_CHECKPOINT, {NULL}},
	/* clang-format on */
};

/* Told where the table has no row: what the role does sign. */
static const struct {
	enum charter_role role;
	const char *text;
} limits[] = {
	/* clang-format off */
	{CHARTER_CA, "a ca key signs certificates, CRLs, requests and CMS attributes, whole, and nothing else"},
	{CHARTER_EXCHANGE, "an exchange key signs CMS attributes and its own enrolment, whole, and nothing else"},
	{CHARTER_IDENTITY, "an identity key signs CMS attributes and its own enrolment, whole, and nothing else"},
	{CHARTER_AUDIT, "an audit key signs checkpoints and nothing else"},
	/* clang-format on */
};

static const char *find_limit(enum charter_role role)
{
	for (size_t i = 0; i < ELEMENTS(limits); i++) {
		if (limits[i].role == role)
			return limits[i].text;
	}
	return "a key without a known role signs nothing";
}

const char *charter_refuses_signature(const struct charter *charter, const struct charter_ask *ask)
{
	for (size_t i = 0; i < ELEMENTS(permits); i++) {
		const struct permit *permit = &permits[i];
		if (permit->role != charter->role || permit->shape != ask->shape)
			continue;
		for (size_t j = 0; permit->rules[j]; j++) {
			if (!permit->rules[j]->is_kept(charter, ask))
				return permit->rules[j]->text;
		}
		return NULL;
	}
	return find_limit(charter->role);
}

const char *charter_refuses_decryption(const struct charter *charter, bool separate_exchange)
{
	if (!charter->decrypts)
		return "this key was made to sign alone";
	/* Whatever its charter says: what signs records opens nothing. */
	if (charter->role == CHARTER_AUDIT)
		return "an audit key decrypts nothing";
	if (charter->role == CHARTER_CA && separate_exchange)
		return "a ca key decrypts nothing once its server has an exchange key";
	return NULL;
}

static struct span without_marks(struct span label)
{
	while (label.size && label.data[label.size - 1] == '#')
		label.size--;
	return label;
}

const char *charter_refuses_label(const struct charter *charter, struct span is, struct span wanted)
{
	if (charter->role == CHARTER_IDENTITY &&
	    !span_equal(without_marks(is), without_marks(wanted)))
		return "an identity key keeps its name, by which [Use] sections speak of it: only "
		       "the marks at its end change";
	return NULL;
}

const char *charter_refuses_destruction(const struct charter *charter, int64_t last_not_after_s,
					int64_t now_s)
{
	if (charter->role == CHARTER_CA && last_not_after_s && now_s <= last_not_after_s)
		return "a ca key is destroyed only after the end of its own certificate and of "
		       "what it issued";
	return NULL;
}
