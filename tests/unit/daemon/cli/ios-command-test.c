/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/command.h"
#include "daemon/cli/grammar.h"
#include "daemon/cli/ios-command.h"
#include "daemon/cli/option.h"
#include "tests/unit/daemon/cli/words.h"

#define OTHER ((const char *)-1)

static const struct {
	const char *words;
	const char *made; /* NULL: wrong, and why must hold `why`; OTHER: no words of IOS's */
	const char *why;
} rows[] = {
	/* clang-format off */
	{"crypto pki server mycs grant all", "request grant mycs all"},
	{"crypto pki server root-server grant 9", "request grant root-server 9"},
	{"crypto pki server mycs reject all", "request reject mycs all"},
	{"crypto pki server mycs remove 15", "request remove mycs 15"},
	{"crypto pki server mycs request pkcs10 terminal pem", "request add mycs --pem"},
	{"crypto pki server mycs request pkcs10 terminal", "request add mycs"},
	{"crypto pki server mycs request pkcs10 tftp://h/r.req base64", "request add mycs tftp://h/r.req --base64"},
	{"crypto pki server mycs password generate 75", "password generate mycs 75"},
	{"crypto pki server mycs password generate", "password generate mycs"},
	{"crypto pki server mycs revoke 3", "certificate revoke mycs 3"},
	{"crypto pki server mycs revoke 0x3", "certificate revoke mycs 0x3"},
	{"crypto pki server mycs info crl", "crl show mycs"},
	{"crypto pki server mycs info requests", "request list mycs"},
	{"crypto pki server server1 info req", "request list server1"},
	{"crypto pki server mycs info request", "request list mycs"},
	{"crypto pki server ms2 no shutdown", "server start ms2"},
	{"no crypto pki server ms2", "server delete ms2"},
	{"show crypto ca certificates", "certificate ca"},
	{"crypto pki server ms2", "server create ms2"},
	{"crypto pki server ms2 start", "server start ms2"},
	{"crypto pki server ms2 stop", "server stop ms2"},
	{"crypto pki server ms2 shutdown", "server stop ms2"},
	{"crypto pki server ms2 no sh", "server start ms2"},
	{"crypto ca server mycs grant all", "request grant mycs all"},
	{"show crypto pki server ms2", "server show ms2"},
	{"sh crypto pki server ms2", "server show ms2"},
	{"show crypto pki server", "server show"},
	{"no crypto pki server mycs", "server delete mycs"},
	{"show crypto pki certificates", "certificate ca"},
	{"show crypto ca certificates mycs", "certificate ca mycs"},
	{"show crypto pki certificate", "certificate ca"},
	{"crypto pki certificate chain mica", "certificate chain mica"},
	{"show running-config", "config show --ios"},
	{"show run", "config show --ios"},
	{"crypto pki export mycs pem terminal", "trustpoint export mycs pem --public"},
	{"crypto pki export mytp pem url /tmp/x 3des", "trustpoint export mytp pem /tmp/x 3des"},
	{"crypto pki export mytp pkcs12 /tmp/x", "trustpoint export mytp pkcs12 /tmp/x"},
	{"crypto pki export mytp pkcs12 /tmp/x cisco123", NULL, "no passphrase on a command line"},
	{"crypto pki export mytp pem terminal des cisco123", NULL, "no passphrase on a command line"},
	{"crypto key export rsa mycs pem url nvram: 3des PASSWORD", NULL, "no passphrase on a command line"},
	{"crypto key export rsa mycs pem terminal des PASSWORD", NULL, "no passphrase on a command line"},
	{"crypto key import rsa mycs2 pem url nvram:mycs PASSWORD", NULL, "no passphrase on a command line"},
	{"crypto key import rsa e pem encryption terminal exportable on usbtoken0: PASSWORD", NULL, "no passphrase on a command line"},
	{"crypto pki import mycs pkcs12 tftp://192.0.2.71/backup.p12 cisco123", NULL, "no passphrase on a command line"},
	{"crypto ca import mycs pem usage-keys terminal cisco123", NULL, "no passphrase on a command line"},
	{"show crypto pki timers", "timers"},
	{"show crypto ca timers", "timers"},
	{"debug crypto pki server", "log debug server"},
	{"debug crypto pki transactions", "log debug transactions"},
	{"no debug crypto pki transactions", "log info transactions"},
	{"debug crypto pki", "log debug"},
	{"no debug crypto pki messages", "log info messages"},
	{"crypto pki server ROOTCA lifetime crl 24", "config set Server.ROOTCA CRLLifetime 24h"},
	{"crypto pki server ROOTCA grant auto", "config set Server.ROOTCA Grant auto"},
	{"crypto pki server ROOTCA no grant auto", "config set Server.ROOTCA Grant "},
	{"crypto pki server ROOTCA auto-rollover", "config set Server.ROOTCA AutoRollover 30d"},
	{"crypto pki server ROOTCA auto-rollover 0 0 10", "config set Server.ROOTCA AutoRollover 0d 0h 10m"},
	{"crypto pki server X cdp-url http://h/cgi-bin/pkiclient.exe?operation=GetCRL", "config set Server.X CDP http://h/cgi-bin/pkiclient.exe?operation=GetCRL"},
	{"crypto pki server X database url crl publish ftp://h/x", "--add config set Server.X Publish.crl ftp://h/x"},
	{"crypto pki server X no database url crl publish ftp://h/x", "config set Server.X Publish.crl "},
	{"crypto pki server X database url crt publish ftp://h/x username u", NULL, "option of its own"},
	{"crypto pki server X database username u", "config set Server.X StoreUser u"},
	{"crypto pki server X hash md5", NULL, "weak"},
	{"crypto pki server X database archive pem password cisco123", NULL, "no password on a command line"},
	{"crypto pki server X database archive pem password 7 01100F175804575D72", NULL, "no password on a command line"},
	{"crypto pki server X re all", NULL, "ambiguous"},
	{"crypto pki server X grant al", NULL, "crypto pki server LABEL grant ID"},
	{"crypto pki server X rollover", "server rollover X"},
	{"crypto ca server X roll cancel", "server rollover X cancel"},
	{"crypto pki server X rollover request pkcs10 terminal", "request add X --rollover"},
	{"crypto pki server X rollover request pkcs10 term pem", "request add X --rollover --pem"},
	{"crypto pki server X rollover request pkcs10 ftp://h/r base64",
	 "request add X ftp://h/r --rollover --base64"},
	{"crypto pki export X pem terminal rollover", "server export X --rollover"},
	{"crypto ca export X pem term", "trustpoint export X pem --public"},
	{"crypto pki export X pem url /tmp/x.pem", "trustpoint export X pem /tmp/x.pem --public"},
	{"crypto pki export X pem url /tmp/x.pem rollover", "server export X /tmp/x.pem --rollover"},
	{"crypto pki trustpoint sub", NULL, "enrollment url URL"},
	{"crypto ca trustpoint sub enrollment url http://[2001:DB8::1]:80", "config set Trustpoint.sub EnrollmentURL http://[2001:DB8::1]:80"},
	{"crypto pki trustpoint sub auto-enroll 90 regenerate", "config set Trustpoint.sub AutoEnroll=90 Regenerate=yes"},
	{"crypto pki trustpoint sub rsakeypair k 2048 2048", "config set Trustpoint.sub Key=k KeySize=2048 UsageKeys=yes"},
	{"crypto pki trustpoint sub on usbtoken0:", "config set Trustpoint.sub Token usbtoken0"},
	{"crypto pki trustpoint sub no auto-enroll", "config set Trustpoint.sub AutoEnroll "},
	{"crypto pki trustpoint sub password 0 secret", NULL, "config set Trustpoint.sub Password /path"},
	{"crypto pki trustpoint sub hash sha1", NULL, "weak"},
	{"crypto pki trustpoint sub nonsense", NULL, "no such IOS command"},
	{"crypto ca authenticate myca", "trustpoint authenticate myca"},
	{"crypto ca enroll myca", "trustpoint enroll myca"},
	{"crypto pki enroll myca regenerate", "trustpoint enroll myca regenerate"},
	{"crypto pki import mycs pkcs12 /tmp/x", "trustpoint import mycs pkcs12 /tmp/x"},
	{"crypto pki import mycs pem usage-keys terminal", "trustpoint import mycs pem usage-keys terminal"},
	{"crypto ca import myca certificate", "trustpoint import myca certificate"},
	{"show crypto pki trustpoints", "trustpoint show"},
	{"show crypto pki trustpoints CORP", "trustpoint show CORP"},
	{"show crypto pki trustpoints status", "trustpoint show"},
	{"show crypto pki trustpoints CORP status", "trustpoint show CORP"},
	{"show crypto pki trustpoint vpn", "trustpoint show vpn"},
	{"clear crypto ca certificates myca", "trustpoint clear myca"},
	{"ip http server", NULL, "claviger-http.socket"},
	{"clock calendar-valid", NULL, "TimeSource"},
	{"crypto pki server X --yes", NULL, "may not begin"},
	{"show", NULL, "show crypto pki"},
	{"crypto isakmp", NULL, "isakmp"},
	{"server show X", OTHER},
	{"", OTHER},
	/* clang-format on */
};

static void assert_words(const struct ios_command *command, const char *wanted)
{
	_cleanup_(buffer_done) struct buffer text = {};

	for (int i = 0; i < command->n_words; i++)
		buffer_printf(&text, "%s%s", i ? " " : "", command->words[i]);
	buffer_append_byte(&text, 0);
	assert_int_equal(text.error, 0);
	assert_string_equal(text.data, wanted);
}

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(ios_command_done) struct ios_command command = {};
		struct words words;
		int r;

		words_split(rows[i].words, &words);
		r = ios_command_read(words.at, words.n, &command);
		if (rows[i].made == OTHER) {
			assert_int_equal(r, IOS_COMMAND_OTHER);
		} else if (!rows[i].made) {
			assert_int_equal(r, IOS_COMMAND_WRONG);
			buffer_append_byte(&command.why, 0);
			assert_non_null(strstr((char *)command.why.data, rows[i].why));
		} else {
			assert_int_equal(r, 0);
			assert_words(&command, rows[i].made);
		}
	}
}

/* A template's words and options are those of a command there is. */
static void test_templates(void **state)
{
	const struct ios_command_row *row;

	(void)state;
	for (size_t i = 0; (row = ios_command_at(i)); i++) {
		struct words words;
		const struct command *command;
		int used;

		assert_true(!row->template != !row->why);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ios_command_at(j)->pattern, row->pattern);
		if (!row->template)
			continue;
		words_split(row->template, &words);
		command = command_find(words.at, words.n, &used);
		assert_non_null(command);
		for (int j = used; j < words.n; j++) {
			char *dashes = strstr(words.at[j], "--");
			const struct option_row *option;
			size_t k = 0;

			if (!dashes)
				continue;
			dashes[2 + strcspn(dashes + 2, "=")] = 0;
			while ((option = option_at(k)) && strcmp(option->name, dashes + 2) != 0)
				k++;
			assert_non_null(option);
			assert_true(option_is_for(option, command->words));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row),
					   cmocka_unit_test(test_templates)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
