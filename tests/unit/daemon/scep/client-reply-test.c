/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that OpenSSL made, read by us: what is granted, refused and put off, and each fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/authority.h"

static void assert_granted(struct span message)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer content = {0};
	_cleanup_(bytes_done) struct bytes key = {0};
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault;
	struct span crl;

	assert_int_equal(scep_reply_open(message, &expected, &reply, &fault), 0);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	assert_int_equal(reply.status, SCEP_SUCCESS);
	assert_null(reply.fail_text);
	key = unwrap(world.client.key, reply.encrypted_key);
	assert_int_equal(scep_reply_read(&reply, span_of(key), &content, &crl, &fault), 0);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	assert_int_equal(content.n, 1);
	assert_true(span_equal(content.certificates[0], span_of(answers.issued)));
	assert_int_equal(crl.size, 0);
}

/* What servers differ in, and none of it is a fault. */
static void test_granted(void **state)
{
	const struct {
		const EVP_MD *digest;
		const EVP_CIPHER *cipher;
		struct span nonce, foreign;
		bool stream, key_identifier, without_signer;
		int tag;
	} rows[] = {
		{.digest = EVP_sha256(), .cipher = EVP_aes_128_cbc()},
		{.digest = EVP_sha1(), .cipher = EVP_des_ede3_cbc()},
		/* servers in Go, whatever they are asked with */
		{.digest = EVP_sha256(), .cipher = EVP_des_cbc()},
		{.digest = EVP_sha512(), .cipher = EVP_aes_256_cbc(), .stream = true},
		{.digest = EVP_sha384(), .cipher = EVP_aes_192_cbc(), .key_identifier = true},
		{.digest = EVP_sha256(), .cipher = EVP_aes_128_cbc(), .without_signer = true},
		/* a senderNonce of 8 octets, of none, or ours again */
		{EVP_sha256(), EVP_aes_128_cbc(), .nonce = SPAN_LITERAL("12345678")},
		{EVP_sha256(), EVP_aes_128_cbc(), .nonce = SPAN_LITERAL("")},
		{EVP_sha256(), EVP_aes_128_cbc(), .nonce = SPAN_LITERAL(OUR_NONCE)},
		{EVP_sha256(), EVP_aes_128_cbc(), .foreign = SPAN_LITERAL("whatever")},
		{EVP_sha256(), EVP_aes_128_cbc(), .tag = V_ASN1_UTF8STRING},
		{EVP_sha256(), EVP_aes_128_cbc(), .tag = V_ASN1_IA5STRING},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct certrep from = certrep_usual("0");
		_cleanup_(bytes_done) struct bytes message = {0};

		from.plan.digest = rows[i].digest;
		from.plan.cipher = rows[i].cipher;
		from.plan.stream = rows[i].stream;
		from.plan.key_identifier = rows[i].key_identifier;
		from.plan.without_signer = rows[i].without_signer;
		from.plan.sender_nonce = rows[i].nonce;
		from.plan.type_tag = from.plan.transaction_id_tag = from.text_tag = rows[i].tag;
		from.foreign = rows[i].foreign;
		message = certrep_new(&from);
		assert_granted(span_of(message));
	}
}

/* @change on the tree of a usual answer that is granted, signed again. */
static struct bytes changed_new(void (*change)(struct node *root))
{
	struct certrep from = certrep_usual("0");
	_cleanup_(bytes_done) struct bytes message = certrep_new(&from);
	struct node *root = tree_of(span_of(message));
	struct bytes changed;

	change(root);
	message_sign(root, world.authority.key);
	changed = tree_write(root);
	node_free(root);
	return changed;
}

static void without_digests(struct node *root)
{
	struct node *digests = at(message_signed(root), 1);

	while (digests->n)
		node_free(node_remove(digests, 0));
}
static void sha256_with_rsa(struct node *root)
{
	node_set_oid(at(at(message_signer(root), 4), 0), "1.2.840.113549.1.1.11");
}
static void plain_rsa(struct node *root)
{
	node_set_oid(at(at(message_signer(root), 4), 0), "1.2.840.113549.1.1.1");
}
static void foreign_attribute_of_two_values(struct node *root)
{
	struct node *added = node_copy(message_attribute(root, OID_TEXT_PKI_STATUS));

	node_set_oid(at(added, 0), "1.3.6.1.4.1.55555.2");
	node_insert(at(added, 1), 1, node_new(DER_NULL, NULL, 0));
	node_insert(message_attributes(root), 0, added);
}
static void unsigned_attribute(struct node *root)
{
	struct node *added = node_new(DER_CONTEXT_CONSTRUCTED(1), NULL, 0);

	node_insert(added, 0, node_copy(message_attribute(root, OID_TEXT_PKI_STATUS)));
	node_insert(message_signer(root), message_signer(root)->n, added);
}
/* The issuer's name in other string types. */
static void issuer_written_anew(struct node *root)
{
	struct node *name = at(at(message_signer(root), 1), 0);

	for (size_t i = 0; i < name->n; i++)
		at(at(at(name, i), 0), 1)->tag = DER_PRINTABLE_STRING;
}
/* Anybody's certificate, garbage and a CRL that is none enclosed: nothing is asked of them. */
static void enclosed_garbage(struct node *root)
{
	struct node *crls = node_new(DER_CONTEXT_CONSTRUCTED(1), NULL, 0);

	node_insert(message_certificates(root), 0, node_new(DER_SEQUENCE, NULL, 0));
	node_insert(crls, 0, node_new(DER_SEQUENCE, NULL, 0));
	node_insert(message_signed(root), 4, crls);
}

static void test_what_is_no_fault(void **state)
{
	static void (*const changes[])(struct node * root) = {
		issuer_written_anew,
		without_digests,
		sha256_with_rsa,
		plain_rsa,
		foreign_attribute_of_two_values,
		unsigned_attribute,
		enclosed_garbage,
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		_cleanup_(bytes_done) struct bytes message = changed_new(changes[i]);

		assert_granted(span_of(message));
	}
}

static void assert_not_granted(const struct certrep *from, enum scep_status status,
			       const char *text)
{
	_cleanup_(bytes_done) struct bytes message = certrep_new(from);
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault;

	assert_int_equal(scep_reply_open(span_of(message), &expected, &reply, &fault), 0);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	assert_int_equal(reply.status, status);
	if (status == SCEP_FAILURE)
		assert_int_equal(reply.fail_info, from->fail_info[0] - '0');
	if (text)
		assert_string_equal(reply.fail_text, text);
	else
		assert_null(reply.fail_text);
}

/* Nothing is enveloped, whether there is an eContent of no octets or none. */
static void test_pending_and_failure(void **state)
{
	static const char *const infos[] = {"0", "1", "2", "3", "4"};
	struct certrep from = certrep_empty("3", NULL);

	(void)state;
	assert_not_granted(&from, SCEP_PENDING, NULL);
	from.without_content = true;
	assert_not_granted(&from, SCEP_PENDING, NULL);
	for (size_t i = 0; i < ELEMENTS(infos); i++) {
		from = certrep_empty("2", infos[i]);
		assert_not_granted(&from, SCEP_FAILURE, NULL);
		from.fail_text = "not today";
		assert_not_granted(&from, SCEP_FAILURE, "not today");
		from.without_content = true;
		from.text_tag = V_ASN1_PRINTABLESTRING;
		assert_not_granted(&from, SCEP_FAILURE, "not today");
	}
}

/* What a server says for people is UTF-8 without a NUL whatever it sent, and short. */
static void test_texts_of_failures(void **state)
{
	struct certrep from = certrep_empty("2", "2");
	char long_text[2000];
	char wanted[513];

	(void)state;
	from.fail_text = "gr\xc3\xbc\xc3\x9f";
	assert_not_granted(&from, SCEP_FAILURE, from.fail_text);
	from.text_tag = V_ASN1_T61STRING;
	from.fail_text = "gr\xfc\xdf dich";
	assert_not_granted(&from, SCEP_FAILURE, "gr?? dich");
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = 0;
	memset(wanted, 'x', sizeof(wanted));
	wanted[sizeof(wanted) - 1] = 0;
	from.fail_text = long_text;
	assert_not_granted(&from, SCEP_FAILURE, wanted);
}

/* What is wrong, and what it is called. */

static void by_a_stranger(struct certrep *from)
{
	from->plan.signer = &world.stranger;
}
static void by_a_stranger_who_encloses_the_ca(struct certrep *from)
{
	from->plan.signer = &world.stranger;
	from->plan.enclosed[from->plan.n_enclosed++] = world.authority.certificate;
}
static void of_type_pkcs_req(struct certrep *from)
{
	from->plan.type = "19";
}
static void of_no_type(struct certrep *from)
{
	from->plan.type = NULL;
}
static void of_another_transaction(struct certrep *from)
{
	from->plan.transaction_id = SPAN_LITERAL("A793AE7C3292F4099CD4CEC65FCE0683");
}
static void of_no_transaction(struct certrep *from)
{
	from->plan.transaction_id = (struct span){0};
}
static void of_a_longer_transaction(struct certrep *from)
{
	from->plan.transaction_id = SPAN_LITERAL(OUR_TRANSACTION "0");
}
static void to_another_nonce(struct certrep *from)
{
	from->recipient_nonce = SPAN_LITERAL("0123456789abcdeF");
}
static void to_a_nonce_cut_short(struct certrep *from)
{
	from->recipient_nonce = SPAN_LITERAL("0123456789abcde");
}
static void to_no_nonce(struct certrep *from)
{
	from->recipient_nonce = (struct span){0};
}
static void without_status(struct certrep *from)
{
	from->status = NULL;
}
static void of_status_1(struct certrep *from)
{
	from->status = "1";
}
static void of_status_00(struct certrep *from)
{
	from->status = "00";
}
static void of_empty_status(struct certrep *from)
{
	from->status = "";
}
static void granted_with_nothing(struct certrep *from)
{
	from->plan.content = (struct span){0};
}
static void granted_and_refused(struct certrep *from)
{
	from->fail_info = "2";
}
static void refused_with_an_envelope(struct certrep *from)
{
	from->status = "2";
	from->fail_info = "2";
}
static void put_off_with_an_envelope(struct certrep *from)
{
	from->status = "3";
}
static void refused_without_a_reason(struct certrep *from)
{
	*from = certrep_empty("2", NULL);
}
static void refused_for_reason_5(struct certrep *from)
{
	*from = certrep_empty("2", "5");
}
static void refused_for_no_number(struct certrep *from)
{
	*from = certrep_empty("2", "/");
}
static void refused_for_22(struct certrep *from)
{
	*from = certrep_empty("2", "22");
}
static void put_off_for_a_reason(struct certrep *from)
{
	*from = certrep_empty("3", "2");
}
static void enveloped_to_a_stranger(struct certrep *from)
{
	from->plan.recipients[0] = world.stranger.certificate;
}
static void enveloped_to_us_twice(struct certrep *from)
{
	from->plan.recipients[from->plan.n_recipients++] = world.client.certificate;
}
static void enveloped_to_nine(struct certrep *from)
{
	while (from->plan.n_recipients < 9)
		from->plan.recipients[from->plan.n_recipients++] = world.client.certificate;
}
static void signed_over_md5(struct certrep *from)
{
	from->plan.digest = EVP_md5();
}
static void signed_by_pss(struct certrep *from)
{
	from->plan.pss = true;
}
static void enciphered_by_camellia(struct certrep *from)
{
	from->plan.cipher = EVP_camellia_128_cbc();
}
static void key_by_oaep(struct certrep *from)
{
	from->plan.oaep = true;
}

static void test_faults(void **state)
{
	static const struct {
		void (*bend)(struct certrep *from);
		enum scep_fault fault;
	} rows[] = {
		{by_a_stranger, SCEP_FAULT_SIGNER},
		{by_a_stranger_who_encloses_the_ca, SCEP_FAULT_SIGNER},
		{of_type_pkcs_req, SCEP_FAULT_TYPE},
		{of_no_type, SCEP_FAULT_TYPE},
		{of_another_transaction, SCEP_FAULT_TRANSACTION},
		{of_no_transaction, SCEP_FAULT_TRANSACTION},
		{of_a_longer_transaction, SCEP_FAULT_TRANSACTION},
		{to_another_nonce, SCEP_FAULT_NONCE},
		{to_a_nonce_cut_short, SCEP_FAULT_NONCE},
		{to_no_nonce, SCEP_FAULT_NONCE},
		{without_status, SCEP_FAULT_STATUS},
		{of_status_1, SCEP_FAULT_STATUS},
		{of_status_00, SCEP_FAULT_STATUS},
		{of_empty_status, SCEP_FAULT_STATUS},
		{granted_with_nothing, SCEP_FAULT_STATUS},
		{granted_and_refused, SCEP_FAULT_STATUS},
		{refused_with_an_envelope, SCEP_FAULT_STATUS},
		{put_off_with_an_envelope, SCEP_FAULT_STATUS},
		{refused_without_a_reason, SCEP_FAULT_STATUS},
		{refused_for_reason_5, SCEP_FAULT_STATUS},
		{refused_for_no_number, SCEP_FAULT_STATUS},
		{refused_for_22, SCEP_FAULT_STATUS},
		{put_off_for_a_reason, SCEP_FAULT_STATUS},
		{enveloped_to_a_stranger, SCEP_FAULT_RECIPIENT},
		{enveloped_to_us_twice, SCEP_FAULT_RECIPIENT},
		{enveloped_to_nine, SCEP_FAULT_RECIPIENT},
		{signed_over_md5, SCEP_FAULT_ALGORITHM},
		{signed_by_pss, SCEP_FAULT_ALGORITHM},
		{enciphered_by_camellia, SCEP_FAULT_ALGORITHM},
		{key_by_oaep, SCEP_FAULT_ALGORITHM},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct certrep from = certrep_usual("0");
		_cleanup_(bytes_done) struct bytes message = {0};

		rows[i].bend(&from);
		message = certrep_new(&from);
		if (fault_of_message(span_of(message)) != rows[i].fault)
			fail_msg("row %zu: %s", i,
				 scep_fault_text(fault_of_message(span_of(message))));
	}
}

static void of_another_content(struct node *root)
{
	node_set_oid(message_value(root, OID_TEXT_CONTENT_TYPE), "1.2.840.113549.1.7.3");
}
static void two_signers(struct node *root)
{
	struct node *signers = at_tag(message_signed(root), 0x31, 1);

	node_insert(signers, 1, node_copy(at(signers, 0)));
}
static void no_signer(struct node *root)
{
	node_free(node_remove(at_tag(message_signed(root), 0x31, 1), 0));
}
static void status_twice(struct node *root)
{
	node_insert(message_attributes(root), 0,
		    node_copy(message_attribute(root, OID_TEXT_PKI_STATUS)));
}
static void status_of_two_values(struct node *root)
{
	struct node *values = at(message_attribute(root, OID_TEXT_PKI_STATUS), 1);

	node_insert(values, 1, node_new(DER_PRINTABLE_STRING, "2", 1));
}
static void nonce_as_text(struct node *root)
{
	message_value(root, OID_TEXT_RECIPIENT_NONCE)->tag = DER_PRINTABLE_STRING;
}
static void without_message_digest(struct node *root)
{
	struct node *attributes = message_attributes(root);

	for (size_t i = 0; i < attributes->n; i++)
		if (attributes->children[i] == message_attribute(root, OID_TEXT_MESSAGE_DIGEST)) {
			node_free(node_remove(attributes, i));
			return;
		}
}
static void envelope_of_garbage(struct node *root)
{
	node_set(message_content(root), "\x30\x03\x02\x01\x00", 5);
}
static void envelope_that_is_no_ber(struct node *root)
{
	node_set(message_content(root), "<html>", 6);
}
static void signed_data_within(struct node *root)
{
	node_set(message_content(root), answers.degenerate.data, answers.degenerate.size);
}

static void test_faults_of_the_tree(void **state)
{
	static const struct {
		void (*change)(struct node *root);
		enum scep_fault fault;
	} rows[] = {
		{of_another_content, SCEP_FAULT_SHAPE},
		{two_signers, SCEP_FAULT_SHAPE},
		{no_signer, SCEP_FAULT_SHAPE},
		{status_twice, SCEP_FAULT_SHAPE},
		{status_of_two_values, SCEP_FAULT_SHAPE},
		{nonce_as_text, SCEP_FAULT_SHAPE},
		{without_message_digest, SCEP_FAULT_SHAPE},
		{envelope_of_garbage, SCEP_FAULT_CONTENT},
		{envelope_that_is_no_ber, SCEP_FAULT_CONTENT},
		{signed_data_within, SCEP_FAULT_CONTENT},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes message = changed_new(rows[i].change);

		if (fault_of_message(span_of(message)) != rows[i].fault)
			fail_msg("row %zu: %s", i,
				 scep_fault_text(fault_of_message(span_of(message))));
	}
}

/* EnvelopedData's encryptedContentInfo and its one recipient, opened within the message. */
static struct node *encrypted_of(struct node *root)
{
	return at(at(at(node_open(message_content(root)), 1), 0), 2);
}
static struct node *recipients_of(struct node *root)
{
	return at(at(at(node_open(message_content(root)), 1), 0), 1);
}
static void iv_cut_short(struct node *root)
{
	at(at(encrypted_of(root), 1), 1)->size--;
}
static void iv_left_out(struct node *root)
{
	node_free(node_remove(at(encrypted_of(root), 1), 1));
}
static void ciphertext_left_out(struct node *root)
{
	node_free(node_remove(encrypted_of(root), 2));
}
static void ciphertext_of_two_boxes(struct node *root)
{
	struct node *text = at(encrypted_of(root), 2);

	text->tag = DER_CONTEXT_CONSTRUCTED(0);
	node_set(text, NULL, 0);
	node_insert(text, 0, node_new(DER_SEQUENCE, NULL, 0));
}
static void content_of_another_kind(struct node *root)
{
	node_set_oid(at(encrypted_of(root), 0), "1.2.840.113549.1.7.2");
}
static void no_recipient(struct node *root)
{
	node_free(node_remove(recipients_of(root), 0));
}
static void recipient_by_key_identifier(struct node *root)
{
	struct node *id = at(at(recipients_of(root), 0), 1);

	id->tag = DER_CONTEXT(0);
	node_set(id, "12345678901234567890", 20);
}
static void recipient_by_password(struct node *root)
{
	at(recipients_of(root), 0)->tag = DER_CONTEXT_CONSTRUCTED(3);
}
static void recipient_of_another_serial(struct node *root)
{
	node_set(at(at(at(recipients_of(root), 0), 1), 1), "\x7f", 1);
}
static void signer_of_another_serial(struct node *root)
{
	node_set(at(at(message_signer(root), 1), 1), "\x7f", 1);
}
static void signer_of_no_name(struct node *root)
{
	node_set(at(at(message_signer(root), 1), 0), NULL, 0);
}
static void thirty_three_attributes(struct node *root)
{
	for (uint8_t i = 0; message_attributes(root)->n < 33; i++) {
		struct node *added = node_copy(message_attribute(root, OID_TEXT_PKI_STATUS));
		struct node *type = at(added, 0);

		assert(type && type->data);
		type->data[type->size - 1] = 0x40 + i;
		node_insert(message_attributes(root), 0, added);
	}
}

static void test_hostile_shapes(void **state)
{
	static const struct {
		void (*change)(struct node *root);
		enum scep_fault fault;
	} rows[] = {
		{iv_cut_short, SCEP_FAULT_CONTENT},
		{iv_left_out, SCEP_FAULT_CONTENT},
		{ciphertext_left_out, SCEP_FAULT_CONTENT},
		{ciphertext_of_two_boxes, SCEP_FAULT_CONTENT},
		{content_of_another_kind, SCEP_FAULT_CONTENT},
		{no_recipient, SCEP_FAULT_RECIPIENT},
		{recipient_by_key_identifier, SCEP_FAULT_RECIPIENT},
		{recipient_by_password, SCEP_FAULT_RECIPIENT},
		{recipient_of_another_serial, SCEP_FAULT_RECIPIENT},
		{signer_of_another_serial, SCEP_FAULT_SIGNER},
		{signer_of_no_name, SCEP_FAULT_SIGNER},
		{thirty_three_attributes, SCEP_FAULT_SHAPE},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes message = changed_new(rows[i].change);

		if (fault_of_message(span_of(message)) != rows[i].fault)
			fail_msg("row %zu: %s", i,
				 scep_fault_text(fault_of_message(span_of(message))));
	}
}

/* Nested as deep as it is long, with lengths and without. */
static void test_depth(void **state)
{
	static uint8_t bomb[200000];

	(void)state;
	for (size_t i = 0; i < sizeof(bomb); i += 2) {
		bomb[i] = DER_SEQUENCE;
		bomb[i + 1] = 0x80;
	}
	assert_int_equal(fault_of_message(SPAN_ARRAY(bomb)), SCEP_FAULT_SHAPE);
	for (size_t i = 0; i < sizeof(bomb); i += 4)
		memcpy(bomb + i, "\x30\x82\xff\xff", 4);
	assert_int_equal(fault_of_message(SPAN_ARRAY(bomb)), SCEP_FAULT_SHAPE);
}

/* What isn't signed again is a wrong signature, whether it was the content or the attributes. */
static void test_signatures(void **state)
{
	struct certrep from = certrep_usual("0");
	_cleanup_(bytes_done) struct bytes message = certrep_new(&from);
	struct node *root = tree_of(span_of(message));
	struct node *const places[] = {
		message_content(root), message_value(root, OID_TEXT_PKI_STATUS),
		message_value(root, OID_TEXT_MESSAGE_DIGEST), at(message_signer(root), 5)};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(places); i++) {
		_cleanup_(bytes_done) struct bytes changed = {0};

		assert(places[i] && places[i]->data);
		places[i]->data[places[i]->size - 1] ^= 1;
		changed = tree_write(root);
		places[i]->data[places[i]->size - 1] ^= 1;
		assert_int_equal(fault_of_message(span_of(changed)), SCEP_FAULT_SIGNATURE);
	}
	node_free(root);
}

static void test_no_answer_at_all(void **state)
{
	static const char *const bodies[] = {
		"",
		"<html><body>404 Not Found</body></html>",
		"\x30",
		"\x30\x80",
		"\x30\x80\x00\x00",
		"Unauthorized",
		"0",
		"\x30\x84\xff\xff\xff\xff",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bodies); i++)
		assert_int_equal(fault_of_message(span_of_text(bodies[i])), SCEP_FAULT_SHAPE);
	assert_int_equal(fault_of_message((struct span){0}), SCEP_FAULT_SHAPE);
	assert_int_equal(fault_of_message(span_of(answers.degenerate)), SCEP_FAULT_SHAPE);
	assert_int_equal(fault_of_message(span_of(answers.issued)), SCEP_FAULT_SHAPE);
	assert_int_equal(fault_of_message(span_of(world.csr)), SCEP_FAULT_SHAPE);
}

/* Each prefix, to its exact size on the heap. */
static void test_truncation(void **state)
{
	static const bool streams[] = {false, true};

	(void)state;
	for (size_t j = 0; j < ELEMENTS(streams); j++) {
		struct certrep from = certrep_usual("0");
		_cleanup_(bytes_done) struct bytes message = {0};

		from.plan.stream = streams[j];
		message = certrep_new(&from);
		for (size_t i = 0; i < message.size; i++) {
			_cleanup_(bytes_done) struct bytes cut = {0};

			assert_int_equal(bytes_copy(span_slice(span_of(message), 0, i), &cut), 0);
			assert_int_equal(fault_of_message(span_of(cut)), SCEP_FAULT_SHAPE);
		}
	}
}

/* Each octet changed: never a crash, never granted, except where nothing signed or verified lies.
 */
static void test_each_octet(void **state)
{
	struct certrep from = certrep_usual("0");
	_cleanup_(bytes_done) struct bytes message = {0};
	size_t granted = 0;

	(void)state;
	/* without certificates, which no signature covers */
	from.plan.without_signer = true;
	message = certrep_new(&from);
	for (size_t i = 0; i < message.size; i++) {
		message.data[i] ^= 0x04;
		granted += fault_of_message(span_of(message)) == SCEP_FAULT_NONE;
		message.data[i] ^= 0x04;
	}
	/* the two versions, 1 to 5 */
	assert_true(granted <= 2);
}

static enum scep_fault fault_of_key(const struct scep_reply *reply, struct span key)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer content = {0};
	enum scep_fault fault = SCEP_FAULT_NONE;
	struct span crl;

	assert_int_equal(scep_reply_read(reply, key, &content, &crl, &fault), 0);
	if (fault) {
		assert_int_equal(content.n, 0);
		assert_int_equal(crl.size, 0);
	}
	return fault;
}

/* Wrong ones, and those that aren't even of the cipher's size. */
static void test_content_keys(void **state)
{
	struct certrep from = certrep_usual("0");
	_cleanup_(bytes_done) struct bytes message = certrep_new(&from);
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault;
	uint8_t key[64] = {0};

	(void)state;
	assert_int_equal(scep_reply_open(span_of(message), &expected, &reply, &fault), 0);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	for (size_t size = 0; size <= sizeof(key); size++)
		assert_int_equal(fault_of_key(&reply, SPAN(key, size)), SCEP_FAULT_CONTENT);
	for (unsigned i = 0; i < 256; i++) {
		key[0] = (uint8_t)i;
		assert_int_equal(fault_of_key(&reply, SPAN(key, 16)), SCEP_FAULT_CONTENT);
	}
}

/* What @content says once it is opened. */
static enum scep_fault fault_of_content(struct span content, size_t *ret_n, size_t *ret_crl)
{
	struct certrep from = certrep_usual("0");
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer read = {0};
	_cleanup_(bytes_done) struct bytes key = {0};
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault;
	struct span crl;

	from.plan.content = content;
	message = certrep_new(&from);
	assert_int_equal(scep_reply_open(span_of(message), &expected, &reply, &fault), 0);
	assert_int_equal(fault, SCEP_FAULT_NONE);
	key = unwrap(world.client.key, reply.encrypted_key);
	assert_int_equal(scep_reply_read(&reply, span_of(key), &read, &crl, &fault), 0);
	*ret_n = read.n;
	*ret_crl = crl.size;
	return fault;
}

static X509_CRL *crl_new(void)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *time = ASN1_TIME_new();

	ASN1_TIME_set_string(time, "200101000000Z");
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(world.authority.certificate));
	X509_CRL_set1_lastUpdate(crl, time);
	X509_CRL_set1_nextUpdate(crl, time);
	assert_true(X509_CRL_sign(crl, world.authority.key, EVP_sha256()) > 0);
	ASN1_TIME_free(time);
	return crl;
}

static void test_contents(void **state)
{
	X509 *const chain[] = {world.client.certificate, world.authority.certificate,
			       world.stranger.certificate};
	X509_CRL *crl = crl_new();
	_cleanup_(bytes_done) struct bytes three = degenerate_new(chain, 3, NULL);
	_cleanup_(bytes_done) struct bytes none = degenerate_new(NULL, 0, NULL);
	_cleanup_(bytes_done) struct bytes of_crl = degenerate_new(NULL, 0, crl);
	const struct {
		struct span content;
		enum scep_fault fault;
		size_t n;
		bool crl;
	} rows[] = {
		{span_of(three), SCEP_FAULT_NONE, 3, false},
		{span_of(of_crl), SCEP_FAULT_NONE, 0, true},
		{span_of(none), SCEP_FAULT_CONTENT, 0, false},
		{span_of(answers.issued), SCEP_FAULT_CONTENT, 0, false},
		{span_of(world.csr), SCEP_FAULT_CONTENT, 0, false},
		{SPAN_LITERAL("garbage"), SCEP_FAULT_CONTENT, 0, false},
		{SPAN_LITERAL("\x30\x80\x00\x00"), SCEP_FAULT_CONTENT, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		size_t n, crl_size;

		assert_int_equal(fault_of_content(rows[i].content, &n, &crl_size), rows[i].fault);
		assert_int_equal(n, rows[i].n);
		assert_int_equal(crl_size > 0, rows[i].crl);
	}
	X509_CRL_free(crl);
}

/* Any of those expected may sign; that the first can't be read hinders nobody. */
static void test_signers(void **state)
{
	_cleanup_(bytes_done) struct bytes stranger =
		bytes_of_certificate(world.stranger.certificate);
	const struct span signers[] = {SPAN_LITERAL("none"), span_of(stranger),
				       span_of(world.authority_der)};
	struct certrep from = certrep_usual("0");
	_cleanup_(bytes_done) struct bytes message = certrep_new(&from);
	struct scep_expectation expected = expectation_usual();

	(void)state;
	expected.signers = signers;
	for (size_t n = 0; n <= ELEMENTS(signers); n++) {
		_cleanup_(scep_reply_done) struct scep_reply reply = {0};
		enum scep_fault fault;

		expected.n_signers = n;
		assert_int_equal(scep_reply_open(span_of(message), &expected, &reply, &fault), 0);
		assert_int_equal(fault, n == 3 ? SCEP_FAULT_NONE : SCEP_FAULT_SIGNER);
	}
}

static void test_words(void **state)
{
	(void)state;
	for (enum scep_fault a = SCEP_FAULT_NONE; a <= SCEP_FAULT_CONTENT; a++)
		for (enum scep_fault b = SCEP_FAULT_NONE; b < a; b++)
			assert_string_not_equal(scep_fault_text(a), scep_fault_text(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_granted),
		cmocka_unit_test(test_what_is_no_fault),
		cmocka_unit_test(test_pending_and_failure),
		cmocka_unit_test(test_texts_of_failures),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_faults_of_the_tree),
		cmocka_unit_test(test_hostile_shapes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_no_answer_at_all),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_each_octet),
		cmocka_unit_test(test_content_keys),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, answers_make, answers_unmake);
}
