/* SPDX-License-Identifier: Apache-2.0 */
#include "token/service.h"
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "token/uses.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Replaced as a whole by a new configuration. */
struct service_servers {
	pthread_rwlock_t lock;
	struct servers *servers;
	struct conf *conf; /* for its [Use] sections */
};

static int open_servers(struct service *service, struct conf *conf)
{
	service->servers = calloc(1, sizeof(*service->servers));
	if (!service->servers)
		return -ENOMEM;
	(void)pthread_rwlock_init(&service->servers->lock, NULL);
	service->servers->conf = conf_ref(conf);
	return servers_new(conf, &service->servers->servers);
}

static void close_servers(struct service_servers *servers)
{
	if (!servers)
		return;
	servers_free(servers->servers);
	conf_unref(servers->conf);
	(void)pthread_rwlock_destroy(&servers->lock);
	free(servers);
}

static int open_state(struct service *service, const struct conf *conf)
{
	_cleanup_(freep) char *directory = NULL, *log = NULL;
	int r;

	r = text_format(&directory, "%s/%s", conf->daemon.token_state_directory, service->name);
	if (r == 0)
		r = text_format(&log, "%s/signatures", directory);
	if (r == 0)
		r = directory_make(directory, 0700);
	if (r == 0)
		r = charters_open(directory, &service->charters);
	if (r == 0)
		r = signature_log_open(log, &service->signatures);
	if (r == 0)
		r = tally_new(clock_now_s(), &service->tally);
	if (r == 0)
		r = keeper_new(directory, service->charters, &service->keeper);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("DIRECTORY", directory)),
			  "the token's state can't be opened: %s", strerrordesc_np(-r));
	return r;
}

static int open_all(struct service *service, struct conf *conf)
{
	const struct conf_token *token = conf_find_token(conf, service->name);
	int r;

	if (!token) {
		log_error(LOG_FIELDS(log_text("TOKEN", service->name)),
			  "the configuration has no [Token %s]", service->name);
		return -ENOENT;
	}
	r = log_repeats_new(&service->refusals);
	if (r == 0)
		r = secret_new(32, &service->process_secret);
	if (r == 0)
		r = open_servers(service, conf);
	if (r == 0)
		r = text_format(&service->wrapping_label, "%s", token->wrapping_key);
	if (r == 0)
		r = open_state(service, conf);
	if (r == 0)
		r = keeper_configure(service->keeper, token);
	return r < 0 ? r : 0;
}

int service_open(const char *name, struct conf *conf, struct service **ret)
{
	_cleanup_(service_closep) struct service *service = calloc(1, sizeof(*service));
	int r;

	if (!service)
		return -ENOMEM;
	r = text_format(&service->name, "%s", name);
	if (r == 0)
		r = open_all(service, conf);
	if (r < 0)
		return r;
	random_fill(service->process_secret.data, service->process_secret.size);
	*ret = TAKE_PTR(service);
	return 0;
}

static void write_tally(struct service *service)
{
	int r = tally_write(service->tally, service->signatures, clock_now_s());

	if (r < 0)
		log_error(LOG_FIELDS(log_text("TOKEN", service->name)),
			  "how much was signed can't be recorded yet: %s", strerrordesc_np(-r));
}

void service_write_tally_when_due(struct service *service)
{
	if (tally_is_due(service->tally, clock_now_s()))
		write_tally(service);
}

struct service *service_close(struct service *service)
{
	if (!service)
		return NULL;
	service->keeper = keeper_free(service->keeper);
	if (service->tally)
		write_tally(service);
	service->tally = tally_free(service->tally);
	service->signatures = signature_log_close(service->signatures);
	service->refusals = log_repeats_free(service->refusals);
	service->charters = charters_close(service->charters);
	close_servers(service->servers);
	free(service->wrapping_label);
	secret_done(&service->process_secret);
	free(service->name);
	free(service);
	return NULL;
}

void service_closep(struct service **service)
{
	*service = service_close(*service);
}

int service_configure(struct service *service, struct conf *conf)
{
	_cleanup_(servers_freep) struct servers *servers = NULL;
	struct conf *conf_before;
	const struct conf_token *token = conf_find_token(conf, service->name);
	_cleanup_(freep) char *label = NULL;
	struct servers *before;
	char *label_before;
	int r;

	r = servers_new(conf, &servers);
	if (r == 0 && token)
		r = text_format(&label, "%s", token->wrapping_key);
	if (r < 0)
		return r;
	(void)pthread_rwlock_wrlock(&service->servers->lock);
	before = service->servers->servers;
	service->servers->servers = TAKE_PTR(servers);
	conf_before = service->servers->conf;
	service->servers->conf = conf_ref(conf);
	label_before = service->wrapping_label;
	if (label)
		service->wrapping_label = TAKE_PTR(label);
	else
		label_before = NULL;
	(void)pthread_rwlock_unlock(&service->servers->lock);
	servers = before;
	conf_unref(conf_before);
	free(label_before);
	if (!token)
		return -ENOENT;
	r = keeper_configure(service->keeper, token);
	return r == KEEPER_UNCHANGED ? SERVICE_UNCHANGED : r;
}

struct server_facts service_find_server(struct service *service, struct span issuer)
{
	struct server_facts facts;

	(void)pthread_rwlock_rdlock(&service->servers->lock);
	facts = servers_find(service->servers->servers, issuer);
	(void)pthread_rwlock_unlock(&service->servers->lock);
	return facts;
}

int service_find_label(struct service *service, struct span label, struct server_key_facts *ret,
		       struct bytes *ret_issuer)
{
	int r = 0;

	(void)pthread_rwlock_rdlock(&service->servers->lock);
	*ret = servers_find_label(service->servers->servers, label);
	if (ret->known)
		r = bytes_copy(ret->issuer, ret_issuer);
	(void)pthread_rwlock_unlock(&service->servers->lock);
	ret->issuer = span_of(*ret_issuer);
	return r;
}

int service_read_wrapping_label(struct service *service, char **ret)
{
	int r;

	(void)pthread_rwlock_rdlock(&service->servers->lock);
	r = text_format(ret, "%s", service->wrapping_label);
	(void)pthread_rwlock_unlock(&service->servers->lock);
	return r;
}

bool service_backs_up(struct service *service, const char *label, struct span issuer)
{
	bool backs_up;

	(void)pthread_rwlock_rdlock(&service->servers->lock);
	backs_up = servers_back_up(service->servers->servers, label, issuer);
	(void)pthread_rwlock_unlock(&service->servers->lock);
	return backs_up;
}

int service_find_uses(struct service *service, const char *label, unsigned *ret)
{
	int r;

	(void)pthread_rwlock_rdlock(&service->servers->lock);
	r = uses_find(service->servers->conf, label, ret);
	(void)pthread_rwlock_unlock(&service->servers->lock);
	return r;
}

int service_find_archive(struct service *service, const char *label, struct span issuer,
			 struct server_archive *ret)
{
	int r;

	(void)pthread_rwlock_rdlock(&service->servers->lock);
	r = servers_find_archive(service->servers->servers, label, issuer, ret);
	(void)pthread_rwlock_unlock(&service->servers->lock);
	return r;
}
