/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each thing that can be wrong with a request, one at a time, in a message that OpenSSL made and
 * signed: what it is called, and the failInfo it is answered with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/surgery.h"
#include "tests/unit/daemon/scep/world.h"

/* One row: how the plan differs, then what is cut in the finished message, which is signed anew by
 * the client where `sign` says so. */
struct row {
	const char *what;
	void (*plan)(struct plan *plan);
	void (*cut)(struct node *root);
	bool sign;
	int outcome; /* 0 or SCEP_UNREADABLE */
	enum scep_trouble trouble;
	int fail_info; /* RFC 8894 §3.2.1.4, as a number, so that a table spoiled is seen */
};

enum { BAD_ALG, BAD_MESSAGE_CHECK, BAD_REQUEST };

#define READABLE(what, plan, cut, sign, trouble, info)                                             \
	{                                                                                          \
		what, plan, cut, sign, 0, SCEP_TROUBLE_##trouble, info                             \
	}
#define UNREADABLE(what, plan, cut)                                                                \
	{                                                                                          \
		what, plan, cut, true, SCEP_UNREADABLE, SCEP_TROUBLE_NONE, 0                       \
	}

/* Plans */
static void plan_md5(struct plan *plan)
{
	plan->digest = EVP_md5();
}
static void plan_sha224(struct plan *plan)
{
	plan->digest = EVP_sha224();
}
static void plan_des(struct plan *plan)
{
	plan->cipher = EVP_des_cbc();
}
static void plan_rc2(struct plan *plan)
{
	plan->cipher = EVP_rc2_cbc();
}
static void plan_gcm(struct plan *plan)
{
	plan->cipher = EVP_aes_128_gcm();
}
static void plan_pss(struct plan *plan)
{
	plan->pss = true;
}
static void plan_nine_recipients(struct plan *plan)
{
	for (plan->n_recipients = 0; plan->n_recipients < 9; plan->n_recipients++)
		plan->recipients[plan->n_recipients] = world.authority.certificate;
}
static void plan_no_recipient(struct plan *plan)
{
	plan->n_recipients = 0;
}
static void plan_without_signer(struct plan *plan)
{
	plan->without_signer = true;
}
static void plan_type_utf8(struct plan *plan)
{
	plan->type_tag = V_ASN1_UTF8STRING;
}
static void plan_type_octets(struct plan *plan)
{
	plan->type_tag = V_ASN1_OCTET_STRING;
}
static void plan_no_type(struct plan *plan)
{
	plan->type = NULL;
}
static void plan_no_transaction(struct plan *plan)
{
	plan->transaction_id = (struct span){0};
}
static void plan_empty_transaction(struct plan *plan)
{
	plan->transaction_id.size = 0;
}
static void plan_transaction_of_129(struct plan *plan)
{
	static const uint8_t id[129] = {'0'};

	plan->transaction_id = SPAN_ARRAY(id);
}
static void plan_transaction_of_octets(struct plan *plan)
{
	plan->transaction_id_tag = V_ASN1_OCTET_STRING;
}
static void plan_no_nonce(struct plan *plan)
{
	plan->sender_nonce = (struct span){0};
}
static void plan_nonce_of_65(struct plan *plan)
{
	static const uint8_t nonce[65];

	plan->sender_nonce = SPAN_ARRAY(nonce);
}

/* An EC key signs as well as any, but nothing can be enveloped to it. */
static void plan_ec_signer(struct plan *plan)
{
	static struct party signer;

	if (!signer.key)
		signer = party_new(EVP_EC_gen("P-256"), "ec", "05");
	plan->signer = &signer;
	if (!plan->n_recipients)
		party_done(&signer);
}

/* Cuts */
static void cut_nothing(struct node *root)
{
	(void)root;
}
static void cut_signature(struct node *root)
{
	struct node *signature = at(message_signer(root), 5);

	signature->data[signature->size - 1] ^= 1;
}
static void cut_signature_short(struct node *root)
{
	at(message_signer(root), 5)->size--;
}
static void cut_signature_empty(struct node *root)
{
	at(message_signer(root), 5)->size = 0;
}
static void cut_content(struct node *root)
{
	struct node *content = message_content(root);

	content->data[content->size - 1] ^= 1;
}
static void cut_nonce_unsigned(struct node *root)
{
	message_value(root, OID_TEXT_SENDER_NONCE)->data[0] ^= 1;
}
static void cut_digest_of_other_size(struct node *root)
{
	struct node *digest = message_value(root, OID_TEXT_MESSAGE_DIGEST);

	/* the signature is right for it: the length must be looked at too */
	digest->size = 20;
}
static void cut_attribute(struct node *root, const char *oid)
{
	struct node *attributes = message_attributes(root);

	for (size_t i = 0; i < attributes->n; i++)
		if (node_is_oid(at(attributes->children[i], 0), oid))
			node_free(node_remove(attributes, i));
}
static void repeat_attribute(struct node *root, const char *oid)
{
	node_insert(message_attributes(root), 0, node_copy(message_attribute(root, oid)));
}
static void cut_content_type(struct node *root)
{
	cut_attribute(root, OID_TEXT_CONTENT_TYPE);
}
static void cut_message_digest(struct node *root)
{
	cut_attribute(root, OID_TEXT_MESSAGE_DIGEST);
}
static void cut_all_attributes(struct node *root)
{
	struct node *signer = message_signer(root);

	node_free(node_remove(signer, 3));
}
static void repeat_content_type(struct node *root)
{
	repeat_attribute(root, OID_TEXT_CONTENT_TYPE);
}
static void repeat_message_digest(struct node *root)
{
	repeat_attribute(root, OID_TEXT_MESSAGE_DIGEST);
}
static void repeat_message_type(struct node *root)
{
	repeat_attribute(root, OID_TEXT_MESSAGE_TYPE);
}
static void repeat_transaction_id(struct node *root)
{
	repeat_attribute(root, OID_TEXT_TRANSACTION_ID);
}
static void repeat_sender_nonce(struct node *root)
{
	repeat_attribute(root, OID_TEXT_SENDER_NONCE);
}
static void repeat_signing_time(struct node *root)
{
	repeat_attribute(root, OID_TEXT_SIGNING_TIME);
}
static void cut_two_types(struct node *root)
{
	struct node *values = at(message_attribute(root, OID_TEXT_MESSAGE_TYPE), 1);

	node_insert(values, 0, node_copy(values->children[0]));
}
static void cut_empty_values(struct node *root)
{
	node_free(node_remove(at(message_attribute(root, OID_TEXT_SIGNING_TIME), 1), 0));
}
static void cut_many_attributes(struct node *root)
{
	struct node *attributes = message_attributes(root);
	struct node *extra = message_attribute(root, OID_TEXT_SIGNING_TIME);

	for (uint8_t i = 0; i < 33; i++) {
		struct node *copy = node_copy(extra);

		node_set_oid(at(copy, 0), "1.3.6.1.4.1.99999.1");
		at(copy, 0)->data[at(copy, 0)->size - 1] = i;
		node_insert(attributes, attributes->n, copy);
	}
}
static void cut_attribute_shape(struct node *root)
{
	struct node *attribute = message_attribute(root, OID_TEXT_SIGNING_TIME);

	node_insert(attribute, 2, node_new(5, "", 0));
}
static void cut_content_type_value(struct node *root)
{
	node_set_oid(message_value(root, OID_TEXT_CONTENT_TYPE), "1.2.840.113549.1.7.3");
}
static void cut_e_content_type(struct node *root)
{
	node_set_oid(at(at(message_signed(root), 2), 0), "1.2.840.113549.1.7.3");
}
static void cut_e_content(struct node *root)
{
	node_free(node_remove(at(message_signed(root), 2), 1));
}
static void cut_outer_type(struct node *root)
{
	node_set_oid(at(root, 0), "1.2.840.113549.1.7.3");
}
static void cut_signer_infos(struct node *root)
{
	struct node *infos = at_tag(message_signed(root), 0x31, 1);

	node_free(node_remove(infos, 0));
}
static void cut_two_signers(struct node *root)
{
	struct node *infos = at_tag(message_signed(root), 0x31, 1);

	node_insert(infos, 1, node_copy(infos->children[0]));
}
static void cut_crls(struct node *root)
{
	node_insert(message_signed(root), 4, node_new(0xa1, NULL, 0));
}
static void cut_unsigned_attributes(struct node *root)
{
	struct node *signer = message_signer(root);
	struct node *extra = node_new(0xa1, NULL, 0);

	node_insert(extra, 0, node_copy(message_attribute(root, OID_TEXT_SIGNING_TIME)));
	node_insert(signer, signer->n, extra);
}
static void cut_version(struct node *root)
{
	node_set(at(message_signed(root), 0), "\x06", 1);
}
static void cut_signer_version(struct node *root)
{
	node_set(at(message_signer(root), 0), "\x03", 1);
}
static void cut_signer_serial(struct node *root)
{
	node_set(at(at(message_signer(root), 1), 1), "\x07", 1);
}
static void cut_certificate(struct node *root)
{
	/* the outer SEQUENCE without its signature */
	node_free(node_remove(at(message_certificates(root), 0), 2));
}
static void cut_nine_certificates(struct node *root)
{
	struct node *certificates = message_certificates(root);

	while (certificates->n < 9)
		node_insert(certificates, 0, node_copy(certificates->children[0]));
}
static void cut_digest_algorithms(struct node *root)
{
	node_set_oid(at(at(at(message_signed(root), 1), 0), 0), "1.3.14.3.2.26");
}
static void cut_signature_algorithm(struct node *root)
{
	node_set_oid(at(at(message_signer(root), 4), 0), "1.2.840.113549.1.1.5");
}
static void cut_digest_parameters(struct node *root)
{
	node_insert(at(message_signer(root), 2), 1, node_new(2, "\1", 1));
}
static void cut_trailing(struct node *root)
{
	node_insert(root, 2, node_new(5, "", 0));
}

/* The RSAPublicKey of the enclosed certificate. */
static struct node *signer_key(struct node *root)
{
	struct node *tbs = at(at(message_certificates(root), 0), 0);
	struct node *bits = at(at(tbs, 6), 1);

	/* opened behind the octet that tells the unused bits */
	memmove(bits->data, bits->data + 1, --bits->size);
	return node_open(bits);
}
/* ... and that octet back. */
static void signer_key_close(struct node *root)
{
	struct node *bits = at(at(at(at(message_certificates(root), 0), 0), 6), 1);
	struct buffer out = {0};

	buffer_append_byte(&out, 0);
	node_write(bits->children[0], &out, false);
	node_set(bits, out.data, out.size);
	buffer_done(&out);
}
static void cut_exponent_1(struct node *root)
{
	node_set(at(signer_key(root), 1), "\1", 1);
	signer_key_close(root);
}
static void cut_exponent_huge(struct node *root)
{
	static const uint8_t exponent[513] = {[0] = 1};

	node_set(at(signer_key(root), 1), exponent, sizeof(exponent));
	signer_key_close(root);
}
static void cut_modulus_504(struct node *root)
{
	struct node *modulus = at(signer_key(root), 0);

	modulus->size = 64; /* with a leading zero */
	modulus->data[63] |= 1;
	signer_key_close(root);
}
static void cut_modulus_huge(struct node *root)
{
	static uint8_t modulus[1026] = {[1] = 0x80, [1025] = 1};

	node_set(at(signer_key(root), 0), modulus, sizeof(modulus));
	signer_key_close(root);
}

/* Cuts in the envelope */
static struct node *envelope(struct node *root)
{
	return node_open(message_content(root));
}
static struct node *enveloped(struct node *root)
{
	return at(at(envelope(root), 1), 0);
}
static void cut_envelope_type(struct node *root)
{
	node_set_oid(at(envelope(root), 0), "1.2.840.113549.1.7.6");
}
static void cut_envelope_to_csr(struct node *root)
{
	node_set(message_content(root), world.csr.data, world.csr.size);
}
static void cut_envelope_to_nothing(struct node *root)
{
	node_set(message_content(root), "", 0);
}
static void cut_envelope_trailing(struct node *root)
{
	struct node *content = message_content(root);
	struct buffer longer = {0};

	buffer_append(&longer, SPAN(content->data, content->size));
	buffer_append_byte(&longer, 5);
	buffer_append_byte(&longer, 0);
	node_set(content, longer.data, longer.size);
	buffer_done(&longer);
}
static void cut_inner_content_type(struct node *root)
{
	node_set_oid(at(at(enveloped(root), 2), 0), "1.2.840.113549.1.7.2");
}
static void cut_iv(struct node *root)
{
	at(at(at(enveloped(root), 2), 1), 1)->size = 8;
}
static void cut_no_iv(struct node *root)
{
	node_free(node_remove(at(at(enveloped(root), 2), 1), 1));
}
static void cut_cipher_unknown(struct node *root)
{
	node_set_oid(at(at(at(enveloped(root), 2), 1), 0), "2.16.840.1.101.3.4.1.6");
}
static void cut_ciphertext(struct node *root)
{
	node_free(node_remove(at(enveloped(root), 2), 2));
}
static void cut_segment(struct node *root)
{
	struct node *parent = at(enveloped(root), 2);
	struct node *segments = node_new(0xa0, NULL, 0);

	node_insert(segments, 0, node_new(2, "\1", 1));
	node_free(node_remove(parent, 2));
	node_insert(parent, 2, segments);
}
static void cut_originator(struct node *root)
{
	node_insert(enveloped(root), 1, node_new(0xa0, NULL, 0));
}
static void cut_unprotected(struct node *root)
{
	node_insert(enveloped(root), 3, node_new(0xa1, NULL, 0));
}
static void cut_recipient_kind(struct node *root)
{
	at(at(enveloped(root), 1), 0)->tag = 0xa5;
}
static void cut_recipient(struct node *root)
{
	node_free(node_remove(at(at(enveloped(root), 1), 0), 3));
}

/* clang-format off */
static const struct row rows[] = {
	UNREADABLE("no transactionID", plan_no_transaction, cut_nothing),
	UNREADABLE("empty transactionID", plan_empty_transaction, cut_nothing),
	UNREADABLE("transactionID of 129", plan_transaction_of_129, cut_nothing),
	UNREADABLE("transactionID of octets", plan_transaction_of_octets, cut_nothing),
	UNREADABLE("no senderNonce", plan_no_nonce, cut_nothing),
	UNREADABLE("senderNonce of 65", plan_nonce_of_65, cut_nothing),
	UNREADABLE("no signed attributes", NULL, cut_all_attributes),
	UNREADABLE("no SignerInfo", NULL, cut_signer_infos),
	UNREADABLE("not SignedData", NULL, cut_outer_type),
	UNREADABLE("something behind the content", NULL, cut_trailing),

	READABLE("two SignerInfos", NULL, cut_two_signers, true, STRUCTURE, BAD_REQUEST),
	READABLE("CRLs", NULL, cut_crls, true, STRUCTURE, BAD_REQUEST),
	READABLE("unsigned attributes", NULL, cut_unsigned_attributes, true, STRUCTURE, BAD_REQUEST),
	READABLE("version 6", NULL, cut_version, true, STRUCTURE, BAD_REQUEST),
	READABLE("SignerInfo of another version", NULL, cut_signer_version, true, STRUCTURE, BAD_REQUEST),
	READABLE("eContentType not data", NULL, cut_e_content_type, true, STRUCTURE, BAD_REQUEST),
	READABLE("no eContent", NULL, cut_e_content, true, STRUCTURE, BAD_REQUEST),
	READABLE("another digest listed", NULL, cut_digest_algorithms, true, STRUCTURE, BAD_REQUEST),

	READABLE("no messageType", plan_no_type, cut_nothing, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("no contentType", NULL, cut_content_type, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("no messageDigest", NULL, cut_message_digest, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("contentType twice", NULL, repeat_content_type, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("messageDigest twice", NULL, repeat_message_digest, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("messageType twice", NULL, repeat_message_type, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("transactionID twice", NULL, repeat_transaction_id, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("senderNonce twice", NULL, repeat_sender_nonce, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("signingTime twice", NULL, repeat_signing_time, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("messageType with two values", NULL, cut_two_types, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("signingTime without a value", NULL, cut_empty_values, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("more than 32 attributes", NULL, cut_many_attributes, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("attribute of three parts", NULL, cut_attribute_shape, true, ATTRIBUTE, BAD_REQUEST),
	READABLE("contentType not data", NULL, cut_content_type_value, true, ATTRIBUTE, BAD_REQUEST),

	READABLE("MD5", plan_md5, cut_nothing, true, DIGEST, BAD_ALG),
	READABLE("SHA-224", plan_sha224, cut_nothing, false, DIGEST, BAD_ALG),
	READABLE("digest with parameters", NULL, cut_digest_parameters, true, DIGEST, BAD_ALG),
	READABLE("RSASSA-PSS", plan_pss, cut_nothing, false, SIGNATURE_ALGORITHM, BAD_ALG),
	READABLE("sha1WithRSA over SHA-256", NULL, cut_signature_algorithm, true, SIGNATURE_ALGORITHM, BAD_ALG),
	READABLE("EC signer", plan_ec_signer, cut_nothing, false, SIGNER_KEY, BAD_ALG),
	READABLE("exponent 1", NULL, cut_exponent_1, true, SIGNER_KEY_SIZE, BAD_REQUEST),
	READABLE("exponent 2^4096", NULL, cut_exponent_huge, true, SIGNER_KEY_SIZE, BAD_REQUEST),
	READABLE("modulus of 504 bits", NULL, cut_modulus_504, true, SIGNER_KEY_SIZE, BAD_REQUEST),
	READABLE("modulus of 8200 bits", NULL, cut_modulus_huge, true, SIGNER_KEY_SIZE, BAD_REQUEST),

	READABLE("no certificate of the signer", plan_without_signer, cut_nothing, true, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("another serial of the signer", NULL, cut_signer_serial, true, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("a certificate cut short", NULL, cut_certificate, true, STRUCTURE, BAD_REQUEST),
	READABLE("nine certificates", NULL, cut_nine_certificates, true, STRUCTURE, BAD_REQUEST),
	READABLE("signature changed", NULL, cut_signature, false, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("signature too short", NULL, cut_signature_short, false, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("signature empty", NULL, cut_signature_empty, false, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("content changed", NULL, cut_content, false, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("attribute changed", NULL, cut_nonce_unsigned, false, SIGNATURE, BAD_MESSAGE_CHECK),
	READABLE("messageDigest cut short", NULL, cut_digest_of_other_size, false, SIGNATURE, BAD_MESSAGE_CHECK),

	READABLE("messageType UTF8String", plan_type_utf8, cut_nothing, true, MESSAGE_TYPE, BAD_REQUEST),
	READABLE("messageType of octets", plan_type_octets, cut_nothing, true, MESSAGE_TYPE, BAD_REQUEST),

	READABLE("envelope of another type", NULL, cut_envelope_type, true, STRUCTURE, BAD_REQUEST),
	READABLE("CSR in the clear", NULL, cut_envelope_to_csr, true, STRUCTURE, BAD_REQUEST),
	READABLE("empty content", NULL, cut_envelope_to_nothing, true, STRUCTURE, BAD_REQUEST),
	READABLE("something behind the envelope", NULL, cut_envelope_trailing, true, STRUCTURE, BAD_REQUEST),
	READABLE("enveloped content not data", NULL, cut_inner_content_type, true, STRUCTURE, BAD_REQUEST),
	READABLE("IV of half a block", NULL, cut_iv, true, STRUCTURE, BAD_REQUEST),
	READABLE("no IV", NULL, cut_no_iv, true, STRUCTURE, BAD_REQUEST),
	READABLE("no ciphertext", NULL, cut_ciphertext, true, STRUCTURE, BAD_REQUEST),
	READABLE("ciphertext segment not octets", NULL, cut_segment, true, STRUCTURE, BAD_REQUEST),
	READABLE("originatorInfo", NULL, cut_originator, true, STRUCTURE, BAD_REQUEST),
	READABLE("unprotectedAttrs", NULL, cut_unprotected, true, STRUCTURE, BAD_REQUEST),
	READABLE("recipient of unknown kind", NULL, cut_recipient_kind, true, STRUCTURE, BAD_REQUEST),
	READABLE("recipient without a key", NULL, cut_recipient, true, STRUCTURE, BAD_REQUEST),
	READABLE("AuthEnvelopedData", plan_gcm, cut_nothing, true, AUTH_ENVELOPED, BAD_ALG),
	READABLE("GCM in EnvelopedData", NULL, cut_cipher_unknown, true, CIPHER, BAD_ALG),
	READABLE("single DES", plan_des, cut_nothing, true, CIPHER, BAD_ALG),
	READABLE("RC2", plan_rc2, cut_nothing, true, CIPHER, BAD_ALG),
	READABLE("nine recipients", plan_nine_recipients, cut_nothing, true, RECIPIENTS, BAD_REQUEST),
	READABLE("no recipient", plan_no_recipient, cut_nothing, true, RECIPIENT, BAD_REQUEST),
};
/* clang-format on */

static struct bytes row_message(const struct row *row, struct plan *plan)
{
	struct bytes message, changed;
	struct node *root;

	if (row->plan)
		row->plan(plan);
	message = request_new(plan);
	root = tree_of(span_of(message));
	row->cut(root);
	if (row->sign)
		message_sign(root, plan->signer->key);
	changed = tree_write(root);
	node_free(root);
	bytes_done(&message);
	return changed;
}

static void assert_answerable(const struct row *row, const struct scep_request *request,
			      const struct plan *plan)
{
	if (!span_equal(request->transaction_id, plan->transaction_id) ||
	    request->transaction_id_tag != V_ASN1_PRINTABLESTRING)
		fail_msg("%s: the transactionID is lost", row->what);
	if (request->sender_nonce.size != plan->sender_nonce.size)
		fail_msg("%s: the senderNonce is lost", row->what);
}

static void check_row(const struct row *row)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	enum scep_trouble trouble = SCEP_TROUBLE_NONE;
	struct plan plan = plan_usual();
	_cleanup_(bytes_done) struct bytes message = row_message(row, &plan);
	int r = scep_request_open(span_of(message), &standard, &request, &trouble);

	if (r != row->outcome)
		fail_msg("%s: %d instead of %d", row->what, r, row->outcome);
	if (trouble != row->trouble)
		fail_msg("%s: %s instead of %s", row->what, scep_trouble_name(trouble),
			 scep_trouble_name(row->trouble));
	if (trouble == SCEP_TROUBLE_NONE)
		return;
	if ((int)scep_trouble_fail_info(trouble) != row->fail_info)
		fail_msg("%s: another failInfo", row->what);
	assert_answerable(row, &request, &plan);
}

static void test_each_trouble(void **state)
{
	struct plan forget = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		check_row(&rows[i]);
	plan_ec_signer(&forget);
}

static enum scep_trouble trouble_of(const struct plan *plan, const struct scep_allowance *allowance)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(bytes_done) struct bytes message = request_new(plan);
	enum scep_trouble trouble;

	assert_int_equal(scep_request_open(span_of(message), allowance, &request, &trouble), 0);
	return trouble;
}

/* What Clients= takes: strict, standard and legacy over each algorithm that depends on it. */
static void test_allowances(void **state)
{
	const struct {
		const EVP_MD *digest;
		const EVP_CIPHER *cipher;
		enum scep_trouble strict, standard;
	} cases[] = {
		{EVP_sha1(), EVP_aes_128_cbc(), SCEP_TROUBLE_DIGEST, SCEP_TROUBLE_NONE},
		{EVP_md5(), EVP_aes_128_cbc(), SCEP_TROUBLE_DIGEST, SCEP_TROUBLE_DIGEST},
		{EVP_sha256(), EVP_des_ede3_cbc(), SCEP_TROUBLE_CIPHER, SCEP_TROUBLE_NONE},
		{EVP_sha256(), EVP_des_cbc(), SCEP_TROUBLE_CIPHER, SCEP_TROUBLE_CIPHER},
	};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		plan.digest = cases[i].digest;
		plan.cipher = cases[i].cipher;
		assert_int_equal(trouble_of(&plan, &strict), cases[i].strict);
		assert_int_equal(trouble_of(&plan, &standard), cases[i].standard);
		assert_int_equal(trouble_of(&plan, &legacy), SCEP_TROUBLE_NONE);
	}
}

static void open_usual(const struct plan *plan, struct scep_request *ret)
{
	_cleanup_(bytes_done) struct bytes message = request_new(plan);
	enum scep_trouble trouble;

	assert_int_equal(scep_request_open(span_of(message), &standard, ret, &trouble), 0);
	assert_int_equal(trouble, SCEP_TROUBLE_NONE);
}

static void test_another_recipient(void **state)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	struct plan plan = plan_usual();

	(void)state;
	plan.recipients[0] = world.stranger.certificate; /* the serial is ours */
	open_usual(&plan, &request);
	assert_int_equal(request.n_recipients, 1);
	assert_null(scep_request_find_recipient(&request, &world.ours));
	assert_int_equal(scep_trouble_fail_info(SCEP_TROUBLE_RECIPIENT), BAD_REQUEST);
}

/* With parameters, as OpenSSL writes it, and without, which has crashed others. */
static void test_oaep(void **state)
{
	struct plan plan = plan_usual();

	(void)state;
	plan.oaep = true;
	for (int without = 0; without < 2; without++) {
		_cleanup_(scep_request_done) struct scep_request request = {0};
		_cleanup_(bytes_done) struct bytes message = request_new(&plan);
		_cleanup_(bytes_done) struct bytes changed = {0};
		struct node *root = tree_of(span_of(message));
		struct node *algorithm = at(at(at(enveloped(root), 1), 0), 2);
		enum scep_trouble trouble;

		if (without && algorithm->n > 1)
			node_free(node_remove(algorithm, 1));
		message_sign(root, world.client.key);
		changed = tree_write(root);
		node_free(root);
		assert_int_equal(scep_request_open(span_of(changed), &standard, &request, &trouble),
				 0);
		assert_int_equal(trouble, SCEP_TROUBLE_NONE);
		assert_non_null(scep_request_find_recipient(&request, &world.ours));
		assert_false(scep_request_find_recipient(&request, &world.ours)->rsa_pkcs1);
	}
	assert_int_equal(scep_trouble_fail_info(SCEP_TROUBLE_KEY_TRANSPORT), BAD_ALG);
}

static enum scep_trouble content_trouble(const struct scep_request *request, struct span key)
{
	_cleanup_(scep_content_done) struct scep_content content = {0};
	enum scep_trouble trouble = SCEP_TROUBLE_NONE;

	assert_int_equal(scep_request_read_content(request, key, &content, &trouble), 0);
	return trouble;
}

/* A key that is wrong ends as bad padding or as garbage; nobody outside can tell which. */
static void test_wrong_content_keys_look_alike(void **state)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	struct plan plan = plan_usual();
	size_t undecryptable = 0;
	size_t content = 0;

	(void)state;
	open_usual(&plan, &request);
	for (unsigned i = 0; i < 2000; i++) {
		const uint8_t key[16] = {(uint8_t)i, (uint8_t)(i >> 8)};
		enum scep_trouble trouble = content_trouble(&request, SPAN_ARRAY(key));

		undecryptable += trouble == SCEP_TROUBLE_UNDECRYPTABLE;
		content += trouble == SCEP_TROUBLE_CONTENT;
	}
	assert_int_equal(undecryptable + content, 2000);
	assert_true(undecryptable && content);
	assert_string_equal(scep_trouble_text(SCEP_TROUBLE_UNDECRYPTABLE),
			    scep_trouble_text(SCEP_TROUBLE_CONTENT));
	assert_string_equal(scep_trouble_text(SCEP_TROUBLE_SIGNATURE),
			    scep_trouble_text(SCEP_TROUBLE_CONTENT));
	assert_int_equal(scep_trouble_fail_info(SCEP_TROUBLE_UNDECRYPTABLE), BAD_MESSAGE_CHECK);
	assert_int_equal(scep_trouble_fail_info(SCEP_TROUBLE_CONTENT), BAD_MESSAGE_CHECK);
}

static void test_content_keys_of_other_sizes(void **state)
{
	static const uint8_t key[32];
	_cleanup_(scep_request_done) struct scep_request request = {0};
	struct plan plan = plan_usual();

	(void)state;
	open_usual(&plan, &request);
	assert_int_equal(content_trouble(&request, SPAN(key, 0)), SCEP_TROUBLE_UNDECRYPTABLE);
	assert_int_equal(content_trouble(&request, SPAN(key, 15)), SCEP_TROUBLE_UNDECRYPTABLE);
	assert_int_equal(content_trouble(&request, SPAN(key, 32)), SCEP_TROUBLE_UNDECRYPTABLE);
}

/* What was enveloped is not what the type says. */
static void test_contents_of_other_types(void **state)
{
	_cleanup_(bytes_done) struct bytes names =
		issuer_and_subject_new(world.authority.certificate, world.client.certificate);
	_cleanup_(bytes_done) struct bytes serial = issuer_and_serial_new(world.client.certificate);
	const struct span contents[] = {span_of(world.csr),	  span_of(names),
					span_of(serial),	  SPAN_LITERAL(""),
					SPAN_LITERAL("\x30\x00"), SPAN_LITERAL("not DER at all")};
	static const char *const types[] = {"17", "19", "20", "21", "22"};
	static const size_t fits[] = {0, 0, 1, 2, 2};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(types) * ELEMENTS(contents); i++) {
		_cleanup_(scep_request_done) struct scep_request request = {0};
		_cleanup_(bytes_done) struct bytes key = {0};
		size_t type = i / ELEMENTS(contents);

		plan.type = types[type];
		plan.content = contents[i % ELEMENTS(contents)];
		open_usual(&plan, &request);
		key = unwrap(world.authority.key, request.recipients[0].encrypted_key);
		assert_int_equal(content_trouble(&request, span_of(key)),
				 fits[type] == i % ELEMENTS(contents) ? SCEP_TROUBLE_NONE
								      : SCEP_TROUBLE_CONTENT);
	}
}

/* Every prefix of a message, and a message with a byte behind it. */
static void test_truncated_and_trailing(void **state)
{
	struct plan plan = plan_usual();
	_cleanup_(bytes_done) struct bytes message = request_new(&plan);
	_cleanup_(bytes_done) struct bytes longer = {0};
	struct scep_request request = {0};
	enum scep_trouble trouble;

	(void)state;
	for (size_t size = 0; size < message.size; size++) {
		/* on the heap to its exact size, so that the sanitizer sees a byte read too far */
		_cleanup_(bytes_done) struct bytes cut = {0};

		assert_int_equal(bytes_copy(span_slice(span_of(message), 0, size), &cut), 0);
		assert_int_equal(scep_request_open(span_of(cut), &standard, &request, &trouble),
				 SCEP_UNREADABLE);
	}
	assert_int_equal(bytes_new(message.size + 1, &longer), 0);
	memcpy(longer.data, message.data, message.size);
	assert_int_equal(scep_request_open(span_of(longer), &standard, &request, &trouble),
			 SCEP_UNREADABLE);
}

static void test_names(void **state)
{
	static const struct {
		int type;
		const char *name;
	} types[] = {
		{3, "CertRep"},	 {17, "RenewalReq"}, {19, "PKCSReq"},  {20, "CertPoll"},
		{21, "GetCert"}, {22, "GetCRL"},     {-1, "unknown"},  {0, "unknown"},
		{18, "unknown"}, {23, "unknown"},    {255, "unknown"},
	};
	static const char *const infos[] = {"badAlg", "badMessageCheck", "badRequest", "badTime",
					    "badCertId"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(types); i++)
		assert_string_equal(scep_message_type_name((enum scep_message_type)types[i].type),
				    types[i].name);
	for (unsigned i = 0; i < ELEMENTS(infos); i++)
		assert_string_equal(scep_fail_info_name((enum scep_fail_info)i), infos[i]);
}

/* Each trouble has words for the client and a failInfo. */
static void test_troubles(void **state)
{
	static const struct {
		enum scep_trouble trouble;
		const char *name, *info;
	} words[] = {
		{SCEP_TROUBLE_SIGNATURE, "SIGNATURE", "badMessageCheck"},
		{SCEP_TROUBLE_UNDECRYPTABLE, "UNDECRYPTABLE", "badMessageCheck"},
		{SCEP_TROUBLE_CONTENT, "CONTENT", "badMessageCheck"},
		{SCEP_TROUBLE_DIGEST, "DIGEST", "badAlg"},
		{SCEP_TROUBLE_SIGNATURE_ALGORITHM, "SIGNATURE_ALGORITHM", "badAlg"},
		{SCEP_TROUBLE_CIPHER, "CIPHER", "badAlg"},
		{SCEP_TROUBLE_KEY_TRANSPORT, "KEY_TRANSPORT", "badAlg"},
		{SCEP_TROUBLE_AUTH_ENVELOPED, "AUTH_ENVELOPED", "badAlg"},
		{SCEP_TROUBLE_SIGNER_KEY, "SIGNER_KEY", "badAlg"},
		{SCEP_TROUBLE_SIGNER_KEY_SIZE, "SIGNER_KEY_SIZE", "badRequest"},
		{SCEP_TROUBLE_RECIPIENT, "RECIPIENT", "badRequest"},
		{SCEP_TROUBLE_SUCCEEDED, "SUCCEEDED", "badRequest"},
		{SCEP_TROUBLE_RECIPIENTS, "RECIPIENTS", "badRequest"},
		{SCEP_TROUBLE_MESSAGE_TYPE, "MESSAGE_TYPE", "badRequest"},
		{SCEP_TROUBLE_ATTRIBUTE, "ATTRIBUTE", "badRequest"},
		{SCEP_TROUBLE_STRUCTURE, "STRUCTURE", "badRequest"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(words); i++) {
		assert_string_equal(scep_trouble_name(words[i].trouble), words[i].name);
		assert_string_equal(scep_fail_info_name(scep_trouble_fail_info(words[i].trouble)),
				    words[i].info);
		assert_true(strlen(scep_trouble_text(words[i].trouble)) > 10);
	}
	assert_string_equal(scep_trouble_text(SCEP_TROUBLE_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_trouble),
		cmocka_unit_test(test_allowances),
		cmocka_unit_test(test_another_recipient),
		cmocka_unit_test(test_oaep),
		cmocka_unit_test(test_wrong_content_keys_look_alike),
		cmocka_unit_test(test_content_keys_of_other_sizes),
		cmocka_unit_test(test_contents_of_other_types),
		cmocka_unit_test(test_truncated_and_trailing),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_troubles),
	};

	return cmocka_run_group_tests(tests, world_make, world_unmake);
}
