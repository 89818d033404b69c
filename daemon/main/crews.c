/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/crews.h"
#include "daemon/conf/server-mode.h"
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define SESSIONS_ASSUMED 4    /* of a token whose Sessions= is unset */
#define TOKEN_PLACES	 512  /* in each of a token's two queues */
#define USES_PLACES	 2048 /* more than there are connections to key.sock */
#define RELAY_THREADS	 8    /* each waits for the superior's server */
#define RELAY_PLACES	 128

/* What a name is of: a token and a server may have the same. */
enum crew_kind { CREW_TOKEN, CREW_USES, CREW_RELAY };

struct crew {
	LIST_ENTRY(crew) beside;
	struct crews *crews;
	enum crew_kind kind;
	char *name;
	struct workers *workers;
	unsigned borrowed;
	bool gone; /* what it is of is in no configuration any more */
};

struct crews {
	sd_event *loop;
	sd_event_source *sweep;
	LIST_HEAD(, crew) list;
};

static void crew_free(struct crew *crew)
{
	LIST_REMOVE(crew, beside);
	workers_free(crew->workers);
	free(crew->name);
	free(crew);
}

/* Apart from the completion that gave the last job back: it runs inside the workers that go. */
static int on_sweep(sd_event_source *source, void *context)
{
	struct crews *crews = context;
	struct crew *crew, *next;

	(void)source;
	for (crew = LIST_FIRST(&crews->list); crew; crew = next) {
		next = LIST_NEXT(crew, beside);
		if (crew->gone && !crew->borrowed)
			crew_free(crew);
	}
	return 0;
}

int crews_new(sd_event *loop, struct crews **ret)
{
	struct crews *crews = calloc(1, sizeof(*crews));
	int r;

	if (!crews)
		return -ENOMEM;
	crews->loop = loop;
	r = sd_event_add_defer(loop, &crews->sweep, on_sweep, crews);
	if (r >= 0)
		r = sd_event_source_set_enabled(crews->sweep, SD_EVENT_OFF);
	if (r < 0) {
		crews_free(crews);
		return r;
	}
	*ret = crews;
	return 0;
}

static struct crew *find(struct crews *crews, enum crew_kind kind, const char *name)
{
	struct crew *crew;

	LIST_FOREACH(crew, &crews->list, beside)
	{
		if (crew->kind == kind && !strcmp(crew->name, name))
			return crew;
	}
	return NULL;
}

struct crew_size {
	unsigned threads, places;
};

static int add(struct crews *crews, enum crew_kind kind, const char *name, struct crew_size size)
{
	struct crew *crew;
	int r = -ENOMEM;

	if (find(crews, kind, name))
		return 0;
	crew = calloc(1, sizeof(*crew));
	if (!crew)
		return -ENOMEM;
	crew->crews = crews;
	crew->kind = kind;
	crew->gone = true; /* until the whole configuration fits */
	LIST_INSERT_HEAD(&crews->list, crew, beside);
	crew->name = strdup(name);
	if (crew->name)
		r = workers_new(crews->loop, size.threads, size.places, &crew->workers);
	if (r < 0)
		crew_free(crew);
	else if (kind == CREW_USES)
		workers_take_turns(crew->workers);
	return r;
}

static int add_of_token(struct crews *crews, const struct conf_token *token)
{
	unsigned sessions = token->sessions ? token->sessions : SESSIONS_ASSUMED;

	int r = add(crews, CREW_TOKEN, token->name, (struct crew_size){sessions + 1, TOKEN_PLACES});

	return r < 0 ? r
		     : add(crews, CREW_USES, token->name,
			   (struct crew_size){sessions + 1, USES_PLACES});
}

static bool passes_on(const struct conf_server *server)
{
	return conf_server_is_ra(server) || conf_server_is_transparent(server);
}

static int add_of_server(struct crews *crews, const struct conf_server *server)
{
	return passes_on(server) ? add(crews, CREW_RELAY, server->label,
				       (struct crew_size){RELAY_THREADS, RELAY_PLACES})
				 : 0;
}

static bool is_configured(const struct conf *conf, const struct crew *crew)
{
	const struct conf_server *server;

	if (crew->kind != CREW_RELAY)
		return conf_find_token(conf, crew->name);
	server = conf_find_server(conf, crew->name);
	return server && passes_on(server);
}

int crews_fit(struct crews *crews, const struct conf *conf)
{
	struct crew *crew;
	int r = 0;

	for (size_t i = 0; i < conf->n_tokens && r >= 0; i++)
		r = add_of_token(crews, &conf->tokens[i]);
	for (size_t i = 0; i < conf->n_servers && r >= 0; i++)
		r = add_of_server(crews, &conf->servers[i]);
	LIST_FOREACH(crew, &crews->list, beside)
	{
		if (r >= 0)
			crew->gone = !is_configured(conf, crew);
	}
	sd_event_source_set_enabled(crews->sweep, SD_EVENT_ONESHOT);
	return r < 0 ? r : 0;
}

void crews_stop(struct crews *crews)
{
	struct crew *crew;

	if (!crews)
		return;
	LIST_FOREACH(crew, &crews->list, beside)
	{
		crew->workers = workers_free(crew->workers);
	}
}

struct crews *crews_free(struct crews *crews)
{
	struct crew *crew, *next;

	if (!crews)
		return NULL;
	for (crew = LIST_FIRST(&crews->list); crew; crew = next) {
		next = LIST_NEXT(crew, beside);
		crew_free(crew);
	}
	sd_event_source_disable_unref(crews->sweep);
	free(crews);
	return NULL;
}

static struct crew *borrow(struct crews *crews, enum crew_kind kind, const char *name)
{
	struct crew *crew = find(crews, kind, name);

	if (crew)
		crew->borrowed++;
	return crew;
}

struct crew *crews_borrow(struct crews *crews, const char *token)
{
	return borrow(crews, CREW_TOKEN, token);
}

struct crew *crews_borrow_uses(struct crews *crews, const char *token)
{
	return borrow(crews, CREW_USES, token);
}

struct crew *crews_borrow_relay(struct crews *crews, const char *label)
{
	return borrow(crews, CREW_RELAY, label);
}

struct workers *crew_workers(struct crew *crew)
{
	return crew->workers;
}

void crew_give_back(struct crew *crew)
{
	if (crew && !--crew->borrowed && crew->gone)
		sd_event_source_set_enabled(crew->crews->sweep, SD_EVENT_ONESHOT);
}
