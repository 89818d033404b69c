/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/reach.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reach {
	pthread_mutex_t lock;
	struct flight *flights;
	char trouble[REACH_TROUBLE_SIZE];
	struct reach_look looked; /* snapshot 0: never */
	int64_t next_s;
};

int reach_new(struct reach **ret)
{
	struct reach *reach = calloc(1, sizeof(*reach));

	if (!reach)
		return -ENOMEM;
	pthread_mutex_init(&reach->lock, NULL);
	*ret = reach;
	return 0;
}

struct reach *reach_free(struct reach *reach)
{
	if (!reach)
		return NULL;
	assert(!reach->flights);
	pthread_mutex_destroy(&reach->lock);
	free(reach);
	return NULL;
}

bool reach_note(struct reach *reach, const char *trouble)
{
	bool is_news;

	pthread_mutex_lock(&reach->lock);
	is_news = !*reach->trouble != !trouble;
	(void)snprintf(reach->trouble, sizeof(reach->trouble), "%s", trouble ? trouble : "");
	pthread_mutex_unlock(&reach->lock);
	return is_news;
}

bool reach_tell(struct reach *reach, char ret[static REACH_TROUBLE_SIZE])
{
	pthread_mutex_lock(&reach->lock);
	memcpy(ret, reach->trouble, REACH_TROUBLE_SIZE);
	pthread_mutex_unlock(&reach->lock);
	return *ret;
}

bool reach_depart(struct reach *reach, struct flight *flight, struct span message)
{
	const struct flight *other;

	sha256(message, flight->digest);
	pthread_mutex_lock(&reach->lock);
	for (other = reach->flights; other; other = other->next)
		if (!memcmp(other->digest, flight->digest, sizeof(flight->digest)))
			break;
	if (!other) {
		flight->next = reach->flights;
		reach->flights = flight;
	}
	pthread_mutex_unlock(&reach->lock);
	return !other;
}

void reach_arrive(struct reach *reach, struct flight *flight)
{
	struct flight **at = &reach->flights;

	pthread_mutex_lock(&reach->lock);
	while (*at && *at != flight)
		at = &(*at)->next;
	if (*at)
		*at = flight->next;
	pthread_mutex_unlock(&reach->lock);
}

bool reach_is_due(struct reach *reach, const struct reach_look *look, int64_t *ret_next_s)
{
	bool is_due;

	pthread_mutex_lock(&reach->lock);
	*ret_next_s = reach->next_s;
	/* The clock may have been set back. */
	is_due = reach->looked.snapshot != look->snapshot || look->now_s >= reach->next_s ||
		 look->now_s < reach->looked.now_s;
	pthread_mutex_unlock(&reach->lock);
	return is_due;
}

void reach_looked(struct reach *reach, const struct reach_look *look, int64_t next_s)
{
	pthread_mutex_lock(&reach->lock);
	reach->looked = *look;
	reach->next_s = next_s;
	pthread_mutex_unlock(&reach->lock);
}

void reach_forget(struct reach *reach)
{
	pthread_mutex_lock(&reach->lock);
	reach->looked = (struct reach_look){};
	reach->trouble[0] = '\0';
	pthread_mutex_unlock(&reach->lock);
}
