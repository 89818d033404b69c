/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/software-internal.h"

#include <openssl/rsa.h>

static const EVP_MD *evp_digest(enum digest digest)
{
	return EVP_get_digestbyname(digest_name(digest));
}

/* PKCS#1 v1.5 without a digest pads what it is given as it is. */
static bool set_signing(EVP_PKEY_CTX *context, const struct rsa_scheme *scheme)
{
	if (scheme->padding == RSA_PADDING_PSS)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_signature_md(context, evp_digest(scheme->digest)) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(context, evp_digest(scheme->mgf1)) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)scheme->salt_bytes) > 0;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
	       (scheme->input == RSA_INPUT_BARE ||
		EVP_PKEY_CTX_set_signature_md(context, evp_digest(scheme->digest)) > 0);
}

int software_use(struct key *key, const struct rsa_scheme *scheme, struct span message,
		 struct bytes *ret, char **ret_reason)
{
	struct software_key *software = (struct software_key *)key;
	_cleanup_(software_free_context) EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new(software->pkey, NULL);
	_cleanup_(bytes_done) struct bytes signature = {0};
	size_t size = (size_t)EVP_PKEY_get_size(software->pkey);
	uint8_t digest[DIGEST_SIZE_MAX];
	int r;

	if (scheme->input != RSA_INPUT_BARE)
		message = SPAN(digest, rsa_scheme_digest(scheme, message, digest));
	r = bytes_new(size, &signature);
	if (r < 0)
		return r;
	if (!context || EVP_PKEY_sign_init(context) <= 0 || !set_signing(context, scheme) ||
	    EVP_PKEY_sign(context, signature.data, &size, message.data, message.size) <= 0)
		return key_explain(software_fault(-EIO), ret_reason, "OpenSSL could not sign");
	signature.size = size;
	*ret = TAKE_STRUCT(signature);
	return 0;
}

/* OpenSSL takes the label over. */
static bool set_label(EVP_PKEY_CTX *context, struct span label)
{
	void *copy = label.size ? OPENSSL_memdup(label.data, label.size) : NULL;

	if (label.size == 0)
		return true;
	if (copy && EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, (int)label.size) > 0)
		return true;
	OPENSSL_free(copy);
	return false;
}

static bool set_opening(EVP_PKEY_CTX *context, const struct rsa_opening *opening)
{
	if (opening->padding == RSA_PADDING_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(context, evp_digest(opening->digest)) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(context, evp_digest(opening->mgf1)) > 0 &&
	       set_label(context, opening->label);
}

int software_open(struct key *key, const struct rsa_opening *opening, struct span encrypted,
		  struct secret *ret, char **ret_reason)
{
	struct software_key *software = (struct software_key *)key;
	_cleanup_(software_free_context) EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new(software->pkey, NULL);
	_cleanup_(secret_done) struct secret content = {0};
	uint8_t pretended[KEY_CONTENT_MOST];
	size_t size = encrypted.size;
	int r = secret_new(size, &content);

	if (r < 0)
		return r;
	if (!context || EVP_PKEY_decrypt_init(context) <= 0 || !set_opening(context, opening))
		return software_fault(-EIO);
	if (EVP_PKEY_decrypt(context, content.data, &size, encrypted.data, encrypted.size) > 0) {
		content.size = size;
		*ret = TAKE_STRUCT(content);
		return 0;
	}
	if (opening->padding == RSA_PADDING_OAEP)
		return key_explain(software_fault(-EINVAL), ret_reason,
				   "this key does not open it");
	key_pretend(encrypted, KEY_CONTENT_MOST, pretended);
	return software_fault(secret_copy(SPAN(pretended, pretended[0] % KEY_CONTENT_MOST), ret));
}
