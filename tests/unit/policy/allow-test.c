/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/allow.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct allow_attribute r1_of_example[] = {
	{OID_ORGANIZATION, SPAN_LITERAL("Example")},
	{OID_COMMON_NAME, SPAN_LITERAL("r1.branch.example")},
};
static const struct allow_attribute twice[] = {
	{OID_COMMON_NAME, SPAN_LITERAL("r1.branch.example")},
	{OID_COMMON_NAME, SPAN_LITERAL("www.bank.example")},
};
static const struct allow_attribute unknown[] = {
	{OID_COMMON_NAME, SPAN_LITERAL("r1.branch.example")},
	{OID_UNKNOWN, SPAN_LITERAL("")},
};

static const struct {
	const char *pattern;
	const struct allow_attribute *attributes;
	size_t n;
	bool allowed;
} subjects[] = {
	{"CN=*.branch.example,O=Example", r1_of_example, 2, true},
	{"O=example,CN=*.branch.example", r1_of_example, 2, true},
	{"CN=*.branch.example", r1_of_example, 2, false}, /* O is not listed */
	{"CN=*.branch.example,*", r1_of_example, 2, true},
	{"CN=*,O=Example,OU=x", r1_of_example, 2, false}, /* OU is missing */
	{"CN=*,O=Other", r1_of_example, 2, false},
	{"*", r1_of_example, 2, true},
	{"CN=*.branch.example", twice, 2, false},
	{"CN=*.branch.example,*", twice, 2, false}, /* the star is for what is not listed */
	{"CN=*.branch.example,CN=www.*", twice, 2, true},
	{"CN=*.branch.example", unknown, 2, false},
	{"CN=*.branch.example,*", unknown, 2, true},
	{"CN=*", NULL, 0, false},
};

static void test_subjects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(subjects); i++) {
		char *const items[] = {(char *)"CN=nobody", (char *)subjects[i].pattern};
		struct allow_facts facts = {.subjects = {items, 2},
					    .attributes = subjects[i].attributes,
					    .n_attributes = subjects[i].n};
		struct profile_refusal refusal = allow_judge(&facts);

		assert_int_equal(!refusal.rule, subjects[i].allowed);
		if (refusal.rule)
			assert_string_equal(refusal.rule, "AllowSubject=");
	}
}

#define R1  "\x82\x0ar1.example"
#define IP1 "\x87\x04\xc0\x00\x02\x01"
#define MAIL                                                                                       \
	"\x81\x03"                                                                                 \
	"a@b"

static const struct {
	const char *dns, *address; /* NULL: not set */
	struct span alt_names;
	const char *rule; /* NULL: allowed */
} alternatives[] = {
	{NULL, NULL, SPAN_LITERAL("\x30\x05" MAIL), NULL},
	{NULL, NULL, SPAN_LITERAL("\x30\x06" IP1), NULL},
	{"*.example", NULL, SPAN_LITERAL("\x30\x0c" R1), NULL},
	{"*.other", NULL, SPAN_LITERAL("\x30\x0c" R1), "AllowDNS="},
	{"*.example", NULL, SPAN_LITERAL(""), NULL},
	/* what nobody thought of is not let in */
	{"*.example", NULL, SPAN_LITERAL("\x30\x12" R1 IP1), "AllowAddress="},
	{NULL, "192.0.2.0/24", SPAN_LITERAL("\x30\x12" R1 IP1), "AllowDNS="},
	{"*.example", NULL, SPAN_LITERAL("\x30\x11" R1 MAIL), "AllowDNS= AllowAddress="},
	{"*.example", "192.0.2.0/24", SPAN_LITERAL("\x30\x12" R1 IP1), NULL},
	{"*.example", "192.0.3.0/24", SPAN_LITERAL("\x30\x12" R1 IP1), "AllowAddress="},
	{"*.example", NULL, SPAN_LITERAL("\x30\x0c\x82\x0br1.exampl"), "RFC 5280 §4.2.1.6"},
	{"*.example", NULL, SPAN_LITERAL("\x82\x01x"), "RFC 5280 §4.2.1.6"},
	{"*.example", NULL, SPAN_LITERAL("\x30\x0c\x82\x0ar1\0example"), "AllowDNS="},
};

static void test_alternatives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(alternatives); i++) {
		char *dns[] = {(char *)alternatives[i].dns};
		char *addresses[] = {(char *)alternatives[i].address};
		struct allow_facts facts = {
			.dns = {dns, alternatives[i].dns != NULL},
			.addresses = {addresses, alternatives[i].address != NULL},
			.alt_names = alternatives[i].alt_names};
		struct profile_refusal refusal = allow_judge(&facts);

		if (!alternatives[i].rule)
			assert_null(refusal.rule);
		else
			assert_string_equal(refusal.rule, alternatives[i].rule);
	}
}

/* Nothing set: nothing asked. */
static void test_unset(void **state)
{
	const struct allow_facts facts = {.attributes = twice,
					  .n_attributes = ELEMENTS(twice),
					  .alt_names = SPAN_LITERAL("garbage")};

	(void)state;
	assert_null(allow_judge(&facts).rule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_alternatives),
		cmocka_unit_test(test_unset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
