/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/superior.h"
#include "daemon/base/text.h"
#include "daemon/base/utf8.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/class-of-name.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/ipc/keys.h"
#include "daemon/trustpoint/planner.h"
#include <stdlib.h>
#include <string.h>

#define WAITS "waits for its certificate from the superior CA"

static void tell_halt(const struct trustpoint_turn *turn, struct buffer *out)
{
	const struct ca_trustpoint_record *record = &turn->state.record;
	bool is_stranger = record->halt == CA_TRUSTPOINT_STRANGER;

	buffer_printf(out, ", and asks no more (%s): claviger trustpoint %s %s",
		      record->halt_reason ? record->halt_reason
					  : ca_trustpoint_halt_name(record->halt),
		      is_stranger ? "authenticate" : "enroll", turn->conf->name);
}

static void tell_enrollment(const struct trustpoint_turn *turn,
			    const struct ca_enrollment_record *enrollment, struct buffer *out)
{
	char since[32];

	text_format_time(enrollment->created_s, since);
	if (enrollment->state == CA_ENROLLMENT_BY_HAND)
		buffer_printf(out, ": requested by hand at %s; claviger trustpoint import %s",
			      since, turn->conf->name);
	else if (enrollment->state == CA_ENROLLMENT_PENDING)
		buffer_printf(out, ": pending there since %s", since);
	else
		buffer_printf(out, ": asked for since %s", since);
	if (enrollment->state != CA_ENROLLMENT_BY_HAND && enrollment->told)
		buffer_printf(out, " (%s)", enrollment->told);
}

static void tell(const struct trustpoint_turn *turn, struct buffer *out)
{
	const struct ca_trustpoint_record *record = &turn->state.record;

	if (record->halt)
		tell_halt(turn, out);
	else if (turn->state.n_enrollments)
		tell_enrollment(turn, &turn->state.enrollments[0], out);
	else if (trustpoint_needs_authenticate(&turn->state, turn->now_s) &&
		 !turn->conf->fingerprint)
		buffer_printf(out,
			      ", which nobody vouched for yet%s%s: claviger trustpoint "
			      "authenticate %s",
			      record->failure ? "; " : "", record->failure ? record->failure : "",
			      turn->conf->name);
	else if (record->failure)
		buffer_printf(out, ": %s", record->failure);
	else if (record->next_ca_misses)
		buffer_printf(
			out,
			": asked %u times for the CA that is to follow it, it has none yet; its "
			"AutoRollover= is to be longer than this server's",
			record->next_ca_misses);
	else if (!trustpoint_is_online(turn->conf))
		buffer_printf(out, ": claviger trustpoint enroll %s makes the request",
			      turn->conf->name);
}

/* Cut between characters: it is told as JSON, too. */
static void put(const struct buffer *out, char ret[static SUPERIOR_TEXT_SIZE])
{
	size_t size = out->error ? 0 : utf8_fit(span_of_buffer(out), SUPERIOR_TEXT_SIZE - 1);

	if (size && out->data)
		memcpy(ret, out->data, size);
	ret[size] = 0;
}

void superior_tell(struct flow *flow, const struct authority *authority, int64_t now_s,
		   char ret[static SUPERIOR_TEXT_SIZE])
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	_cleanup_(buffer_done) struct buffer out = {};
	int r = trustpoint_turn_look(flow, authority->conf->label, now_s, &turn);

	buffer_append_text(&out, WAITS);
	if (!r)
		tell(&turn, &out);
	put(&out, ret);
}

/* What an RA holds for its clients, since the CA could not be asked. */
struct held {
	const char *label;
	unsigned n;
	int64_t tried_s;
	char *told; /* by the last of them */
};

static int count_held(void *context, const struct store_forward_place *place)
{
	struct held *held = context;

	if (strcmp(place->server, held->label) != 0 || !place->told || !*place->told)
		return 0;
	held->n++;
	if (held->told && place->forward.tried_s < held->tried_s)
		return 0;
	held->tried_s = place->forward.tried_s;
	return trustpoint_text_set(&held->told, place->told);
}

static void tell_held(struct flow *flow, const struct authority *authority, struct buffer *out)
{
	struct held held = {.label = authority->conf->label};

	if (store_forward_list(flow->store, count_held, &held) >= 0 && held.n)
		buffer_printf(out, "%u %s to be passed on to the CA: %s", held.n,
			      held.n == 1 ? "request waits" : "requests wait", held.told);
	free(held.told);
}

/* Its CA goes by the name, as ours does; one that doesn't is not known to. */
static bool is_named_otherwise(const struct trustpoint_turn *turn)
{
	const struct ca_identity_record *identity =
		ca_identity_active(&turn->state, KEY_USAGE_GENERAL, turn->now_s);
	struct x509_certificate certificate;

	return identity &&
	       x509_certificate_read(span_of(identity->certificate), &certificate) == 0 &&
	       class_of_name(certificate.subject) != GRANT_CLASS_RA;
}

static void tell_trouble(const struct trustpoint_turn *turn, const struct authority *authority,
			 struct buffer *out)
{
	bool is_ra = conf_server_is_ra(authority->conf);

	if (turn->state.record.halt) {
		buffer_append_text(out, "has no certificate to follow the one in force");
		tell_halt(turn, out);
	} else if (is_ra && is_named_otherwise(turn)) {
		buffer_printf(
			out,
			"its certificate was granted as a router's, not as an RA's: SubjectName= "
			"of [Trustpoint %s] needs \"ioscs RA\" in CN or OU; then claviger "
			"server delete %s, and server create %s",
			turn->conf->name, turn->conf->name, turn->conf->name);
	} else if (is_ra) {
		tell_held(turn->flow, authority, out);
	}
}

void superior_tell_trouble(struct flow *flow, const struct authority *authority, int64_t now_s,
			   char ret[static SUPERIOR_TEXT_SIZE])
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	_cleanup_(buffer_done) struct buffer out = {};

	if (!trustpoint_turn_look(flow, authority->conf->label, now_s, &turn))
		tell_trouble(&turn, authority, &out);
	put(&out, ret);
}
