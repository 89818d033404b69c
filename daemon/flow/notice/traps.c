/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/notice/traps.h"
#include "daemon/base/clock.h"
#include "daemon/base/credential.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/utf8.h"
#include "daemon/ipc/fetch-client.h"
#include "daemon/ipc/message.h"
#include <stdlib.h>
#include <string.h>

#define TRIES_MOST     5
#define WAITING_MOST   256
#define TIMEOUT_S      10
#define PASSWORD_MOST  1024
#define COMMUNITY_MOST 255
#define NAME_MOST      1024 /* of an issuer or subject in a trap */
#define SERIAL_MOST    64
/* Engine time is counted from 2020 on: it needs no state of its own, is less than 2^31 until 2088,
 * and never less than before, restart or not. */
#define ENGINE_EPOCH_S INT64_C(1577836800)

/* Of the moment of sending, not of the notice: v3 sinks drop what is 150 s old (RFC 3414 §2.2.3).
 */
static uint32_t engine_time_s(int64_t now_s)
{
	return now_s > ENGINE_EPOCH_S ? (uint32_t)(now_s - ENGINE_EPOCH_S) : 0;
}

/* clavigerCertificateType of the MIB. */
static const uint8_t types[] = {
	[CA_NOTICE_IDENTITY] = 1, [CA_NOTICE_ANCHOR] = 2, [CA_NOTICE_SERVER_CA] = 2,
	[CA_NOTICE_EXCHANGE] = 1, [CA_NOTICE_CRL] = 3,
};
static const uint8_t auths[] = {
	[CONF_SNMP_AUTH_SHA] = FETCH_TRAP_SHA,
	[CONF_SNMP_AUTH_SHA256] = FETCH_TRAP_SHA256,
	[CONF_SNMP_AUTH_SHA512] = FETCH_TRAP_SHA512,
};
static const uint8_t privacies[] = {
	[CONF_SNMP_PRIVACY_NONE] = FETCH_TRAP_CLEAR,
	[CONF_SNMP_PRIVACY_AES] = FETCH_TRAP_AES,
};

struct waiting {
	struct waiting *next;
	unsigned tries;
	char *sink, *name, *issuer, *subject;
	struct bytes serial;
	struct ipc_fetch_trap message; /* but for what is borrowed, and for passwords */
};

struct notice_traps {
	pthread_mutex_t lock;
	struct waiting *first;
	size_t n;
};

static struct waiting *waiting_free(struct waiting *waiting)
{
	if (!waiting)
		return NULL;
	free(waiting->sink);
	free(waiting->name);
	free(waiting->issuer);
	free(waiting->subject);
	bytes_done(&waiting->serial);
	free(waiting);
	return NULL;
}

int notice_traps_new(struct notice_traps **ret)
{
	struct notice_traps *traps = calloc(1, sizeof(*traps));

	if (!traps)
		return -ENOMEM;
	pthread_mutex_init(&traps->lock, NULL);
	*ret = traps;
	return 0;
}

static struct waiting *take_all(struct notice_traps *traps)
{
	struct waiting *all;

	pthread_mutex_lock(&traps->lock);
	all = TAKE_PTR(traps->first);
	traps->n = 0;
	pthread_mutex_unlock(&traps->lock);
	return all;
}

static void free_all(struct waiting *waiting)
{
	while (waiting) {
		struct waiting *next = waiting->next;

		waiting_free(waiting);
		waiting = next;
	}
}

struct notice_traps *notice_traps_free(struct notice_traps *traps)
{
	if (!traps)
		return NULL;
	free_all(take_all(traps));
	pthread_mutex_destroy(&traps->lock);
	free(traps);
	return NULL;
}

static void tell_failure(const struct waiting *waiting, const char *reason, bool gives_up)
{
	log_warning(
		LOG_FIELDS(log_event(LOG_EVENT_NOTICE_TRAP_FAILED), log_text("SINK", waiting->sink),
			   log_text("TRUSTPOINT", waiting->name), log_text("REASON", reason)),
		"an SNMP trap could not be sent: %s%s", reason, gives_up ? "; it is given up" : "");
}

/* Behind the others; one for which there is no room is lost, which the journal's line is not. */
static void put(struct notice_traps *traps, struct waiting *waiting)
{
	struct waiting **at = &traps->first;
	bool fits;

	waiting->next = NULL;
	pthread_mutex_lock(&traps->lock);
	fits = traps->n < WAITING_MOST;
	while (*at)
		at = &(*at)->next;
	if (fits) {
		*at = waiting;
		traps->n++;
	}
	pthread_mutex_unlock(&traps->lock);
	if (!fits) {
		tell_failure(waiting, "too many traps wait already", true);
		waiting_free(waiting);
	}
}

static int copy_name(const char *name, char **ret)
{
	struct span text = span_of_text(name);

	return text_format(ret, "%.*s", (int)utf8_fit(text, NAME_MOST), name ? name : "");
}

static int waiting_new(const char *sink, const struct ca_notice_words *words, struct waiting **ret)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	int r;

	if (!waiting)
		return -ENOMEM;
	r = text_format(&waiting->sink, "%s", sink);
	if (r >= 0)
		r = text_format(&waiting->name, "%s", words->name);
	if (r >= 0)
		r = copy_name(words->issuer, &waiting->issuer);
	if (r >= 0)
		r = copy_name(words->subject, &waiting->subject);
	if (r >= 0)
		r = bytes_copy(span_slice(words->serial, 0, SERIAL_MOST), &waiting->serial);
	if (r < 0)
		waiting_free(waiting);
	else
		*ret = waiting;
	return r;
}

int notice_traps_add(struct flow *flow, const struct ca_notice_words *words,
		     enum ca_notice_level level, int64_t now_s)
{
	const struct conf_notify *notify = &flow->conf->notify;

	for (size_t i = 0; i < notify->n_snmp_trap; i++) {
		struct waiting *waiting;
		int r = waiting_new(notify->snmp_trap[i], words, &waiting);

		if (r < 0)
			return r;
		waiting->message = (struct ipc_fetch_trap){
			.notification = level == CA_NOTICE_ALERT ? 2 : 1,
			.type = types[words->kind],
			.not_after_s = words->until_s,
			.left_s = words->until_s > now_s ? (uint32_t)(words->until_s - now_s) : 0,
		};
		put(flow->traps, waiting);
	}
	return 0;
}

bool notice_traps_wait(struct flow *flow)
{
	bool some;

	pthread_mutex_lock(&flow->traps->lock);
	some = flow->traps->first != NULL;
	pthread_mutex_unlock(&flow->traps->lock);
	return some;
}

/* What a sink is told besides, out of the configuration as it is now. */
struct secrets {
	struct secret community, auth, privacy;
};

static void secrets_done(struct secrets *secrets)
{
	secret_done(&secrets->community);
	secret_done(&secrets->auth);
	secret_done(&secrets->privacy);
}

static int read_secret(const char *place, size_t most, struct secret *ret, char **ret_reason)
{
	return place ? credential_read(place, most, ret, ret_reason) : 0;
}

static int read_secrets(const struct conf_notify *notify, bool is_v3, struct secrets *ret,
			char **ret_reason)
{
	int r;

	if (!is_v3)
		return read_secret(notify->snmp_community, COMMUNITY_MOST, &ret->community,
				   ret_reason);
	r = read_secret(notify->snmp_auth_password, PASSWORD_MOST, &ret->auth, ret_reason);
	if (!r && notify->snmp_privacy != CONF_SNMP_PRIVACY_NONE)
		r = read_secret(notify->snmp_privacy_password, PASSWORD_MOST, &ret->privacy,
				ret_reason);
	return r;
}

/* 0; > 0 with *ret_reason; -errno. */
static int send_one(struct flow *flow, const struct waiting *waiting, char **ret_reason)
{
	const struct conf_notify *notify = &flow->conf->notify;
	_cleanup_(secrets_done) struct secrets secrets = {};
	struct ipc_fetch_trap message = waiting->message;
	const struct fetch_order order = {
		.runtime_directory = flow->conf->daemon.runtime_directory,
		.url = waiting->sink,
		.timeout_s = TIMEOUT_S,
		.canceller = flow->canceller,
	};
	uint8_t engine[STORE_ID_SIZE];
	int r = read_secrets(notify, !strncmp(waiting->sink, "v3:", 3), &secrets, ret_reason);

	if (!r)
		r = store_id(flow->store, engine);
	if (r)
		return r;
	message.sink = span_of_text(waiting->sink);
	message.uptime_s = engine_time_s(clock_now_s());
	message.name = span_of_text(waiting->name);
	message.issuer = span_of_text(waiting->issuer);
	message.subject = span_of_text(waiting->subject);
	message.serial = span_of(waiting->serial);
	message.engine = SPAN_ARRAY(engine);
	message.community =
		notify->snmp_community ? span_of_secret(secrets.community) : SPAN_LITERAL("public");
	message.auth = auths[notify->snmp_auth];
	message.auth_password = span_of_secret(secrets.auth);
	message.privacy = privacies[notify->snmp_privacy];
	message.privacy_password = span_of_secret(secrets.privacy);
	return fetch_trap(&order, &message, ret_reason);
}

static void fail(struct flow *flow, struct waiting *waiting, const char *reason)
{
	bool gives_up = ++waiting->tries >= TRIES_MOST;

	tell_failure(waiting, reason, gives_up);
	if (gives_up)
		waiting_free(waiting);
	else
		put(flow->traps, waiting);
}

void notice_traps_send(struct flow *flow)
{
	struct waiting *waiting = take_all(flow->traps);

	while (waiting) {
		_cleanup_(freep) char *reason = NULL;
		struct waiting *next = waiting->next;
		int r = send_one(flow, waiting, &reason);

		if (r)
			fail(flow, waiting, reason ? reason : strerrordesc_np(-r));
		else
			waiting_free(waiting);
		waiting = next;
	}
}
