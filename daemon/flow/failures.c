/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/failures.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/authority.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct failures {
	pthread_mutex_t lock;
	struct {
		bool stands;
		char reason[256];
	} kinds[FAILURE_COUNT_];
};

static const char *const names[] = {
#define FAILURE(KIND, name) name,
#include "daemon/flow/failures.def"
};

int failures_new(struct failures **ret)
{
	struct failures *failures = calloc(1, sizeof(*failures));

	if (!failures)
		return -ENOMEM;
	pthread_mutex_init(&failures->lock, NULL);
	*ret = failures;
	return 0;
}

struct failures *failures_free(struct failures *failures)
{
	if (!failures)
		return NULL;
	pthread_mutex_destroy(&failures->lock);
	free(failures);
	return NULL;
}

void failures_note(struct authority *authority, enum failure kind, const char *reason)
{
	struct failures *failures = authority->shared->failures;
	bool stood;

	assert((size_t)kind < ELEMENTS(names));
	pthread_mutex_lock(&failures->lock);
	stood = failures->kinds[kind].stands;
	failures->kinds[kind].stands = true;
	snprintf(failures->kinds[kind].reason, sizeof(failures->kinds[kind].reason), "%s", reason);
	pthread_mutex_unlock(&failures->lock);
	if (!stood)
		log_error(LOG_FIELDS(log_event(LOG_EVENT_FAILURE_BEGAN),
				     log_text("SERVER", authority->conf->label),
				     log_text("REASON", reason)),
			  "critical failure, the server is disabled until it is mended: %s",
			  names[kind]);
}

void failures_clear(struct authority *authority, enum failure kind)
{
	struct failures *failures = authority->shared->failures;
	bool stood;

	assert((size_t)kind < ELEMENTS(names));
	pthread_mutex_lock(&failures->lock);
	stood = failures->kinds[kind].stands;
	failures->kinds[kind].stands = false;
	pthread_mutex_unlock(&failures->lock);
	if (stood)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_FAILURE_MENDED),
				      log_text("SERVER", authority->conf->label)),
			   "mended: %s", names[kind]);
}

bool failures_tell(struct failures *failures, char ret[static FAILURES_TEXT_SIZE])
{
	bool found = false;

	*ret = 0;
	pthread_mutex_lock(&failures->lock);
	for (size_t i = 0; i < ELEMENTS(names) && !found; i++) {
		found = failures->kinds[i].stands;
		if (found)
			snprintf(ret, FAILURES_TEXT_SIZE, "%s: %s", names[i],
				 failures->kinds[i].reason);
	}
	pthread_mutex_unlock(&failures->lock);
	return found;
}
