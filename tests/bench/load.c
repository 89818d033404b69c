/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrols routers by SCEP as fast as the server answers. All messages are made before ("ready" is
 * printed, a line "go" awaited) and all answers verified after ("done") the part that is timed, so
 * that this program itself costs little meanwhile. Then one line of JSON. See README.md.
 */
#include "tests/bench/client.h"
#include "tests/bench/keys.h"
#include "tests/bench/must.h"
#include "tests/bench/options.h"
#include "tests/bench/parallel.h"
#include "tests/bench/stops.h"
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

struct load {
	struct options options;
	char target[256];
	X509 *ca;
	EVP_PKEY **keys;
	struct router *routers;
	struct message *messages;
	struct fate *fates;
	struct client *clients;
	struct stops *stops;
	atomic_uint next;
	uint64_t time_ns, cpu_us;
};

struct tally {
	unsigned verified, failed, broken, come_back, attempts;
	const char *complaint; /* one of them */
	int status;
	uint64_t *latencies_ns;
};

/* Making */

static X509 *fetch_ca(const struct options *options)
{
	struct http http;
	struct http_answer answer = {0};
	char target[256];
	X509 *ca;

	(void)snprintf(target, sizeof(target), "/scep/%s?operation=GetCACert", options->server);
	http_init(&http, "127.0.0.1", options->port);
	if (http_send(&http, "GET", target, NULL, 0) == 0)
		answer = http_receive(&http);
	MUST(answer.status == 200);
	ca = d2i_X509(NULL, &answer.body, (long)answer.size);
	MUST(ca);
	http_close(&http);
	return ca;
}

static void make_router(void *context, unsigned i)
{
	struct load *load = context;

	router_init(&load->routers[i], load->keys[i], i);
}

static void make_message(void *context, unsigned i)
{
	struct load *load = context;

	message_init(&load->messages[i], &load->routers[i % load->options.keys], load->ca);
}

static void prepare(struct load *load)
{
	const struct options *options = &load->options;

	(void)snprintf(load->target, sizeof(load->target), "/scep/%s?operation=PKIOperation",
		       options->server);
	load->ca = fetch_ca(options);
	load->keys = keys_load(options->key_file, options->keys);
	load->routers = calloc(options->keys, sizeof(*load->routers));
	load->messages = calloc(options->enrollments, sizeof(*load->messages));
	load->fates = calloc(options->enrollments, sizeof(*load->fates));
	load->clients = calloc(options->clients, sizeof(*load->clients));
	MUST(load->routers && load->messages && load->fates && load->clients);
	parallel(options->keys, make_router, load);
	parallel(options->enrollments, make_message, load);
	for (unsigned i = 0; i < options->clients; i++) {
		char from[32];

		/* Each at an address of its own, as routers are. */
		(void)snprintf(from, sizeof(from), "127.0.1.%u", i + 1);
		http_init(&load->clients[i].http, from, options->port);
		load->clients[i].target = load->target;
	}
}

/* Sending */

struct turn {
	struct load *load;
	struct client *client;
	pthread_t thread;
};

static void *run_client(void *argument)
{
	struct turn *turn = argument;
	struct load *load = turn->load;
	unsigned i;

	while ((i = atomic_fetch_add(&load->next, 1)) < load->options.enrollments) {
		if (load->stops)
			stops_count(load->stops);
		client_enroll(turn->client, &load->messages[i], &load->fates[i]);
	}
	http_close(&turn->client->http);
	return NULL;
}

static uint64_t own_cpu_us(void)
{
	struct rusage usage;

	MUST(getrusage(RUSAGE_SELF, &usage) == 0);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void send_all(struct load *load)
{
	const struct options *options = &load->options;
	struct turn *turns = calloc(options->clients, sizeof(*turns));
	uint64_t cpu_us = own_cpu_us(), start_ns = client_now_ns();

	MUST(turns);
	if (options->stops)
		load->stops = stops_start(options->stops, load->clients, options->clients);
	for (unsigned i = 0; i < options->clients; i++) {
		turns[i] = (struct turn){.load = load, .client = &load->clients[i]};
		MUST(pthread_create(&turns[i].thread, NULL, run_client, &turns[i]) == 0);
	}
	for (unsigned i = 0; i < options->clients; i++)
		MUST(pthread_join(turns[i].thread, NULL) == 0);
	load->time_ns = client_now_ns() - start_ns;
	load->cpu_us = own_cpu_us() - cpu_us;
	if (load->stops)
		stops_end(load->stops);
	free(turns);
}

/* Judging */

static void judge(void *context, unsigned i)
{
	struct load *load = context;
	struct fate *fate = &load->fates[i];

	if (fate->status != 200)
		fate->complaint = "no 200";
	else
		fate->complaint = message_judge(&load->messages[i], load->ca, fate->answer,
						(long)fate->size, fate->serial);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct tally count(const struct load *load)
{
	unsigned n = load->options.enrollments;
	struct tally tally = {.latencies_ns = calloc(n + 1, sizeof(uint64_t))};

	MUST(tally.latencies_ns);
	for (unsigned i = 0; i < n; i++) {
		const struct fate *fate = &load->fates[i];

		if (!fate->complaint) {
			tally.latencies_ns[tally.verified++] = fate->latency_ns;
			continue;
		}
		tally.failed++;
		tally.complaint = fate->complaint;
		tally.status = fate->status;
	}
	for (unsigned i = 0; i < load->options.clients; i++) {
		tally.broken += load->clients[i].broken;
		tally.come_back += load->clients[i].come_back;
		tally.attempts += load->clients[i].attempts;
	}
	qsort(tally.latencies_ns, tally.verified, sizeof(uint64_t), compare);
	return tally;
}

static void write_serials(const struct load *load)
{
	FILE *file = fopen(load->options.serials, "we");

	MUST(file);
	for (unsigned i = 0; i < load->options.enrollments; i++)
		if (!load->fates[i].complaint)
			MUST(fprintf(file, "%s\n", load->fates[i].serial) > 0);
	MUST(fclose(file) == 0);
}

/* What so many of a hundred took at most. */
static double quantile_us(const struct tally *tally, unsigned percent)
{
	size_t place = (size_t)tally->verified * percent / 100;

	return tally->verified ? (double)tally->latencies_ns[place] / 1e3 : 0;
}

static void report(const struct load *load, const struct tally *tally)
{
	const struct options *options = &load->options;

	(void)printf("{\"enrollments\": %u, \"clients\": %u, \"keys\": %u, \"verified\": %u, "
		     "\"failed\": %u, \"attempts\": %u, \"broken\": %u, \"come_back\": %u, ",
		     options->enrollments, options->clients, options->keys, tally->verified,
		     tally->failed, tally->attempts, tally->broken, tally->come_back);
	(void)printf("\"seconds\": %.6f, \"load_cpu_seconds\": %.6f, \"p50_us\": %.1f, "
		     "\"p99_us\": %.1f, ",
		     (double)load->time_ns / 1e9, (double)load->cpu_us / 1e6,
		     quantile_us(tally, 50), quantile_us(tally, 99));
	(void)printf("\"status\": %d, \"complaint\": \"%s\"}\n", tally->status,
		     tally->complaint ? tally->complaint : "");
}

static void done(struct load *load)
{
	for (unsigned i = 0; i < load->options.enrollments; i++) {
		message_done(&load->messages[i]);
		free(load->fates[i].answer);
	}
	for (unsigned i = 0; i < load->options.keys; i++)
		router_done(&load->routers[i]);
	keys_free(load->keys, load->options.keys);
	X509_free(load->ca);
	free(load->routers);
	free(load->messages);
	free(load->fates);
	free(load->clients);
}

int main(int argc, char **argv)
{
	struct load load = {.options = options_read(argc, argv)};
	struct tally tally;
	char line[16];

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	prepare(&load);
	(void)printf("ready\n");
	MUST(fgets(line, sizeof(line), stdin) && strcmp(line, "go\n") == 0);
	send_all(&load);
	(void)printf("done\n");
	parallel(load.options.enrollments, judge, &load);
	tally = count(&load);
	if (load.options.serials)
		write_serials(&load);
	report(&load, &tally);
	free(tally.latencies_ns);
	done(&load);
	return 0;
}
