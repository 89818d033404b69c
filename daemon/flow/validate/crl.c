/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate/crl.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/validate/sources.h"
#include "daemon/store/peer-crls.h"
#include "daemon/x509/certificate.h"
#include <stdlib.h>
#include <string.h>

#define UNVERIFIED_MOST ((size_t)1024 * 1024)

/* OpenSSL makes an object of each entry, before it looks at the signature: what is large must be
 * its issuer's by the strict reader, which makes none. */
static bool is_worth_reading(const struct crl_search *search, struct span crl)
{
	const struct x509_path_item *issuer = &search->path->items[search->at + 1];
	struct x509_certificate certificate;
	struct x509_crl read;

	if (crl.size <= UNVERIFIED_MOST)
		return true;
	return x509_crl_read(crl, &read) >= 0 &&
	       x509_certificate_read(span_of(issuer->whole), &certificate) >= 0 &&
	       x509_verify(&certificate.key, read.digest, read.to_be_signed, read.signature) == 0;
}

int crl_search_judge(const struct crl_search *search, struct span crl, const char **ret_fault)
{
	const struct x509_path *path = search->path;
	struct span others[X509_PATH_MAX];
	const struct x509_path_question question = {
		.anchors = &search->anchor->certificate,
		.n_anchors = 1,
		.others = others,
		.n_others = path->n,
		.certificate = span_of(path->items[search->at].whole),
		.crl = crl,
		.now_s = search->now_s,
	};
	_cleanup_(x509_path_done) struct x509_path found = {};
	struct x509_path_fault fault;
	int r;

	/* None at all would be a question that leaves revocation out. */
	*ret_fault = "that is no CRL";
	if (!crl.size)
		return CRL_SEARCH_NONE;
	*ret_fault = "the CRL is large, and not signed by RSA with its issuer's key";
	if (!is_worth_reading(search, crl))
		return CRL_SEARCH_NONE;
	for (size_t i = 0; i < path->n; i++)
		others[i] = span_of(path->items[i].whole);
	r = x509_path_find(&question, &found, &fault);
	if (r <= 0)
		return r;
	*ret_fault = fault.text;
	return r == X509_PATH_REVOKED ? CRL_SEARCH_REVOKED : CRL_SEARCH_NONE;
}

static int note_source(struct validation_step *step, const char *name, struct span crl)
{
	int64_t this_update_s;

	if (x509_crl_dates(crl, &this_update_s, &step->next_update_s) < 0)
		return -EBADMSG;
	step->crl_from = strdup(name);
	return step->crl_from ? 0 : -ENOMEM;
}

/* Held against the certificate, and noted where something follows from it. */
static int try(const struct crl_search *search, const char *name, struct span crl,
	       struct validation_step *ret, const char **ret_fault)
{
	int r = crl_search_judge(search, crl, ret_fault), n;

	if (r < 0 || r == CRL_SEARCH_NONE)
		return r;
	n = note_source(ret, name, crl);
	return n < 0 ? n : r;
}

static int try_kept(const struct crl_search *search, const struct crl_source *source,
		    struct span issuer, struct validation_step *ret)
{
	_cleanup_(bytes_done) struct bytes crl = {};
	const char *fault;
	int r = store_peer_crl_load(search->flow->store, source->name, issuer, search->now_s, &crl);

	if (r)
		return r < 0 ? r : CRL_SEARCH_NONE;
	return try(search, source->name, span_of(crl), ret, &fault);
}

/* That it can't be kept is told, and does no harm: it is fetched again. */
static void keep(const struct crl_search *search, const struct crl_source *source,
		 struct span issuer, struct span crl, int64_t next_update_s)
{
	const struct store_peer_crl one = {source->name, issuer, next_update_s, crl};
	int r = store_peer_crl_save(search->flow->store, &one, search->now_s);

	if (r < 0)
		log_warning(LOG_FIELDS(log_text("SOURCE", source->name), log_number("ERRNO", -r)),
			    "a CRL was fetched and can't be kept");
	else
		log_info(LOG_FIELDS(log_text("SOURCE", source->name)), "CRL fetched");
}

static int try_fresh(const struct crl_search *search, const struct crl_source *source,
		     struct span issuer, struct validation_step *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes crl = {};
	const char *fault;
	int r = source->fetch(search, source->name, &crl, ret_reason);

	if (r)
		return r < 0 ? r : CRL_SEARCH_NONE;
	r = try(search, source->name, span_of(crl), ret, &fault);
	if (r == CRL_SEARCH_NONE)
		return text_format(ret_reason, "%s: %s", source->name, fault) < 0 ? -ENOMEM : r;
	if (r >= 0)
		keep(search, source, issuer, span_of(crl), ret->next_update_s);
	return r;
}

/* Only one asks a source at a time: who waited finds what the first brought. */
static int ask(const struct crl_search *search, const struct crl_source *source, struct span issuer,
	       struct validation_step *ret, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(search->flow->claims, CLAIM_PEER_CRL, span_of_text(source->name));
	int r = try_kept(search, source, issuer, ret);

	return r != CRL_SEARCH_NONE ? r : try_fresh(search, source, issuer, ret, ret_reason);
}

/* "a; b": each source's reason, joined to those before. */
static int join(char **reasons, char *reason)
{
	_cleanup_(freep) char *first = *reasons, *second = reason;

	*reasons = NULL;
	if (!first || !second)
		return *reasons = first ? TAKE_PTR(first) : TAKE_PTR(second), 0;
	return text_format(reasons, "%s; %s", first, second) < 0 ? -ENOMEM : 0;
}

static int ask_each(const struct crl_search *search, const struct crl_sources *sources,
		    struct span issuer, struct validation_step *ret, char **ret_reason)
{
	int r = CRL_SEARCH_NONE;

	for (size_t i = 0; i < sources->n && r == CRL_SEARCH_NONE; i++) {
		char *reason = NULL;

		r = ask(search, &sources->items[i], issuer, ret, &reason);
		if (join(ret_reason, reason) < 0)
			r = -ENOMEM;
	}
	return r;
}

/* What any of them gave, before one that is down is waited for again. */
static int try_sources(const struct crl_search *search, const struct crl_sources *sources,
		       struct validation_step *ret, char **ret_reason)
{
	uint8_t issuer[SHA256_SIZE];
	int r = CRL_SEARCH_NONE;

	if (!sources->n)
		return text_format(ret_reason, "%s", sources->lack) < 0 ? -ENOMEM : r;
	sha256(span_of(search->path->items[search->at + 1].whole), issuer);
	for (size_t i = 0; i < sources->n && r == CRL_SEARCH_NONE; i++)
		r = try_kept(search, &sources->items[i], SPAN_ARRAY(issuer), ret);
	return r != CRL_SEARCH_NONE
		       ? r
		       : ask_each(search, sources, SPAN_ARRAY(issuer), ret, ret_reason);
}

/* What a server of this machine signed last is in the database. */
static int try_server(const struct crl_search *search, struct validation_step *ret,
		      char **ret_reason)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	_cleanup_(freep) char *name = NULL;
	const char *label = search->anchor->server->conf->label, *fault = NULL;
	int r = store_crl_load_own(search->flow->store, search->anchor->generation_id, &crl);

	if (r < 0 || text_format(&name, "server %s", label) < 0)
		return r < 0 ? r : -ENOMEM;
	r = r ? CRL_SEARCH_NONE : try(search, name, span_of(crl.der), ret, &fault);
	if (r == CRL_SEARCH_NONE &&
	    text_format(ret_reason, "%s: %s", name, fault ? fault : "it has no CRL yet") < 0)
		return -ENOMEM;
	return r;
}

int crl_search(const struct crl_search *search, struct validation_step *ret, char **ret_reason)
{
	_cleanup_(crl_sources_done) struct crl_sources sources = {};
	int r;

	if (search->anchor->server && search->at + 2 == search->path->n)
		return try_server(search, ret, ret_reason);
	r = crl_sources_find(search, &sources);
	return r < 0 ? r : try_sources(search, &sources, ret, ret_reason);
}
