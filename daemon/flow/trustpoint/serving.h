/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is otherwise of a server's own trustpoint (trustpoint_turn.server): its key is a ca key made
 * in the server's name, or an RA's exchange key; what it asks for is that name, as an authority; a
 * successor always has a new key. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/trustpoint/subject.h"
#include "policy/charter.h"

/* What the keys of @turn are made for. */
enum charter_role trustpoint_key_role(const struct trustpoint_turn *turn);
/* The name that they sign in; empty where their role has none. Borrowed from the server. */
struct span trustpoint_key_issuer(const struct trustpoint_turn *turn);
/* Whether what comes is to be a CA's certificate. */
bool trustpoint_is_for_ca(const struct trustpoint_turn *turn);
/* The [Token] section on which the next key is made; NULL where none is said. */
const char *trustpoint_key_token(const struct trustpoint_turn *turn);
/* Bits of it; 0: what the token can. */
unsigned trustpoint_key_size(const struct trustpoint_turn *turn);

/* The name and extensions of a CA's certificate in the server's name. 0; -ENOMEM. */
_checked_ int trustpoint_serving_subject(const struct trustpoint_turn *turn,
					 struct trustpoint_subject *ret);

struct trustpoint_key;
/*
 * Before anything is asked for: the CRL that tells that nothing is revoked, in the name that the
 * certificate will have, signed by the key that it will be of (SUB-16). Done once for each key.
 * Nothing where the server has a CA certificate, or none is to come. 0; FLOW_LATER with
 * *ret_reason; -errno.
 */
_checked_ int trustpoint_sign_first_crl(struct trustpoint_turn *turn,
					const struct trustpoint_key *key, char **ret_reason);
