/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-server.h"
#include "daemon/cli/print-ios.h"
#include "daemon/cli/print-rollover.h"
#include "daemon/cli/print-trustpoint.h"
#include <stdio.h>
#include <string.h>

/* What IOS calls our words; another word stays as it is. */
static const char *in_words(const char *word, const char *const (*table)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i][0], word))
			return table[i][1];
	return word;
}

static const char *const grants[][2] = {
	{"ra-auto", "auto for RA-authorized requests, manual otherwise"},
};

static const char *const levels[][2] = {
	{"minimal", "Minimum - no cert data written to storage"},
	{"names", "Names - subject name data written as <serialnum>.cnm"},
	{"complete", "Complete - all issued certs written as <serialnum>.cer"},
};

static void print_storage(const json_t *storage)
{
	const char *type;
	json_t *place;

	print_member("Current primary storage dir", storage, "primary");
	json_object_foreach((json_t *)storage, type, place)
	{
		if (!strcmp(type, "primary"))
			continue;
		printf("    Current storage dir for .%s files: ", type);
		print_value(place, 0);
		putchar('\n');
	}
}

/* Only what asks for somebody's attention. */
static void print_failing(const json_t *targets)
{
	char time[PRINT_TIME_SIZE];
	const json_t *target;
	size_t i;

	json_array_foreach(targets, i, target)
	{
		if (strcmp(print_text_of(target, "state"), "failing") != 0)
			continue;
		printf("    Writing .%s files fails since %s: ", print_text_of(target, "type"),
		       print_ios_time(json_object_get(target, "since"), time));
		print_value(json_object_get(target, "reason"), 0);
		putchar('\n');
	}
}

static void print_fingerprints(const char *whose, const json_t *fingerprints)
{
	static const struct {
		const char *kind, *words;
	} others[] = {{"sha1", "SHA1"}, {"sha256", "SHA256"}};
	char title[64];

	snprintf(title, sizeof(title), "%s cert fingerprint", whose);
	print_ios_fingerprint(title, fingerprints, "md5");
	for (size_t i = 0; i < ELEMENTS(others) && json_object_size(fingerprints); i++) {
		snprintf(title, sizeof(title), "%s cert fingerprint %s", whose, others[i].words);
		print_ios_fingerprint(title, fingerprints, others[i].kind);
	}
}

static void print_upper(const json_t *answer)
{
	const json_t *upper = json_object_get(answer, "upperCa");

	if (json_is_object(upper))
		print_fingerprints("Upper CA", json_object_get(upper, "fingerprints"));
}

/* Of an RA the key in force that speaks for its CA is all that it has. */
static void print_ra(const json_t *answer)
{
	const json_t *exchange;
	size_t i;

	json_array_foreach(json_object_get(answer, "exchanges"), i, exchange)
	{
		if (!strcmp(print_text_of(exchange, "phase"), "active"))
			print_fingerprints("RA", json_object_get(exchange, "fingerprints"));
	}
}

/* What each mode has to show: an RA has no CRL, serial or lifetime of its own. */
static const struct mode {
	const char *name;
	const char *words; /* IOS's, of what is no root */
	void (*print)(const json_t *answer);
	bool issues, has_certificates;
} modes[] = {
	{"root", NULL, NULL, true, true},
	{"subordinate", "Server configured in subordinate server mode", print_upper, true, true},
	{"ra", "Server configured in RA mode", print_ra, false, true},
	{"ra-transparent", "Server configured in RA mode, transparent", print_upper, false, false},
};

static const struct mode *mode_of(const json_t *answer)
{
	for (size_t i = 0; i < ELEMENTS(modes); i++)
		if (!strcmp(modes[i].name, print_text_of(answer, "mode")))
			return &modes[i];
	return &modes[0];
}

static void print_issued(const json_t *answer)
{
	/* Nothing was issued yet: 0x0, as routers show it. */
	if (!strcmp(print_text_of(answer, "lastSerial"), "0"))
		puts("    Last certificate issued serial number (hex): 0x0");
	else
		print_member("Last certificate issued serial number (hex)", answer, "lastSerial");
	print_ios_moment("CA certificate expiration timer", answer, "caNotAfter");
	if (json_is_string(json_object_get(answer, "crlNextUpdate")))
		print_ios_moment("CRL NextUpdate timer", answer, "crlNextUpdate");
	else
		puts("    CRL not present.");
}

static void print_certificate_lines(const json_t *answer)
{
	const struct mode *mode = mode_of(answer);

	if (mode->has_certificates)
		print_fingerprints("CA", json_object_get(answer, "fingerprints"));
	if (mode->words)
		printf("    %s\n", mode->words);
	if (mode->print)
		mode->print(answer);
	printf("    Granting mode is: %s\n",
	       in_words(print_text_of(answer, "grant"), grants, ELEMENTS(grants)));
	if (mode->issues)
		print_issued(answer);
}

/* The key that speaks for the CA, where that is not its own. */
static void print_exchanges(const json_t *exchanges)
{
	char time[PRINT_TIME_SIZE];
	const json_t *exchange;
	size_t i;

	json_array_foreach(exchanges, i, exchange)
	{
		if (strcmp(print_text_of(exchange, "phase"), "active") != 0)
			continue;
		fputs("    Exchange key: ", stdout);
		print_value(json_object_get(exchange, "label"), 0);
		fputs(" on token ", stdout);
		print_value(json_object_get(exchange, "token"), 0);
		printf(", its certificate ends %s\n",
		       print_ios_time(json_object_get(exchange, "notAfter"), time));
	}
}

static long long number_of(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

/* "2 messages and 1 authorised request"; false, and nothing, where none waits for a token. */
static bool print_waiting(const char *before, const json_t *server)
{
	long long messages = number_of(server, "parked"),
		  requests = number_of(server, "authorized");

	if (!messages && !requests)
		return false;
	fputs(before, stdout);
	if (messages)
		printf("%lld message%s", messages, messages == 1 ? "" : "s");
	if (requests)
		printf("%s%lld authorised request%s", messages ? " and " : "", requests,
		       requests == 1 ? "" : "s");
	return true;
}

void print_waiting_servers(const json_t *servers)
{
	const json_t *server;
	size_t i;

	json_array_foreach(servers, i, server)
	{
		if (!print_waiting("Waiting for a token: ", server))
			continue;
		fputs(" of ", stdout);
		print_value(json_object_get(server, "name"), 0);
		putchar('\n');
	}
}

/* Each with what it waits for, where it is not ready. */
static void print_tokens_of(const json_t *answer)
{
	const json_t *token;
	size_t i;

	json_array_foreach(json_object_get(answer, "tokens"), i, token)
	{
		printf("    Token ");
		print_value(json_object_get(token, "name"), 0);
		printf(" (%s key): %s", print_text_of(token, "keys"),
		       print_text_of(token, "state"));
		if (*print_text_of(token, "reason")) {
			fputs(", ", stdout);
			print_value(json_object_get(token, "reason"), 0);
		}
		putchar('\n');
	}
	if (print_waiting("    Waiting for a token: ", answer))
		putchar('\n');
}

/* Of each key that is to have one. */
static void print_backups(const json_t *generations)
{
	char time[PRINT_TIME_SIZE];
	const json_t *one;
	size_t i;

	json_array_foreach(generations, i, one)
	{
		const json_t *at = json_object_get(one, "backedUp");

		if (json_is_string(at))
			printf("    Backup of the key of generation %lld: %s\n",
			       number_of(one, "number"), print_ios_time(at, time));
		else if (!strcmp(print_text_of(one, "backup"), "wanted"))
			printf("    Backup of the key of generation %lld: wanted\n",
			       number_of(one, "number"));
	}
}

/* What one operator proposed and another may confirm. */
static void print_proposals(const json_t *proposals)
{
	char time[PRINT_TIME_SIZE];
	const json_t *one;
	size_t i;

	json_array_foreach(proposals, i, one)
		printf("    Waits for a second operator: %s, proposed by %s, until %s\n",
		       print_text_of(one, "method"), print_text_of(one, "actor"),
		       print_ios_time(json_object_get(one, "until"), time));
}

/* After a start: whether it is so. */
void print_started(const json_t *answer)
{
	const char *reason = print_text_of(answer, "reason");

	if (!strcmp(print_text_of(answer, "state"), "enabled"))
		puts("% Certificate Server enabled.");
	else if (!strcmp(reason, "waiting for time setting"))
		puts("% Time has not been set. Cannot start the Certificate server.");
	print_server(answer);
}

static void print_files(const json_t *answer)
{
	print_storage(json_object_get(answer, "storage"));
	printf("    Database Level: %s\n",
	       in_words(print_text_of(answer, "databaseLevel"), levels, ELEMENTS(levels)));
}

void print_server(const json_t *answer)
{
	fputs("Certificate Server ", stdout);
	print_value(json_object_get(answer, "name"), 0);
	puts(":");
	print_member("Status", answer, "state");
	print_member("State", answer, "state");
	if (*print_text_of(answer, "reason"))
		print_member("Reason", answer, "reason");
	printf("    Server's configuration is %s\n", print_text_of(answer, "lock"));
	if (mode_of(answer)->has_certificates && *print_text_of(answer, "issuer"))
		print_member("Issuer name", answer, "issuer");
	print_certificate_lines(answer);
	if (mode_of(answer)->issues)
		print_exchanges(json_object_get(answer, "exchanges"));
	print_tokens_of(answer);
	print_backups(json_object_get(answer, "generations"));
	if (mode_of(answer)->has_certificates)
		print_files(answer);
	print_rollover(answer);
	print_failing(json_object_get(answer, "targets"));
	print_proposals(json_object_get(answer, "proposals"));
}

/* "3d12:00:05", "0:07:49": days where there are any. What is overdue has nothing left. */
static void print_span(long long seconds)
{
	char text[64] = "";
	long long left = seconds > 0 ? seconds : 0;
	int n = 0;

	if (left >= 86400)
		n = snprintf(text, sizeof(text), "%lldd", left / 86400);
	snprintf(text + n, sizeof(text) - (size_t)n, "%lld:%02lld:%02lld", left / 3600 % 24,
		 left / 60 % 60, left % 60);
	printf("%16s", text);
}

static bool has_any(const json_t *timers, const char *kind)
{
	const json_t *timer;
	size_t i;

	json_array_foreach(timers, i, timer)
	{
		if (json_is_string(json_object_get(timer, kind)))
			return true;
	}
	return false;
}

/* Those of trustpoints, or those of servers: @kind is the member that names whose. */
static void print_timers_of(const json_t *timers, const char *kind, const char *prefix)
{
	const json_t *timer;
	size_t i;

	json_array_foreach(timers, i, timer)
	{
		if (!json_is_string(json_object_get(timer, kind)))
			continue;
		print_span(json_integer_value(json_object_get(timer, "inSeconds")));
		printf("  %s", prefix);
		print_value(json_object_get(timer, "timer"), 28);
		putchar(' ');
		print_value(json_object_get(timer, kind), 0);
		putchar('\n');
	}
}

void print_timers(const json_t *answer)
{
	const json_t *timers = json_object_get(answer, "timers");
	const json_t *notices = json_object_get(answer, "notices");
	bool client = has_any(timers, "trustpoint");
	char time[PRINT_TIME_SIZE];

	fputs("Time source is ", stdout);
	print_value(json_object_get(answer, "timeSource"), 0);
	printf(", %s\n", print_ios_time(json_object_get(answer, "now"), time));
	if (json_is_false(json_object_get(answer, "timeGood")))
		puts("The time is not authoritative: no timer runs.");
	if (client) {
		puts("PKI Timers");
		print_timers_of(timers, "trustpoint", "");
	}
	if (!client || has_any(timers, "server")) {
		puts("CS Timers");
		print_timers_of(timers, "server", "CS ");
	}
	if (json_array_size(notices)) {
		puts("Expiry Notices");
		print_timers_of(notices, "trustpoint", "");
		print_timers_of(notices, "server", "");
	}
}

static void print_ca_certificate(const json_t *certificate)
{
	static const char *const titles[][2] = {{"shadow", "CA Certificate (Rollover)"},
						{"retired", "CA Certificate (Retired)"}};
	const char *phase = print_text_of(certificate, "phase");
	const char *title = in_words(phase, titles, ELEMENTS(titles));
	char time[PRINT_TIME_SIZE];

	puts(title == phase ? "CA Certificate" : title);
	puts("  Status: Available");
	printf("  Certificate Serial Number (hex): %s\n", print_text_of(certificate, "serial"));
	printf("  Certificate Usage: %s\n", print_text_of(certificate, "usage"));
	puts("  Issuer:");
	print_name(print_text_of(certificate, "issuer"));
	puts("  Subject:");
	print_name(print_text_of(certificate, "subject"));
	puts("  Validity Date:");
	printf("    start date: %s\n",
	       print_ios_time(json_object_get(certificate, "notBefore"), time));
	printf("    end   date: %s\n",
	       print_ios_time(json_object_get(certificate, "notAfter"), time));
	printf("  Associated Trustpoints: %s\n", print_text_of(certificate, "server"));
	fputs("  Storage: ", stdout);
	print_value(json_object_get(certificate, "file"), 0);
	putchar('\n');
}

void print_ca_certificates(const json_t *answer)
{
	const json_t *certificates = json_object_get(answer, "certificates"), *trustpoint;
	size_t i;

	print_list(certificates, print_ca_certificate, NULL);
	json_array_foreach(json_object_get(answer, "trustpoints"), i, trustpoint)
	{
		if (i || json_array_size(certificates))
			putchar('\n');
		print_trustpoint_certificates(trustpoint);
	}
}

void print_chain(const json_t *answer)
{
	const json_t *certificates = json_object_get(answer, "certificates"), *certificate;
	const json_t *trustpoint = json_array_get(json_object_get(answer, "trustpoints"), 0);
	size_t i;

	/* Below another CA the server's certificate is its trustpoint's. */
	if (trustpoint || !json_array_size(certificates)) {
		print_trustpoint_chain(trustpoint);
		return;
	}
	printf("crypto pki certificate chain %s\n",
	       print_text_of(json_array_get(certificates, 0), "server"));
	json_array_foreach(certificates, i, certificate)
	{
		bool rollover = !strcmp(print_text_of(certificate, "phase"), "shadow");

		printf(" certificate ca %s%s\n", rollover ? "rollover " : "",
		       print_text_of(certificate, "serial"));
		print_hex_block(print_text_of(certificate, "pem"));
	}
}
