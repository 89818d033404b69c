/* SPDX-License-Identifier: Apache-2.0 */
/* `trustpoint enroll`: what a router asks before it asks its CA, and what came of it. */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/trustpoint.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD_MOST                                                                              \
	255 /* of a PKCS#9 challengePassword (RFC 2985 §5.4.1), as routers take it                \
	     */

static const char *text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

static bool is_true(const json_t *object, const char *member)
{
	return json_is_true(json_object_get(object, member));
}

/* With --yes or --json nobody is there to be asked for anything. */
static bool is_asked(const struct invocation *invocation)
{
	return !invocation->yes && !invocation->json;
}

/* Twice where a person types it. */
static int ask_password(struct secret *ret)
{
	_cleanup_(secret_done) struct secret first = {}, second = {};
	bool terminal = isatty(STDIN_FILENO);
	int r;

	if (terminal)
		fputs("%\n% Start certificate enrollment ..\n"
		      "% Create a challenge password. You will need to verbally provide this\n"
		      "  password to the CA Administrator in order to revoke your certificate.\n"
		      "  For security reasons your password will not be saved in the "
		      "configuration.\n"
		      "  Please make a note of it.\n\n",
		      stderr);
	r = ask_secret("Password", &first);
	if (r == -ENODATA)
		return 0; /* nobody is there: a request without */
	if (r == 0 && terminal)
		r = ask_secret("Re-enter password", &second);
	if (r == 0 && terminal &&
	    !span_equal_secretly(span_of_secret(first), span_of_secret(second)))
		r = -EKEYREJECTED;
	if (r == 0)
		*ret = TAKE_STRUCT(first);
	return r;
}

static enum command_status read_password(const struct invocation *invocation, const json_t *shown,
					 struct secret *ret)
{
	const char *file = invocation->password_file;
	int r = 0;

	if (file)
		r = file_read_secret(file, PASSWORD_MOST, ret);
	else if (is_asked(invocation) && is_true(json_object_get(shown, "asks"), "password"))
		r = ask_password(ret);
	if (r == 0)
		return COMMAND_DONE;
	if (file)
		fprintf(stderr, "claviger: %s: %s\n", file, file_error_text(r));
	else
		fprintf(stderr, "claviger: %s: nothing was done\n",
			r == -EKEYREJECTED ? "the two passwords are not the same" : strerror(-r));
	return COMMAND_FAILED;
}

/* A line; empty, also where nobody is there: none. */
static const char *ask_line(const char *prompt, char *line, int size)
{
	size_t n;

	if (!isatty(STDIN_FILENO))
		return "none";
	fprintf(stderr, "%% %s (Return for none): ", prompt);
	if (!fgets(line, size, stdin))
		return "none";
	n = strcspn(line, "\n");
	line[n] = '\0';
	return n ? line : "none";
}

/* @given: by an option. Nothing where the configuration says it: that goes. */
static int add_asked(json_t *parameters, const char *member, const char *given, bool asks,
		     const char *prompt)
{
	char line[80];

	if (!given && asks)
		given = ask_line(prompt, line, sizeof(line));
	return given && json_object_set_new(parameters, member, json_string(given)) < 0 ? -EINVAL
											: 0;
}

/* A request that waits at the CA, about which it is only asked again. */
static bool waits(const struct invocation *invocation, const json_t *shown)
{
	const json_t *request;
	size_t i;

	if (invocation->anew || invocation->n_arguments > 1)
		return false;
	json_array_foreach(json_object_get(shown, "requests"), i, request)
	{
		if (strcmp(text_of(request, "state"), "by-hand") != 0)
			return true;
	}
	return false;
}

enum command_status trustpoint_gather(const struct invocation *invocation, const json_t *shown,
				      json_t *parameters)
{
	_cleanup_(secret_done) struct secret password = {};
	const json_t *asks = json_object_get(shown, "asks");
	enum command_status status = read_password(invocation, shown, &password);

	if (status)
		return status;
	if (add_asked(parameters, "serialNumber", invocation->serial_number,
		      is_asked(invocation) && is_true(asks, "serialNumber"),
		      "Serial number of this device, for the subject name") < 0 ||
	    add_asked(parameters, "ipAddress", invocation->ip_address,
		      is_asked(invocation) && is_true(asks, "ipAddress"),
		      "IP address of this device, for the subject name") < 0 ||
	    trustpoint_add_base64(parameters, "password", span_of_secret(password)) < 0) {
		fputs("claviger: what was given is no UTF-8 text\n", stderr);
		return COMMAND_MISUSE;
	}
	return COMMAND_DONE;
}

static void tell_fingerprints(const json_t *fingerprints)
{
	/* Of one that the CA has answered meanwhile there are none. */
	if (!*text_of(fingerprints, "md5"))
		return;
	fprintf(stderr, "  Certificate Request Fingerprint MD5: %s\n",
		text_of(fingerprints, "md5"));
	fprintf(stderr, "  Certificate Request Fingerprint SHA1: %s\n",
		text_of(fingerprints, "sha1"));
	fprintf(stderr, "  Certificate Request Fingerprint SHA256: %s\n",
		text_of(fingerprints, "sha256"));
}

/* A request that somebody carries; what isn't it goes to standard error, so that a file of it is
 * one. */
static int give_request(const struct invocation *invocation, const json_t *request)
{
	int r;

	fprintf(stderr, "%% The request for %s:\n", text_of(request, "usageWords"));
	r = print_pem(text_of(request, "pem"), "CERTIFICATE REQUEST", !invocation->base64);
	fflush(stdout);
	return r;
}

static void tell_one(const struct invocation *invocation, const json_t *request)
{
	const char *state = text_of(request, "state"), *name = invocation->arguments[0];

	tell_fingerprints(json_object_get(request, "fingerprints"));
	if (*text_of(request, "pem")) {
		if (give_request(invocation, request) < 0)
			fputs("claviger: the request can't be read\n", stderr);
		return;
	}
	if (!strcmp(state, "pending"))
		fprintf(stderr,
			"%% The CA waits for its administrator. Tell him this fingerprint; it is "
			"asked again by itself, next at %s (claviger trustpoint show %s)\n",
			*text_of(request, "next") ? text_of(request, "next") : "its time", name);
	else if (!strcmp(state, "made"))
		fprintf(stderr,
			"%% No certificate yet: %s. It is tried again by itself (claviger "
			"trustpoint show %s)\n",
			*text_of(request, "told") ? text_of(request, "told") : "no answer", name);
}

static void tell(const struct invocation *invocation, const json_t *answer)
{
	const json_t *requests = json_object_get(answer, "requests"), *one;
	const char *name = invocation->arguments[0];
	bool by_hand = false;
	size_t i;

	json_array_foreach(requests, i, one)
	{
		tell_one(invocation, one);
		by_hand = by_hand || *text_of(one, "pem");
	}
	json_array_foreach(json_object_get(answer, "granted"), i, one)
	{
		tell_fingerprints(json_object_get(one, "request"));
		print_trustpoint_certificate(name, one);
	}
	if (by_hand)
		fprintf(stderr,
			"%% Give it to the CA, and what comes back to:\n"
			"    claviger trustpoint import %s certificate FILE\n",
			name);
}

static enum command_status enroll(const struct invocation *invocation, json_t *parameters)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status;
	const char *halt;

	status = connection_call(invocation, CONTROL_TRUSTPOINT_ENROLL, parameters, &answer);
	if (status)
		return status;
	if (invocation->json)
		print_json(answer);
	else
		tell(invocation, answer);
	halt = text_of(json_object_get(answer, "halt"), "reason");
	if (*halt)
		fprintf(stderr, "claviger: %s\n", halt);
	return *halt ? COMMAND_FAILED : COMMAND_DONE;
}

static enum command_status check_words(const struct invocation *invocation)
{
	const char *wrong = NULL;

	if (invocation->n_arguments > 1 && strcmp(invocation->arguments[1], "regenerate") != 0)
		wrong = "after the name only \"regenerate\" may follow";
	else if (invocation->pem && invocation->base64)
		wrong = "--pem or --base64, not both";
	if (wrong)
		fprintf(stderr, "claviger: %s\n", wrong);
	return wrong ? COMMAND_MISUSE : COMMAND_DONE;
}

enum command_status trustpoint_enroll(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *shown = NULL, *parameters = NULL;
	const char *name = invocation->arguments[0];
	enum command_status status = check_words(invocation);

	if (!status)
		status = trustpoint_ask(invocation, name, &shown);
	if (status)
		return status;
	if (!json_is_object(json_object_get(shown, "ca"))) {
		fprintf(stderr,
			"claviger: trustpoint %s has no CA certificate yet: claviger trustpoint "
			"authenticate %s\n",
			name, name);
		return COMMAND_FAILED;
	}
	parameters = json_pack("{s:s, s:b, s:b}", "name", name, "regenerate",
			       (int)(invocation->n_arguments > 1), "anew", (int)invocation->anew);
	if (waits(invocation, shown))
		fputs("% A request waits already: the CA is asked about it again (--anew makes "
		      "another)\n",
		      stderr);
	else
		status = trustpoint_gather(invocation, shown, parameters);
	if (!status && !invocation->json)
		fputs("% Asking the CA; a key that is made on its token takes a while\n", stderr);
	return status ? status : enroll(invocation, parameters);
}
