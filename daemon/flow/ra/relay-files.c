/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/ra/relay-files.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/ra/relay-trust.h"
#include "daemon/flow/ra/relay.h"
#include "daemon/flow/reach.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/ca.h"

#define DER_SEQUENCE 0x30
#define STATUS_OK    200

enum { FILE_CA, FILE_CAPS, FILE_NEXT_CA, FILE_SOURCE, FILE_CA_ALONE, FILES_ };

/* The content of each; empty: there is none. */
struct files {
	struct bytes items[FILES_];
};

static const struct file_row {
	const char *name, *operation; /* NULL: nobody is asked for it */
	bool is_der;
	unsigned capability; /* it is asked for where the superior tells that it can; 0: always */
} rows[FILES_] = {
	[FILE_CA] = {"cacert", "GetCACert", true, 0},
	[FILE_CAPS] = {"caps", "GetCACaps", false, 0},
	[FILE_NEXT_CA] = {"nextcacert", "GetNextCACert", true, SCEP_CAN_NEXT_CA},
	/* Whose answers they are: another superior's are none. The front end serves it to nobody.
	 */
	[FILE_SOURCE] = {"source", NULL, false, 0},
	[FILE_CA_ALONE] = {"ca.crt", NULL, true, 0},
};

static void files_done(struct files *files)
{
	for (size_t i = 0; i < FILES_; i++)
		bytes_done(&files->items[i]);
}

/* What is published now; nothing where nothing is. */
static int read_published(struct flow *flow, const struct authority *authority, struct files *ret)
{
	int r = 0;

	for (size_t i = 0; i < FILES_ && r >= 0; i++) {
		_cleanup_(freep) char *path = NULL;

		r = text_format(&path, "%s/%s/%s", flow->public_directory, authority->conf->label,
				rows[i].name);
		if (r >= 0)
			r = file_read(path, TRUSTPOINT_ANSWER_MOST, &ret->items[i]);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

static int fill(void *context, const char *directory)
{
	const struct files *files = context;
	int r = 0;

	for (size_t i = 0; i < FILES_ && r >= 0; i++)
		if (files->items[i].size)
			r = publish_write(directory, rows[i].name, span_of(files->items[i]));
	return r;
}

static bool is_same(const struct files *a, const struct files *b)
{
	for (size_t i = 0; i < FILES_; i++)
		if (!span_equal(span_of(a->items[i]), span_of(b->items[i])))
			return false;
	return true;
}

/* A page of a portal on the way is no certificate. */
static bool is_usable(const struct file_row *row, const struct trustpoint_answer *answer)
{
	return answer->body.size && (!row->is_der || answer->body.data[0] == DER_SEQUENCE);
}

/* Whether the superior itself says that it has no such thing, and not something on the way or a
 * server in trouble. A program that knows the operation no better may say so by any 4xx or 501. */
static bool is_denied(unsigned status)
{
	return (status >= 400 && status <= 499) || status == 501;
}

static bool is_asked(const struct file_row *row, const struct files *now)
{
	unsigned told = scep_capabilities_read(span_of(now->items[FILE_CAPS]));

	return row->operation && (!row->capability || (told & row->capability));
}

/* The CA's certificate is what there must be. 0; FLOW_REFUSED, FLOW_LATER, -errno. */
static int ask_ca(struct trustpoint_turn *turn, struct files *now, char **ret_reason)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	int r = trustpoint_ask(turn, rows[FILE_CA].operation, (struct span){}, &answer, ret_reason);

	if (r)
		return r;
	if (!is_usable(&rows[FILE_CA], &answer))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "what %s answers to GetCACert is no certificate",
					 turn->conf->enrollment_url);
	r = relay_trust_ca(turn, span_of(answer.body), ret_reason);
	if (!r)
		now->items[FILE_CA] = TAKE_STRUCT(answer.body);
	return r;
}

/* Any other: the answer, nothing, or, where the superior is in trouble over it, what was seen last.
 */
static int ask(struct trustpoint_turn *turn, size_t which, const struct files *before,
	       struct files *now)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(freep) char *reason = NULL;
	int r = trustpoint_ask(turn, rows[which].operation, (struct span){}, &answer, &reason);

	if (r && r != FLOW_REFUSED)
		return r;
	if (!r && is_usable(&rows[which], &answer))
		now->items[which] = TAKE_STRUCT(answer.body);
	else if (r && !is_denied(answer.status))
		return bytes_copy(span_of(before->items[which]), &now->items[which]);
	return 0;
}

static int find_ca(struct span cacert, int64_t now_s, struct bytes *ret)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	struct trustpoint_ca ca = {};
	int r = scep_ca_answer_read(cacert, &answer);

	if (r)
		return r == -EBADMSG ? FLOW_REFUSED : r;
	if (trustpoint_ca_choose(answer.certificates, answer.n, now_s, &ca))
		return FLOW_REFUSED;
	return bytes_copy(ca.certificate, ret);
}

/* What follows from the rest. */
static int derive(const struct trustpoint_turn *turn, struct files *files)
{
	int r = bytes_copy(span_of_text(turn->conf->enrollment_url), &files->items[FILE_SOURCE]);

	if (r >= 0)
		r = find_ca(span_of(files->items[FILE_CA]), turn->now_s,
			    &files->items[FILE_CA_ALONE]);
	/* One that can't be told from the rest is served by nothing but GetCACert. */
	return r == FLOW_REFUSED ? 0 : r;
}

static int ask_all(struct trustpoint_turn *turn, const struct files *before, struct files *now,
		   char **ret_reason)
{
	int r = ask_ca(turn, now, ret_reason);

	for (size_t i = FILE_CA + 1; i < FILES_ && !r; i++)
		if (is_asked(&rows[i], now))
			r = ask(turn, i, before, now);
	if (!r && now->items[FILE_NEXT_CA].size)
		r = relay_trust_next_ca(turn, ret_reason);
	return r ? r : derive(turn, now);
}

/* How a message is put to it: what a trustpoint records of any CA. */
static int record_capabilities(struct trustpoint_turn *turn, const struct files *files)
{
	_cleanup_(ca_trustpoint_record_done) struct ca_trustpoint_record record = {};
	struct store_trustpoint_change change = {.record = &record};
	unsigned capabilities = scep_capabilities_read(span_of(files->items[FILE_CAPS]));
	int r;

	if (turn->state.record.capabilities_s && turn->state.record.capabilities == capabilities)
		return 0;
	r = trustpoint_record_copy(turn, &record);
	record.capabilities = capabilities;
	record.capabilities_s = turn->now_s;
	return r < 0 ? r : trustpoint_commit(turn, &change, NULL);
}

/* When the CA's certificate ends another is there, or will be in a moment; else after a while. */
static int64_t next_refresh(const struct files *files, int64_t now_s)
{
	struct x509_certificate certificate;
	struct span der = span_of(files->items[FILE_CA_ALONE]);
	int64_t next_s = now_s + RELAY_REFRESH_S;

	if (!der.size || x509_certificate_read(der, &certificate) < 0)
		return now_s + RELAY_REFRESH_SOON_S;
	return certificate.not_after_s < next_s ? certificate.not_after_s + 1 : next_s;
}

/* One that was deleted meanwhile gives out nothing. */
static int publish(struct trustpoint_turn *turn, struct authority *authority, struct files *files)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(turn->flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);

	return generations->created ? flow_publish_by(turn->flow, authority, fill, files) : 0;
}

/* What was seen of this superior last, into @ret; of another one it is given out no more. */
static int recall(struct trustpoint_turn *turn, struct authority *authority, struct files *ret)
{
	_cleanup_(files_done) struct files published = {}, none = {};
	int r = read_published(turn->flow, authority, &published);

	if (r < 0)
		return r;
	if (span_equal(span_of(published.items[FILE_SOURCE]),
		       span_of_text(turn->conf->enrollment_url))) {
		*ret = TAKE_STRUCT(published);
		return 0;
	}
	return published.items[FILE_CA].size ? publish(turn, authority, &none) : 0;
}

static int refresh(struct trustpoint_turn *turn, struct authority *authority, int64_t *ret_next_s)
{
	_cleanup_(files_done) struct files before = {}, now = {};
	_cleanup_(freep) char *reason = NULL;
	int r = recall(turn, authority, &before);

	if (r < 0)
		return r;
	r = ask_all(turn, &before, &now, &reason);
	if (r == FLOW_REFUSED)
		relay_note_superior(authority, reason);
	if (r)
		return r;
	relay_note_superior(authority, NULL);
	r = record_capabilities(turn, &now);
	if (!r && !is_same(&before, &now))
		r = publish(turn, authority, &now);
	*ret_next_s = next_refresh(&now, turn->now_s);
	log_debug(LOG_FIELDS(log_text("SERVER", authority->conf->label),
			     log_number("NEXT", *ret_next_s)),
		  "what the superior gives out was looked at");
	return r;
}

int flow_relay_refresh(struct trustpoint_turn *turn, struct authority *authority,
		       int64_t *ret_next_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	struct reach *reach = authority->shared->reach;
	const struct reach_look look = {turn->flow->number, turn->now_s};
	int r;

	*ret_next_s = INT64_MAX;
	if (!generations->created || !reach_is_due(reach, &look, ret_next_s))
		return 0;
	*ret_next_s = turn->hold_until_s > turn->now_s ? turn->hold_until_s : INT64_MAX;
	if (turn->hold_until_s > turn->now_s)
		return 0;
	turn->timeout_s = RELAY_TIMEOUT_S;
	r = refresh(turn, authority, ret_next_s);
	if (!r)
		reach_looked(reach, &look, *ret_next_s);
	return r;
}

int flow_relay_ca(struct flow *flow, const struct authority *authority, int64_t now_s,
		  struct bytes *ret)
{
	_cleanup_(files_done) struct files published = {};
	int r = read_published(flow, authority, &published);

	return r < 0 ? r : find_ca(span_of(published.items[FILE_CA]), now_s, ret);
}
