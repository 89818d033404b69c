/* SPDX-License-Identifier: Apache-2.0 */
/* The answers to GetCACert and GetNextCACert, by our server's side and by OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/daemon/scep/authority.h"

static int read_ca(struct span body, struct scep_ca_answer *ret)
{
	int r = scep_ca_answer_read(body, ret);

	if (r < 0)
		assert_int_equal(r, -EBADMSG);
	return r;
}

static void test_one_certificate(void **state)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};

	(void)state;
	assert_int_equal(read_ca(span_of(world.authority_der), &answer), 0);
	assert_int_equal(answer.n, 1);
	assert_true(span_equal(answer.certificates[0], span_of(world.authority_der)));
}

/* In the order in which they came, by our writer and by OpenSSL's. */
static void test_several(void **state)
{
	X509 *const chain[] = {world.stranger.certificate, world.authority.certificate,
			       world.client.certificate};
	_cleanup_(bytes_done) struct bytes theirs = degenerate_new(chain, 3, NULL);
	_cleanup_(bytes_done) struct bytes ours = {0};
	_cleanup_(bytes_done) struct bytes stranger = bytes_of_certificate(chain[0]);
	const struct span wanted[] = {span_of(stranger), span_of(world.authority_der),
				      span_of(answers.client_der)};

	(void)state;
	assert_int_equal(scep_certificates_only(wanted, 3, (struct span){0}, &ours), 0);
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};

		assert_int_equal(read_ca(span_of(i ? ours : theirs), &answer), 0);
		assert_int_equal(answer.n, 3);
		for (size_t j = 0; j < 3; j++)
			assert_true(span_equal(answer.certificates[j], wanted[j]));
	}
}

static size_t read_n(size_t n)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	struct span certificates[SCEP_CERTIFICATES_MAX + 1];

	for (size_t i = 0; i < n; i++)
		certificates[i] = span_of(world.authority_der);
	assert_int_equal(scep_certificates_only(certificates, n, (struct span){0}, &message), 0);
	return read_ca(span_of(message), &answer) < 0 ? 0 : answer.n;
}

static void test_how_many(void **state)
{
	(void)state;
	assert_int_equal(read_n(0), 0);
	assert_int_equal(read_n(1), 1);
	assert_int_equal(read_n(SCEP_CERTIFICATES_MAX), SCEP_CERTIFICATES_MAX);
	assert_int_equal(read_n(SCEP_CERTIFICATES_MAX + 1), 0);
}

/* What is no certificate that can be read is passed over; where nothing is left there is no answer.
 */
static void test_unreadable_members(void **state)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	const struct span certificates[] = {SPAN_LITERAL("\x30\x03\x02\x01\x00"),
					    span_of(world.authority_der),
					    SPAN_LITERAL("\xa0\x02\x05\x00")};

	(void)state;
	assert_int_equal(scep_certificates_only(certificates, 3, (struct span){0}, &message), 0);
	assert_int_equal(read_ca(span_of(message), &answer), 0);
	assert_int_equal(answer.n, 1);
	bytes_done(&message);
	assert_int_equal(scep_certificates_only(certificates, 1, (struct span){0}, &message), 0);
	assert_int_equal(scep_ca_answer_read(span_of(message), &answer), -EBADMSG);
}

/* Some sign their chain. */
static void test_signed_chain(void **state)
{
	struct certrep from = certrep_usual(NULL);
	_cleanup_(bytes_done) struct bytes message = {0};
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};

	(void)state;
	from.plan.enclosed[from.plan.n_enclosed++] = world.stranger.certificate;
	message = certrep_new(&from);
	assert_int_equal(read_ca(span_of(message), &answer), 0);
	assert_int_equal(answer.n, 2);
}

static void test_none(void **state)
{
	static const char *const bodies[] = {"", "<html>", "0\x80",
					     "-----BEGIN CERTIFICATE-----\n"};
	struct scep_ca_answer answer = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bodies); i++)
		assert_int_equal(read_ca(span_of_text(bodies[i]), &answer), -EBADMSG);
	assert_int_equal(read_ca((struct span){0}, &answer), -EBADMSG);
	assert_int_equal(read_ca(span_of(world.csr), &answer), -EBADMSG);
}

/* Each prefix, to its exact size on the heap. */
static void test_truncation(void **state)
{
	const struct span bodies[] = {span_of(world.authority_der), span_of(answers.degenerate)};
	struct scep_ca_answer answer = {0};

	(void)state;
	for (size_t j = 0; j < ELEMENTS(bodies); j++)
		for (size_t i = 0; i < bodies[j].size; i++) {
			_cleanup_(bytes_done) struct bytes cut = {0};

			assert_int_equal(bytes_copy(span_slice(bodies[j], 0, i), &cut), 0);
			assert_int_equal(read_ca(span_of(cut), &answer), -EBADMSG);
		}
}

/* What follows the CA, signed by @by over @content; nothing of SCEP's is in it. */
static struct certrep next_usual(struct span content)
{
	return (struct certrep){
		.plan = {.signer = &world.authority, .digest = EVP_sha256(), .content = content},
	};
}

static int read_next(struct span body, size_t *ret_n)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	int r = scep_next_ca_read(body, &world.ours, &answer);

	*ret_n = answer.n;
	return r;
}

static int read_next_plan(const struct certrep *from)
{
	_cleanup_(bytes_done) struct bytes message = certrep_signed_new(from, from->plan.content);
	size_t n;
	int r = read_next(span_of(message), &n);

	assert_int_equal(n, r == 0 ? 1 : 0);
	return r;
}

static void test_next_ca(void **state)
{
	struct certrep from = next_usual(span_of(answers.degenerate));

	(void)state;
	assert_int_equal(read_next_plan(&from), 0);
	from.plan.without_signer = true;
	assert_int_equal(read_next_plan(&from), 0);
	from.plan.key_identifier = true;
	assert_int_equal(read_next_plan(&from), 0);
	from.plan.enclosed[from.plan.n_enclosed++] = world.stranger.certificate;
	assert_int_equal(read_next_plan(&from), 0);
	from.plan.stream = true;
	assert_int_equal(read_next_plan(&from), 0);
	from.plan.digest = EVP_sha1();
	assert_int_equal(read_next_plan(&from), 0);
	from.plan.digest = EVP_md5();
	assert_int_equal(read_next_plan(&from), -EKEYREJECTED);
}

/* The issuer's name in other string types. */
static void test_next_ca_whose_name_is_written_anew(void **state)
{
	struct certrep from = next_usual(span_of(answers.degenerate));
	_cleanup_(bytes_done) struct bytes message = certrep_signed_new(&from, from.plan.content);
	struct node *root = tree_of(span_of(message));
	struct node *name = at(at(message_signer(root), 1), 0);
	size_t n;

	(void)state;
	assert(name);
	for (size_t i = 0; i < name->n; i++)
		at(at(at(name, i), 0), 1)->tag = DER_PRINTABLE_STRING;
	bytes_done(&message);
	message = tree_write(root);
	node_free(root);
	assert_int_equal(read_next(span_of(message), &n), 0);
	assert_int_equal(n, 1);
}

/* By anybody else, however he calls himself and whatever he encloses. */
static void test_next_ca_by_another(void **state)
{
	struct party impostor = {.key = world.stranger.key};
	struct certificate_plan same_name = {
		.subject = "RootCA",
		.issuer = "RootCA",
		.key = world.stranger.key,
		.issuer_key = world.stranger.key,
		.version = 2,
		.serial = "01",
		.ca = true,
	};
	struct certrep from = next_usual(span_of(answers.degenerate));

	(void)state;
	from.plan.signer = &world.stranger;
	from.plan.enclosed[from.plan.n_enclosed++] = world.authority.certificate;
	assert_int_equal(read_next_plan(&from), -EKEYREJECTED);
	impostor.certificate = certificate_new(&same_name);
	from.plan.n_enclosed = 0;
	from.plan.signer = &impostor;
	assert_int_equal(read_next_plan(&from), -EKEYREJECTED);
	X509_free(impostor.certificate);
}

static void test_next_ca_of_nothing(void **state)
{
	_cleanup_(bytes_done) struct bytes none = degenerate_new(NULL, 0, NULL);
	const struct span contents[] = {span_of(none), SPAN_LITERAL("x"), SPAN_LITERAL(""),
					span_of(answers.issued)};
	size_t n;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(contents); i++) {
		struct certrep from = next_usual(contents[i]);

		assert_int_equal(read_next_plan(&from), -EBADMSG);
	}
	/* without a signature it is only a chain */
	assert_int_equal(read_next(span_of(answers.degenerate), &n), -EBADMSG);
	assert_int_equal(read_next(span_of(world.authority_der), &n), -EBADMSG);
	assert_int_equal(read_next(SPAN_LITERAL("<html>"), &n), -EBADMSG);
}

/* The server's side of ours. */
static void test_next_ca_of_ours(void **state)
{
	const struct span certificates[] = {span_of(answers.issued), span_of(answers.client_der)};
	const struct scep_next_ca from = {certificates, 2, &world.ours, DIGEST_SHA256};
	_cleanup_(scep_draft_done) struct scep_draft draft = {0};
	_cleanup_(bytes_done) struct bytes message = {0};
	uint8_t signature[512];
	size_t size = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n;

	(void)state;
	assert_int_equal(scep_next_ca_build(&from, &draft), 0);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, world.authority.key), 1);
	assert_int_equal(EVP_DigestSign(ctx, signature, &size, draft.to_be_signed.data,
					draft.to_be_signed.size),
			 1);
	EVP_MD_CTX_free(ctx);
	assert_int_equal(scep_answer_seal(&draft, SPAN(signature, size), &message), 0);
	assert_int_equal(read_next(span_of(message), &n), 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < message.size; i++) {
		_cleanup_(bytes_done) struct bytes cut = {0};

		assert_int_equal(bytes_copy(span_slice(span_of(message), 0, i), &cut), 0);
		assert_int_equal(read_next(span_of(cut), &n), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_certificate),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_how_many),
		cmocka_unit_test(test_unreadable_members),
		cmocka_unit_test(test_signed_chain),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_next_ca),
		cmocka_unit_test(test_next_ca_whose_name_is_written_anew),
		cmocka_unit_test(test_next_ca_by_another),
		cmocka_unit_test(test_next_ca_of_nothing),
		cmocka_unit_test(test_next_ca_of_ours),
	};

	return cmocka_run_group_tests(tests, answers_make, answers_unmake);
}
