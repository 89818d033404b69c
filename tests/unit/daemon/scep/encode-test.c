/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that we build and OpenSSL reads, verifies and opens, by its CMS and by its PKCS#7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/surgery.h"
#include "tests/unit/daemon/scep/world.h"

static const uint8_t our_nonce[16] = "fedcba9876543210";
static const uint8_t content_key[32] = "a key that is as long as AES-256";
static const uint8_t iv[16] = "an IV of a block";

static void open_plan(const struct plan *plan, const struct scep_allowance *allowance,
		      struct scep_request *ret, enum scep_trouble *ret_trouble)
{
	_cleanup_(bytes_done) struct bytes message = request_new(plan);

	assert_int_equal(scep_request_open(span_of(message), allowance, ret, ret_trouble), 0);
}

static struct scep_answer answer_usual(const struct scep_request *request, enum scep_status status)
{
	enum cipher cipher = scep_answer_cipher(request);

	return (struct scep_answer){
		.status = status,
		.request = request,
		.sender_nonce = SPAN_ARRAY(our_nonce),
		.signer = span_of(world.authority_der),
		.signer_issuer = world.ours.issuer,
		.signer_serial = world.ours.serial,
		.content_key = SPAN(content_key, cipher_key_size(cipher)),
		.iv = SPAN(iv, cipher_block_size(cipher)),
	};
}

/* The exchange key's part, by OpenSSL. */
static struct bytes sign_draft(const struct scep_draft *draft)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct bytes signature = {0};
	uint8_t raw[512];
	size_t size = sizeof(raw);

	assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, digest_name(draft->digest), NULL, NULL,
					       world.authority.key, NULL),
			 1);
	assert_int_equal(
		EVP_DigestSign(ctx, raw, &size, draft->to_be_signed.data, draft->to_be_signed.size),
		1);
	EVP_MD_CTX_free(ctx);
	assert_int_equal(bytes_copy(SPAN(raw, size), &signature), 0);
	return signature;
}

static struct bytes answer_new(const struct scep_answer *from)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {0};
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct bytes sealed = {0};

	assert_int_equal(scep_answer_build(from, &draft), 0);
	signature = sign_draft(&draft);
	assert_int_equal(scep_answer_seal(&draft, span_of(signature), &sealed), 0);
	return sealed;
}

/* The answer as OpenSSL reads it, verified against the exchange certificate alone. */
struct reply {
	CMS_ContentInfo *cms;
	struct bytes content;
};

static void reply_done(struct reply *reply)
{
	CMS_ContentInfo_free(reply->cms);
	bytes_done(&reply->content);
}

static CMS_ContentInfo *cms_of(struct span der)
{
	const uint8_t *next = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &next, (long)der.size);

	assert_non_null(cms);
	assert_ptr_equal(next, der.data + der.size);
	return cms;
}

static X509_STORE *store_of_ours(void)
{
	X509_STORE *store = X509_STORE_new();

	X509_STORE_add_cert(store, world.authority.certificate);
	X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), 1893456000);
	return store;
}

static void reply_read(struct span message, struct reply *ret)
{
	X509_STORE *store = store_of_ours();
	BIO *content = BIO_new(BIO_s_mem());

	ret->cms = cms_of(message);
	assert_int_equal(CMS_verify(ret->cms, NULL, store, NULL, content, CMS_BINARY), 1);
	ret->content = bytes_of_bio(content);
	X509_STORE_free(store);
}

static CMS_SignerInfo *reply_signer(const struct reply *reply)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(reply->cms);

	assert_int_equal(sk_CMS_SignerInfo_num(signers), 1);
	return sk_CMS_SignerInfo_value(signers, 0);
}

/* NULL @wanted: the attribute must not be there. */
static void assert_attribute(const struct reply *reply, const char *oid, int type,
			     struct span wanted)
{
	CMS_SignerInfo *signer = reply_signer(reply);
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int place = CMS_signed_get_attr_by_OBJ(signer, object, -1);
	ASN1_STRING *value;

	if (!wanted.data) {
		assert_int_equal(place, -1);
	} else {
		value = CMS_signed_get0_data_by_OBJ(signer, object, -3, type);
		assert_non_null(value);
		assert_int_equal(ASN1_STRING_length(value), wanted.size);
		assert_memory_equal(ASN1_STRING_get0_data(value), wanted.data, wanted.size);
	}
	ASN1_OBJECT_free(object);
}

/* What each answer has, whatever it says. */
static void assert_envelope_of_words(const struct reply *reply, const struct plan *plan,
				     const char *status)
{
	int tag = plan->transaction_id_tag ? plan->transaction_id_tag : V_ASN1_PRINTABLESTRING;
	X509_ALGOR *digest, *signature;
	const ASN1_OBJECT *oid;

	assert_attribute(reply, OID_TEXT_TRANSACTION_ID, tag, plan->transaction_id);
	assert_attribute(reply, OID_TEXT_MESSAGE_TYPE, V_ASN1_PRINTABLESTRING, SPAN_LITERAL("3"));
	assert_attribute(reply, OID_TEXT_PKI_STATUS, V_ASN1_PRINTABLESTRING, span_of_text(status));
	assert_attribute(reply, OID_TEXT_RECIPIENT_NONCE, V_ASN1_OCTET_STRING, plan->sender_nonce);
	assert_attribute(reply, OID_TEXT_SENDER_NONCE, V_ASN1_OCTET_STRING, SPAN_ARRAY(our_nonce));
	assert_attribute(reply, OID_TEXT_SIGNING_TIME, V_ASN1_UTCTIME, (struct span){0});
	CMS_SignerInfo_get0_algs(reply_signer(reply), NULL, NULL, &digest, &signature);
	X509_ALGOR_get0(&oid, NULL, NULL, signature);
	assert_int_equal(OBJ_obj2nid(oid), NID_rsaEncryption);
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	assert_int_equal(OBJ_obj2nid(oid), EVP_MD_get_type(plan->digest));
}

/* As a client that verifies by the older interface does; it wants content to be there. */
static void assert_pkcs7(struct span message)
{
	const uint8_t *next = message.data;
	PKCS7 *pkcs7 = d2i_PKCS7(NULL, &next, (long)message.size);
	X509_STORE *store = store_of_ours();
	BIO *out = BIO_new(BIO_s_mem());

	assert_non_null(pkcs7);
	assert_int_equal(PKCS7_verify(pkcs7, NULL, store, NULL, out, PKCS7_BINARY), 1);
	BIO_free(out);
	X509_STORE_free(store);
	PKCS7_free(pkcs7);
}

/* Written again by OpenSSL it is the same: DER, its sets sorted. */
static void assert_distinguished(const struct reply *reply, struct span message)
{
	uint8_t *again = NULL;
	int size = i2d_CMS_ContentInfo(reply->cms, &again);

	assert_int_equal(size, message.size);
	assert_memory_equal(again, message.data, message.size);
	OPENSSL_free(again);
}

/* Without content no envelope: only the empty string that is signed (RFC 8894 §3.3.2.2, §3.3.2.3).
 */
static void test_pending_and_failure(void **state)
{
	static const struct {
		enum scep_status status;
		const char *status_text, *info_text, *fail_text;
		enum scep_fail_info info;
	} rows[] = {
		{SCEP_PENDING, "3", NULL, NULL, SCEP_BAD_ALG},
		{SCEP_FAILURE, "2", "0", "digest not allowed", SCEP_BAD_ALG},
		{SCEP_FAILURE, "2", "1", NULL, SCEP_BAD_MESSAGE_CHECK},
		{SCEP_FAILURE, "2", "2", "wer nicht fragt \xe2\x80\xa6", SCEP_BAD_REQUEST},
		{SCEP_FAILURE, "2", "4", "no such certificate", SCEP_BAD_CERT_ID},
	};
	_cleanup_(scep_request_done) struct scep_request request = {0};
	struct plan plan = plan_usual();
	enum scep_trouble trouble;

	(void)state;
	open_plan(&plan, &standard, &request, &trouble);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct scep_answer answer = answer_usual(&request, rows[i].status);
		_cleanup_(bytes_done) struct bytes message = {0};
		_cleanup_(reply_done) struct reply reply = {0};

		answer.fail_info = rows[i].info;
		answer.fail_text = rows[i].fail_text;
		message = answer_new(&answer);
		reply_read(span_of(message), &reply);
		assert_envelope_of_words(&reply, &plan, rows[i].status_text);
		assert_attribute(&reply, OID_TEXT_FAIL_INFO, V_ASN1_PRINTABLESTRING,
				 span_of_text(rows[i].info_text));
		assert_attribute(&reply, OID_TEXT_FAIL_INFO_TEXT, V_ASN1_UTF8STRING,
				 span_of_text(rows[i].fail_text));
		assert_int_equal(reply.content.size, 0);
		assert_distinguished(&reply, span_of(message));
		assert_pkcs7(span_of(message));
	}
}

/* Opens the envelope with the client's key and compares the certificates in it. */
static void assert_certificates(const struct reply *reply, const struct plan *plan,
				X509 *const *wanted, int n)
{
	CMS_ContentInfo *envelope = cms_of(span_of(reply->content));
	BIO *out = BIO_new(BIO_s_mem());
	STACK_OF(X509) * certificates;
	CMS_ContentInfo *degenerate;
	struct bytes content;

	assert_int_equal(CMS_decrypt(envelope, plan->signer->key, plan->signer->certificate, NULL,
				     out, CMS_BINARY),
			 1);
	content = bytes_of_bio(out);
	degenerate = cms_of(span_of(content));
	assert_int_equal(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(degenerate)), 0);
	assert_null(*CMS_get0_content(degenerate));
	certificates = CMS_get1_certs(degenerate);
	assert_int_equal(sk_X509_num(certificates), n);
	for (int i = 0; i < n; i++)
		assert_int_equal(X509_cmp(sk_X509_value(certificates, i), wanted[i]), 0);
	sk_X509_pop_free(certificates, X509_free);
	CMS_ContentInfo_free(degenerate);
	CMS_ContentInfo_free(envelope);
	bytes_done(&content);
}

static const ASN1_OBJECT *envelope_cipher(const struct node *envelope)
{
	const struct node *oid = at(at(at(at(at(envelope, 1), 0), 2), 1), 0);
	const uint8_t *next = oid->data;
	uint8_t whole[32] = {6, (uint8_t)oid->size};

	memcpy(whole + 2, oid->data, oid->size);
	next = whole;
	return d2i_ASN1_OBJECT(NULL, &next, (long)oid->size + 2);
}

static void assert_cipher(const struct reply *reply, const EVP_CIPHER *cipher)
{
	struct node *envelope = tree_of(span_of(reply->content));
	ASN1_OBJECT *oid = OBJ_dup(envelope_cipher(envelope));

	assert_int_equal(OBJ_obj2nid(oid), EVP_CIPHER_get_type(cipher));
	ASN1_OBJECT_free(oid);
	node_free(envelope);
}

/* SUCCESS in the client's own algorithms; the leaf first, others where a caller wants them. */
static void test_success_in_each_algorithm(void **state)
{
	const EVP_CIPHER *const ciphers[] = {EVP_aes_128_cbc(), EVP_aes_192_cbc(),
					     EVP_aes_256_cbc(), EVP_des_ede3_cbc()};
	const EVP_MD *const digests[] = {EVP_sha256(), EVP_sha384(), EVP_sha512(), EVP_sha1()};
	_cleanup_(bytes_done) struct bytes leaf = bytes_of_certificate(world.client.certificate);
	const struct span certificates[] = {span_of(leaf), span_of(world.authority_der)};
	X509 *const wanted[] = {world.client.certificate, world.authority.certificate};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ciphers) * ELEMENTS(digests); i++) {
		_cleanup_(scep_request_done) struct scep_request request = {0};
		_cleanup_(bytes_done) struct bytes message = {0};
		_cleanup_(reply_done) struct reply reply = {0};
		struct scep_answer answer;
		enum scep_trouble trouble;

		plan.cipher = ciphers[i / ELEMENTS(digests)];
		plan.digest = digests[i % ELEMENTS(digests)];
		open_plan(&plan, &standard, &request, &trouble);
		answer = answer_usual(&request, SCEP_SUCCESS);
		answer.certificates = certificates;
		answer.n_certificates = 1 + i % 2;
		message = answer_new(&answer);
		reply_read(span_of(message), &reply);
		assert_envelope_of_words(&reply, &plan, "0");
		assert_cipher(&reply, plan.cipher);
		assert_certificates(&reply, &plan, wanted, 1 + (int)(i % 2));
		assert_attribute(&reply, OID_TEXT_FAIL_INFO, 0, (struct span){0});
		assert_distinguished(&reply, span_of(message));
		assert_pkcs7(span_of(message));
	}
}

/* To a signer of version 1 with a long serial, in another string type. */
static void test_success_to_certmonger(void **state)
{
	struct certificate_plan old = {
		.subject = "old",
		.issuer = "old",
		.key = world.client.key,
		.issuer_key = world.client.key,
		.serial = "9FEEDDCCBBAA99887766554433221100FFEEDDCCBBAA99887766554433221100",
	};
	struct party signer = {world.client.key, certificate_new(&old)};
	const struct span certificates[] = {span_of(world.authority_der)};
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(reply_done) struct reply reply = {0};
	struct plan plan = plan_usual();
	struct scep_answer answer;
	enum scep_trouble trouble;

	(void)state;
	plan.signer = &signer;
	plan.transaction_id_tag = V_ASN1_UTF8STRING;
	open_plan(&plan, &standard, &request, &trouble);
	answer = answer_usual(&request, SCEP_SUCCESS);
	answer.certificates = certificates;
	answer.n_certificates = 1;
	message = answer_new(&answer);
	reply_read(span_of(message), &reply);
	assert_envelope_of_words(&reply, &plan, "0");
	assert_certificates(&reply, &plan, &world.authority.certificate, 1);
	X509_free(signer.certificate);
}

static struct bytes crl_new(void)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *time = ASN1_TIME_new();
	BIO *out = BIO_new(BIO_s_mem());

	ASN1_TIME_set_string(time, "200101000000Z");
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(world.authority.certificate));
	X509_CRL_set1_lastUpdate(crl, time);
	X509_CRL_set1_nextUpdate(crl, time);
	assert_true(X509_CRL_sign(crl, world.authority.key, EVP_sha256()) > 0);
	i2d_X509_CRL_bio(out, crl);
	ASN1_TIME_free(time);
	X509_CRL_free(crl);
	return bytes_of_bio(out);
}

/* GetCRL: the CRL alone (RFC 8894 §3.3.2.1). */
static void test_certificates_only_with_a_crl(void **state)
{
	_cleanup_(bytes_done) struct bytes crl = crl_new();
	_cleanup_(bytes_done) struct bytes message = {0};
	CMS_ContentInfo *cms;
	STACK_OF(X509_CRL) * crls;
	uint8_t *der = NULL;

	(void)state;
	assert_int_equal(scep_certificates_only(NULL, 0, span_of(crl), &message), 0);
	cms = cms_of(span_of(message));
	assert_null(CMS_get1_certs(cms));
	crls = CMS_get1_crls(cms);
	assert_int_equal(sk_X509_CRL_num(crls), 1);
	assert_int_equal(i2d_X509_CRL(sk_X509_CRL_value(crls, 0), &der), crl.size);
	assert_memory_equal(der, crl.data, crl.size);
	OPENSSL_free(der);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	CMS_ContentInfo_free(cms);
}

/* The answers to what is taken in by Clients=legacy, and to what is refused. */
static void test_algorithms_of_answers(void **state)
{
	const struct {
		const EVP_MD *digest;
		const EVP_CIPHER *cipher;
		const struct scep_allowance *allowance;
		enum digest answer_digest;
		enum cipher answer_cipher;
	} rows[] = {
		{EVP_md5(), EVP_des_cbc(), &legacy, DIGEST_SHA1, CIPHER_DES_EDE3_CBC},
		{EVP_sha1(), EVP_des_ede3_cbc(), &standard, DIGEST_SHA1, CIPHER_DES_EDE3_CBC},
		{EVP_sha512(), EVP_aes_256_cbc(), &strict, DIGEST_SHA512, CIPHER_AES256_CBC},
		/* refused, but an old router can still read what is said to it */
		{EVP_md5(), EVP_des_cbc(), &standard, DIGEST_SHA1, CIPHER_AES128_CBC},
		{EVP_sha256(), EVP_des_cbc(), &standard, DIGEST_SHA256, CIPHER_DES_EDE3_CBC},
		/* refused, and the algorithm with it */
		{EVP_sha1(), EVP_des_ede3_cbc(), &strict, DIGEST_SHA256, CIPHER_AES128_CBC},
		{EVP_sha256(), EVP_des_ede3_cbc(), &strict, DIGEST_SHA256, CIPHER_AES128_CBC},
		{EVP_sha224(), EVP_aes_128_cbc(), &standard, DIGEST_SHA256, CIPHER_AES128_CBC},
		{EVP_sha384(), EVP_rc2_cbc(), &standard, DIGEST_SHA384, CIPHER_AES128_CBC},
	};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(scep_request_done) struct scep_request request = {0};
		enum scep_trouble trouble;

		plan.digest = rows[i].digest;
		plan.cipher = rows[i].cipher;
		open_plan(&plan, rows[i].allowance, &request, &trouble);
		assert_int_equal(scep_answer_digest(&request), rows[i].answer_digest);
		assert_int_equal(scep_answer_cipher(&request), rows[i].answer_cipher);
	}
}

/* A refusal can be signed where nothing could be enveloped. */
static void test_key_that_cannot_be_enveloped_to(void **state)
{
	struct party signer = party_new(EVP_EC_gen("P-256"), "ec", "05");
	const struct span certificates[] = {span_of(world.authority_der)};
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(reply_done) struct reply reply = {0};
	struct scep_draft draft = {0};
	struct plan plan = plan_usual();
	struct scep_answer answer;
	enum scep_trouble trouble;

	(void)state;
	plan.signer = &signer;
	open_plan(&plan, &standard, &request, &trouble);
	assert_int_equal(trouble, SCEP_TROUBLE_SIGNER_KEY);
	assert_false(scep_request_can_be_answered(&request));
	answer = answer_usual(&request, SCEP_SUCCESS);
	answer.certificates = certificates;
	answer.n_certificates = 1;
	assert_int_equal(scep_answer_build(&answer, &draft), -EKEYREJECTED);
	answer = answer_usual(&request, SCEP_FAILURE);
	answer.fail_info = scep_trouble_fail_info(trouble);
	answer.fail_text = scep_trouble_text(trouble);
	message = answer_new(&answer);
	reply_read(span_of(message), &reply);
	assert_envelope_of_words(&reply, &plan, "2");
	party_done(&signer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pending_and_failure),
		cmocka_unit_test(test_success_in_each_algorithm),
		cmocka_unit_test(test_success_to_certmonger),
		cmocka_unit_test(test_certificates_only_with_a_crl),
		cmocka_unit_test(test_algorithms_of_answers),
		cmocka_unit_test(test_key_that_cannot_be_enveloped_to),
	};

	return cmocka_run_group_tests(tests, world_make, world_unmake);
}
