/* SPDX-License-Identifier: Apache-2.0 */
/* The module as a guest in programs: its settings, its time limit, their threads, children and
 * errors, and how it goes. */
#include "service.h"

#include <dirent.h>
#include <sys/wait.h>

static bool signs_of(EVP_PKEY *pkey, OSSL_LIB_CTX *program)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t signature[256];
	size_t size = sizeof(signature);
	bool done =
		EVP_DigestSignInit_ex(context, NULL, "SHA256", program, NULL, pkey, NULL) == 1 &&
		EVP_DigestSign(context, signature, &size, (const uint8_t *)"m", 1) == 1;

	EVP_MD_CTX_free(context);
	return done;
}

static bool signs(EVP_PKEY *pkey)
{
	return signs_of(pkey, service.program);
}

static void it_says_what_it_is(void **state)
{
	OSSL_PROVIDER *provider = OSSL_PROVIDER_load(service.program, "keys-claviger");
	const char *name = NULL, *version = NULL;
	int status = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, &name, 0),
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, &version, 0),
		OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, &status),
		OSSL_PARAM_END,
	};

	(void)state;
	assert_int_equal(OSSL_PROVIDER_get_params(provider, params), 1);
	assert_string_equal(name, "claviger");
	assert_string_equal(version, CLAVIGER_VERSION);
	assert_int_equal(status, 1);
	OSSL_PROVIDER_unload(provider);
}

/* In a second program, whose service is another. */
static EVP_PKEY *pkey_in(OSSL_LIB_CTX *program, const char *settings)
{
	BIO *in = BIO_new_mem_buf(service.reference, -1);
	EVP_PKEY *pkey;

	assert_int_equal(program_configure(program, settings), 1);
	pkey = PEM_read_bio_PrivateKey_ex(in, NULL, NULL, NULL, program, NULL);
	BIO_free(in);
	return pkey;
}

/* libcrypto has no words for a provider that does not start, so it starts, and says what is wrong
 * where a key is wanted. */
static void bad_settings_are_told(void **state)
{
	static const struct {
		const char *settings, *error;
	} rows[] = {
		{"timeout = 0", "timeout = 0: seconds, from 1 to 3600"},
		{"timeout = 3601", "timeout = 3601: seconds"},
		{"timeout = 5s", "timeout = 5s: seconds"},
		{"socket = ", "the path of a socket"},
		{"socket = /run/a/path/that/no/socket/can/have/because/it/is/longer/than/one/"
		 "hundred/and/eight/bytes/and/that/is/all/there/is",
		 "the path of a socket"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		OSSL_LIB_CTX *program = OSSL_LIB_CTX_new();

		assert_null(pkey_in(program, rows[i].settings));
		assert_true(last_error_says(rows[i].error));
		assert_null(OSSL_STORE_open_ex("claviger://" NAME, program, NULL, NULL, NULL, NULL,
					       NULL, NULL));
		assert_true(last_error_says("bad setting in openssl.cnf"));
		OSSL_LIB_CTX_free(program);
	}
}

static void nobody_listens(void **state)
{
	OSSL_LIB_CTX *program = OSSL_LIB_CTX_new();
	EVP_PKEY *pkey = pkey_in(program, "socket = /nowhere/key.sock");

	(void)state;
	assert_false(signs_of(pkey, program));
	assert_true(last_error_says("key service not reachable"));
	EVP_PKEY_free(pkey);
	OSSL_LIB_CTX_free(program);
	/* the other one's goes on */
	pkey = pkey_of_reference();
	assert_true(signs(pkey));
	EVP_PKEY_free(pkey);
}

static void silence_has_an_end(void **state)
{
	static const enum act is_silent = ACT_SILENCE;
	OSSL_LIB_CTX *program = OSSL_LIB_CTX_new();
	char settings[128];
	EVP_PKEY *pkey;

	(void)state;
	snprintf(settings, sizeof(settings), "socket = %s\ntimeout = 1", service.fake.path);
	pkey = pkey_in(program, settings);
	service_does(&is_silent);
	assert_false(signs_of(pkey, program));
	assert_true(last_error_says("key service gave no answer in time"));
	service_does(answers);
	EVP_PKEY_free(pkey);
	OSSL_LIB_CTX_free(program);
}

/* What a program has on its error queue is its own. */
static void errors_of_others_stay(void **state)
{
	EVP_PKEY *pkey;

	(void)state;
	ERR_clear_error();
	ERR_raise_data(ERR_LIB_USER, 77, "the program's own");
	pkey = pkey_of_reference();
	assert_true(signs(pkey));
	EVP_PKEY_free(pkey);
	assert_int_equal(ERR_GET_REASON(ERR_peek_last_error()), 77);
	ERR_clear_error();
}

static void *sign_often(void *pkey)
{
	size_t good = 0;

	for (unsigned i = 0; i < 25; i++)
		good += signs(pkey);
	return (void *)good;
}

static void threads_share_a_key(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	pthread_t threads[8];
	void *good;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often, pkey), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_int_equal((size_t)good, 25);
	}
	EVP_PKEY_free(pkey);
}

/* The child's end: it begins when the parent closes its own of @start. */
static int sign_as_child(EVP_PKEY *pkey, const int start[2])
{
	char none;

	close(start[1]);
	return read(start[0], &none, 1) == 0 && sign_often(pkey) == (void *)25 ? 0 : 1;
}

/* nginx loads in its master and signs in its workers. All are forked while the service's thread
 * rests: the sanitizer's own memory does not stand a fork(2) in the midst of another's work. */
static void children_share_a_key(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	pid_t children[4];
	int start[2], status;

	(void)state;
	assert_true(signs(pkey));
	assert_int_equal(pipe(start), 0);
	for (size_t i = 0; i < ELEMENTS(children); i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(sign_as_child(pkey, start));
	}
	close(start[0]);
	close(start[1]);
	assert_int_equal((size_t)sign_often(pkey), 25);
	for (size_t i = 0; i < ELEMENTS(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	EVP_PKEY_free(pkey);
}

static size_t open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

/* As a program that loads its configuration again and again. */
static void it_comes_and_goes(void **state)
{
	size_t before = open_descriptors();
	char settings[128];

	(void)state;
	snprintf(settings, sizeof(settings), "socket = %s", service.fake.path);
	for (unsigned i = 0; i < 5; i++) {
		OSSL_LIB_CTX *program = OSSL_LIB_CTX_new();
		EVP_PKEY *pkey = pkey_in(program, settings);

		assert_true(signs_of(pkey, program));
		EVP_PKEY_free(pkey);
		OSSL_LIB_CTX_free(program);
	}
	/* the service closes its ends when it comes to it: ours are what this counts */
	assert_true(open_descriptors() <= before + 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_it_is),	 cmocka_unit_test(bad_settings_are_told),
		cmocka_unit_test(nobody_listens),	 cmocka_unit_test(silence_has_an_end),
		cmocka_unit_test(errors_of_others_stay), cmocka_unit_test(threads_share_a_key),
		cmocka_unit_test(children_share_a_key),	 cmocka_unit_test(it_comes_and_goes),
	};

	return cmocka_run_group_tests(tests, service_start, service_stop);
}
