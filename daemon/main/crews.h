/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The workers of each token, by its name, those of them that wait for it on behalf of other
 * programs, and of each server that passes messages on, by its label: these wait for a server
 * elsewhere, and keep nobody else waiting with them. They outlive a reload of the configuration;
 * those of a token or server that is gone end once no job has them any more. Of the event loop
 * alone.
 */

#include "daemon/conf/conf.h"
#include "daemon/main/workers.h"

struct crews;
struct crew;

_checked_ int crews_new(sd_event *loop, struct crews **ret);
/* Starts the workers of each token and RA in @conf that has none yet, and lets go those of the
 * others. -errno: all is as it was. */
_checked_ int crews_fit(struct crews *crews, const struct conf *conf);
/* Waits for what runs; completes what waits undone. Nobody may borrow any more, but the jobs that
 * are completed here may still give back. */
void crews_stop(struct crews *crews);
struct crews *crews_free(struct crews *crews);

/* The crew of this token, to be given back when the job is over; NULL where there is none. */
struct crew *crews_borrow(struct crews *crews, const char *token);
/* The same for what other programs ask of the token (key.sock): they are as many as the others, so
 * that neither keeps the other from it, and take turns by bucket. */
struct crew *crews_borrow_uses(struct crews *crews, const char *token);
/* The same of a server that passes messages on. */
struct crew *crews_borrow_relay(struct crews *crews, const char *label);
struct workers *crew_workers(struct crew *crew);
/* NULL is let through. */
void crew_give_back(struct crew *crew);
