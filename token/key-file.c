/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/x509/certificate.h"
#include "token/key-file-internal.h"

void key_file_done(struct key_file *file)
{
	rsa_secret_done(&file->key);
	bytes_done(&file->certificate);
	bytes_done(&file->others);
}

const char *key_file_advice(enum key_file_outcome outcome)
{
	static const char *const rows[] = {
		[KEY_FILE_NO_KEY] = "there is no RSA private key in it, PEM or PKCS#12",
		[KEY_FILE_DAMAGED] = "the file is damaged: copy it again",
		[KEY_FILE_CLEAR] =
			"the private key is not encrypted: encrypt it first (openssl rsa "
			"-aes256), and remove the one in the clear",
		[KEY_FILE_UNKNOWN_CIPHER] = "the key is encrypted in a way that is not known here: "
					    "use DES, 3DES or AES "
					    "(openssl pkcs8 -topk8, openssl pkcs12 -export)",
		[KEY_FILE_NOT_OPENED] = "the passphrase is wrong, or the file was tampered with",
		[KEY_FILE_NO_RSA] = "what was opened is no RSA private key, or the passphrase is "
				    "wrong",
		[KEY_FILE_INCONSISTENT] =
			"the numbers of the private key don't belong together: it was damaged or "
			"tampered with",
		[KEY_FILE_OTHER_CERTIFICATE] =
			"the certificate or public key in it belongs to another private key",
		[KEY_FILE_SEVERAL] = "there are several private keys in it: leave the one that is "
				     "meant",
		[KEY_FILE_CERTIFICATE_LARGE] =
			"the certificate in it is larger than 8 KiB: leave it out, or have a "
			"smaller one issued",
	};

	return rows[outcome];
}

int key_file_take(struct secret *der, struct key_file *ret)
{
	return rsa_secret_read(der, &ret->key) < 0 ? KEY_FILE_NO_RSA : 0;
}

static bool is_same_key(const struct x509_key *key, const struct hsm_rsa_parts *parts)
{
	return key->kind == X509_KEY_RSA && span_equal(key->modulus, parts->modulus) &&
	       span_equal(key->exponent, parts->exponent);
}

static int check_certificate(const struct key_file *file)
{
	struct x509_certificate certificate;

	if (!file->certificate.size)
		return 0;
	if (file->certificate.size > KEY_FILE_CERTIFICATE_MOST)
		return KEY_FILE_CERTIFICATE_LARGE;
	if (x509_certificate_read(span_of(file->certificate), &certificate) < 0)
		return KEY_FILE_DAMAGED;
	return is_same_key(&certificate.key, &file->key.parts) ? 0 : KEY_FILE_OTHER_CERTIFICATE;
}

/* A public key in the same file, as routers write beside a private one. */
static int check_public(struct span content, const struct key_file *file)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct x509_key key;
	int r = text_read_pem(content, "PUBLIC KEY", &spki);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r == -ENOMEM ? r : KEY_FILE_DAMAGED;
	if (x509_key_read(span_of(spki), &key) < 0)
		return KEY_FILE_DAMAGED;
	return is_same_key(&key, &file->key.parts) ? 0 : KEY_FILE_OTHER_CERTIFICATE;
}

static bool is_der(struct span content)
{
	return content.size > 0 && content.data[0] == 0x30;
}

int key_file_read(struct span content, struct span passphrase, struct key_file *ret)
{
	_cleanup_(key_file_done) struct key_file file = {0};
	bool der = is_der(content);
	int r;

	r = der ? archive_file_read(content, passphrase, &file)
		: pem_file_read(content, passphrase, &file);
	if (r == 0 && rsa_secret_check(&file.key) < 0)
		r = KEY_FILE_INCONSISTENT;
	if (r == 0)
		r = check_certificate(&file);
	if (r == 0 && !der)
		r = check_public(content, &file);
	if (r == 0)
		*ret = TAKE_STRUCT(file);
	return r;
}

int key_file_write(const struct key_file_order *order, struct bytes *ret)
{
	assert(order->key->pkcs8.size);
	return order->form == KEY_FORM_ARCHIVE_PKCS12 ? archive_file_write(order, ret)
						      : pem_file_write(order, ret);
}
