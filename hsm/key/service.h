/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The way to clavigerd's key.sock, for programs that use a key under a [Use] rule: a pool of
 * connections, and the keys behind it. Made for programs that are not ours: it is safe in threads
 * and in forked children (which dial anew and leave their parent's connections alone), logs
 * nothing, raises no signal, and holds a descriptor only between operations. A connection belongs
 * to the user who opened it: where the effective user changed, it is closed and another opened.
 *
 * Each operation has a time limit, connecting and a repetition included. A connection that breaks
 * costs one repetition over a new one: nothing that goes this way does harm when it is done twice.
 * One that gave no answer in time is closed.
 */

#include "hsm/key/key.h"

struct key_service;

/* Outcomes beyond key_outcome's, each with a reason that says what to do. */
enum key_service_outcome {
	KEY_SERVICE_AWAY = 4, /* nobody listens, or we may not go there */
	KEY_SERVICE_LATE = 5, /* no answer in time */
	KEY_SERVICE_LOST = 6, /* it went away before it answered */
};

/* @path (of key.sock) is copied; @timeout_ms is at least 1. Connects to nobody. -EINVAL where @path
 * is empty or too long for a socket, -ENOMEM. */
_checked_ int key_service_new(const char *path, int64_t timeout_ms, struct key_service **ret);
struct key_service *key_service_ref(struct key_service *service);
/* Returns NULL; accepts it. */
struct key_service *key_service_unref(struct key_service *service);
void key_service_unrefp(struct key_service **service);

/*
 * Asks for the public key that goes by a name.
 *
 * @name        of a trustpoint or a key
 * @ret_spki    DER SubjectPublicKeyInfo of an RSA key; the caller's
 * @ret_reason  as in key_use()
 * Returns 0, a key_outcome or key_service_outcome, -EINVAL where no key can have such a name, or
 * -errno. Blocks for the time limit at most.
 */
_checked_ int key_service_find(struct key_service *service, const char *name,
			       struct bytes *ret_spki, char **ret_reason);

/*
 * A key behind the service, which does key_use() and key_open() with the outcomes of
 * key_service_outcome besides. Asks nobody. Takes a reference to @service. -EINVAL where @name is
 * empty, above 128 bytes or no UTF-8, or @spki no RSA key's.
 */
_checked_ int key_new_service(struct key_service *service, const char *name, struct span spki,
			      struct key **ret);
