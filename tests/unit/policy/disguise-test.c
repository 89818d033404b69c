/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/disguise.h"
#include "tests/unit/policy/recipe.h"

#define NAME	"300c 310a 3008 0603550403 1301 61"
#define SPKI	"301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 23 0201 03"
#define TIME	"170d 3135313030393132313431365a"
#define RSA_256 "300d 06092a864886f70d01010b 0500"
/* Of a certificate request and of a certificate, what is signed. */
#define REQUEST_INFO	"302f 020100" NAME SPKI "a000"
#define TBS_CERTIFICATE "306f a003020102 020107" RSA_256 NAME "301e" TIME TIME NAME SPKI

static const struct {
	const char *message;
	bool is_possible;
} cases[] = {
	/* what is signed in ASN.1 */
	{CMS_ATTRIBUTES, true},
	{"3000", true},
	{"3100", true},
	{"3003 020105", true},
	{"3081 80 047e 126*55", true},
	{"3082 0080 047e 126*55", true},
	{"30 880000000000000003 020105", true},
	{"3080 020105 0000", true},
	{"3080 3080 020105 0000 0000", true},
	{"3007 3080 020105 0000", true},
	{"3006 bf8101 02 0500", true},
	{"3005 9f8101 01 55", true},
	{"3004 3002 0500", true},
	{"30050403313233", true},
	/* their tags' numbers in bytes of their own */
	{"3f10 03 020105", true},
	{"3f11 00", true},
	{"3f808010 8103 020105", true},
	{"3f10 80 020105 0000", true},
	/* what a reader takes as ANY holds what it likes */
	{"3004 3002 ffff", true},
	{"3006 3102 05ff 0500", true},
	/* a byte too few, one too many, at each level */
	{"", false},
	{"30", false},
	{"3003 0201", false},
	{"3003 020105 00", false},
	{"3004 020105", false},
	{"3003 020205", false},
	{"3004 020105 00", false},
	{"3004 3003 0500", false},
	{"3005 0500 0500", false},
	{"3080 020105", true}, /* a reader that forgives the missing end */
	{"3080 0201", false},
	{"3080 0480 0000", false},
	{"3003 bf81 01", false},
	{"3002 1f81", false},
	{"3001 1f", false},
	{"30 81", false},
	{"30 82 00", false},
	{"30 89 010000000000000003 020105", false},
	{"30 88 ffffffffffffffff 020105", false},
	{"3005 0488 ffffff", false},
	{"3f10 04 020105", false},
	{"3f10 02 020105", false},
	{"3f10", false},
	{"3f80", false},
	{"3f", false},
	/* other tags */
	{"3f12 03 020105", false},
	{"3f8110 03 020105", false},
	{"1f10 03 020105", false},
	{"bf10 03 020105", false},
	{"0203 010203", false},
	{"2003 020105", false},
	{"3203 020105", false},
	{"7003 020105", false},
	{"a003 020105", false},
	{"b003 020105", false},
	{TLS13_SERVER "32*00", false},
	{TLS12_X25519, false},
	{TLS12_CLIENT, false},
	{IKE_AUTH, false},
	/* randoms that begin like one */
	{"3062 98*11", false},
	{"3062 98*ff", false},
};

static void cases_one_by_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(buffer_done) struct buffer message = recipe(cases[i].message);

		if (disguise_is_possible(span_of_buffer(&message)) != cases[i].is_possible)
			fail_msg("%s", cases[i].message);
	}
}

/* All that begins or ends elsewhere than the structure does is no structure. */
static void each_byte_counts(void **state)
{
	static const char *const structures[] = {CMS_ATTRIBUTES, REQUEST_INFO, TBS_CERTIFICATE};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(structures); i++) {
		_cleanup_(buffer_done) struct buffer der = recipe(structures[i]);
		struct span whole = span_of_buffer(&der);

		assert_true(disguise_is_possible(whole));
		for (size_t size = 0; size < whole.size; size++)
			assert_false(disguise_is_possible(span_slice(whole, 0, size)));
		buffer_append_byte(&der, 0);
		assert_false(disguise_is_possible(span_of_buffer(&der)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_one_by_one),
		cmocka_unit_test(each_byte_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
