/* SPDX-License-Identifier: Apache-2.0 */
/* What must fit together. */
#include "tests/unit/daemon/conf/scratch.h"

#define SOFT   "[Token soft]\nModule=/m.so\nURI=pkcs11:token=ca\n"
#define ROOTCA SOFT "[Server ROOTCA]\nToken=soft\n"

static const struct {
	const char *text;
	const char *error;
} wrong[] = {
	{"[Token a]\nURI=pkcs11:token=ca\n", ":1: [Token a] needs Module="},
	{"[Token a]\nModule=/m.so\n", ":1: [Token a] needs URI="},
	{"[Server A]\nGrant=auto\n", ":1: [Server A] needs Token="},
	{"[Server A]\nToken=b\n", ":2: Token=b: there is no section [Token b]"},
	{ROOTCA "Mode=subordinate\n", ":6: Mode=subordinate: is not available in this version"},
	{ROOTCA "Mode=ra\n", ":6: Mode=ra: is not available in this version; root is"},
	{ROOTCA "Mode=ra-transparent\n", ":6: Mode=ra-transparent: is not available"},
	{ROOTCA "KeySize=1024\n", ":6: KeySize=1024: must be 2048…4096; less only with AllowWeak"},
	{ROOTCA "KeySize=2047\n", ":6: KeySize=2047: must be 2048…4096; less only with AllowWeak"},
	{ROOTCA "AllowWeak=no\nHash=md5\n", ":7: Hash=md5: must be sha256, sha384 or sha512"},
	{ROOTCA "Hash=sha1\n", ":6: Hash=sha1: must be sha256, sha384 or sha512"},
	{"[HTTP]\nDefaultServer=B\n" ROOTCA, ":2: DefaultServer=B: there is no section [Server B]"},
};

static void wrong_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		scratch_refuses(wrong[i].text, wrong[i].error);
}

static const char *const right[] = {
	ROOTCA "AllowWeak=yes\nKeySize=1024\nHash=md5\n",
	ROOTCA "KeySize=2048\nHash=sha512\n",
	ROOTCA "KeySize=4096\nHash=sha384\n",
	ROOTCA "Mode=root\n",
	"[HTTP]\nDefaultServer=ROOTCA\n" ROOTCA,
	/* A token may come after the server that uses it. */
	("[Server A]\nToken=soft\n" SOFT),
};

static void right_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(right); i++)
		conf_unref(scratch_load(right[i]));
}

/* 107 bytes hold RuntimeDirectory, "/token/", the token's name and ".admin" (unix(7)). */
static void socket_paths_fit(void **state)
{
	(void)state;
	char text[512];

	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%089d\n" SOFT, 1);
	conf_unref(scratch_load(text));
	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%090d\n" SOFT, 1);
	scratch_refuses(text, ": may have at most 90 bytes");
	/* Without a token the longest is control.sock. */
	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%093d\n", 1);
	conf_unref(scratch_load(text));
	snprintf(text, sizeof(text), "[Daemon]\nRuntimeDirectory=/%094d\n", 1);
	scratch_refuses(text, ":2: RuntimeDirectory=/000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_together),
		cmocka_unit_test(right_together),
		cmocka_unit_test(socket_paths_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
