/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include <openssl/err.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void random_fills_all(void **state)
{
	uint8_t a[300] = {0};
	uint8_t b[300] = {0};
	unsigned zeros = 0;

	(void)state;
	random_fill(a, sizeof(a));
	random_fill(b, sizeof(b) - 1);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(b[299], 0);
	for (size_t i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	assert_true(zeros < 20);
	random_fill(NULL, 0);
}

static void *digest_often(void *result)
{
	uint8_t digest[SHA256_SIZE];

	for (unsigned i = 0; i < 200; i++) {
		sha256(SPAN_LITERAL("abc"), digest);
		hmac_sha256(SPAN_LITERAL("k"), SPAN_LITERAL("abc"), digest);
	}
	sha256(SPAN_LITERAL("abc"), result);
	return NULL;
}

static void threads_share_the_algorithms(void **state)
{
	uint8_t results[8][SHA256_SIZE];
	pthread_t threads[8];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, digest_often, results[i]), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_memory_equal(results[i], "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
	}
}

/* What @role of this program returns, where the system's configuration loads another provider. */
static int run_configured(const char *role)
{
	char path[] = "/tmp/claviger-openssl-XXXXXX";
	int fd = mkstemp(path);
	int status = -1;
	pid_t child;

	assert_true(fd >= 0);
	dprintf(fd, "openssl_conf = all\n[all]\nproviders = p\n[p]\nlegacy = l\n[l]\n"
		    "activate = 1\n");
	close(fd);
	child = fork();
	if (child == 0) {
		setenv("OPENSSL_CONF", path, 1);
		execl("/proc/self/exe", "crypto-test", role, (char *)NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	unlink(path);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The system's configuration could load a provider, or change what is allowed. */
static void the_systems_configuration_stays_out(void **state)
{
	(void)state;
	assert_int_equal(run_configured("ours"), 0);
}

static void the_programs_configuration_stays_its_own(void **state)
{
	(void)state;
	assert_int_equal(run_configured("guest"), 0);
}

static int is_without_configuration(void)
{
	uint8_t digest[SHA256_SIZE];

	crypto_init();
	sha256(SPAN_LITERAL("abc"), digest);
	return OSSL_PROVIDER_available(NULL, "legacy") || !OSSL_PROVIDER_available(NULL, "default");
}

/* In a program that is not ours: its configuration is its own, before and after. */
static int is_a_guest(void)
{
	OSSL_LIB_CTX *context = NULL, *same = NULL;
	uint8_t digest[SHA256_SIZE];

	if (crypto_attach(&context) != 0 || crypto_attach(&same) != 0 || context != same)
		return 1;
	crypto_detach();
	sha256(SPAN_LITERAL("abc"), digest);
	if (memcmp(digest, "\xba\x78\x16\xbf", 4) != 0 ||
	    OSSL_PROVIDER_available(context, "legacy"))
		return 2;
	crypto_detach();
	/* and once more, from the beginning */
	if (crypto_attach(&context) != 0)
		return 3;
	sha256(SPAN_LITERAL("abc"), digest);
	crypto_detach();
	if (memcmp(digest, "\xba\x78\x16\xbf", 4) != 0)
		return 4;
	return OSSL_PROVIDER_available(NULL, "legacy") ? 0 : 5;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_fills_all),
		cmocka_unit_test(threads_share_the_algorithms),
		cmocka_unit_test(the_systems_configuration_stays_out),
		cmocka_unit_test(the_programs_configuration_stays_its_own),
	};

	if (argc == 2)
		return strcmp(argv[1], "guest") == 0 ? is_a_guest() : is_without_configuration();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
