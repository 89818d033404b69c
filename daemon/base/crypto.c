/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto-internal.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/random.h>

static const char *const md_names[] = {
	[DIGEST_NONE] = NULL,	    [DIGEST_MD5] = "MD5",	[DIGEST_SHA1] = "SHA1",
	[DIGEST_SHA256] = "SHA256", [DIGEST_SHA384] = "SHA384", [DIGEST_SHA512] = "SHA512",
};

static const char *const cipher_names[] = {
	[CIPHER_NONE] = NULL,
	[CIPHER_DES_CBC] = "DES-EDE3-CBC",
	[CIPHER_DES_EDE3_CBC] = "DES-EDE3-CBC",
	[CIPHER_AES128_CBC] = "AES-128-CBC",
	[CIPHER_AES192_CBC] = "AES-192-CBC",
	[CIPHER_AES256_CBC] = "AES-256-CBC",
};

/* Fetched once: by a program of ours for as long as it lives, else until crypto_detach(). */
static struct {
	EVP_MD *mds[ELEMENTS(md_names)];
	EVP_CIPHER *ciphers[ELEMENTS(cipher_names)];
	EVP_MAC *hmac;
	atomic_bool ready;
} algorithms;

static struct {
	pthread_mutex_t lock; /* of fetching, too */
	unsigned count;
	OSSL_LIB_CTX *context;
	bool has_fetched; /* the algorithms are this context's */
} attached = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* @context: NULL for the process's own. */
static void fetch_from(OSSL_LIB_CTX *context)
{
	/* what is missing is told by the assert: the program's errors are left as they are */
	ERR_set_mark();
	for (size_t i = 1; i < ELEMENTS(md_names); i++) {
		algorithms.mds[i] = EVP_MD_fetch(context, md_names[i], NULL);
		assert(algorithms.mds[i]);
	}
	for (size_t i = 1; i < ELEMENTS(cipher_names); i++) {
		algorithms.ciphers[i] = EVP_CIPHER_fetch(context, cipher_names[i], NULL);
		assert(algorithms.ciphers[i]);
	}
	algorithms.hmac = EVP_MAC_fetch(context, "HMAC", NULL);
	assert(algorithms.hmac);
	ERR_pop_to_mark();
	atomic_store_explicit(&algorithms.ready, true, memory_order_release);
}

static void forget(void)
{
	atomic_store(&algorithms.ready, false);
	for (size_t i = 1; i < ELEMENTS(md_names); i++)
		EVP_MD_free(TAKE_PTR(algorithms.mds[i]));
	for (size_t i = 1; i < ELEMENTS(cipher_names); i++)
		EVP_CIPHER_free(TAKE_PTR(algorithms.ciphers[i]));
	EVP_MAC_free(TAKE_PTR(algorithms.hmac));
}

static void fetch_once(void)
{
	if (atomic_load_explicit(&algorithms.ready, memory_order_acquire))
		return;
	pthread_mutex_lock(&attached.lock);
	if (!atomic_load(&algorithms.ready)) {
		crypto_init();
		fetch_from(NULL);
	}
	pthread_mutex_unlock(&attached.lock);
}

void crypto_init(void)
{
	int done = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);

	assert(done == 1);
	ERR_clear_error();
}

int crypto_attach(OSSL_LIB_CTX **ret)
{
	int r = 0;

	pthread_mutex_lock(&attached.lock);
	if (!attached.context)
		attached.context = OSSL_LIB_CTX_new();
	if (!attached.context) {
		r = -ENOMEM;
	} else {
		if (!atomic_load(&algorithms.ready)) {
			fetch_from(attached.context);
			attached.has_fetched = true;
		}
		attached.count++;
		*ret = attached.context;
	}
	pthread_mutex_unlock(&attached.lock);
	return r;
}

void crypto_detach(void)
{
	pthread_mutex_lock(&attached.lock);
	assert(attached.count > 0);
	if (--attached.count == 0) {
		if (attached.has_fetched)
			forget();
		attached.has_fetched = false;
		OSSL_LIB_CTX_free(TAKE_PTR(attached.context));
	}
	pthread_mutex_unlock(&attached.lock);
}

const EVP_MD *crypto_md(enum digest digest)
{
	assert(digest > DIGEST_NONE && digest < ELEMENTS(md_names));
	fetch_once();
	return algorithms.mds[digest];
}

const EVP_CIPHER *crypto_evp_cipher(enum cipher cipher)
{
	assert(cipher > CIPHER_NONE && cipher < ELEMENTS(cipher_names));
	fetch_once();
	return algorithms.ciphers[cipher];
}

EVP_MAC *crypto_hmac(void)
{
	fetch_once();
	return algorithms.hmac;
}

void random_fill(void *data, size_t size)
{
	uint8_t *at = data;

	while (size) {
		ssize_t n = getrandom(at, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		assert(n > 0); /* nothing safe could follow */
		at += n;
		size -= (size_t)n;
	}
}
