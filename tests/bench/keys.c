/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/keys.h"
#include "tests/bench/must.h"
#include "tests/bench/parallel.h"
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#define BITS 2048

struct pool {
	EVP_PKEY **keys;
	unsigned have;
};

static void make_key(void *context, unsigned i)
{
	struct pool *pool = context;

	pool->keys[pool->have + i] = EVP_RSA_gen(BITS);
	MUST(pool->keys[pool->have + i]);
}

static unsigned read_keys(const char *path, EVP_PKEY **keys, unsigned n)
{
	BIO *file = BIO_new_file(path, "r");
	unsigned have = 0;

	while (file && have < n && (keys[have] = d2i_PrivateKey_bio(file, NULL)))
		have++;
	BIO_free(file);
	return have;
}

/* By rename: two runs at a time lose one's keys at most, and never leave half a file. Each may have
 * the other's process number, in a namespace of its own. */
static void write_keys(const char *path, EVP_PKEY **keys, unsigned n)
{
	char temporary[4096];
	BIO *file;
	int fd;

	MUST(snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) > 0);
	fd = mkstemp(temporary);
	MUST(fd >= 0);
	file = BIO_new_fd(fd, BIO_CLOSE);
	MUST(file);
	for (unsigned i = 0; i < n; i++)
		MUST(i2d_PrivateKey_bio(file, keys[i]) == 1);
	MUST(BIO_free(file) == 1);
	MUST(rename(temporary, path) == 0);
}

EVP_PKEY **keys_load(const char *path, unsigned n)
{
	struct pool pool = {.keys = calloc(n, sizeof(*pool.keys))};

	MUST(pool.keys);
	pool.have = read_keys(path, pool.keys, n);
	if (pool.have == n)
		return pool.keys;
	(void)fprintf(stderr, "making %u keys, once: %s\n", n - pool.have, path);
	parallel(n - pool.have, make_key, &pool);
	write_keys(path, pool.keys, n);
	return pool.keys;
}

void keys_free(EVP_PKEY **keys, unsigned n)
{
	for (unsigned i = 0; keys && i < n; i++)
		EVP_PKEY_free(keys[i]);
	free(keys);
}
