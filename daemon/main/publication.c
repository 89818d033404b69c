/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/publication.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/flow/publication/storage.h"
#include "daemon/main/wake.h"
#include <stdatomic.h>
#include <stdlib.h>

/* Each waits for one server at a time. */
#define THREADS	      16
#define PLACES	      256
#define GATHER_MS     100   /* what comes within is written together */
#define LOOK_AGAIN_MS 60000 /* the clock may have been set; a plan is cheap */
#define PAUSE_MS      1000  /* where not even the plan could be made, or the task be done */

struct publication {
	struct daemon *daemon;
	struct workers *workers;
	struct wake wake;
	atomic_bool told; /* of a change, since the last plan began */
	bool planning;
	bool again; /* something changed meanwhile */
};

struct planning {
	struct job job;
	struct publication *publication;
	struct flow *flow; /* as it was when the plan began */
	struct storage_task *tasks;
	int64_t next_s;
	int result;
};

struct doing {
	struct job job;
	struct publication *publication;
	struct storage_task *task;
	int result;
};

static void look_again(struct publication *publication, int64_t in_ms)
{
	if (publication->planning)
		publication->again = true;
	else
		wake_in(&publication->wake, in_ms);
}

static void run_doing(struct job *job)
{
	struct doing *doing = (struct doing *)job;

	doing->result = storage_run(doing->task, clock_now_s());
}

/* A file is not written again at once because there is a newer serial number meanwhile: under load
 * that would be a write and two syncs after the other. */
static int64_t pause_after(int result)
{
	return result < 0 ? PAUSE_MS : result == STORAGE_MORE ? 0 : GATHER_MS;
}

static void complete_doing(struct job *job)
{
	struct doing *doing = (struct doing *)job;
	struct publication *publication = doing->publication;

	storage_task_free(doing->task);
	look_again(publication, pause_after(doing->result));
	free(doing);
}

static int begin_doing(struct publication *publication, struct storage_task *task)
{
	struct doing *doing = calloc(1, sizeof(*doing));

	if (!doing)
		return -ENOMEM;
	*doing = (struct doing){.job = {.bucket = (uint64_t)(uintptr_t)task,
					.known = true,
					.run = run_doing,
					.complete = complete_doing},
				.publication = publication,
				.task = task};
	if (workers_push(publication->workers, &doing->job) == 0)
		return 0;
	free(doing);
	return -EBUSY;
}

static void run_planning(struct job *job)
{
	struct planning *planning = (struct planning *)job;

	planning->result =
		storage_plan(planning->flow, clock_now_s(), &planning->tasks, &planning->next_s);
}

/* What finds no place on the workers comes with the next plan. */
static int begin_all(struct publication *publication, struct storage_task *tasks)
{
	struct storage_task *next;
	int r = 0;

	for (struct storage_task *task = tasks; task; task = next) {
		next = task->next;
		if (!wake_is_stopped(&publication->wake) && begin_doing(publication, task) == 0)
			continue;
		storage_task_free(task);
		r = -EBUSY;
	}
	return r;
}

static void complete_planning(struct job *job)
{
	struct planning *planning = (struct planning *)job;
	struct publication *publication = planning->publication;
	int64_t next_ms = planning->next_s * 1000;

	publication->planning = false;
	if (begin_all(publication, planning->tasks) < 0 || planning->result < 0)
		next_ms = PAUSE_MS;
	if (publication->again)
		next_ms = GATHER_MS;
	publication->again = false;
	wake_in(&publication->wake, next_ms < LOOK_AGAIN_MS ? next_ms : LOOK_AGAIN_MS);
	flow_unref(planning->flow);
	free(planning);
}

static int begin_planning(struct publication *publication)
{
	struct planning *planning = calloc(1, sizeof(*planning));

	if (!planning)
		return -ENOMEM;
	*planning = (struct planning){
		.job = {.known = true, .run = run_planning, .complete = complete_planning},
		.publication = publication,
		.flow = flow_ref(publication->daemon->flow),
		.next_s = LOOK_AGAIN_MS / 1000};
	atomic_store(&publication->told, false);
	publication->planning = true;
	if (workers_push(publication->workers, &planning->job) == 0)
		return 0;
	publication->planning = false;
	flow_unref(planning->flow);
	free(planning);
	wake_in(&publication->wake, PAUSE_MS);
	return 0;
}

static int on_timer(void *context)
{
	struct publication *publication = context;

	return publication->planning ? 0 : begin_planning(publication);
}

static int on_change(void *context)
{
	look_again(context, GATHER_MS);
	return 0;
}

static int on_test_clock(void *context)
{
	look_again(context, 0);
	return 0;
}

/* From any thread; only the first since the last plan costs a system call. */
static void tell_commit(void *context)
{
	struct publication *publication = context;

	if (!atomic_exchange(&publication->told, true))
		wake_tell(&publication->wake);
}

int publication_new(struct daemon *daemon, struct publication **ret)
{
	static const struct wake_calls calls = {on_timer, on_change, on_test_clock};
	struct publication *publication = calloc(1, sizeof(*publication));
	int r;

	if (!publication)
		return -ENOMEM;
	publication->daemon = daemon;
	r = wake_open(&publication->wake, daemon->loop, &calls, publication);
	if (r >= 0)
		r = workers_new(daemon->loop, THREADS, PLACES, &publication->workers);
	if (r < 0) {
		publication_free(publication);
		return r;
	}
	daemon->flow->on_commit_context = publication;
	daemon->flow->on_commit = tell_commit;
	*ret = publication;
	return 0;
}

void publication_stop(struct publication *publication)
{
	if (!publication)
		return;
	wake_stop(&publication->wake);
	storage_cancel(publication->daemon->flow);
}

struct publication *publication_free(struct publication *publication)
{
	if (!publication)
		return NULL;
	publication_stop(publication);
	if (publication->workers)
		workers_free(publication->workers);
	publication->daemon->flow->on_commit = NULL;
	wake_close(&publication->wake);
	free(publication);
	return NULL;
}
