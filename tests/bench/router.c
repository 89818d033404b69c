/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/router.h"
#include "tests/bench/must.h"
#include <openssl/cms.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define SCEP	   "2.16.840.1.113733.1.9."
#define VALID_S	   (10L * 365 * 86400)
#define FLAGS	   (CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP)
#define KEY_USAGE  "critical,digitalSignature,keyEncipherment"
#define NAME_BYTES 64

static X509_NAME *make_name(unsigned i)
{
	X509_NAME *name = X509_NAME_new();
	char common[NAME_BYTES];

	(void)snprintf(common, sizeof(common), "router-%04u.example.net", i);
	MUST(name);
	MUST(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Example",
					-1, -1, 0) == 1);
	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common, -1,
					-1, 0) == 1);
	return name;
}

static X509_EXTENSION *make_extension(const char *name, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, NULL, name, value);

	MUST(extension);
	return extension;
}

static X509 *make_signer(EVP_PKEY *key, X509_NAME *name)
{
	X509 *made = X509_new();
	X509_EXTENSION *usage = make_extension("keyUsage", KEY_USAGE);

	MUST(made && X509_set_version(made, X509_VERSION_3) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(made), 5) == 1);
	MUST(X509_gmtime_adj(X509_getm_notBefore(made), -3600));
	MUST(X509_gmtime_adj(X509_getm_notAfter(made), VALID_S));
	MUST(X509_set_subject_name(made, name) == 1 && X509_set_issuer_name(made, name) == 1);
	MUST(X509_set_pubkey(made, key) == 1 && X509_add_ext(made, usage, -1) == 1);
	MUST(X509_sign(made, key, EVP_sha256()) > 0);
	X509_EXTENSION_free(usage);
	return made;
}

static void make_csr(struct router *router, X509_NAME *name, unsigned i)
{
	X509_REQ *made = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	char dns[NAME_BYTES];

	(void)snprintf(dns, sizeof(dns), "DNS:router-%04u.example.net", i);
	MUST(made && extensions);
	MUST(sk_X509_EXTENSION_push(extensions, make_extension("keyUsage", KEY_USAGE)) > 0);
	MUST(sk_X509_EXTENSION_push(extensions, make_extension("subjectAltName", dns)) > 0);
	MUST(X509_REQ_set_version(made, 0) == 1 && X509_REQ_set_subject_name(made, name) == 1);
	MUST(X509_REQ_set_pubkey(made, router->key) == 1);
	MUST(X509_REQ_add_extensions(made, extensions) == 1);
	MUST(X509_REQ_sign(made, router->key, EVP_sha256()) > 0);
	router->csr_size = i2d_X509_REQ(made, &router->csr);
	MUST(router->csr_size > 0);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(made);
}

void router_init(struct router *router, EVP_PKEY *key, unsigned i)
{
	X509_NAME *name = make_name(i);

	*router = (struct router){.key = key};
	router->signer = make_signer(key, name);
	make_csr(router, name, i);
	X509_NAME_free(name);
}

void router_done(struct router *router)
{
	X509_free(router->signer);
	OPENSSL_free(router->csr);
	*router = (struct router){};
}

static BIO *make_envelope(const struct router *router, X509 *ca)
{
	STACK_OF(X509) *recipients = sk_X509_new_null();
	BIO *csr = BIO_new_mem_buf(router->csr, router->csr_size);
	BIO *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms;

	MUST(recipients && csr && out && sk_X509_push(recipients, ca) > 0);
	cms = CMS_encrypt(recipients, csr, EVP_aes_128_cbc(), CMS_BINARY);
	MUST(cms && i2d_CMS_bio(out, cms) == 1);
	CMS_ContentInfo_free(cms);
	BIO_free(csr);
	sk_X509_free(recipients);
	return out;
}

static void add_attribute(CMS_SignerInfo *signer, const char *oid, int type, const void *bytes,
			  int size)
{
	MUST(CMS_signed_add1_attr_by_txt(signer, oid, type, bytes, size) == 1);
}

void message_init(struct message *message, const struct router *router, X509 *ca)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, FLAGS);
	BIO *envelope = make_envelope(router, ca);
	unsigned char id[16];
	CMS_SignerInfo *signer;

	*message = (struct message){.router = router};
	MUST(RAND_bytes(id, sizeof(id)) == 1);
	MUST(RAND_bytes(message->nonce, sizeof(message->nonce)) == 1);
	for (size_t i = 0; i < sizeof(id); i++)
		(void)snprintf(message->transaction + 2 * i, 3, "%02X", id[i]);
	MUST(cms);
	signer = CMS_add1_signer(cms, router->signer, router->key, EVP_sha256(), FLAGS);
	MUST(signer);
	add_attribute(signer, SCEP "7", V_ASN1_PRINTABLESTRING, message->transaction, 32);
	add_attribute(signer, SCEP "2", V_ASN1_PRINTABLESTRING, "19", 2);
	add_attribute(signer, SCEP "5", V_ASN1_OCTET_STRING, message->nonce, 16);
	MUST(CMS_final(cms, envelope, NULL, FLAGS) == 1);
	message->size = i2d_CMS_ContentInfo(cms, &message->data);
	MUST(message->size > 0);
	BIO_free(envelope);
	CMS_ContentInfo_free(cms);
}

void message_done(struct message *message)
{
	OPENSSL_free(message->data);
	*message = (struct message){};
}
