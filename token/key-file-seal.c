/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "token/key-file-internal.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define ITERATIONS 100000 /* of PBKDF2, when we write */

static void context_freep(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
	ERR_clear_error();
}

static int begin(EVP_CIPHER_CTX *context, const X509_ALGOR *algorithm, struct span passphrase,
		 int encrypt, OSSL_LIB_CTX *library)
{
	const ASN1_OBJECT *scheme;
	const void *parameters;
	int type;

	X509_ALGOR_get0(&scheme, &type, &parameters, algorithm);
	return EVP_PBE_CipherInit_ex(
		       (ASN1_OBJECT *)scheme, (const char *)passphrase.data, (int)passphrase.size,
		       type == V_ASN1_SEQUENCE ? (ASN1_TYPE *)algorithm->parameter : NULL, context,
		       encrypt, library, NULL) == 1;
}

int seal_open(const X509_SIG *sealed, struct span passphrase, OSSL_LIB_CTX *library,
	      struct secret *ret)
{
	_cleanup_(context_freep) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	_cleanup_(secret_done) struct secret plain = {0};
	const ASN1_OCTET_STRING *content;
	const X509_ALGOR *algorithm;
	int first = 0, last = 0, size, r;

	X509_SIG_get0(sealed, &algorithm, &content);
	size = ASN1_STRING_length(content);
	if (!context)
		return -ENOMEM;
	if (!begin(context, algorithm, passphrase, 0, library))
		return KEY_FILE_UNKNOWN_CIPHER;
	r = secret_new((size_t)size + EVP_MAX_BLOCK_LENGTH, &plain);
	if (r < 0)
		return r;
	if (EVP_DecryptUpdate(context, plain.data, &first, ASN1_STRING_get0_data(content), size) !=
		    1 ||
	    EVP_DecryptFinal_ex(context, plain.data + first, &last) != 1 || first + last <= 0)
		return KEY_FILE_NOT_OPENED;
	plain.size = (size_t)first + (size_t)last;
	*ret = TAKE_STRUCT(plain);
	return 0;
}

static bool encrypt(const X509_ALGOR *algorithm, struct span plain, struct span passphrase,
		    ASN1_OCTET_STRING *ret)
{
	_cleanup_(context_freep) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	_cleanup_(bytes_done) struct bytes sealed = {0};
	int first = 0, last = 0;

	if (!context || plain.size > INT_MAX / 2 ||
	    bytes_new(plain.size + EVP_MAX_BLOCK_LENGTH, &sealed) < 0)
		return false;
	return begin(context, algorithm, passphrase, 1, NULL) &&
	       EVP_EncryptUpdate(context, sealed.data, &first, plain.data, (int)plain.size) == 1 &&
	       EVP_EncryptFinal_ex(context, sealed.data + first, &last) == 1 &&
	       ASN1_OCTET_STRING_set(ret, sealed.data, first + last) == 1;
}

X509_SIG *seal_make(struct span plain, struct span passphrase)
{
	X509_ALGOR *made =
		PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), ITERATIONS, NULL, 0, NULL, NID_hmacWithSHA256);
	X509_SIG *sealed = X509_SIG_new();
	ASN1_OCTET_STRING *content;
	X509_ALGOR *algorithm;
	bool done = false;

	if (made && sealed) {
		X509_SIG_getm(sealed, &algorithm, &content);
		done = X509_ALGOR_copy(algorithm, made) == 1 &&
		       encrypt(algorithm, plain, passphrase, content);
	}
	X509_ALGOR_free(made);
	if (!done) {
		X509_SIG_free(sealed);
		sealed = NULL;
	}
	ERR_clear_error();
	return sealed;
}

#define SALT	 8
#define MD5_SIZE 16

int seal_derive(struct span passphrase, struct span iv, size_t size, struct secret *ret)
{
	_cleanup_(secret_done) struct secret text = {0}, key = {0};
	size_t have = 0, before = 0;
	int r;

	if (iv.size < SALT)
		return -EINVAL;
	/* D(i) = MD5(D(i-1) || passphrase || salt) */
	r = secret_new(MD5_SIZE + passphrase.size + SALT, &text);
	if (r == 0)
		r = secret_new(size + DIGEST_SIZE_MAX, &key);
	if (r)
		return r;
	while (have < size) {
		memcpy(text.data + before, passphrase.data, passphrase.size);
		memcpy(text.data + before + passphrase.size, iv.data, SALT);
		(void)digest_compute(DIGEST_MD5, SPAN(text.data, before + passphrase.size + SALT),
				     key.data + have);
		memcpy(text.data, key.data + have, MD5_SIZE);
		before = MD5_SIZE;
		have += MD5_SIZE;
	}
	key.size = size;
	*ret = TAKE_STRUCT(key);
	return 0;
}
