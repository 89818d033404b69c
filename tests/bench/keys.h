/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The routers' keys: RSA-2048, made once and kept in a file, so that a second run starts at once.
 * They protect nothing.
 */

#include <openssl/evp.h>

/* @n keys out of @path; those that it lacks are made and added to it. */
EVP_PKEY **keys_load(const char *path, unsigned n);
void keys_free(EVP_PKEY **keys, unsigned n);
