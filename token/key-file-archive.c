/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#12. Read with OpenSSL's own structures, the key bag opened by us, so that its plain bytes
 * are in locked memory alone. Old archives seal their certificates with RC2 of 40 bits, which is
 * asked of a library context of its own, so that nothing else of this process ever takes it.
 */
#include "daemon/base/crypto.h"
#include "token/key-file-internal.h"
#include <openssl/err.h>
#include <openssl/provider.h>
#include <string.h>

struct library {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *standard, *legacy;
};

static void library_close(struct library *library)
{
	if (library->standard)
		OSSL_PROVIDER_unload(library->standard);
	if (library->legacy)
		OSSL_PROVIDER_unload(library->legacy);
	OSSL_LIB_CTX_free(library->context);
	ERR_clear_error();
}

static int library_open(struct library *ret)
{
	ret->context = OSSL_LIB_CTX_new();
	if (!ret->context)
		return -ENOMEM;
	ret->standard = OSSL_PROVIDER_load(ret->context, "default");
	/* Without it (another package may hold it) only the oldest archives can't be read. */
	ret->legacy = OSSL_PROVIDER_load(ret->context, "legacy");
	return ret->standard ? 0 : -ENOMEM;
}

/* What is being read. */
struct reading {
	struct library library;
	struct span passphrase;
	const X509_SIG *key; /* the shrouded key; borrowed */
	STACK_OF(X509) * certificates;
	unsigned keys;
	bool clear;
};

static void note_bag(struct reading *reading, const PKCS12_SAFEBAG *bag)
{
	X509 *certificate;

	switch (PKCS12_SAFEBAG_get_nid(bag)) {
	case NID_keyBag:
		reading->clear = true;
		break;
	case NID_pkcs8ShroudedKeyBag:
		reading->key = PKCS12_SAFEBAG_get0_pkcs8(bag);
		reading->keys++;
		break;
	case NID_certBag:
		certificate = PKCS12_SAFEBAG_get1_cert(bag);
		if (certificate && !sk_X509_push(reading->certificates, certificate))
			X509_free(certificate);
		break;
	default:
		break;
	}
}

static STACK_OF(PKCS12_SAFEBAG) * open_safe(struct reading *reading, PKCS7 *safe)
{
	if (PKCS7_type_is_data(safe))
		return PKCS12_unpack_p7data(safe);
	if (PKCS7_type_is_encrypted(safe))
		return PKCS12_unpack_p7encdata(safe, (const char *)reading->passphrase.data,
					       (int)reading->passphrase.size);
	return NULL;
}

static X509 *find_certificate(const struct reading *reading, const struct hsm_rsa_parts *parts)
{
	for (int i = 0; i < sk_X509_num(reading->certificates); i++) {
		X509 *certificate = sk_X509_value(reading->certificates, i);
		BIGNUM *modulus = NULL;
		uint8_t number[1024];
		int size = 0;

		if (EVP_PKEY_get_bn_param(X509_get0_pubkey(certificate), "n", &modulus) == 1 &&
		    (size_t)BN_num_bytes(modulus) <= sizeof(number))
			size = BN_bn2bin(modulus, number);
		BN_free(modulus);
		if (size > 0 && span_equal(SPAN(number, (size_t)size), parts->modulus))
			return certificate;
	}
	return NULL;
}

static void append_certificate(struct buffer *out, X509 *certificate)
{
	unsigned char *der = NULL;
	int size = i2d_X509(certificate, &der);

	buffer_append(out, SPAN(der, size > 0 ? (size_t)size : 0));
	OPENSSL_free(der);
}

/* The key's own, and the others. */
static int copy_certificate(const struct reading *reading, struct key_file *ret)
{
	X509 *certificate = find_certificate(reading, &ret->key.parts);
	_cleanup_(buffer_done) struct buffer own = {0}, others = {0};
	int r;

	if (!certificate)
		return sk_X509_num(reading->certificates) ? KEY_FILE_OTHER_CERTIFICATE : 0;
	append_certificate(&own, certificate);
	for (int i = 0; i < sk_X509_num(reading->certificates); i++)
		if (sk_X509_value(reading->certificates, i) != certificate)
			append_certificate(&others, sk_X509_value(reading->certificates, i));
	r = buffer_take(&own, &ret->certificate);
	return r ? r : buffer_take(&others, &ret->others);
}

static int take_key(struct reading *reading, struct key_file *ret)
{
	_cleanup_(secret_done) struct secret der = {0};
	int r;

	if (reading->keys != 1)
		return reading->clear  ? KEY_FILE_CLEAR
		       : reading->keys ? KEY_FILE_SEVERAL
				       : KEY_FILE_NO_KEY;
	r = seal_open(reading->key, reading->passphrase, reading->library.context, &der);
	if (r == 0)
		r = key_file_take(&der, ret);
	return r ? r : copy_certificate(reading, ret);
}

/* Each safe's bags live until the key was taken from them. */
static int read_safes(struct reading *reading, STACK_OF(PKCS7) * safes, struct key_file *ret)
{
	STACK_OF(PKCS12_SAFEBAG) * opened[8] = {0};
	int n = sk_PKCS7_num(safes), r = n > 8 ? KEY_FILE_DAMAGED : 0;

	for (int i = 0; i < n && r == 0; i++) {
		opened[i] = open_safe(reading, sk_PKCS7_value(safes, i));
		if (!opened[i])
			r = KEY_FILE_UNKNOWN_CIPHER;
		for (int j = 0; opened[i] && j < sk_PKCS12_SAFEBAG_num(opened[i]); j++)
			note_bag(reading, sk_PKCS12_SAFEBAG_value(opened[i], j));
	}
	if (r == 0)
		r = take_key(reading, ret);
	for (size_t i = 0; i < ELEMENTS(opened); i++)
		sk_PKCS12_SAFEBAG_pop_free(opened[i], PKCS12_SAFEBAG_free);
	return r;
}

static int read_archive(struct reading *reading, struct span content, struct key_file *ret)
{
	const unsigned char *at = content.data;
	PKCS12 *archive = PKCS12_init_ex(NID_pkcs7_data, reading->library.context, NULL);
	STACK_OF(PKCS7) *safes = NULL;
	int r = KEY_FILE_DAMAGED;

	if (!archive)
		return -ENOMEM;
	if (d2i_PKCS12(&archive, &at, (long)content.size) && at == content.data + content.size) {
		r = KEY_FILE_NOT_OPENED;
		if (PKCS12_mac_present(archive) &&
		    PKCS12_verify_mac(archive, (const char *)reading->passphrase.data,
				      (int)reading->passphrase.size) == 1)
			safes = PKCS12_unpack_authsafes(archive);
	}
	if (safes)
		r = read_safes(reading, safes, ret);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	PKCS12_free(archive);
	return r;
}

int archive_file_read(struct span content, struct span passphrase, struct key_file *ret)
{
	struct reading reading = {.passphrase = passphrase, .certificates = sk_X509_new_null()};
	int r = reading.certificates ? library_open(&reading.library) : -ENOMEM;

	if (r == 0)
		r = read_archive(&reading, content, ret);
	sk_X509_pop_free(reading.certificates, X509_free);
	library_close(&reading.library);
	return r;
}

/* Writing. */

#define MAC_ITERATIONS 100000

/* Both bags of a pair carry the same id, by which readers put them together. */
static bool tie(PKCS12_SAFEBAG *bag, const struct key_file_order *order)
{
	uint8_t id[SHA256_SIZE];

	sha256(order->key->parts.modulus, id);
	return PKCS12_add_localkeyid(bag, id, 20) == 1 &&
	       PKCS12_add_friendlyname_utf8(bag, order->name, -1) == 1;
}

/* Takes @bags over, also on failure. The key is sealed in its bag; its safe is plain. */
static bool add_bags(STACK_OF(PKCS7) * *safes, STACK_OF(PKCS12_SAFEBAG) * bags,
		     const char *passphrase)
{
	bool done = PKCS12_add_safe(safes, bags, passphrase ? NID_aes_256_cbc : -1, MAC_ITERATIONS,
				    passphrase) == 1;

	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return done;
}

/* Takes @bag over, also on failure. */
static bool push_bag(STACK_OF(PKCS12_SAFEBAG) * bags, PKCS12_SAFEBAG *bag)
{
	bool done = bag && bags && sk_PKCS12_SAFEBAG_push(bags, bag);

	if (!done)
		PKCS12_SAFEBAG_free(bag);
	return done;
}

/* Takes the first certificate off @ders. NULL where it is none. */
static PKCS12_SAFEBAG *certificate_bag(struct span *ders)
{
	const unsigned char *at = ders->data;
	X509 *certificate = d2i_X509(NULL, &at, (long)ders->size);
	PKCS12_SAFEBAG *bag = certificate ? PKCS12_SAFEBAG_create_cert(certificate) : NULL;

	if (certificate)
		*ders = span_slice(*ders, (size_t)(at - ders->data), SIZE_MAX);
	X509_free(certificate);
	return bag;
}

static PKCS12_SAFEBAG *key_bag(const struct key_file_order *order)
{
	X509_SIG *sealed = seal_make(order->key->pkcs8, order->passphrase);
	PKCS12_SAFEBAG *bag = sealed ? PKCS12_SAFEBAG_create0_pkcs8(sealed) : NULL;

	if (!bag)
		X509_SIG_free(sealed);
	return bag;
}

static bool add_certificates(STACK_OF(PKCS7) * *safes, const struct key_file_order *order,
			     const char *passphrase)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = sk_PKCS12_SAFEBAG_new_null();
	struct span own = order->certificate, others = order->others;
	PKCS12_SAFEBAG *bag = certificate_bag(&own);
	bool done = bag && tie(bag, order);

	done = push_bag(bags, bag) && done;
	while (done && others.size)
		done = push_bag(bags, certificate_bag(&others));
	if (done)
		return add_bags(safes, bags, passphrase);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return false;
}

static bool add_key(STACK_OF(PKCS7) * *safes, const struct key_file_order *order)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = sk_PKCS12_SAFEBAG_new_null();
	PKCS12_SAFEBAG *bag = key_bag(order);
	bool done = bag && tie(bag, order);

	done = push_bag(bags, bag) && done;
	if (done)
		return add_bags(safes, bags, NULL);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return false;
}

static int encode(PKCS12 *archive, struct bytes *ret)
{
	unsigned char *der = NULL;
	int size = i2d_PKCS12(archive, &der);
	int r = size > 0 ? bytes_copy(SPAN(der, (size_t)size), ret) : -ENOMEM;

	OPENSSL_free(der);
	return r;
}

int archive_file_write(const struct key_file_order *order, struct bytes *ret)
{
	_cleanup_(secret_done) struct secret passphrase = {0};
	STACK_OF(PKCS7) *safes = NULL;
	PKCS12 *archive = NULL;
	const char *text;
	int r = secret_new(order->passphrase.size + 1, &passphrase);

	if (r < 0)
		return r;
	memcpy(passphrase.data, order->passphrase.data, order->passphrase.size);
	text = (const char *)passphrase.data;
	r = -EBADMSG;
	if (add_certificates(&safes, order, text)) {
		r = -ENOMEM;
		if (add_key(&safes, order))
			archive = PKCS12_add_safes(safes, 0);
		if (archive &&
		    PKCS12_set_mac(archive, text, -1, NULL, 0, MAC_ITERATIONS, EVP_sha256()) == 1)
			r = encode(archive, ret);
	}
	PKCS12_free(archive);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	ERR_clear_error();
	return r;
}
