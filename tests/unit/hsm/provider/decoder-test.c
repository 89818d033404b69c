/* SPDX-License-Identifier: Apache-2.0 */
/* Files that programs open as private keys: references, damaged ones, and others' keys. */
#include "service.h"

static EVP_PKEY *pkey_of(const char *first, const char *second)
{
	_cleanup_(buffer_done) struct buffer text = {0};

	buffer_append_text(&text, first);
	buffer_append_text(&text, second);
	return pkey_of_text((const char *)text.data, text.size);
}

static void a_reference_is_a_key_and_asks_nobody(void **state)
{
	unsigned asked = atomic_load(&service.fake.n_questions);
	EVP_PKEY *pkey = pkey_of_reference();

	(void)state;
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(pkey)), "keys-claviger");
	assert_int_equal(EVP_PKEY_eq(pkey, service.software), 1);
	assert_int_equal(atomic_load(&service.fake.n_questions), asked);
	EVP_PKEY_free(pkey);
}

/* Its DER, as programs hand it over that take PEM apart themselves. */
static void der_is_a_key_too(void **state)
{
	struct bytes der = {0};
	const uint8_t *at;
	EVP_PKEY *pkey;

	(void)state;
	assert_int_equal(text_read_pem(span_of_text(service.reference), KEY_REFERENCE_LABEL, &der),
			 0);
	at = der.data;
	pkey = d2i_PrivateKey_ex(EVP_PKEY_RSA, NULL, &at, (long)der.size, service.program, NULL);
	assert_non_null(pkey);
	EVP_PKEY_free(pkey);
	at = der.data;
	pkey = d2i_AutoPrivateKey_ex(NULL, &at, (long)der.size, service.program, NULL);
	assert_non_null(pkey);
	EVP_PKEY_free(pkey);
	bytes_done(&der);
}

static char *certificate(void)
{
	X509 *x509 = X509_new();
	BIO *out = BIO_new(BIO_s_mem());
	char *text, *copy;
	long size;

	X509_set_pubkey(x509, service.software);
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	assert_true(X509_sign(x509, service.software, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(out, x509), 1);
	size = BIO_get_mem_data(out, &text);
	assert_int_equal(span_to_text(SPAN(text, (size_t)size), &copy), 0);
	BIO_free(out);
	X509_free(x509);
	return copy;
}

/* nginx and many others take certificate and key from one file, and people write notes into it. */
static void other_blocks_stand_beside_it(void **state)
{
	_cleanup_(freep) char *pem = certificate();
	EVP_PKEY *pkeys[] = {
		pkey_of(pem, service.reference),
		pkey_of(service.reference, pem),
		pkey_of("the router's key\n\n", service.reference),
	};
	EVP_PKEY *first;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(pkeys); i++) {
		assert_non_null(pkeys[i]);
		assert_int_equal(EVP_PKEY_eq(pkeys[i], service.software), 1);
		EVP_PKEY_free(pkeys[i]);
	}
	/* the first key counts */
	first = pkey_of(service.pem, service.reference);
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(first)), "default");
	EVP_PKEY_free(first);
}

static void a_file_is_opened_as_a_store(void **state)
{
	char path[] = "/tmp/reference-XXXXXX";
	int fd = mkstemp(path);
	EVP_PKEY *pkey;

	(void)state;
	dprintf(fd, "%s", service.reference);
	close(fd);
	pkey = pkey_of_uri(path);
	unlink(path);
	assert_non_null(pkey);
	assert_int_equal(EVP_PKEY_eq(pkey, service.software), 1);
	EVP_PKEY_free(pkey);
}

static char *with(const char *label, struct span der)
{
	struct buffer pem = {0};
	char *text = NULL;

	text_append_pem(&pem, label, der);
	assert_int_equal(buffer_take_text(&pem, &text), 0);
	return text;
}

static void damaged_references_are_told(void **state)
{
	static const uint8_t huge[20000];
	struct bytes der = {0};
	size_t n;

	(void)state;
	assert_int_equal(text_read_pem(span_of_text(service.reference), KEY_REFERENCE_LABEL, &der),
			 0);
	n = der.size;
	const struct span spoilt[] = {
		SPAN(der.data, n - 1),
		SPAN(der.data, 4),
		SPAN(der.data, 0),
		SPAN_ARRAY(huge),
		SPAN_LITERAL("\x30\x0a\x0c\x08"
			     "claviger"),
	};
	for (size_t i = 0; i < ELEMENTS(spoilt); i++) {
		_cleanup_(freep) char *text = with(KEY_REFERENCE_LABEL, spoilt[i]);

		assert_null(pkey_of_text(text, strlen(text)));
		assert_true(last_error_says("damaged key reference"));
	}
	/* cut off in the midst of it */
	assert_null(pkey_of_text(service.reference, strlen(service.reference) / 2));
	assert_true(last_error_says("damaged key reference"));
	bytes_done(&der);
}

/* Each byte of a file changed, in turn: a key or none, and nothing else. */
static void no_spoilt_byte_does_harm(void **state)
{
	size_t size = strlen(service.reference);

	(void)state;
	for (size_t i = 0; i < size; i++) {
		_cleanup_(freep) char *text = strdup(service.reference);

		text[i] = (char)(text[i] ^ (1 << i % 7));
		EVP_PKEY_free(pkey_of_text(text, size));
		ERR_clear_error();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reference_is_a_key_and_asks_nobody),
		cmocka_unit_test(der_is_a_key_too),
		cmocka_unit_test(other_blocks_stand_beside_it),
		cmocka_unit_test(a_file_is_opened_as_a_store),
		cmocka_unit_test(damaged_references_are_told),
		cmocka_unit_test(no_spoilt_byte_does_harm),
	};

	return cmocka_run_group_tests(tests, service_start, service_stop);
}
