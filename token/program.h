/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A key that another program uses, as TOKEN_USE and TOKEN_OPEN have it in common: which it is, and
 * what the [Use] sections let it do. */

#include "hsm/rsa-key.h"
#include "token/request.h"

struct program_key {
	struct held_charter *held;
	struct charter charter;
	char *label;
	unsigned uses; /* bits of policy/key-use.h that sections speak of */
	size_t modulus_bytes;
};
void program_key_done(struct program_key *key);

/* By the SHA-256 of its SubjectPublicKeyInfo. False where @request was answered that it failed. */
_checked_ bool program_find_key(struct request *request, struct span key_sha256,
				struct program_key *ret);
/* NULL where it is a key that other programs may use at all; else the rule that forbids it. */
const char *program_refuses(const struct program_key *key);
/* Answers with the refusal, and logs the first of a minute by key and kind. @kind: what was asked
 * for. */
void program_refuse(struct request *request, const struct program_key *key, const char *kind,
		    const char *rule);
/* Logs how often refusals came again whose minute is over. */
void program_tell(const struct service *service);

struct hsm_rsa_key program_key_on_token(const struct program_key *key);
/* Notes whether the key is there, by an outcome of hsm/rsa-key.h; true where it is not, and
 * @request was answered so. */
_checked_ bool program_fail_absent(struct request *request, const struct program_key *key,
				   int outcome);
