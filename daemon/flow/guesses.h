/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is held against a peer: challenges that matched no one-time password while one was live, and
 * transactionIDs of others. Bounded: of too many peers the least suspicious is forgotten. Nothing
 * of it is stored. Thread-safe.
 */

#include "policy/rate.h"

struct guesses;

_checked_ int guesses_new(struct guesses **ret);
struct guesses *guesses_free(struct guesses *guesses);

/* Whether this peer_bucket's challenges are still looked at. */
bool guesses_are_heard(struct guesses *guesses, uint64_t bucket, int64_t now_s);
/* Counts one; true where that was the last: nothing of his is looked at for a while. */
bool guesses_count(struct guesses *guesses, uint64_t bucket, int64_t now_s);
