/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that OpenSSL made, read by us: what is there comes out as it went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/surgery.h"
#include "tests/unit/daemon/scep/world.h"
#include <stdio.h>

struct opened {
	struct scep_request request;
	struct scep_content content;
};

static void opened_done(struct opened *o)
{
	scep_content_done(&o->content);
	scep_request_done(&o->request);
}

/* Opens and decrypts, neither with any trouble. */
static void open_all(struct span message, const struct scep_allowance *allowance,
		     struct opened *ret)
{
	enum scep_trouble trouble = SCEP_TROUBLE_STRUCTURE;
	const struct scep_recipient *recipient;
	struct bytes key;

	assert_int_equal(scep_request_open(message, allowance, &ret->request, &trouble), 0);
	assert_string_equal(scep_trouble_name(trouble), "NONE");
	recipient = scep_request_find_recipient(&ret->request, &world.ours);
	assert_non_null(recipient);
	assert_true(recipient->rsa_pkcs1);
	key = unwrap(world.authority.key, recipient->encrypted_key);
	assert_int_equal(key.size, cipher_key_size(ret->request.cipher));
	assert_int_equal(
		scep_request_read_content(&ret->request, span_of(key), &ret->content, &trouble), 0);
	assert_string_equal(scep_trouble_name(trouble), "NONE");
	bytes_done(&key);
}

static void assert_span(struct span got, struct span wanted)
{
	assert_int_equal(got.size, wanted.size);
	assert_memory_equal(got.data, wanted.data, wanted.size);
}

static void assert_plan(const struct opened *o, const struct plan *plan)
{
	_cleanup_(bytes_done) struct bytes signer = bytes_of_certificate(plan->signer->certificate);

	assert_span(o->request.transaction_id, plan->transaction_id);
	assert_span(o->request.sender_nonce, plan->sender_nonce);
	assert_string_equal(digest_name(o->request.digest),
			    EVP_MD_is_a(plan->digest, "SHA2-256")   ? "sha256"
			    : EVP_MD_is_a(plan->digest, "SHA2-384") ? "sha384"
			    : EVP_MD_is_a(plan->digest, "SHA2-512") ? "sha512"
			    : EVP_MD_is_a(plan->digest, "SHA1")	    ? "sha1"
								    : "md5");
	assert_true(o->request.signer_is_known);
	assert_span(o->request.signer.whole, span_of(signer));
	assert_true(scep_request_can_be_answered(&o->request));
	assert_int_equal(scep_request_verify_csr(&o->request, &o->content.request), 0);
	assert_span(o->content.request.whole, plan->content);
	assert_true(o->content.request.has_challenge);
	assert_span(o->content.request.challenge, SPAN_LITERAL("cisco"));
}

static void read_plan(const struct plan *plan, const struct scep_allowance *allowance)
{
	_cleanup_(bytes_done) struct bytes message = request_new(plan);
	_cleanup_(opened_done) struct opened o = {0};
	uint8_t digest[SHA256_SIZE];

	open_all(span_of(message), allowance, &o);
	assert_plan(&o, plan);
	sha256(span_of(message), digest);
	assert_memory_equal(o.request.digest_of_message, digest, sizeof(digest));
}

static void test_each_cipher_with_each_digest(void **state)
{
	const EVP_CIPHER *const ciphers[] = {EVP_aes_128_cbc(), EVP_aes_192_cbc(),
					     EVP_aes_256_cbc(), EVP_des_ede3_cbc(), EVP_des_cbc()};
	const EVP_MD *const digests[] = {EVP_sha256(), EVP_sha384(), EVP_sha512(), EVP_sha1(),
					 EVP_md5()};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ciphers) * ELEMENTS(digests) * 2; i++) {
		plan.cipher = ciphers[i / 2 % ELEMENTS(ciphers)];
		plan.digest = digests[i / 2 / ELEMENTS(ciphers)];
		plan.stream = i % 2;
		read_plan(&plan, &legacy);
	}
}

/* SCEP_TYPE_UNKNOWN where the message is refused for its type. */
static enum scep_message_type type_of(const struct plan *plan)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(bytes_done) struct bytes message = request_new(plan);
	enum scep_trouble trouble;

	assert_int_equal(scep_request_open(span_of(message), &standard, &request, &trouble), 0);
	assert_int_equal(trouble, request.type == SCEP_TYPE_UNKNOWN ? SCEP_TROUBLE_MESSAGE_TYPE
								    : SCEP_TROUBLE_NONE);
	return request.type;
}

static void test_message_types_from_0_to_255_and_others(void **state)
{
	static const char *const others[] = {"",    " 19",  "019",     "1 9",	    "19 ",
					     "+19", "0x13", "PKCSReq", "-1",	    "19.0",
					     "1",   "9",    "190",     "4294967315"};
	struct plan plan = plan_usual();
	char number[16];

	(void)state;
	for (int type = 0; type < 256; type++) {
		bool known = type == 17 || (type >= 19 && type <= 22);

		snprintf(number, sizeof(number), "%d", type);
		plan.type = number;
		assert_int_equal(type_of(&plan), known ? type : SCEP_TYPE_UNKNOWN);
	}
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		plan.type = others[i];
		assert_int_equal(type_of(&plan), SCEP_TYPE_UNKNOWN);
	}
}

static void test_both_requests_are_read(void **state)
{
	struct plan plan = plan_usual();

	(void)state;
	read_plan(&plan, &standard);
	plan.type = "17";
	read_plan(&plan, &standard);
}

static void test_poll_holds_issuer_and_subject(void **state)
{
	_cleanup_(bytes_done) struct bytes names =
		issuer_and_subject_new(world.authority.certificate, world.client.certificate);
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();

	(void)state;
	plan.type = "20";
	plan.content = span_of(names);
	message = request_new(&plan);
	open_all(span_of(message), &standard, &o);
	assert_int_equal(o.request.type, SCEP_CERT_POLL);
	assert_span(o.content.issuer, world.ours.subject);
	assert_span(o.content.subject, o.request.signer.subject);
}

static void test_get_cert_and_get_crl_hold_issuer_and_serial(void **state)
{
	_cleanup_(bytes_done) struct bytes name = issuer_and_serial_new(world.client.certificate);
	struct plan plan = plan_usual();

	(void)state;
	plan.content = span_of(name);
	for (int i = 0; i < 2; i++) {
		_cleanup_(bytes_done) struct bytes message = {0};
		_cleanup_(opened_done) struct opened o = {0};

		plan.type = i ? "22" : "21";
		message = request_new(&plan);
		open_all(span_of(message), &standard, &o);
		assert_int_equal(o.request.type, i ? SCEP_GET_CRL : SCEP_GET_CERT);
		assert_span(o.content.issuer, o.request.signer.issuer);
		assert_span(o.content.serial, o.request.signer.serial);
	}
}

/* Hex, base64 with its signs, a constant with a blank, 77 decimal digits, one octet, 128; in any
 * type of string. */
static void test_transaction_ids(void **state)
{
	static const char longest[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char *const ids[] = {
		"8fd2cb1dc3a5d1b8f7a6b1e6d7d1a1f2a3b4c5d6",
		"q2+3/T8bkJ1sD5wPqv7u2Q==",
		"SCEP transactionId",
		"12345678901234567890123456789012345678901234567890123456789012345678901234567",
		"1",
		longest,
	};
	static const int tags[] = {V_ASN1_PRINTABLESTRING, V_ASN1_UTF8STRING, V_ASN1_IA5STRING,
				   V_ASN1_T61STRING, V_ASN1_VISIBLESTRING};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ids) * ELEMENTS(tags); i++) {
		_cleanup_(bytes_done) struct bytes message = {0};
		_cleanup_(opened_done) struct opened o = {0};

		plan.transaction_id = span_of_text(ids[i / ELEMENTS(tags)]);
		plan.transaction_id_tag = tags[i % ELEMENTS(tags)];
		message = request_new(&plan);
		open_all(span_of(message), &standard, &o);
		assert_plan(&o, &plan);
		assert_int_equal(o.request.transaction_id_tag, plan.transaction_id_tag);
	}
}

static void test_nonces_of_1_to_64_octets(void **state)
{
	static const uint8_t nonce[64] = {1, 2, 3};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t size = 1; size <= sizeof(nonce); size += 21) {
		plan.sender_nonce = SPAN(nonce, size);
		read_plan(&plan, &standard);
	}
}

/* One RDN of three parts, no CN; a host name and keyUsage asked for; a password that is always
 * sent. */
static struct bytes router_csr(EVP_PKEY *key)
{
	X509_REQ *request = X509_REQ_new();
	X509_NAME *name = X509_REQ_get_subject_name(request);
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	BIO *out = BIO_new(BIO_s_mem());

	X509_NAME_add_entry_by_txt(name, "OU", V_ASN1_PRINTABLESTRING, (const uint8_t *)"lab", -1,
				   -1, 0);
	X509_NAME_add_entry_by_txt(name, "serialNumber", V_ASN1_PRINTABLESTRING,
				   (const uint8_t *)"9ABCDEFGHIJ", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "unstructuredAddress", V_ASN1_PRINTABLESTRING,
				   (const uint8_t *)"192.0.2.30", -1, -1, -1);
	X509_NAME_add_entry_by_txt(name, "unstructuredName", V_ASN1_IA5STRING,
				   (const uint8_t *)"r1.example.net", -1, -1, -1);
	sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
							       "DNS:r1.example.net"));
	sk_X509_EXTENSION_push(extensions,
			       X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage,
						   "critical,digitalSignature,keyEncipherment"));
	X509_REQ_add_extensions(request, extensions);
	X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, V_ASN1_PRINTABLESTRING,
				  (const uint8_t *)"cisco", 5);
	X509_REQ_set_pubkey(request, key);
	assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	i2d_X509_REQ_bio(out, request);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	return bytes_of_bio(out);
}

/* A message as a router of IOS-XE puts it together: 3DES, attributes without a signingTime. */
static void test_router(void **state)
{
	_cleanup_(bytes_done) struct bytes csr = router_csr(world.client.key);
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(bytes_done) struct bytes changed = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();
	struct node *root, *attributes;

	(void)state;
	plan.content = span_of(csr);
	plan.cipher = EVP_des_ede3_cbc();
	message = request_new(&plan);
	root = tree_of(span_of(message));
	attributes = message_attributes(root);
	for (size_t i = 0; i < attributes->n; i++)
		if (node_is_oid(at(attributes->children[i], 0), OID_TEXT_SIGNING_TIME))
			node_free(node_remove(attributes, i));
	message_sign(root, world.client.key);
	changed = tree_write(root);
	node_free(root);
	open_all(span_of(changed), &standard, &o);
	assert_plan(&o, &plan);
	assert_int_equal(o.request.cipher, CIPHER_DES_EDE3_CBC);
	assert_int_equal(o.content.request.extensions.n, 2);
	assert_int_equal(o.content.request.extensions.key_usage,
			 X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT);
}

/* A client that made its certificate as certmonger does: version 1, a serial of 32 octets. */
static void test_version_1_signer(void **state)
{
	struct certificate_plan old = {
		.subject = "old",
		.issuer = "old",
		.key = world.client.key,
		.issuer_key = world.client.key,
		.serial = "7FEEDDCCBBAA99887766554433221100FFEEDDCCBBAA99887766554433221100",
	};
	struct party signer = {world.client.key, certificate_new(&old)};
	struct plan plan = plan_usual();

	(void)state;
	plan.signer = &signer;
	read_plan(&plan, &standard);
	X509_free(signer.certificate);
}

static void test_signer_by_key_identifier(void **state)
{
	struct plan plan = plan_usual();

	(void)state;
	plan.key_identifier = true;
	read_plan(&plan, &standard);
}

/* With its issuer's certificates beside it, eight in all. */
static void test_signer_among_others(void **state)
{
	struct plan plan = plan_usual();

	(void)state;
	plan.enclosed[plan.n_enclosed++] = world.authority.certificate;
	plan.enclosed[plan.n_enclosed++] = world.stranger.certificate;
	read_plan(&plan, &standard);
}

static void test_recipients_up_to_eight(void **state)
{
	struct party others[7];
	struct plan plan = plan_usual();

	(void)state;
	plan.n_recipients = 0;
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		char serial[] = "A0";

		serial[1] = (char)('1' + i);
		others[i] = party_new(key_of(KEY_OF_STRANGER), "other", serial);
		plan.recipients[plan.n_recipients++] = others[i].certificate;
	}
	plan.recipients[plan.n_recipients++] = world.authority.certificate;
	read_plan(&plan, &standard);
	for (size_t i = 0; i < ELEMENTS(others); i++)
		party_done(&others[i]);
}

/* Kinds of recipients that SCEP hasn't are passed over. */
static void test_recipients_of_other_kinds(void **state)
{
	_cleanup_(bytes_done) struct bytes envelope = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(opened_done) struct opened o = {0};
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_128_cbc(), CMS_BINARY | CMS_PARTIAL);
	BIO *out = BIO_new(BIO_s_mem());
	struct plan plan = plan_usual();
	uint8_t *kek = OPENSSL_zalloc(16), *id = OPENSSL_zalloc(4);
	uint8_t *password = (uint8_t *)OPENSSL_strdup("password");

	(void)state;
	assert_non_null(CMS_add0_recipient_key(cms, NID_undef, kek, 16, id, 4, NULL, NULL, NULL));
	assert_non_null(CMS_add0_recipient_password(cms, -1, NID_id_alg_PWRI_KEK, NID_undef,
						    password, -1, NULL));
	assert_non_null(CMS_add1_recipient_cert(cms, world.stranger.certificate, CMS_USE_KEYID));
	add_recipient(cms, world.authority.certificate, false);
	put_cms(out, cms, plan.content, CMS_BINARY);
	CMS_ContentInfo_free(cms);
	envelope = bytes_of_bio(out);
	message = signed_new(&plan, span_of(envelope));
	open_all(span_of(message), &standard, &o);
	assert_int_equal(o.request.n_recipients, 1);
}

static void test_recipient_named_twice_is_nobody(void **state)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	enum scep_trouble trouble;
	struct plan plan = plan_usual();

	(void)state;
	plan.recipients[plan.n_recipients++] = world.authority.certificate;
	message = request_new(&plan);
	assert_int_equal(scep_request_open(span_of(message), &standard, &request, &trouble), 0);
	assert_int_equal(trouble, SCEP_TROUBLE_NONE);
	assert_null(scep_request_find_recipient(&request, &world.ours));
}

/* What routers leave out, and what jscep adds. */
static void test_other_attributes(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(bytes_done) struct bytes changed = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();
	struct node *root, *attributes, *extra;

	(void)state;
	message = request_new(&plan);
	root = tree_of(span_of(message));
	attributes = message_attributes(root);
	for (size_t i = 0; i < attributes->n; i++)
		if (node_is_oid(at(attributes->children[i], 0), OID_TEXT_SIGNING_TIME))
			node_free(node_remove(attributes, i));
	extra = node_copy(message_attribute(root, OID_TEXT_CONTENT_TYPE));
	node_set_oid(at(extra, 0), "1.2.840.113549.1.9.52");
	node_free(node_remove(at(extra, 1), 0));
	node_insert(at(extra, 1), 0, node_copy(at(message_signer(root), 2)));
	node_insert(attributes, 0, extra);
	message_sign(root, world.client.key);
	changed = tree_write(root);
	node_free(root);
	open_all(span_of(changed), &standard, &o);
	assert_plan(&o, &plan);
}

/* As they came is how they are hashed: OpenSSL does the same, whatever order DER asks for. */
static void test_attributes_in_any_order(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	struct plan plan = plan_usual();
	struct node *root, *attributes;

	(void)state;
	message = request_new(&plan);
	root = tree_of(span_of(message));
	attributes = message_attributes(root);
	for (size_t i = 0; i < attributes->n; i++) {
		_cleanup_(bytes_done) struct bytes changed = {0};
		_cleanup_(opened_done) struct opened o = {0};

		node_insert(attributes, 0, node_remove(attributes, attributes->n - 1));
		message_sign(root, world.client.key);
		changed = tree_write(root);
		open_all(span_of(changed), &standard, &o);
		assert_plan(&o, &plan);
	}
	node_free(root);
}

static void test_empty_digest_algorithms(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(bytes_done) struct bytes changed = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();
	struct node *root;

	(void)state;
	message = request_new(&plan);
	root = tree_of(span_of(message));
	node_free(node_remove(at(message_signed(root), 1), 0));
	changed = tree_write(root);
	node_free(root);
	open_all(span_of(changed), &standard, &o);
	assert_plan(&o, &plan);
}

/* OpenSSL writes rsaEncryption; others name the digest there too. */
static void test_signature_algorithm_with_digest(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(bytes_done) struct bytes changed = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();
	struct node *root;

	(void)state;
	message = request_new(&plan);
	root = tree_of(span_of(message));
	node_set_oid(at(at(message_signer(root), 4), 0), "1.2.840.113549.1.1.11");
	changed = tree_write(root);
	node_free(root);
	open_all(span_of(changed), &standard, &o);
	assert_plan(&o, &plan);
}

/* Every constructed element without a length, every string in segments. */
static void make_ber(struct node *node)
{
	node->indefinite = true;
	node->segmented = node->tag == 4 || node->tag == 0x80;
	for (size_t i = 0; i < node->n; i++)
		make_ber(node->children[i]);
}

static void test_ber_throughout(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(bytes_done) struct bytes changed = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();
	struct node *root;

	(void)state;
	message = request_new(&plan);
	root = tree_of(span_of(message));
	node_open(message_content(root));
	make_ber(root);
	message_sign(root, world.client.key);
	changed = tree_write(root);
	node_free(root);
	open_all(span_of(changed), &standard, &o);
	assert_plan(&o, &plan);
}

static void test_key_usage_decides_about_an_answer(void **state)
{
	static const struct {
		const char *key_usage;
		bool can;
	} rows[] = {
		{NULL, true},
		{"digitalSignature, keyEncipherment", true},
		{"digitalSignature", false},
	};
	struct plan plan = plan_usual();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct certificate_plan made = {
			.subject = "router",
			.issuer = "router",
			.key = world.client.key,
			.issuer_key = world.client.key,
			.version = 2,
			.serial = "05",
			.key_usage = rows[i].key_usage,
		};
		struct party signer = {world.client.key, certificate_new(&made)};
		_cleanup_(scep_request_done) struct scep_request request = {0};
		_cleanup_(bytes_done) struct bytes message = {0};
		enum scep_trouble trouble;

		plan.signer = &signer;
		message = request_new(&plan);
		assert_int_equal(scep_request_open(span_of(message), &standard, &request, &trouble),
				 0);
		assert_int_equal(trouble, SCEP_TROUBLE_NONE);
		assert_int_equal(scep_request_can_be_answered(&request), rows[i].can);
		X509_free(signer.certificate);
	}
}

/* Read for what it says; that it is malformed is the caller's to find. */
static void test_csr_with_broken_signature_is_read(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();

	(void)state;
	world.csr.data[world.csr.size - 1] ^= 1;
	message = request_new(&plan);
	world.csr.data[world.csr.size - 1] ^= 1;
	open_all(span_of(message), &standard, &o);
	assert_int_equal(scep_request_verify_csr(&o.request, &o.content.request), -EBADMSG);
}

static void test_csr_with_another_key_is_verified_with_its_own(void **state)
{
	_cleanup_(bytes_done) struct bytes csr = csr_new(world.stranger.key, "r2", NULL);
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(opened_done) struct opened o = {0};
	struct plan plan = plan_usual();

	(void)state;
	plan.content = span_of(csr);
	message = request_new(&plan);
	open_all(span_of(message), &standard, &o);
	assert_int_equal(scep_request_verify_csr(&o.request, &o.content.request), 0);
	assert_false(span_equal(o.content.request.key.spki, o.request.signer.key.spki));
	assert_false(o.content.request.has_challenge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_cipher_with_each_digest),
		cmocka_unit_test(test_message_types_from_0_to_255_and_others),
		cmocka_unit_test(test_both_requests_are_read),
		cmocka_unit_test(test_poll_holds_issuer_and_subject),
		cmocka_unit_test(test_get_cert_and_get_crl_hold_issuer_and_serial),
		cmocka_unit_test(test_transaction_ids),
		cmocka_unit_test(test_nonces_of_1_to_64_octets),
		cmocka_unit_test(test_router),
		cmocka_unit_test(test_version_1_signer),
		cmocka_unit_test(test_signer_by_key_identifier),
		cmocka_unit_test(test_signer_among_others),
		cmocka_unit_test(test_recipients_up_to_eight),
		cmocka_unit_test(test_recipients_of_other_kinds),
		cmocka_unit_test(test_recipient_named_twice_is_nobody),
		cmocka_unit_test(test_other_attributes),
		cmocka_unit_test(test_attributes_in_any_order),
		cmocka_unit_test(test_empty_digest_algorithms),
		cmocka_unit_test(test_signature_algorithm_with_digest),
		cmocka_unit_test(test_ber_throughout),
		cmocka_unit_test(test_key_usage_decides_about_an_answer),
		cmocka_unit_test(test_csr_with_broken_signature_is_read),
		cmocka_unit_test(test_csr_with_another_key_is_verified_with_its_own),
	};

	return cmocka_run_group_tests(tests, world_make, world_unmake);
}
