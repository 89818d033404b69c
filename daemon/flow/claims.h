/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Holds back a second worker that would decide on the same transaction or the same one-time
 * password while the first is between its decision and its commit: else a certificate could be
 * signed that no commit takes. (The commit checks again; this only keeps signatures from being
 * thrown away.)
 *
 * Two kinds, always claimed in this order, so that nobody waits in a circle.
 */

#include "daemon/base/bytes.h"
#include <pthread.h>

enum claim_kind { CLAIM_TRANSACTION, CLAIM_PASSWORD, CLAIM_KINDS_ };

struct claims;

_checked_ int claims_new(struct claims **ret);
struct claims *claims_free(struct claims *claims);
/* Blocks until nobody else holds this name. Give the result to claim_release(); NULL is let
 * through. */
pthread_mutex_t *claim_take(struct claims *claims, enum claim_kind kind, struct span name);
void claim_releasep(pthread_mutex_t **claim);
