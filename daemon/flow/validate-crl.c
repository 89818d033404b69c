/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate-crl.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/validate-scep.h"
#include "daemon/ipc/fetch-client.h"
#include "daemon/store/peer-crls.h"
#include "daemon/x509/certificate.h"
#include <stdlib.h>
#include <string.h>

#define UNVERIFIED_MOST ((size_t)1024 * 1024)

/* What RFC 5280 §4.2.1.13 speaks of. A certificate is the word of a stranger: no files, and nothing
 * that would write. */
static const char *const schemes[] = {"http:", "https:", "ldap:", "ldaps:"};

/* One place that may have it. */
struct source {
	const char *name; /* a URL, or what else it is called in the cache */
	int (*fetch)(const struct crl_search *search, const char *name, struct bytes *ret,
		     char **ret_reason);
};

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

static int try_kept(const struct crl_search *search, const struct source *source,
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
static void keep(const struct crl_search *search, const struct source *source, struct span issuer,
		 struct span crl, int64_t next_update_s)
{
	const struct store_peer_crl one = {source->name, issuer, next_update_s, crl};
	int r = store_peer_crl_save(search->flow->store, &one, search->now_s);

	if (r < 0)
		log_warning(LOG_FIELDS(log_text("SOURCE", source->name), log_number("ERRNO", -r)),
			    "a CRL was fetched and can't be kept");
	else
		log_info(LOG_FIELDS(log_text("SOURCE", source->name)), "CRL fetched");
}

static int try_fresh(const struct crl_search *search, const struct source *source,
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
static int try_source(const struct crl_search *search, const struct source *source,
		      struct validation_step *ret, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	uint8_t hash[SHA256_SIZE];
	int r;

	sha256(span_of(search->path->items[search->at + 1].whole), hash);
	r = try_kept(search, source, SPAN_ARRAY(hash), ret);
	if (r != CRL_SEARCH_NONE)
		return r;
	claim = claim_take(search->flow->claims, CLAIM_PEER_CRL, span_of_text(source->name));
	r = try_kept(search, source, SPAN_ARRAY(hash), ret);
	return r != CRL_SEARCH_NONE ? r
				    : try_fresh(search, source, SPAN_ARRAY(hash), ret, ret_reason);
}

static bool is_taken(const char *url)
{
	for (size_t i = 0; i < ELEMENTS(schemes); i++)
		if (!strncasecmp(url, schemes[i], strlen(schemes[i])))
			return true;
	return false;
}

static int fetch(const struct crl_search *search, const char *url, struct bytes *ret,
		 char **ret_reason)
{
	const struct fetch_order order = {
		.runtime_directory = search->flow->conf->daemon.runtime_directory,
		.url = url,
		.timeout_s = VALIDATE_CRL_TIMEOUT_S,
		.canceller = search->flow->canceller,
	};

	if (is_taken(url))
		return fetch_get(&order, FETCH_CONTENT_MOST, ret, ret_reason);
	if (text_format(ret_reason,
			"%s: no URL that a CRL is fetched from (http, https, ldap, ldaps)",
			url) < 0)
		return -ENOMEM;
	return FETCH_REFUSED;
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

static int try_places(const struct crl_search *search, const struct x509_crl_places *places,
		      struct validation_step *ret, char **ret_reason)
{
	int r = CRL_SEARCH_NONE;

	for (size_t i = 0; i < places->n && r == CRL_SEARCH_NONE; i++) {
		const struct source source = {places->urls[i], fetch};
		char *reason = NULL;

		r = try_source(search, &source, ret, &reason);
		if (join(ret_reason, reason) < 0)
			r = -ENOMEM;
	}
	return r;
}

static int try_query(const struct crl_search *search, const char *configured,
		     struct validation_step *ret, char **ret_reason)
{
	_cleanup_(freep) char *url = NULL;
	int r = crl_query_url(configured, span_of(search->path->items[search->at].issuer), &url);
	const struct source source = {url, fetch};

	return r < 0 ? r : try_source(search, &source, ret, ret_reason);
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

static bool is_of_anchor(const struct crl_search *search)
{
	return search->at + 2 == search->path->n;
}

/* It names no place: the trustpoint's own, or the CA itself. */
static int try_trustpoint(const struct crl_search *search, struct validation_step *ret,
			  char **ret_reason)
{
	const struct conf_trustpoint *conf = search->anchor->trustpoint;
	_cleanup_(freep) char *name = NULL;
	struct source source = {.fetch = validate_scep_crl};

	if (conf && conf->query_url)
		return try_query(search, conf->query_url, ret, ret_reason);
	if (!conf || !is_of_anchor(search))
		return text_format(ret_reason, "it names no place for its CRL") < 0
			       ? -ENOMEM
			       : CRL_SEARCH_NONE;
	if (text_format(&name, "GetCRL of trustpoint %s", conf->name) < 0)
		return -ENOMEM;
	source.name = name;
	return try_source(search, &source, ret, ret_reason);
}

int crl_search(const struct crl_search *search, struct validation_step *ret, char **ret_reason)
{
	_cleanup_(x509_crl_places_done) struct x509_crl_places places = {};
	int r;

	if (search->anchor->server && is_of_anchor(search))
		return try_server(search, ret, ret_reason);
	r = x509_crl_places_read(span_of(search->path->items[search->at].whole), &places);
	if (r == -EBADMSG)
		return text_format(ret_reason, "where its CRL is can't be read") < 0
			       ? -ENOMEM
			       : CRL_SEARCH_NONE;
	if (r < 0)
		return r;
	return places.n ? try_places(search, &places, ret, ret_reason)
			: try_trustpoint(search, ret, ret_reason);
}
