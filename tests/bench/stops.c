/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/stops.h"
#include "tests/bench/must.h"
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define CLIENTS_MAX 256
#define US_PER_S    1000000L

struct stops {
	const char *list;
	struct client *clients;
	unsigned n_clients;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	unsigned long begun; /* enrolments */
};

static void wait_for(struct stops *stops, unsigned long number, long delay_us)
{
	struct timespec delay = {.tv_sec = delay_us / US_PER_S,
				 .tv_nsec = delay_us % US_PER_S * 1000};

	pthread_mutex_lock(&stops->lock);
	while (stops->begun <= number)
		pthread_cond_wait(&stops->news, &stops->lock);
	pthread_mutex_unlock(&stops->lock);
	(void)ppoll(NULL, 0, &delay, NULL);
}

static void stop_once(struct stops *stops)
{
	unsigned flying[CLIENTS_MAX], hit = 0;
	char line[64];

	for (unsigned i = 0; i < stops->n_clients; i++)
		flying[i] = atomic_load(&stops->clients[i].flying);
	(void)printf("now\n");
	MUST(fgets(line, sizeof(line), stdin) && strcmp(line, "dead\n") == 0);
	for (unsigned i = 0; i < stops->n_clients; i++)
		hit += flying[i] && atomic_load(&stops->clients[i].answered) < flying[i];
	(void)printf("hit %u\n", hit);
}

static void *run(void *argument)
{
	struct stops *stops = argument;
	const char *at = stops->list;

	while (*at) {
		char *end;
		unsigned long number = strtoul(at, &end, 10);
		long delay_us;

		MUST(*end == ':');
		delay_us = strtol(end + 1, &end, 10);
		MUST(*end == ',' || *end == '\0');
		at = end + (*end == ',');
		wait_for(stops, number, delay_us);
		stop_once(stops);
	}
	return NULL;
}

struct stops *stops_start(const char *list, struct client *clients, unsigned n_clients)
{
	struct stops *stops = calloc(1, sizeof(*stops));

	MUST(stops && n_clients <= CLIENTS_MAX);
	*stops = (struct stops){.list = list,
				.clients = clients,
				.n_clients = n_clients,
				.lock = PTHREAD_MUTEX_INITIALIZER,
				.news = PTHREAD_COND_INITIALIZER};
	MUST(pthread_create(&stops->thread, NULL, run, stops) == 0);
	return stops;
}

void stops_count(struct stops *stops)
{
	pthread_mutex_lock(&stops->lock);
	stops->begun++;
	pthread_cond_signal(&stops->news);
	pthread_mutex_unlock(&stops->lock);
}

void stops_end(struct stops *stops)
{
	MUST(pthread_join(stops->thread, NULL) == 0);
	free(stops);
}
