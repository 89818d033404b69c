/* SPDX-License-Identifier: Apache-2.0 */
/* `trustpoint authenticate`: whom to trust is the operator's to say, certificate in hand. */
#include "daemon/base/text.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/trustpoint.h"
#include <ctype.h>
#include <string.h>
#include <unistd.h>

static const char *text_of(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

/* Whether @given, with blanks or colons between its digits as people copy it, is one of them. */
static bool is_fingerprint(const char *given, const json_t *fingerprints)
{
	char digits[DIGEST_SIZE_MAX * 2 + 1];
	size_t n = 0;
	const char *kind;
	json_t *value;

	for (; *given && n < sizeof(digits) - 1; given++)
		if (!strchr(" :", *given))
			digits[n++] = (char)toupper(*given);
	digits[n] = '\0';
	json_object_foreach((json_t *)(uintptr_t)fingerprints, kind, value)
	{
		const char *text = json_string_value(value);

		if (text && !*given && !strcmp(text, digits))
			return true;
	}
	return false;
}

static enum command_status refuse(const char *name, const char *why)
{
	fprintf(stderr, "claviger: %s. Nothing was accepted: trustpoint %s is as it was\n", why,
		name);
	return COMMAND_FAILED;
}

/* A fingerprint says it, or a person does; --yes is neither, since a program that says yes to
 * whatever it is given trusts whoever answers first. */
static enum command_status decide(const struct invocation *invocation, const json_t *seen)
{
	const char *name = invocation->arguments[0], *pinned = text_of(seen, "pinned");
	const json_t *fingerprints = json_object_get(json_object_get(seen, "ca"), "fingerprints");

	if (!strcmp(pinned, "no"))
		return refuse(name, "this is not the certificate that Fingerprint= names");
	if (invocation->fingerprint)
		return is_fingerprint(invocation->fingerprint, fingerprints)
			       ? COMMAND_DONE
			       : refuse(name, "this is not the certificate that --fingerprint "
					      "names");
	if (!strcmp(pinned, "yes"))
		return COMMAND_DONE;
	if (!isatty(STDIN_FILENO) || invocation->yes)
		return refuse(name, "the CA is not verified, and nobody is there to ask: give its "
				    "fingerprint, known from elsewhere, with --fingerprint, or as "
				    "Fingerprint=");
	if (!ask_yes("%% Do you accept this certificate?%s", ""))
		return refuse(name, "it was not accepted");
	return COMMAND_DONE;
}

static enum command_status accept_ca(const struct invocation *invocation, json_t *parameters,
				     const json_t *seen, json_t **ret)
{
	const json_t *ca = json_object_get(seen, "ca");
	enum command_status status;

	if (json_object_set(parameters, "sha256",
			    json_object_get(json_object_get(ca, "fingerprints"), "sha256")) < 0)
		return COMMAND_FAILED;
	status = connection_call(invocation, CONTROL_TRUSTPOINT_ACCEPT, parameters, ret);
	if (status || invocation->json)
		return status;
	puts("Trustpoint CA certificate accepted.");
	if (*text_of(*ret, "note"))
		fprintf(stderr, "hint: %s\n", text_of(*ret, "note"));
	return COMMAND_DONE;
}

/* Whence it comes: a file, the terminal (which IOS calls so), or NULL for the CA's server. Where
 * the configuration says that all goes by hand, so does this. */
static enum command_status find_source(const struct invocation *invocation, const char **ret)
{
	_cleanup_(control_jsonp) json_t *shown = NULL;
	enum command_status status;

	*ret = invocation->n_arguments > 1 ? invocation->arguments[1] : NULL;
	if (*ret && !strcmp(*ret, "terminal"))
		*ret = "-";
	if (*ret)
		return COMMAND_DONE;
	status = trustpoint_ask(invocation, invocation->arguments[0], &shown);
	if (!status && !strcmp(text_of(shown, "enrollment"), "terminal"))
		*ret = "-";
	return status;
}

static enum command_status look(const struct invocation *invocation, json_t *parameters,
				json_t **ret)
{
	_cleanup_(bytes_done) struct bytes der = {};
	const char *source;
	enum command_status status = find_source(invocation, &source);

	if (!status && source)
		status = trustpoint_read_certificates(invocation, "CA certificate", source, &der);
	if (!status && trustpoint_add_base64(parameters, "certificate", span_of(der)) < 0)
		status = COMMAND_FAILED;
	if (!status)
		status = connection_call(invocation, CONTROL_TRUSTPOINT_LOOK, parameters, ret);
	if (!status && !invocation->json)
		print_trustpoint_look(*ret);
	return status;
}

/* @ret: the answer, the caller's. */
static enum command_status authenticate(const struct invocation *invocation, json_t **ret)
{
	_cleanup_(control_jsonp) json_t *parameters =
		json_pack("{s:s}", "name", invocation->arguments[0]);
	_cleanup_(control_jsonp) json_t *seen = NULL;
	enum command_status status;

	if (!parameters) {
		fputs("claviger: the argument is no UTF-8 text\n", stderr);
		return COMMAND_MISUSE;
	}
	status = look(invocation, parameters, &seen);
	if (!status)
		status = decide(invocation, seen);
	return status ? status : accept_ca(invocation, parameters, seen, ret);
}

enum command_status trustpoint_authenticate(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status = authenticate(invocation, &answer);

	if (!status && invocation->json)
		print_json(answer);
	return status;
}

enum command_status trustpoint_authenticate_for(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;

	return authenticate(invocation, &answer);
}
