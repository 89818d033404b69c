/* SPDX-License-Identifier: Apache-2.0 */
/* What a CertRep brings, read by OpenSSL's CMS. */
#include "tests/bench/router.h"
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <string.h>

#define FLAGS (CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY)

/* A signed attribute has this one value. */
static bool attribute_is(CMS_SignerInfo *signer, const char *oid, int type, const void *value,
			 int size)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	const ASN1_STRING *found = CMS_signed_get0_data_by_OBJ(signer, object, -3, type);

	ASN1_OBJECT_free(object);
	return found && ASN1_STRING_length(found) == size &&
	       memcmp(ASN1_STRING_get0_data(found), value, (size_t)size) == 0;
}

static const char *judge_attributes(const struct message *message, CMS_ContentInfo *cms)
{
	static const char id[] = "2.16.840.1.113733.1.9.";
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	const struct {
		const char *number;
		int type;
		const void *value;
		int size;
		const char *complaint;
	} wanted[] = {
		{"7", V_ASN1_PRINTABLESTRING, message->transaction, 32, "another transactionID"},
		{"2", V_ASN1_PRINTABLESTRING, "3", 1, "not a CertRep"},
		{"6", V_ASN1_OCTET_STRING, message->nonce, 16, "another recipientNonce"},
		{"3", V_ASN1_PRINTABLESTRING, "0", 1, "its pkiStatus is not SUCCESS"},
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char oid[sizeof(id) + 1];

		(void)snprintf(oid, sizeof(oid), "%s%s", id, wanted[i].number);
		if (!attribute_is(signer, oid, wanted[i].type, wanted[i].value, wanted[i].size))
			return wanted[i].complaint;
	}
	return NULL;
}

/* The content of the SignedData, or NULL with a complaint. */
static BIO *open_outer(const struct message *message, X509 *ca, CMS_ContentInfo *cms,
		       const char **ret_complaint)
{
	STACK_OF(X509) *signers = sk_X509_new_null();
	BIO *content = BIO_new(BIO_s_mem());

	(void)sk_X509_push(signers, ca);
	/* NOINTERN: the CA's certificate, whatever else the message brings. */
	if (CMS_verify(cms, signers, NULL, NULL, content, FLAGS | CMS_NOINTERN) != 1)
		*ret_complaint = "its signature is not the CA's";
	else
		*ret_complaint = judge_attributes(message, cms);
	sk_X509_free(signers);
	if (!*ret_complaint)
		return content;
	BIO_free(content);
	return NULL;
}

static CMS_ContentInfo *open_envelope(const struct message *message, BIO *content)
{
	CMS_ContentInfo *cms = d2i_CMS_bio(content, NULL), *inner = NULL;
	BIO *out = BIO_new(BIO_s_mem());

	if (cms && CMS_decrypt(cms, message->router->key, message->router->signer, NULL, out,
			       CMS_BINARY) == 1)
		inner = d2i_CMS_bio(out, NULL);
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	return inner;
}

static void print_serial(const X509 *certificate, char ret_serial[static 65])
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;

	(void)snprintf(ret_serial, 65, "%s", hex ? hex : "");
	OPENSSL_free(hex);
	BN_free(number);
}

static const char *judge_certificates(const struct message *message, X509 *ca,
				      CMS_ContentInfo *inner, char ret_serial[static 65])
{
	STACK_OF(X509) *certificates = CMS_get1_certs(inner);
	X509 *leaf = sk_X509_value(certificates, 0);
	const char *complaint = NULL;

	if (sk_X509_num(certificates) != 1)
		complaint = "it does not bring one certificate";
	else if (EVP_PKEY_eq(X509_get0_pubkey(leaf), message->router->key) != 1)
		complaint = "its certificate is of another key";
	else if (X509_verify(leaf, X509_get0_pubkey(ca)) != 1)
		complaint = "its certificate is not signed by the CA";
	else
		print_serial(leaf, ret_serial);
	sk_X509_pop_free(certificates, X509_free);
	return complaint;
}

const char *message_judge(const struct message *message, X509 *ca, const unsigned char *answer,
			  long size, char ret_serial[static 65])
{
	CMS_ContentInfo *outer = d2i_CMS_ContentInfo(NULL, &answer, size), *inner = NULL;
	const char *complaint = "it is no CMS";
	BIO *content = outer ? open_outer(message, ca, outer, &complaint) : NULL;

	if (content) {
		inner = open_envelope(message, content);
		complaint = inner ? judge_certificates(message, ca, inner, ret_serial)
				  : "its envelope can't be opened";
	}
	CMS_ContentInfo_free(inner);
	BIO_free(content);
	CMS_ContentInfo_free(outer);
	ERR_clear_error();
	return complaint;
}
