/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto-internal.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
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

/* Kept to the end of the process. */
static EVP_MD *mds[ELEMENTS(md_names)];
static EVP_CIPHER *ciphers[ELEMENTS(cipher_names)];
static EVP_MAC *hmac;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
	crypto_init();
	for (size_t i = 1; i < ELEMENTS(mds); i++) {
		mds[i] = EVP_MD_fetch(NULL, md_names[i], NULL);
		assert(mds[i]);
	}
	for (size_t i = 1; i < ELEMENTS(ciphers); i++) {
		ciphers[i] = EVP_CIPHER_fetch(NULL, cipher_names[i], NULL);
		assert(ciphers[i]);
	}
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	assert(hmac);
	ERR_clear_error();
}

static void fetch_once(void)
{
	pthread_once(&fetched, fetch_all);
}

void crypto_init(void)
{
	int done = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);

	assert(done == 1);
	ERR_clear_error();
}

const EVP_MD *crypto_md(enum digest digest)
{
	assert(digest > DIGEST_NONE && digest < ELEMENTS(mds));
	fetch_once();
	return mds[digest];
}

const EVP_CIPHER *crypto_evp_cipher(enum cipher cipher)
{
	assert(cipher > CIPHER_NONE && cipher < ELEMENTS(ciphers));
	fetch_once();
	return ciphers[cipher];
}

EVP_MAC *crypto_hmac(void)
{
	fetch_once();
	return hmac;
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
