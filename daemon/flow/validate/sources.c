/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate/sources.h"
#include "daemon/base/files.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/flow/validate/scep.h"
#include "daemon/ipc/fetch-client.h"
#include "daemon/x509/name.h"
#include <stdlib.h>
#include <string.h>

/* What RFC 5280 §4.2.1.13 speaks of. A certificate is the word of a stranger: no files, and nothing
 * that would write. */
static const char *const schemes[] = {"http:", "https:", "ldap:", "ldaps:"};

void crl_sources_done(struct crl_sources *sources)
{
	for (size_t i = 0; i < sources->n; i++)
		free(sources->items[i].name);
	*sources = (struct crl_sources){};
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

/* @name becomes its own, also where that fails. */
static int add(struct crl_sources *sources, char *name, crl_source_function *fetch_it)
{
	assert(sources->n < ELEMENTS(sources->items));
	if (!name)
		return -ENOMEM;
	sources->items[sources->n++] = (struct crl_source){name, fetch_it};
	return 0;
}

static int add_places(const struct crl_search *search, struct crl_sources *sources)
{
	_cleanup_(x509_crl_places_done) struct x509_crl_places places = {};
	int r = x509_crl_places_read(span_of(search->path->items[search->at].whole), &places);

	if (r == -EBADMSG) {
		sources->lack = "where its CRL is can't be read";
		return 0;
	}
	for (size_t i = 0; i < places.n && r >= 0; i++)
		r = add(sources, TAKE_PTR(places.urls[i]), fetch);
	return r;
}

static void append_escaped(struct buffer *out, struct span text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~=,+";

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] && strchr(plain, text.data[i]))
			buffer_append_byte(out, text.data[i]);
		else
			buffer_printf(out, "%%%02X", text.data[i]);
}

/* A server alone is asked for the issuer's entry (RFC 4516 §2, RFC 4523 §2.2). */
static int query_url(const char *configured, struct span issuer, char **ret)
{
	_cleanup_(buffer_done) struct buffer url = {}, name = {};
	const char *host = strstr(configured, "://"), *path = host ? strchr(host + 3, '/') : NULL;
	size_t n = strlen(configured);

	if (!host || (path && path[1]))
		return text_format(ret, "%s", configured) < 0 ? -ENOMEM : 0;
	buffer_append(&url, SPAN((const uint8_t *)configured, path ? n - 1 : n));
	x509_name_append_text(&name, issuer);
	buffer_append_byte(&url, '/');
	append_escaped(&url, span_of_buffer(&name));
	buffer_append_text(&url, "?certificateRevocationList;binary?base");
	return name.error ? name.error : buffer_take_text(&url, ret);
}

static int add_query(const struct crl_search *search, struct crl_sources *sources)
{
	const struct conf_trustpoint *conf = search->anchor->trustpoint;
	char *url = NULL;
	int r;

	if (!conf || !conf->query_url)
		return 0;
	r = query_url(conf->query_url, span_of(search->path->items[search->at].issuer), &url);
	return r < 0 ? r : add(sources, url, fetch);
}

/* The CA itself, by SCEP: what it issued, and nothing of those below it. */
static int add_ca(const struct crl_search *search, struct crl_sources *sources)
{
	const struct conf_trustpoint *conf = search->anchor->trustpoint;
	char *name = NULL;

	if (!conf || search->at + 2 != search->path->n || !trustpoint_is_online(conf))
		return 0;
	return text_format(&name, "GetCRL of trustpoint %s", conf->name) < 0
		       ? -ENOMEM
		       : add(sources, name, validate_scep_crl);
}

int crl_sources_find(const struct crl_search *search, struct crl_sources *ret)
{
	int r;

	*ret = (struct crl_sources){.lack = "it names no place for its CRL, and QueryURL= none"};
	r = add_places(search, ret);
	if (r >= 0)
		r = add_query(search, ret);
	if (r >= 0)
		r = add_ca(search, ret);
	if (r < 0)
		crl_sources_done(ret);
	return r;
}
