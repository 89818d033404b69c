/* SPDX-License-Identifier: Apache-2.0 */
/* One question of a program, from its packet to its answer. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/main/key-internal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What a program waits for as a rule is 10 s: later than this its answer finds nobody. Less than
 * that by as much as a sweep may come late. */
#define PATIENCE_MS 9000
/* A look may find that a reload or a change came in between. */
#define LOOKS_MOST 3

struct key_job {
	struct job job;
	struct key_connection *connection;
	struct flow *flow; /* as it was when the question came */
	struct crew *crew;
	struct ipc_packet packet;
	struct key_use_question question; /* borrows from packet */
	struct key_use_permit permit;
	struct key_use_failure failure;
	int64_t received_ms; /* monotonic */
	bool answered;	     /* atomic: by whoever comes first */
	bool looking;	     /* the loop's alone: the lookers have it */
	unsigned looks;
	int outcome; /* of the last look */
};

static void job_free(struct key_job *job)
{
	if (job->connection->job == job)
		job->connection->job = NULL;
	key_use_permit_done(&job->permit);
	key_use_failure_done(&job->failure);
	ipc_packet_done(&job->packet);
	crew_give_back(job->crew);
	flow_unref(job->flow);
	key_connection_unref(job->connection);
	free(job);
}

static struct key_use_turn turn_of(struct key_job *job)
{
	return (struct key_use_turn){
		.flow = job->flow,
		.program = &job->connection->program,
		.question = &job->question,
		.looked = job->looks > 0,
		.now_s = clock_now_s(),
		.now_ms = clock_monotonic_ms(),
	};
}

/*
 * Answering. Whoever does it lets go of the connection first, for the next question may be there
 * before the job is over; the answer goes last. A socket that takes no more is of one who does not
 * read: he is shut out, and the event loop finds him gone.
 */

/* False where it was answered already: the loop does that once it has waited for too long. */
static bool claim(struct key_job *job)
{
	return !__atomic_exchange_n(&job->answered, true, __ATOMIC_ACQ_REL);
}

static void release(struct key_job *job)
{
	__atomic_store_n(&job->connection->busy, false, __ATOMIC_RELEASE);
}

static void judge_sending(struct key_job *job, int r)
{
	if (r >= 0)
		return;
	log_debug(LOG_FIELDS(log_number("PEER_UID", job->connection->user->uid),
			     log_number("ERRNO", -r)),
		  "a program did not take its answer");
	(void)shutdown(job->connection->fd, SHUT_RDWR);
}

static void send_failed(struct key_job *job, enum ipc_failure code, const char *reason)
{
	if (!claim(job))
		return;
	release(job);
	judge_sending(job, ipc_send_failed(job->connection->fd, job->packet.header.tag, code, "%s",
					   reason));
}

/* What admitting or doing it came to, where that is not what was asked for. */
static void send_outcome(struct key_job *job, int r)
{
	const struct key_use_turn turn = turn_of(job);

	if (r < 0)
		r = flow_key_use_fail(&turn, -r, &job->failure);
	if (r < 0)
		send_failed(job, IPC_FAILURE_FAULT, "clavigerd is out of memory");
	else
		send_failed(job, job->failure.code, job->failure.reason);
}

static void send_reply(struct key_job *job, enum ipc_number number, const void *reply)
{
	if (!claim(job))
		return;
	release(job);
	judge_sending(job, ipc_send(job->connection->fd, number, job->packet.header.tag, reply));
}

static void send_public(struct key_job *job)
{
	struct ipc_key_public_half reply = {.spki = key_spki(job->permit.key)};

	send_reply(job, IPC_KEY_PUBLIC_HALF, &reply);
}

static void send_done(struct key_job *job, const struct key_use_answer *answer)
{
	struct ipc_key_signature signature = {.signature = span_of(answer->signature)};
	struct ipc_key_opened opened = {.content = span_of_secret(answer->content)};

	if (job->question.number == IPC_KEY_SIGN)
		send_reply(job, IPC_KEY_SIGNATURE, &signature);
	else
		send_reply(job, IPC_KEY_OPENED, &opened);
}

/* On the workers of its token. */

static bool is_given_up(const struct key_job *job)
{
	return __atomic_load_n(&job->connection->gone, __ATOMIC_RELAXED);
}

static void run(struct job *base)
{
	_cleanup_(key_use_answer_done) struct key_use_answer answer = {};
	struct key_job *job = (struct key_job *)base;
	const struct key_use_turn turn = turn_of(job);
	int r;

	if (is_given_up(job))
		return;
	r = flow_key_use_do(&turn, &job->permit, &answer, &job->failure);
	if (r)
		send_outcome(job, r);
	else
		send_done(job, &answer);
}

/* A daemon that ends leaves what it did not begin unanswered: its connection ends too, and the
 * program asks the next one. */
static void complete(struct job *base)
{
	job_free((struct key_job *)base);
}

static void push(struct key_job *job)
{
	struct daemon *daemon = job->connection->socket->daemon;

	job->job.run = run;
	job->job.complete = complete;
	job->crew = crews_borrow_uses(daemon->crews, job->permit.token);
	if (job->crew && workers_push(crew_workers(job->crew), &job->job) >= 0)
		return;
	send_failed(job, IPC_FAILURE_LATER, "clavigerd has too much to do: try again");
	job_free(job);
}

/* On the lookers. */

static void run_look(struct job *base)
{
	struct key_job *job = (struct key_job *)base;
	const struct key_use_turn turn = turn_of(job);

	job->outcome = flow_key_use_look(&turn);
}

static void admit(struct key_job *job);

static void complete_look(struct job *base)
{
	struct key_job *job = (struct key_job *)base;

	job->looking = false;
	if (job->connection->socket->stopped || is_given_up(job)) {
		job_free(job);
		return;
	}
	job->looks++;
	if (job->outcome >= 0) {
		admit(job);
		return;
	}
	send_outcome(job, job->outcome);
	job_free(job);
}

static void look(struct key_job *job)
{
	job->job.run = run_look;
	job->job.complete = complete_look;
	job->looking = true;
	if (job->looks < LOOKS_MOST &&
	    workers_push(job->connection->socket->lookers, &job->job) >= 0)
		return;
	send_failed(job, IPC_FAILURE_LATER, "clavigerd has too much to do: try again");
	job_free(job);
}

static void admit(struct key_job *job)
{
	const struct key_use_turn turn = turn_of(job);
	int r = flow_key_use_admit(&turn, &job->permit, &job->failure);

	if (r == KEY_USE_LOOK) {
		look(job);
		return;
	}
	if (!r && job->question.number != IPC_KEY_PUBLIC) {
		push(job);
		return;
	}
	if (r)
		send_outcome(job, r);
	else
		send_public(job);
	job_free(job);
}

static int job_new(struct key_connection *connection, struct ipc_packet *packet,
		   struct key_job **ret)
{
	struct key_job *job = calloc(1, sizeof(*job));
	int r;

	if (!job)
		return -ENOMEM;
	r = flow_key_use_read(packet, &job->question);
	if (r < 0) {
		free(job);
		return r;
	}
	job->packet = TAKE_STRUCT(*packet);
	job->received_ms = clock_monotonic_ms();
	job->job.bucket = connection->user->uid;
	job->connection = connection;
	job->flow = flow_ref(connection->socket->daemon->flow);
	connection->references++;
	connection->job = job;
	__atomic_store_n(&connection->busy, true, __ATOMIC_RELAXED);
	*ret = job;
	return 0;
}

int key_job_begin(struct key_connection *connection, struct ipc_packet *packet)
{
	struct key_job *job;
	int r = job_new(connection, packet, &job);

	if (r < 0)
		return r;
	key_sweep_begin(connection->socket);
	admit(job);
	return 0;
}

/* Expiring: the job goes on with what it waits for, and nobody hears of it. Where that is a looker,
 * he may be writing down who asks. */
static int find_late(struct key_job *job, struct key_use_failure *ret)
{
	const struct key_use_turn turn = turn_of(job);

	if (!job->looking)
		return flow_key_use_late(&turn, &job->permit, ret);
	ret->code = IPC_FAILURE_LATER;
	ret->reason = strdup("no token told in time whether it has the key (claviger status)");
	return ret->reason ? KEY_USE_FAILED : -ENOMEM;
}

void key_job_expire(struct key_connection *connection, int64_t now_ms)
{
	_cleanup_(key_use_failure_done) struct key_use_failure failure = {};
	struct key_job *job = connection->job;

	if (!job || now_ms - job->received_ms < PATIENCE_MS || !claim(job))
		return;
	if (find_late(job, &failure) < 0)
		failure.code = IPC_FAILURE_LATER;
	judge_sending(job, ipc_send_failed(connection->fd, job->packet.header.tag, failure.code,
					   "%s", failure.reason ? failure.reason : "too late"));
	(void)shutdown(connection->fd, SHUT_RDWR);
	key_connection_close(connection);
}
