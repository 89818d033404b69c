/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "token/backup-file.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A key of OpenSSL's, which signs its own backup. */
struct fixture {
	EVP_PKEY *key;
	struct bytes spki, written, whole;
};

static void sign(struct fixture *f, struct span text, struct bytes *ret)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = 512;

	assert_int_equal(bytes_new(size, ret), 0);
	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, f->key), 1);
	assert_int_equal(EVP_DigestSign(context, ret->data, &size, text.data, text.size), 1);
	ret->size = size;
	EVP_MD_CTX_free(context);
}

static void write_backup(struct fixture *f, int exportable, bool made)
{
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct backup_file file = {
		.check = {1, 2, 3, 4, 5, 6, 7, 8},
		.charter = {.made = made,
			    .role = CHARTER_CA,
			    .usage = KEY_USAGE_GENERAL,
			    .exportable = exportable,
			    .not_after_s = 1800000000,
			    .spki = made ? f->spki : (struct bytes){0},
			    .id = {(uint8_t[]){1}, 1},
			    .issuer = {(uint8_t[]){0x30, 0}, 2},
			    .label = (char[]){"ROOTCA"},
			    .token = (char[]){"0123"}},
		.mechanism = (char[]){"aes-key-wrap-pad"},
		.wrapped = {(uint8_t[]){0xab, 0xcd}, 2},
	};

	bytes_done(&f->written);
	bytes_done(&f->whole);
	assert_int_equal(backup_file_write(&file, &f->written), 0);
	sign(f, span_of(f->written), &signature);
	assert_int_equal(backup_file_seal(span_of(f->written), span_of(signature), &f->whole), 0);
}

static int start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned char *der = NULL;
	int size;

	crypto_init();
	f->key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	size = i2d_PUBKEY(f->key, &der);
	assert_int_equal(bytes_copy(SPAN(der, (size_t)size), &f->spki), 0);
	OPENSSL_free(der);
	write_backup(f, KEY_EXPORTABLE_WRAPPED, true);
	*state = f;
	return 0;
}

static int stop(void **state)
{
	struct fixture *f = *state;

	EVP_PKEY_free(f->key);
	bytes_done(&f->spki);
	bytes_done(&f->written);
	bytes_done(&f->whole);
	free(f);
	return 0;
}

static void what_is_written_is_read(void **state)
{
	_cleanup_(backup_file_done) struct backup_file file = {0};
	struct fixture *f = *state;

	assert_int_equal(backup_file_read(span_of(f->whole), &file), 0);
	assert_string_equal(file.mechanism, "aes-key-wrap-pad");
	assert_int_equal(file.check[7], 8);
	assert_int_equal(file.charter.role, CHARTER_CA);
	assert_int_equal(file.charter.not_after_s, 1800000000);
	assert_true(span_equal(span_of(file.wrapped), SPAN_LITERAL("\xab\xcd")));
}

/* Each bit of what is in it counts, and each byte of its length. */
static void a_changed_one_is_none(void **state)
{
	struct fixture *f = *state;
	struct backup_file file;

	for (size_t i = 0; i < f->whole.size; i++) {
		assert_int_equal(backup_file_read(SPAN(f->whole.data, i), &file), -EBADMSG);
		f->whole.data[i] ^= 1;
		assert_int_equal(backup_file_read(span_of(f->whole), &file), -EBADMSG);
		f->whole.data[i] ^= 1;
	}
}

/* Signed by another key than the one in the charter: whoever has a key of his own can't give
 * another's charter to it, nor his charter to another's. */
static void another_keys_signature_is_none(void **state)
{
	_cleanup_(bytes_done) struct bytes signature = {0}, whole = {0};
	struct fixture *f = *state;
	struct fixture other = {.key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)};
	struct backup_file file;

	sign(&other, span_of(f->written), &signature);
	assert_int_equal(backup_file_seal(span_of(f->written), span_of(signature), &whole), 0);
	assert_int_equal(backup_file_read(span_of(whole), &file), -EBADMSG);
	EVP_PKEY_free(other.key);
}

static void only_what_was_made_wrappable_has_one(void **state)
{
	struct fixture *f = *state;
	struct backup_file file;

	write_backup(f, KEY_EXPORTABLE_NEVER, true);
	assert_int_equal(backup_file_read(span_of(f->whole), &file), -EBADMSG);
	write_backup(f, KEY_EXPORTABLE_WRAPPED, false);
	assert_int_equal(backup_file_read(span_of(f->whole), &file), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read, start, stop),
		cmocka_unit_test_setup_teardown(a_changed_one_is_none, start, stop),
		cmocka_unit_test_setup_teardown(another_keys_signature_is_none, start, stop),
		cmocka_unit_test_setup_teardown(only_what_was_made_wrappable_has_one, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
