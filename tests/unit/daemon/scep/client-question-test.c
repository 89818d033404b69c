/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of our client's side, opened by our server's side and by OpenSSL's CMS; whole
 * conversations between the two sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/authority.h"
#include "tests/unit/daemon/scep/differential.h"

static const uint8_t octets[32] = "a key that is as long as AES-256";

static struct scep_question question_usual(void)
{
	return (struct scep_question){
		.type = SCEP_PKCS_REQ,
		.transaction_id = SPAN_LITERAL(OUR_TRANSACTION),
		.sender_nonce = SPAN_LITERAL(OUR_NONCE),
		.algorithms = {CIPHER_AES128_CBC, DIGEST_SHA256},
		.signer = span_of(answers.client_der),
		.recipient = span_of(world.authority_der),
		.request = span_of(world.csr),
		.content_key = SPAN(octets, 16),
		.iv = SPAN(octets, 16),
	};
}

static struct bytes sign(const struct scep_draft *draft, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct bytes signature = {0};
	uint8_t raw[512];
	size_t size = sizeof(raw);

	assert_int_equal(
		EVP_DigestSignInit_ex(ctx, NULL, digest_name(draft->digest), NULL, NULL, key, NULL),
		1);
	assert_int_equal(
		EVP_DigestSign(ctx, raw, &size, draft->to_be_signed.data, draft->to_be_signed.size),
		1);
	EVP_MD_CTX_free(ctx);
	assert_int_equal(bytes_copy(SPAN(raw, size), &signature), 0);
	return signature;
}

static struct bytes sealed_new(const struct scep_draft *draft, EVP_PKEY *key)
{
	_cleanup_(bytes_done) struct bytes signature = sign(draft, key);
	struct bytes sealed = {0};

	assert_int_equal(scep_answer_seal(draft, span_of(signature), &sealed), 0);
	return sealed;
}

static struct bytes question_new(const struct scep_question *from)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {0};

	assert_int_equal(scep_question_build(from, &draft), 0);
	return sealed_new(&draft, world.client.key);
}

/* The server's side and OpenSSL read each of them, down to what is in the envelope (judge()); then
 * what they say is compared. */
static void test_each_type(void **state)
{
	_cleanup_(bytes_done) struct bytes serial = issuer_and_serial_new(world.client.certificate);
	const struct {
		enum scep_message_type type;
		struct scep_algorithms algorithms;
	} rows[] = {
		{SCEP_PKCS_REQ, {CIPHER_AES128_CBC, DIGEST_SHA256}},
		{SCEP_RENEWAL_REQ, {CIPHER_AES256_CBC, DIGEST_SHA512}},
		{SCEP_CERT_POLL, {CIPHER_DES_EDE3_CBC, DIGEST_SHA1}},
		{SCEP_GET_CERT, {CIPHER_AES128_CBC, DIGEST_SHA384}},
		{SCEP_GET_CRL, {CIPHER_AES192_CBC, DIGEST_SHA256}},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct scep_question from = question_usual();
		_cleanup_(bytes_done) struct bytes message = {0};
		_cleanup_(scep_request_done) struct scep_request request = {0};
		_cleanup_(scep_content_done) struct scep_content content = {0};
		_cleanup_(bytes_done) struct bytes key = {0};
		enum scep_trouble trouble;

		from.type = rows[i].type;
		from.algorithms = rows[i].algorithms;
		from.content_key = SPAN(octets, cipher_key_size(rows[i].algorithms.cipher));
		from.iv = SPAN(octets, cipher_block_size(rows[i].algorithms.cipher));
		from.issuer = world.ours.subject;
		from.subject = answers.client.subject;
		from.serial = answers.client.serial;
		message = question_new(&from);
		assert_int_equal(judge(span_of(message)), JUDGED_ACCEPTED);

		assert_int_equal(scep_request_open(span_of(message), &standard, &request, &trouble),
				 0);
		assert_int_equal(trouble, SCEP_TROUBLE_NONE);
		assert_int_equal(request.type, rows[i].type);
		assert_int_equal(request.cipher, rows[i].algorithms.cipher);
		assert_int_equal(request.digest, rows[i].algorithms.digest);
		assert_int_equal(request.transaction_id_tag, DER_PRINTABLE_STRING);
		assert_true(span_equal(request.transaction_id, from.transaction_id));
		assert_true(span_equal(request.sender_nonce, from.sender_nonce));
		assert_true(span_equal(request.signer.whole, from.signer));
		assert_int_equal(request.n_recipients, 1);
		key = unwrap(world.authority.key,
			     scep_request_find_recipient(&request, &world.ours)->encrypted_key);
		assert_true(span_equal(span_of(key), from.content_key));
		assert_int_equal(
			scep_request_read_content(&request, span_of(key), &content, &trouble), 0);
		assert_int_equal(trouble, SCEP_TROUBLE_NONE);
		if (rows[i].type == SCEP_PKCS_REQ || rows[i].type == SCEP_RENEWAL_REQ) {
			assert_true(span_equal(content.request.whole, span_of(world.csr)));
			continue;
		}
		assert_true(span_equal(content.issuer, from.issuer));
		if (rows[i].type == SCEP_CERT_POLL)
			assert_true(span_equal(content.subject, from.subject));
		else
			assert_true(span_equal(content.serial, from.serial));
	}
}

struct conversation {
	struct scep_question question;
	enum scep_status status;
	enum scep_fail_info info;
	const char *text;
	struct bytes answer;
};

/* The server's side of ours, whatever it is asked. */
static void answer(struct conversation *c)
{
	_cleanup_(bytes_done) struct bytes message = question_new(&c->question);
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(scep_draft_done) struct scep_draft draft = {0};
	const struct span certificates[] = {span_of(answers.issued)};
	enum scep_trouble trouble;
	struct scep_answer from;
	enum cipher cipher;

	assert_int_equal(scep_request_open(span_of(message), &standard, &request, &trouble), 0);
	assert_int_equal(trouble, SCEP_TROUBLE_NONE);
	cipher = scep_answer_cipher(&request);
	from = (struct scep_answer){
		.status = c->status,
		.fail_info = c->info,
		.fail_text = c->text,
		.request = &request,
		.sender_nonce = SPAN_LITERAL("fedcba9876543210"),
		.signer = span_of(world.authority_der),
		.signer_issuer = world.ours.issuer,
		.signer_serial = world.ours.serial,
		.certificates = certificates,
		.n_certificates = 1,
		.content_key = SPAN(octets, cipher_key_size(cipher)),
		.iv = SPAN(octets, cipher_block_size(cipher)),
	};
	assert_int_equal(scep_answer_build(&from, &draft), 0);
	c->answer = sealed_new(&draft, world.authority.key);
}

static void converse(struct conversation *c, struct scep_reply *ret)
{
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault;

	answer(c);
	assert_int_equal(scep_reply_open(span_of(c->answer), &expected, ret, &fault), 0);
	bytes_done(&c->answer);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	assert_int_equal(ret->status, c->status);
}

static void test_put_off_then_granted(void **state)
{
	struct conversation c = {.question = question_usual(), .status = SCEP_PENDING};
	_cleanup_(scep_reply_done) struct scep_reply pending = {0}, granted = {0};
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer content = {0};
	_cleanup_(bytes_done) struct bytes key = {0};
	enum scep_fault fault;
	struct span crl;

	(void)state;
	converse(&c, &pending);
	c.question.type = SCEP_CERT_POLL;
	c.question.issuer = world.ours.subject;
	c.question.subject = answers.client.subject;
	c.status = SCEP_SUCCESS;
	converse(&c, &granted);
	assert_int_equal(granted.cipher, CIPHER_AES128_CBC);
	key = unwrap(world.client.key, granted.encrypted_key);
	assert_int_equal(scep_reply_read(&granted, span_of(key), &content, &crl, &fault), 0);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	assert_int_equal(content.n, 1);
	assert_true(span_equal(content.certificates[0], span_of(answers.issued)));
}

static void test_refused(void **state)
{
	struct conversation c = {
		.question = question_usual(),
		.status = SCEP_FAILURE,
		.info = SCEP_BAD_REQUEST,
		.text = "weak key",
	};
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};

	(void)state;
	converse(&c, &reply);
	assert_int_equal(reply.fail_info, SCEP_BAD_REQUEST);
	assert_string_equal(reply.fail_text, "weak key");
}

static int build(struct span signer, struct span recipient)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {0};
	struct scep_question from = question_usual();

	from.signer = signer;
	from.recipient = recipient;
	return scep_question_build(&from, &draft);
}

static void test_what_cant_be_asked(void **state)
{
	EVP_PKEY *curve = EVP_EC_gen("P-256");
	EVP_PKEY *small = EVP_RSA_gen(512);
	struct party of_curve = party_new(curve, "Curve", "07");
	struct party of_small = party_new(small, "Small", "08");
	_cleanup_(bytes_done) struct bytes curve_der = bytes_of_certificate(of_curve.certificate);
	_cleanup_(bytes_done) struct bytes small_der = bytes_of_certificate(of_small.certificate);
	const struct span good = span_of(world.authority_der);

	(void)state;
	assert_int_equal(build(good, good), 0);
	assert_int_equal(build((struct span){0}, good), -EINVAL);
	assert_int_equal(build(good, (struct span){0}), -EINVAL);
	assert_int_equal(build(span_of(world.csr), good), -EINVAL);
	assert_int_equal(build(good, span_of(world.csr)), -EINVAL);
	assert_int_equal(build(good, span_of(curve_der)), -EINVAL);
	/* 64 octets, and a content key of 16: it fits, weak as it is */
	assert_int_equal(build(good, span_of(small_der)), 0);
	party_done(&of_curve);
	party_done(&of_small);
}

/* RFC 1321 appendix A.5, in upper case as routers write it. */
static void test_transaction_id(void **state)
{
	char id[SCEP_TRANSACTION_ID_SIZE + 1];

	(void)state;
	scep_transaction_id(SPAN_LITERAL(""), id);
	assert_string_equal(id, "D41D8CD98F00B204E9800998ECF8427E");
	scep_transaction_id(SPAN_LITERAL("message digest"), id);
	assert_string_equal(id, "F96B697D7CB7938D525A2F31AAF161D0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_type),      cmocka_unit_test(test_put_off_then_granted),
		cmocka_unit_test(test_refused),	       cmocka_unit_test(test_what_cant_be_asked),
		cmocka_unit_test(test_transaction_id),
	};

	return cmocka_run_group_tests(tests, answers_make, answers_unmake);
}
