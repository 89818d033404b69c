/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/charter.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OWN   SPAN_LITERAL("\x30\x03own")
#define OTHER SPAN_LITERAL("\x30\x05other")

static const struct span names[] = {
	{(const uint8_t *)"\x30\x03own", 5},
	{(const uint8_t *)"\x30\x05other", 7},
	{NULL, 0},
};

static struct charter make_charter(enum charter_role role)
{
	struct charter charter = {.role = role, .issuer = OWN, .decrypts = true};

	memset(charter.key_sha256, 0x11, sizeof(charter.key_sha256));
	return charter;
}

/* What the rules say, told once more and otherwise: by role, as a person would read them out. */
static bool may_certify(const struct charter_ask *ask, bool own_key, enum charter_role role)
{
	bool authority = ask->ca || ask->key_cert_sign || ask->crl_sign;
	bool itself = own_key && ask->subject.data == ask->issuer.data;

	if (ask->version != 2 || !ask->has_key_usage)
		return false;
	if (role != CHARTER_CA)
		return own_key && !authority;
	return ask->issuer.data == names[0].data &&
	       (!authority || itself || ask->issue_subordinates);
}

static bool may_sign(enum charter_role role, const struct charter_ask *ask)
{
	bool own_key = ask->key_sha256[0] == 0x11;
	bool signs_pki = role == CHARTER_CA || role == CHARTER_EXCHANGE || role == CHARTER_IDENTITY;

	if (role == CHARTER_AUDIT)
		return ask->shape == CHARTER_SHAPE_CHECKPOINT;
	if (!signs_pki)
		return false;
	if (ask->shape == CHARTER_SHAPE_CMS_ATTRIBUTES)
		return ask->digest != DIGEST_NONE && ask->digest != DIGEST_MD5;
	if (ask->unreadable_extensions)
		return false;
	if (!ask->allow_weak &&
	    (ask->digest == DIGEST_NONE || ask->digest == DIGEST_MD5 || ask->digest == DIGEST_SHA1))
		return false;
	if (ask->shape == CHARTER_SHAPE_CERTIFICATE)
		return may_certify(ask, own_key, role);
	if (ask->shape == CHARTER_SHAPE_CRL)
		return role == CHARTER_CA && ask->issuer.data == names[0].data;
	if (ask->shape == CHARTER_SHAPE_REQUEST)
		return own_key && (role != CHARTER_CA || ask->subject.data == names[0].data);
	return false;
}

/* The bits of a counter, taken off one by one, make every combination of the facts. */
static unsigned take(unsigned *rest, unsigned choices)
{
	unsigned choice = *rest % choices;

	*rest /= choices;
	return choice;
}

static enum charter_role make_ask(unsigned n, struct charter_ask *ret)
{
	enum charter_role role = (enum charter_role)take(&n, 6);
	struct charter_ask ask = {
		.shape = (enum charter_shape)take(&n, 7),
		.version = take(&n, 4),
	};

	ask.issuer = names[take(&n, 3)];
	ask.subject = names[take(&n, 3)];
	memset(ask.key_sha256, take(&n, 2) ? 0x11 : 0x22, sizeof(ask.key_sha256));
	ask.ca = take(&n, 2);
	ask.key_cert_sign = take(&n, 2);
	ask.crl_sign = take(&n, 2);
	ask.unreadable_extensions = take(&n, 2);
	ask.issue_subordinates = take(&n, 2);
	ask.separate_exchange = take(&n, 2);
	ask.digest = (enum digest)take(&n, 6);
	ask.allow_weak = take(&n, 2);
	ask.has_key_usage = take(&n, 2);
	*ret = ask;
	return role;
}

static void every_combination_is_decided_by_the_rules(void **state)
{
	const unsigned all = 6 * 7 * 4 * 3 * 3 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 6 * 2 * 2;
	unsigned allowed = 0;

	(void)state;
	for (unsigned n = 0; n < all; n++) {
		struct charter_ask ask;
		enum charter_role role = make_ask(n, &ask);
		struct charter charter = make_charter(role);
		bool refused = charter_refuses_signature(&charter, &ask);

		if (refused == may_sign(role, &ask))
			fail_msg("combination %u: role %d shape %d: %s", n, (int)role,
				 (int)ask.shape, refused ? "refused" : "signed");
		allowed += !refused;
	}
	/* Neither all nor none. */
	assert_in_range(allowed, all / 20, all / 4);
}

static const struct {
	const char *what;
	enum charter_role role;
	struct charter_ask ask;
	bool own_key;
	const char *rule; /* a part of its text; NULL: signed */
	bool no_key_usage;
} cases[] = {
	/* clang-format off */
	{"random bytes", CHARTER_CA, {.shape = CHARTER_SHAPE_UNKNOWN}, true, "nothing else"},
	{"a checkpoint", CHARTER_CA, {.shape = CHARTER_SHAPE_CHECKPOINT}, true, "nothing else"},
	{"a version 1 certificate", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 0, .issuer = OWN, .subject = OTHER}, false, "version 3"},
	{"another issuer", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OTHER, .subject = OTHER}, false, "issuer name"},
	{"a subordinate", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .ca = true}, false, "IssueSubordinates"},
	{"a subordinate that is allowed", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .ca = true, .issue_subordinates = true}, false, NULL},
	{"itself", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OWN, .ca = true, .key_cert_sign = true, .crl_sign = true}, true, NULL},
	{"its name, another key", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OWN, .ca = true}, false, "IssueSubordinates"},
	{"its key, another name", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .ca = true}, true, "IssueSubordinates"},
	{"keyCertSign without CA:TRUE", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .key_cert_sign = true}, false, "IssueSubordinates"},
	{"a CRL signer", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .crl_sign = true}, false, "IssueSubordinates"},
	{"a router", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER}, false, NULL},
	{"repeated extensions", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .unreadable_extensions = true}, false, "repeated extensions"},
	{"a certificate by an exchange key", CHARTER_EXCHANGE, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER}, false, "own public key"},
	{"a CA by an exchange key", CHARTER_EXCHANGE, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OWN, .ca = true, .issue_subordinates = true}, true, "only a ca key"},
	{"a CRL by an exchange key", CHARTER_EXCHANGE, {.shape = CHARTER_SHAPE_CRL, .issuer = OWN}, true, "nothing else"},
	{"a router without keyUsage", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER}, false, "keyUsage", true},
	{"its exchange identity without keyUsage", CHARTER_EXCHANGE, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER}, true, "keyUsage", true},
	{"a router over SHA-1", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .digest = DIGEST_SHA1}, false, "AllowWeak"},
	{"a router over MD5 where that is allowed", CHARTER_CA, {.shape = CHARTER_SHAPE_CERTIFICATE, .version = 2, .issuer = OWN, .subject = OTHER, .digest = DIGEST_MD5, .allow_weak = true}, false, NULL},
	{"a CRL over MD5", CHARTER_CA, {.shape = CHARTER_SHAPE_CRL, .issuer = OWN, .digest = DIGEST_MD5}, true, "AllowWeak"},
	{"a request over SHA-1", CHARTER_IDENTITY, {.shape = CHARTER_SHAPE_REQUEST, .digest = DIGEST_SHA1}, true, "AllowWeak"},
	{"CMS over SHA-1", CHARTER_CA, {.shape = CHARTER_SHAPE_CMS_ATTRIBUTES, .digest = DIGEST_SHA1}, true, NULL},
	{"CMS over MD5", CHARTER_EXCHANGE, {.shape = CHARTER_SHAPE_CMS_ATTRIBUTES, .digest = DIGEST_MD5, .allow_weak = true}, true, "never signed over MD5"},
	{"CMS by an audit key", CHARTER_AUDIT, {.shape = CHARTER_SHAPE_CMS_ATTRIBUTES}, true, "checkpoints"},
	/* clang-format on */
};

static void refusals_name_the_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct charter charter = make_charter(cases[i].role);
		struct charter_ask ask = cases[i].ask;
		const char *rule;

		memset(ask.key_sha256, cases[i].own_key ? 0x11 : 0x22, sizeof(ask.key_sha256));
		if (!ask.digest)
			ask.digest = DIGEST_SHA256;
		ask.has_key_usage = !cases[i].no_key_usage;
		rule = charter_refuses_signature(&charter, &ask);
		if (!rule != !cases[i].rule || (rule && !strstr(rule, cases[i].rule)))
			fail_msg("%s: %s", cases[i].what, rule ? rule : "signed");
	}
}

/* An ask without a name must not match a charter without one. */
static void an_empty_name_is_nobodys(void **state)
{
	struct charter charter = make_charter(CHARTER_CA);
	struct charter_ask crl = {.shape = CHARTER_SHAPE_CRL};
	struct charter_ask request = {.shape = CHARTER_SHAPE_REQUEST};

	(void)state;
	charter.issuer = (struct span){0};
	memset(request.key_sha256, 0x11, sizeof(request.key_sha256));
	assert_non_null(charter_refuses_signature(&charter, &crl));
	assert_non_null(charter_refuses_signature(&charter, &request));
}

static void decryption(void **state)
{
	static const struct {
		enum charter_role role;
		bool decrypts, separate, refused;
	} rows[] = {
		{CHARTER_CA, true, false, false},	{CHARTER_CA, true, true, true},
		{CHARTER_CA, false, false, true},	{CHARTER_CA, false, true, true},
		{CHARTER_EXCHANGE, true, false, false}, {CHARTER_EXCHANGE, true, true, false},
		{CHARTER_EXCHANGE, false, true, true},	{CHARTER_IDENTITY, true, false, false},
		{CHARTER_IDENTITY, true, true, false},	{CHARTER_IDENTITY, false, false, true},
		{CHARTER_AUDIT, true, false, true},	{CHARTER_AUDIT, false, false, true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct charter charter = make_charter(rows[i].role);

		charter.decrypts = rows[i].decrypts;
		assert_int_equal(!!charter_refuses_decryption(&charter, rows[i].separate),
				 rows[i].refused);
	}
}

static void destruction(void **state)
{
	static const struct {
		enum charter_role role;
		int64_t not_after_s, now_s;
		bool refused;
	} rows[] = {
		{CHARTER_CA, 1000, 999, true},	    {CHARTER_CA, 1000, 1000, true},
		{CHARTER_CA, 1000, 1001, false},    {CHARTER_CA, 0, 0, false},
		{CHARTER_CA, -1, -2, true},	    {CHARTER_EXCHANGE, 1000, 1, false},
		{CHARTER_IDENTITY, 1000, 1, false}, {CHARTER_AUDIT, 1000, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct charter charter = make_charter(rows[i].role);

		assert_int_equal(
			!!charter_refuses_destruction(&charter, rows[i].not_after_s, rows[i].now_s),
			rows[i].refused);
	}
}

/* Who may rename a key would choose the rules by which programs use it. */
static void labels(void **state)
{
	static const struct {
		enum charter_role role;
		const char *is, *wanted;
		bool refused;
	} rows[] = {
		{CHARTER_IDENTITY, "CORP#", "CORP", false},
		{CHARTER_IDENTITY, "CORP", "CORP", false},
		{CHARTER_IDENTITY, "CORP", "CORP##", false},
		{CHARTER_IDENTITY, "CORP-encr##", "CORP-encr", false},
		{CHARTER_IDENTITY, "CORP", "WEB", true},
		{CHARTER_IDENTITY, "CORP#", "WEB", true},
		{CHARTER_IDENTITY, "CORP", "COR", true},
		{CHARTER_IDENTITY, "CORP", "CORP#x", true},
		{CHARTER_IDENTITY, "CORP#x", "CORP", true},
		{CHARTER_IDENTITY, "CORP", "#", true},
		{CHARTER_CA, "ROOTCA#", "ROOTCA", false},
		{CHARTER_CA, "ROOTCA#", "ROOTCA#cancelled", false},
		{CHARTER_EXCHANGE, "ROOTCA-exchange#", "ROOTCA-exchange", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct charter charter = make_charter(rows[i].role);

		assert_int_equal(!!charter_refuses_label(&charter, span_of_text(rows[i].is),
							 span_of_text(rows[i].wanted)),
				 rows[i].refused);
	}
}

static void role_names(void **state)
{
	static const char *const names_of[] = {
		[CHARTER_CA] = "ca",
		[CHARTER_EXCHANGE] = "exchange",
		[CHARTER_IDENTITY] = "identity",
		[CHARTER_AUDIT] = "audit",
	};

	(void)state;
	for (enum charter_role role = CHARTER_CA; role <= CHARTER_AUDIT; role++) {
		assert_string_equal(charter_role_name(role), names_of[role]);
		assert_int_equal(charter_role_find(span_of_text(names_of[role])), role);
	}
	assert_string_equal(charter_role_name(0), "unknown");
	assert_int_equal(charter_role_find(SPAN_LITERAL("root")), 0);
	assert_int_equal(charter_role_find(SPAN_LITERAL("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination_is_decided_by_the_rules),
		cmocka_unit_test(refusals_name_the_rule),
		cmocka_unit_test(an_empty_name_is_nobodys),
		cmocka_unit_test(decryption),
		cmocka_unit_test(destruction),
		cmocka_unit_test(labels),
		cmocka_unit_test(role_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
