/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The mask of PSS and OAEP. Pure. Source: RFC 8017 §B.2.1. */

#include "daemon/base/crypto.h"

#define MGF1_SEED_MAX 1024 /* bytes: no modulus is longer */

/* Puts the mask that @seed, of at most MGF1_SEED_MAX bytes, makes over @size bytes of @data;
 * once more takes it off. */
void mgf1_apply(enum digest digest, struct span seed, uint8_t *data, size_t size);
