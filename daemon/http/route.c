/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/route.h"

#include "daemon/base/text.h"
#include "daemon/conf/value.h"
#include "daemon/http/query.h"
#include <string.h>

/* RFC 8894 §4; GetCRL here is the plain one that IOS writes into its CDP. */
static const struct {
	const char *name;
	enum route_kind kind;
	enum published_kind file;
} operations[] = {
	{"GetCACaps", ROUTE_FILE, PUBLISHED_CAPS},
	{"GetCACert", ROUTE_FILE, PUBLISHED_CACERT},
	{"GetNextCACert", ROUTE_FILE, PUBLISHED_NEXTCACERT},
	{"GetCRL", ROUTE_FILE, PUBLISHED_CRL},
	{"PKIOperation", ROUTE_FORWARD, PUBLISHED_KINDS_},
};

static const struct {
	const char *folder;
	const char *suffix;
	enum published_kind file;
	bool each_generation; /* there is also one of each, LABEL.N */
} files[] = {
	{"crl", ".crl", PUBLISHED_CRL, true},
	{"ca", ".crt", PUBLISHED_CA, false},
};

static const struct {
	unsigned status;
	const char *text;
} refusals[ROUTE_REFUSALS_] = {
	[ROUTE_NO_PLACE] = {404, "nothing is here"},
	[ROUTE_NO_SERVER] = {404, "this URL names no certificate server of this host"},
	[ROUTE_NO_OPERATION] = {400, "operation= is missing or unknown"},
	[ROUTE_NO_MESSAGE] = {400, "message= is missing"},
	[ROUTE_BAD_METHOD] = {405, "only GET and POST are understood"},
};

unsigned route_refusal_status(enum route_refusal refusal)
{
	return refusals[refusal].status;
}

const char *route_refusal_text(enum route_refusal refusal)
{
	return refusals[refusal].text;
}

enum route_method route_method_of(const char *name)
{
	static const char *const names[] = {
		[ROUTE_GET] = "GET", [ROUTE_HEAD] = "HEAD", [ROUTE_POST] = "POST"};

	for (unsigned i = 0; i < ELEMENTS(names); i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return ROUTE_OTHER;
}

static struct route refuse(enum route_refusal refusal, const struct conf_server *server)
{
	return (struct route){.kind = ROUTE_REFUSED, .server = server, .refusal = refusal};
}

/* "4294967295" at the most. */
#define NUMBER_MAX 10

/* A segment of a path, decoded, without its suffix. */
struct stem {
	uint8_t text[CONF_LABEL_MAX + 1 + NUMBER_MAX + 8];
	size_t size;
};

static bool read_stem(struct span escaped, const char *suffix, struct stem *ret)
{
	size_t end = strlen(suffix);

	if (!query_unescape(escaped, ret->text, sizeof(ret->text), &ret->size) || ret->size < end ||
	    !span_equal(SPAN(ret->text + ret->size - end, end), span_of_text(suffix)))
		return false;
	ret->size -= end;
	return true;
}

static const struct conf_server *find_label(const struct conf *conf, struct span label)
{
	for (size_t i = 0; i < conf->n_servers; i++)
		if (span_equal(label, span_of_text(conf->servers[i].label)))
			return &conf->servers[i];
	return NULL;
}

/* The server whose label is @escaped once that is decoded. */
static const struct conf_server *find_server(const struct conf *conf, struct span escaped)
{
	struct stem stem;

	return read_stem(escaped, "", &stem) ? find_label(conf, SPAN(stem.text, stem.size)) : NULL;
}

/* Takes ".N" off the end, in the one way that N is written. */
static bool split_generation(struct stem *stem, unsigned *ret)
{
	size_t digits = 0;
	int64_t number;

	while (digits < stem->size && stem->text[stem->size - digits - 1] >= '0' &&
	       stem->text[stem->size - digits - 1] <= '9')
		digits++;
	const uint8_t *first = stem->text + stem->size - digits;
	if (!digits || digits > NUMBER_MAX || digits == stem->size || *first == '0' ||
	    first[-1] != '.' || text_read_number(SPAN(first, digits), 1, UINT32_MAX, &number) < 0)
		return false;
	stem->size -= digits + 1;
	*ret = (unsigned)number;
	return true;
}

/* LABEL, and where there is one of each generation also LABEL.N, before the suffix. */
static const struct conf_server *find_owner(const struct conf *conf, struct span escaped,
					    size_t which, unsigned *ret_generation)
{
	const struct conf_server *server;
	struct stem stem;

	*ret_generation = 0;
	if (!read_stem(escaped, files[which].suffix, &stem))
		return NULL;
	server = find_label(conf, SPAN(stem.text, stem.size));
	if (!server && files[which].each_generation && split_generation(&stem, ret_generation))
		server = find_label(conf, SPAN(stem.text, stem.size));
	return server;
}

/* The server meant by a path that names none. */
static const struct conf_server *guess_server(const struct conf *conf, struct span query)
{
	struct span message;

	if (conf->http.default_server)
		return conf_find_server(conf, conf->http.default_server);
	if (conf->n_servers == 1)
		return &conf->servers[0];
	return query_find(query, "message", &message) ? find_server(conf, message) : NULL;
}

static struct route find_operation(const struct conf_server *server, enum route_method method,
				   struct span query)
{
	struct span name, message = {0};

	if (!server)
		return refuse(ROUTE_NO_SERVER, NULL);
	if (!query_find(query, "operation", &name))
		return refuse(ROUTE_NO_OPERATION, server);
	for (size_t i = 0; i < ELEMENTS(operations); i++) {
		if (!span_equal(span_of_text(operations[i].name), name))
			continue;
		bool forwards = operations[i].kind == ROUTE_FORWARD;
		if (forwards && method == ROUTE_HEAD)
			return refuse(ROUTE_BAD_METHOD, server);
		if (forwards && method == ROUTE_GET &&
		    (!query_find(query, "message", &message) || !message.size))
			return refuse(ROUTE_NO_MESSAGE, server);
		return (struct route){
			.kind = operations[i].kind,
			.server = server,
			.file = operations[i].file,
			.message = message,
		};
	}
	return refuse(ROUTE_NO_OPERATION, server);
}

/* /crl/LABEL.crl, /crl/LABEL.N.crl and /ca/LABEL.crt. */
static bool find_file(const struct conf *conf, struct span path, struct route *ret)
{
	struct span folder = target_next_segment(&path), name = target_next_segment(&path);

	for (size_t i = 0; i < ELEMENTS(files) && !path.size; i++) {
		if (!span_equal(folder, span_of_text(files[i].folder)))
			continue;
		unsigned generation;
		const struct conf_server *server = find_owner(conf, name, i, &generation);
		*ret = server ? (struct route){.kind = ROUTE_FILE,
					       .server = server,
					       .file = files[i].file,
					       .generation = generation}
			      : refuse(ROUTE_NO_SERVER, NULL);
		return true;
	}
	return false;
}

struct route route_find(const struct conf *conf, enum route_method method, struct span target)
{
	struct target parts = target_split(target);
	struct span path = parts.path, operation;
	struct route route;

	if (method == ROUTE_OTHER)
		return refuse(ROUTE_BAD_METHOD, NULL);
	struct span first = target_next_segment(&path), second = target_next_segment(&path);
	if (span_equal(first, SPAN_LITERAL("scep")) && second.size)
		return find_operation(find_server(conf, second), method, parts.query);
	if (find_file(conf, parts.path, &route))
		return route;
	if (query_find(parts.query, "operation", &operation))
		return find_operation(guess_server(conf, parts.query), method, parts.query);
	if (!first.size && method != ROUTE_POST)
		return (struct route){.kind = ROUTE_STATUS};
	return refuse(ROUTE_NO_PLACE, NULL);
}
