/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/client.h"
#include "tests/bench/must.h"
#include <poll.h>
#include <string.h>
#include <time.h>

#define RETRY_MS    20 /* a router waits a minute */
#define UNAVAILABLE 503
#define NS_PER_S    1000000000U

uint64_t client_now_ns(void)
{
	struct timespec now;

	MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void keep(struct fate *fate, const struct http_answer *answer)
{
	free(fate->answer);
	fate->answer = malloc(answer->size + 1);
	MUST(fate->answer);
	memcpy(fate->answer, answer->body, answer->size);
	fate->size = answer->size;
}

/* The answer's status; 0 where the connection broke. */
static struct http_answer try_once(struct client *client, const struct message *message)
{
	struct http_answer answer = {0};
	unsigned attempt = ++client->attempts;

	if (http_send(&client->http, "POST", client->target, message->data,
		      (size_t)message->size) == 0) {
		atomic_store(&client->flying, attempt);
		answer = http_receive(&client->http);
		if (answer.status && answer.status != UNAVAILABLE)
			atomic_store(&client->answered, attempt);
		atomic_store(&client->flying, 0);
	}
	client->broken += answer.status == 0;
	client->come_back += answer.status == UNAVAILABLE;
	return answer;
}

void client_enroll(struct client *client, const struct message *message, struct fate *ret)
{
	uint64_t start_ns = client_now_ns();

	for (;;) {
		struct http_answer answer = try_once(client, message);

		ret->status = answer.status;
		ret->latency_ns = client_now_ns() - start_ns;
		if (answer.status && answer.status != UNAVAILABLE) {
			keep(ret, &answer);
			return;
		}
		if (ret->latency_ns / NS_PER_S >= CLIENT_PATIENCE_S)
			return;
		(void)poll(NULL, 0, RETRY_MS);
	}
}
