/* SPDX-License-Identifier: Apache-2.0 */
/* The options of claviger.conf. */
#include "daemon/conf/option.h"
#include "daemon/manual/directives.h"
#include "daemon/manual/roff.h"
#include <string.h>

static const char *const kinds[CONF_KINDS_] = {
	[CONF_KIND_TEXT] = "a text",
	[CONF_KIND_PATH] = "an absolute path",
	[CONF_KIND_LABEL] = "a name",
	[CONF_KIND_PIN] = "a path, a credential's name, or a word",
	[CONF_KIND_PKCS11_URI] = "a PKCS#11 URI",
	[CONF_KIND_CDP_URL] = "an http: URL",
	[CONF_KIND_STORE_URL] = "a path or a URL",
	[CONF_KIND_STORE_URLS] = "a path or a URL; each such line adds one",
	[CONF_KIND_SECRET] = "a path or a credential's name",
	[CONF_KIND_ENROLL_URL] = "an http: or https: URL, or terminal",
	[CONF_KIND_FINGERPRINT] = "32, 40 or 64 hex digits",
	[CONF_KIND_DEVICE_ADDRESS] = "an address, or none",
	[CONF_KIND_DNS_NAME] = "a DNS name, or none",
	[CONF_KIND_LDAP_URL] = "an ldap: or ldaps: URL",
	[CONF_KIND_KEY_LABEL] = "a label",
	[CONF_KIND_WORDS] = "a text",
	[CONF_KIND_TRAP_SINKS] = "a sink; each such line adds one",
	[CONF_KIND_UNITS] = "units' names; each such line adds some",
	[CONF_KIND_PROGRAM_UNITS] = "units' names; each such line adds some",
	[CONF_KIND_USERS] = "users' names or numbers; each such line adds some",
	[CONF_KIND_TEXTS] = "a text; each such line adds one",
	[CONF_KIND_SET] = "some of",
	[CONF_KIND_OVERLAP] = "a duration, yes or no",
	[CONF_KIND_LISTENERS] = "address:port; each such line adds one",
	[CONF_KIND_DURATION] = "a duration",
	[CONF_KIND_NUMBER] = "a number",
	[CONF_KIND_PERCENT] = "a number of percent, yes or no",
	[CONF_KIND_BOOLEAN] = "yes or no",
	[CONF_KIND_DIGEST] = "sha256, sha384, sha512, md5 or sha1",
	[CONF_KIND_CHOICE] = "one of",
};

static const char *const locks[] = {
	[CONF_FREE] = "May change at any time.",
	[CONF_RESTART] = "Read when a program starts.",
	[CONF_LOCKED] = "Locked while the server is enabled.",
	[CONF_FIXED] = "Fixed in the CA certificate, until the server is deleted.",
};

static void write_type(FILE *to, const struct conf_option *option)
{
	fputs("Value: ", to);
	roff_text(to, kinds[option->kind] ? kinds[option->kind] : "a text");
	for (size_t i = 0; option->choices && option->choices[i]; i++) {
		fputs(i ? ", " : " ", to);
		roff_text(to, option->choices[i]);
	}
	if (option->unit)
		fprintf(to, "; a bare number counts in %s", option->unit);
	fputs(".\n", to);
}

/* What the most of each kind means: bytes of a text, items of a list, else the value itself. */
static const char *what_is_most(const struct conf_option *option)
{
	switch (option->kind) {
	case CONF_KIND_STORE_URLS:
	case CONF_KIND_TEXTS:
	case CONF_KIND_TRAP_SINKS:
	case CONF_KIND_UNITS:
	case CONF_KIND_PROGRAM_UNITS:
	case CONF_KIND_USERS:
	case CONF_KIND_LISTENERS:
		return " of them";
	case CONF_KIND_DURATION:
	case CONF_KIND_NUMBER:
	case CONF_KIND_PERCENT:
	case CONF_KIND_OVERLAP:
		return "";
	default:
		return " bytes";
	}
}

static void write_range(FILE *to, const struct conf_option *option)
{
	if (option->least && option->most) {
		fputs("From ", to);
		roff_text(to, option->least);
		fputs(" to ", to);
		roff_text(to, option->most);
		fputs(".\n", to);
	} else if (option->most) {
		fputs("At most ", to);
		roff_text(to, option->most);
		fprintf(to, "%s.\n", what_is_most(option));
	}
	fputs("Default: ", to);
	roff_text(to, option->fallback ? option->fallback : "none");
	fputs(".\n", to);
}

static void write_option(FILE *to, const struct conf_option *option)
{
	fputs(".TP\n\\fB", to);
	roff_text(to, option->name);
	fputs("=\\fR\n", to);
	roff_text(to, option->help);
	fputs("\n.br\n", to);
	write_type(to, option);
	write_range(to, option);
	fprintf(to, "%s\n", locks[option->lock]);
	if (!option->ios)
		return;
	fputs("IOS: \\fB", to);
	roff_text(to, option->ios);
	fputs("\\fR.\n", to);
}

void write_section(FILE *to, const char *word)
{
	for (size_t i = 0; i < conf_n_options; i++)
		if (!strcmp(conf_sections[conf_options[i].section].name, word))
			write_option(to, &conf_options[i]);
}
