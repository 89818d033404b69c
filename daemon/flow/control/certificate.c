/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/control/parts.h"
#include "daemon/flow/crl/revocation.h"
#include <string.h>

#define PAGE_MOST  1000
#define PAGE_BYTES (1 << 20) /* of names: an answer has its limit too */

static const struct ca_generation_record *
generation_of(const struct generations *generations,
	      const struct ca_certificate_record *certificate)
{
	for (size_t i = 0; i < generations->n; i++)
		if (generations->records[i].id == certificate->generation_id)
			return &generations->records[i];
	return NULL;
}

/* Of the CA certificate that it was issued under: "rollover" before that takes over, "cancelled"
 * where it never will. */
static const char *standing_of(const struct generations *generations,
			       const struct ca_certificate_record *certificate, int64_t now_s)
{
	const struct ca_generation_record *record = generation_of(generations, certificate);

	if (!record)
		return "";
	return ca_generation_is_cancelled(record) ? "cancelled"
	       : record->takes_over_s > now_s	  ? "rollover"
						  : "";
}

static json_t *json_certificate(const struct generations *generations,
				const struct ca_certificate_record *certificate, int64_t now_s)
{
	return json_pack("{s:o?, s:I, s:s, s:o?, s:o?, s:o?, s:o?, s:s*, s:s}", "serial",
			 control_json_hex(span_of(certificate->serial), true), "counter",
			 (json_int_t)certificate->counter, "class",
			 certificate->request_id ? grant_class_name(certificate->class) : "ca",
			 "subject", control_json_name(span_of(certificate->subject)), "notBefore",
			 control_json_time(certificate->not_before_s), "notAfter",
			 control_json_time(certificate->not_after_s), "revoked",
			 control_json_time(certificate->revoked_s), "revocationReason",
			 certificate->revoked_s
				 ? revocation_reason_name(certificate->revocation_reason)
				 : NULL,
			 "standing", standing_of(generations, certificate, now_s));
}

/* A page of a list: so many, and less where their names are long. */
struct listing {
	json_t *list;
	const struct generations *generations;
	int64_t now_s;
	size_t bytes;
	bool more;
};

static int add_certificate(void *context, const struct ca_certificate_record *certificate)
{
	struct listing *listing = context;

	listing->more = json_array_size(listing->list) == PAGE_MOST || listing->bytes >= PAGE_BYTES;
	if (listing->more)
		return 1;
	listing->bytes += certificate->subject.size;
	return json_array_append_new(listing->list, json_certificate(listing->generations,
								     certificate, listing->now_s))
		       ? -ENOMEM
		       : 0;
}

json_t *control_certificate_list(const struct control_turn *turn)
{
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	const json_t *before = json_object_get(turn->parameters, "before");
	struct listing listing;
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	generations = authority_generations(authority);
	listing = (struct listing){json_array(), generations, turn->now_s};
	/* One more tells whether there is more. */
	r = store_certificate_list(turn->flow->store, authority->conf->label,
				   (uint64_t)json_integer_value(before), PAGE_MOST + 1,
				   add_certificate, &listing);
	if (r < 0) {
		json_decref(listing.list);
		return control_failure(r, NULL);
	}
	return control_reply_new(
		json_pack("{s:o, s:b}", "certificates", listing.list, "more", (int)listing.more),
		false);
}

json_t *control_certificate_show(const struct control_turn *turn)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	struct hand hand;
	const char *standing;
	json_t *shown;
	int r;

	if (!control_hand(turn, "server", &hand, &shown))
		return shown;
	r = flow_find_certificate(&hand, control_text(turn, "serial"), &certificate);
	if (r)
		return control_failure(r, NULL);
	generations = authority_generations(hand.authority);
	shown = json_certificate(generations, &certificate, turn->now_s);
	standing = standing_of(generations, &certificate, turn->now_s);
	if (shown && !strcmp(standing, "cancelled"))
		json_object_set_new(shown, "note",
				    json_string("of no use: the rollover that it was issued in "
						"was cancelled"));
	if (shown)
		json_object_set_new(shown, "fingerprints",
				    control_json_fingerprints(span_of(certificate.certificate)));
	if (shown)
		json_object_set_new(
			shown, "pem",
			control_json_pem("CERTIFICATE", span_of(certificate.certificate)));
	return control_reply_new(shown, false);
}

static int add_beside(void *context, const struct ca_certificate_record *certificate)
{
	const struct listing *listing = context;
	const char *standing = standing_of(listing->generations, certificate, listing->now_s);
	json_t *json;

	if (!strcmp(standing, "cancelled"))
		return 0;
	json = json_pack("{s:o?, s:s}", "serial",
			 control_json_hex(span_of(certificate->serial), true), "standing",
			 standing);
	return json_array_append_new(listing->list, json) ? -ENOMEM : 0;
}

/* What the same subject holds from the CA before or after: a revocation is of one certificate. The
 * revocation is done; what can't be told of it is no failure of it. */
static json_t *show_revoked(const struct control_turn *turn, const struct hand *hand)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(hand->authority);
	struct listing listing = {json_array(), generations, turn->now_s};
	int r = flow_find_certificate(hand, control_text(turn, "serial"), &certificate);
	json_t *shown = control_certificate_show(turn);

	if (r == 0)
		r = store_certificate_list_beside(turn->flow->store, hand->authority->conf->label,
						  &certificate, turn->now_s, add_beside, &listing);
	if (r == 0)
		json_object_set(json_object_get(shown, "parameters"), "beside", listing.list);
	json_decref(listing.list);
	return shown;
}

json_t *control_certificate_revoke(const struct control_turn *turn)
{
	_cleanup_(freep) char *text = NULL;
	struct hand hand;
	const char *name = control_text(turn, "reason");
	int reason = name ? revocation_reason_find(name) : 0, r;
	json_t *error;

	if (!control_hand(turn, "server", &hand, &error))
		return error;
	if (reason < 0)
		return control_error_new(CONTROL_ERROR_INVALID, "reason",
					 "\"%s\" is no reason (RFC 5280 §5.3.1); these there are: "
					 "%s",
					 name, revocation_reason_list());
	r = flow_revoke_certificate(&hand, control_text(turn, "serial"), reason, &text);
	return r ? control_failure(r, text) : show_revoked(turn, &hand);
}

json_t *control_certificate_release(const struct control_turn *turn)
{
	_cleanup_(freep) char *text = NULL;
	struct hand hand;
	json_t *error;
	int r;

	if (!control_hand(turn, "server", &hand, &error))
		return error;
	r = flow_release_certificate(&hand, control_text(turn, "serial"), &text);
	return r ? control_failure(r, text) : control_certificate_show(turn);
}
