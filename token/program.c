/* SPDX-License-Identifier: Apache-2.0 */
#include "token/program.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/spki.h"
#include <stdio.h>
#include <stdlib.h>

void program_key_done(struct program_key *key)
{
	free(key->label);
}

static int read_key(struct service *service, struct program_key *key)
{
	struct span modulus = {0}, exponent;
	int r;

	key->charter = charter_rules(key->held);
	r = spki_read(span_of(charter_fixed(key->held)->spki), &modulus, &exponent);
	if (r == 0)
		r = charters_read_label(service->charters, key->held, &key->label);
	if (r == 0)
		r = service_find_uses(service, key->label, &key->uses);
	key->modulus_bytes = modulus.size;
	return r;
}

bool program_find_key(struct request *request, struct span key_sha256, struct program_key *ret)
{
	struct service *service = request->service;
	struct program_key key = {.held = charters_find(service->charters, key_sha256)};
	int r;

	if (!key.held) {
		request_fail(request, IPC_FAILURE_NOT_FOUND, "no key with a charter has this name");
		return false;
	}
	r = read_key(service, &key);
	*ret = key;
	if (r < 0)
		request_fail_keeper(request, r, NULL);
	return r == 0;
}

const char *program_refuses(const struct program_key *key)
{
	if (key->charter.role != CHARTER_IDENTITY)
		return "other programs use identity keys alone";
	return key->uses ? NULL : "no [Use] section speaks of this key";
}

static void tell_again(const struct service *service, const struct log_repeat *told)
{
	log_warning(LOG_FIELDS(log_text("TOKEN", service->name), log_text("LABEL", told->what),
			       log_text("KIND", told->who), log_text("RULE", told->why),
			       log_number("TIMES", told->more)),
		    "refused to let a program use a key again and again: %u times more",
		    told->more);
}

/* clavigerd refuses by the same rules, so that this is seldom; but who took it over must not fill
 * the log. */
static bool is_told(const struct service *service, const struct program_key *key, const char *kind,
		    const char *rule)
{
	struct log_repeat refusal = {.kind = 0}, before;
	bool tells;

	snprintf(refusal.who, sizeof(refusal.who), "%s", kind);
	snprintf(refusal.what, sizeof(refusal.what), "%s", key->label);
	snprintf(refusal.why, sizeof(refusal.why), "%s", rule);
	tells = log_repeats_tells(service->refusals, &refusal, clock_monotonic_ms(), &before);
	if (before.more)
		tell_again(service, &before);
	return tells;
}

void program_tell(const struct service *service)
{
	struct log_repeat told;

	while (log_repeats_next(service->refusals, clock_monotonic_ms(), &told))
		tell_again(service, &told);
}

static void tell(const struct request *request, const struct program_key *key, const char *kind,
		 const char *rule)
{
	char hex[129];

	log_warning(LOG_FIELDS(log_text("TOKEN", request->service->name),
			       log_text("LABEL", key->label),
			       log_text("ROLE", charter_role_name(key->charter.role)),
			       log_hex("KEY", SPAN_ARRAY(key->charter.key_sha256), hex),
			       log_text("KIND", kind), log_text("RULE", rule),
			       log_number("PEER_UID", connection_uid(request->connection)),
			       log_number("PEER_PID", connection_pid(request->connection))),
		    "refused to let a program use a key: %s", rule);
}

void program_refuse(struct request *request, const struct program_key *key, const char *kind,
		    const char *rule)
{
	if (is_told(request->service, key, kind, rule))
		tell(request, key, kind, rule);
	request_fail(request, IPC_FAILURE_REFUSED, "%s", rule);
}

struct hsm_rsa_key program_key_on_token(const struct program_key *key)
{
	const struct charter_file *file = charter_fixed(key->held);

	return (struct hsm_rsa_key){span_of(file->id), span_of(file->spki)};
}

bool program_fail_absent(struct request *request, const struct program_key *key, int outcome)
{
	bool absent = outcome == HSM_RSA_KEY_ABSENT;

	charters_set_present(request->service->charters, key->held, !absent);
	if (absent)
		request_fail(request, IPC_FAILURE_NOT_FOUND,
			     "the key is not on the token that is there");
	return absent;
}
