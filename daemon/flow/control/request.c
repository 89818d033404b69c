/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/request.h"
#include "daemon/base/text.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/enroll/add.h"
#include "daemon/x509/certificate.h"

#define PAGE_MOST  1000
#define PAGE_BYTES (1 << 20) /* of names: an answer has its limit too */

/* @shadow: the number of the generation that takes over next; 0 without. */
static json_t *json_request(const struct ca_request_record *request, unsigned shadow)
{
	uint8_t md5[DIGEST_SIZE_MAX];
	size_t size = digest_compute(DIGEST_MD5, span_of(request->csr), md5);

	return json_pack(
		"{s:I, s:s, s:s, s:b, s:b, s:o?, s:o?, s:o?, s:o?, s:s, s:o?, s:o?, s:s, s:s}",
		"id", (json_int_t)request->id, "state", ca_request_state_name(request->state),
		"class", grant_class_name(request->class), "rollover",
		shadow && request->generation == shadow, "renewal", request->renewal, "fingerprint",
		control_json_hex(SPAN(md5, size), true), "sha256",
		control_json_hex(SPAN_ARRAY(request->csr_sha256), true), "subject",
		control_json_router(span_of(request->subject)), "transaction",
		control_json_hex(span_of(request->transaction_id), false), "peer",
		request->peer ? request->peer : "", "created",
		control_json_time(request->created_s), "expires",
		control_json_time(request->expires_s), "rule", request->rule ? request->rule : "",
		"reason", request->reason ? request->reason : "");
}

static unsigned shadow_of(const struct authority *authority, int64_t now_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *shadow = generations_shadow(generations, now_s);

	return shadow ? shadow->record->number : 0;
}

/* A page of a list: so many requests, and less where their names are long. */
struct page {
	json_t *requests;
	unsigned shadow; /* as json_request() wants it */
	unsigned room;
	size_t bytes;
	bool more;
};

static int add_request(void *context, const struct ca_request_record *request)
{
	struct page *page = context;

	page->more = !page->room || page->bytes >= PAGE_BYTES;
	if (page->more)
		return 1;
	page->room--;
	page->bytes += request->subject.size;
	return json_array_append_new(page->requests, json_request(request, page->shadow)) ? -ENOMEM
											  : 0;
}

static json_t *refuse_parameter(const char *name, const char *wanted)
{
	return control_error_new(CONTROL_ERROR_INVALID, name, "%s must be %s", name, wanted);
}

/* What is to be listed; the error where that is nothing we have. */
static json_t *read_filter(const struct control_turn *turn, struct store_request_section *section,
			   struct store_request_filter *ret)
{
	const char *class = control_text(turn, "class"), *state = control_text(turn, "state");
	const json_t *limit = json_object_get(turn->parameters, "limit");
	json_int_t page = limit ? json_integer_value(limit) : PAGE_MOST;

	if (class && !grant_class_find(class, &section->class))
		return refuse_parameter("class", "router, ra or subordinate");
	section->rollover = json_is_true(json_object_get(turn->parameters, "rollover"));
	ret->section = class ? section : NULL;
	ret->state = state ? (int)ca_request_state_find(state) : 0;
	if (state && !ret->state)
		return refuse_parameter("state", "initial, authorized, pending, denied, granted or "
						 "malformed");
	if (page < 1 || page > PAGE_MOST)
		return refuse_parameter("limit", "1 to 1000");
	ret->limit = (unsigned)page + 1; /* one more tells whether there is more */
	ret->before_id = json_integer_value(json_object_get(turn->parameters, "before"));
	return NULL;
}

json_t *control_request_list(const struct control_turn *turn)
{
	struct store_request_section section = {};
	struct store_request_filter filter = {};
	struct page page = {};
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	error = read_filter(turn, &section, &filter);
	if (error)
		return error;
	section.shadow = page.shadow = shadow_of(authority, turn->now_s);
	page.requests = json_array();
	page.room = filter.limit - 1;
	r = store_request_list(turn->flow->store, authority->conf->label, &filter, add_request,
			       &page);
	if (r < 0) {
		json_decref(page.requests);
		return control_failure(r, NULL);
	}
	return control_reply_new(
		json_pack("{s:o, s:b}", "requests", page.requests, "more", page.more), false);
}

/* A challenge is shown to nobody: it may be a live one-time password for another subject, and is a
 * router's revocation password. */
static bool holds_challenge(const struct ca_request_record *request)
{
	struct x509_request csr;

	return x509_request_read(span_of(request->csr), &csr) < 0 || csr.has_challenge;
}

/* Of a request that has one. */
static int show_certificate(const struct control_turn *turn,
			    const struct ca_request_record *request, json_t *shown)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	int r;

	if (!request->certificate_id)
		return 0;
	r = store_certificate_load(turn->flow->store, request->certificate_id, &certificate);
	if (r)
		return r < 0 ? r : -EUCLEAN;
	return json_object_set_new(
		       shown, "certificate",
		       control_json_pem("CERTIFICATE", span_of(certificate.certificate)))
		       ? -ENOMEM
		       : 0;
}

/* Whose word it is that it is good: the RA's that sent it, where one did. */
static int show_ra(const struct control_turn *turn, const struct ca_request_record *request,
		   json_t *shown)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record signer = {};
	int r;

	if (!request->signer_id || request->renewal)
		return 0;
	r = store_certificate_load(turn->flow->store, request->signer_id, &signer);
	if (r)
		return r < 0 ? r : -EUCLEAN;
	if (signer.class != GRANT_CLASS_RA)
		return 0;
	return json_object_set_new(shown, "forwardedBy",
				   control_json_router(span_of(signer.subject)))
		       ? -ENOMEM
		       : 0;
}

/* How it stands with the CA, of one that an RA passes on. */
static int show_forward(const struct control_turn *turn, const struct authority *authority,
			const struct ca_request_record *request, json_t *shown)
{
	_cleanup_(ca_forward_record_done) struct ca_forward_record forward = {};
	int r = store_forward_load(turn->flow->store, authority->conf->label, request->id,
				   &forward);

	if (r)
		return r < 0 ? r : 0;
	return json_object_set_new(shown, "forward",
				   json_pack("{s:s, s:I, s:o?, s:o?, s:s}", "state",
					     ca_forward_state_name(forward.state), "tries",
					     (json_int_t)forward.tries, "tried",
					     control_json_time(forward.tried_s), "next",
					     control_json_time(ca_forward_due_s(&forward)), "said",
					     forward.told ? forward.told : ""))
		       ? -ENOMEM
		       : 0;
}

/* All there is to know of one, which is taken over. */
static json_t *show(const struct control_turn *turn, const struct authority *authority,
		    const struct ca_request_record *request)
{
	json_t *shown = json_request(request, shadow_of(authority, turn->now_s));
	int r = shown ? show_certificate(turn, request, shown) : -ENOMEM;

	if (r >= 0)
		r = show_forward(turn, authority, request, shown);
	if (r >= 0)
		r = show_ra(turn, request, shown);
	if (r < 0) {
		json_decref(shown);
		return control_failure(r, NULL);
	}
	json_object_set_new(shown, "fingerprints",
			    control_json_fingerprints(span_of(request->csr)));
	if (!holds_challenge(request))
		json_object_set_new(shown, "csr",
				    control_json_pem("CERTIFICATE REQUEST", span_of(request->csr)));
	return control_reply_new(shown, false);
}

json_t *control_request_show(const struct control_turn *turn)
{
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	json_t *error;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	r = store_request_load(turn->flow->store, authority->conf->label,
			       json_integer_value(json_object_get(turn->parameters, "id")),
			       &request);
	return r ? control_failure(r < 0 ? r : HAND_NOT_FOUND, NULL)
		 : show(turn, authority, &request);
}

json_t *control_request_add(const struct control_turn *turn)
{
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	_cleanup_(bytes_done) struct bytes csr = {};
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;
	struct added added = {.is_rollover =
				      json_is_true(json_object_get(turn->parameters, "rollover"))};
	json_t *error;
	int r;

	if (!control_hand(turn, "server", &hand, &error))
		return error;
	if (text_read_base64(span_of_text(control_text(turn, "csr")), false, &csr) < 0)
		return refuse_parameter("csr", "base64");
	added.csr = span_of(csr);
	r = flow_add_request(&hand, &added, &request, &reason);
	return r ? control_failure(r, reason) : show(turn, hand.authority, &request);
}
