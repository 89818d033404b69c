/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Of keys made for this test and thrown away. */
static const uint8_t modulus_2048[] = {
	0xae, 0xe0, 0xdf, 0x2a, 0x4d, 0xc8, 0x27, 0xb1, 0x2e, 0x6b, 0xcc, 0x92, 0xa8, 0x0d, 0xe4,
	0x8b, 0xfe, 0xd4, 0x96, 0xc5, 0x25, 0xde, 0xe0, 0x36, 0x29, 0xc4, 0xae, 0x17, 0x58, 0x25,
	0xf2, 0xb9, 0x0a, 0xcd, 0x11, 0x68, 0x37, 0x47, 0x32, 0x01, 0xf1, 0x36, 0x90, 0x32, 0x3a,
	0xa2, 0xb6, 0xd9, 0xcd, 0x56, 0x3d, 0xc4, 0x4d, 0xaf, 0xd9, 0x77, 0xea, 0x49, 0xf5, 0x93,
	0x15, 0x5a, 0x7e, 0x18, 0xe7, 0xf2, 0x4c, 0xd4, 0x89, 0xa9, 0x06, 0x30, 0xd8, 0x89, 0x26,
	0x25, 0x10, 0x97, 0x19, 0x98, 0x2d, 0x27, 0x24, 0xd0, 0xf1, 0x7d, 0x34, 0xc7, 0x38, 0xd6,
	0x3c, 0xea, 0xde, 0xa0, 0xd6, 0x1c, 0x60, 0x3d, 0xc4, 0xcd, 0x71, 0x24, 0x13, 0xde, 0xa8,
	0x39, 0x87, 0xf8, 0xf7, 0x2a, 0xb9, 0x8e, 0x78, 0x61, 0x3b, 0x62, 0xcb, 0xfc, 0x35, 0xac,
	0xbd, 0x02, 0xe5, 0x6a, 0xd3, 0x27, 0x4b, 0x27, 0x9b, 0x07, 0x75, 0x84, 0xea, 0xc3, 0x0f,
	0x40, 0x66, 0xa8, 0xc5, 0x26, 0xc1, 0x66, 0x41, 0x22, 0x59, 0x82, 0x6c, 0x5c, 0x2d, 0xbd,
	0xba, 0x1f, 0x6f, 0x9b, 0xe1, 0x1a, 0x89, 0xc2, 0x22, 0x65, 0xc8, 0xc0, 0xb6, 0x55, 0x94,
	0x4c, 0xbb, 0x9d, 0xf8, 0xa4, 0x67, 0x4f, 0x66, 0x2c, 0x04, 0xc3, 0xb1, 0x8f, 0x6c, 0x1e,
	0x13, 0x7e, 0x3d, 0x19, 0xfb, 0xbc, 0xaa, 0x16, 0x09, 0x20, 0x6a, 0x11, 0x1b, 0x3d, 0xe1,
	0x5b, 0xb7, 0x5a, 0xb3, 0xb5, 0x23, 0xbe, 0x68, 0x8a, 0xea, 0x19, 0xae, 0xae, 0x09, 0xe2,
	0x39, 0x23, 0xac, 0x2f, 0x7b, 0xe1, 0x14, 0x91, 0xba, 0x4f, 0xa0, 0x58, 0x6b, 0x8c, 0x88,
	0x18, 0x48, 0xc9, 0xab, 0x55, 0x3a, 0x4a, 0x04, 0x44, 0xc1, 0x15, 0xc5, 0x7f, 0xce, 0x5a,
	0x4e, 0x58, 0x1f, 0xac, 0x7b, 0xde, 0x36, 0xed, 0x0b, 0x4e, 0x91, 0x16, 0xf6, 0x93, 0xb2,
	0x73,
};
static const uint8_t modulus_1024[] = {
	0xc9, 0x87, 0xa2, 0x39, 0x51, 0x0b, 0x64, 0xf0, 0x21, 0x9f, 0xbe, 0xc3, 0xc5, 0x10, 0xf6,
	0xb4, 0xba, 0x0f, 0xad, 0x93, 0x40, 0xac, 0x6d, 0xec, 0x2d, 0xc9, 0x5d, 0xe9, 0x49, 0xed,
	0x83, 0xfe, 0xe0, 0xc7, 0xd5, 0xc7, 0xce, 0x1c, 0x0b, 0xb2, 0x19, 0x50, 0xa2, 0x39, 0x3d,
	0x0d, 0x85, 0x14, 0xca, 0xed, 0xbd, 0x0e, 0xe6, 0x98, 0x9f, 0x9a, 0x14, 0x38, 0xd3, 0xce,
	0x2e, 0xf9, 0xbd, 0xba, 0xd8, 0xc5, 0x5d, 0xf6, 0xb3, 0xcd, 0x63, 0xfc, 0x53, 0x7f, 0xe4,
	0xd3, 0xb6, 0xe3, 0x98, 0x6f, 0x90, 0xf6, 0x27, 0xbc, 0x08, 0x74, 0x7d, 0xa7, 0x4d, 0x96,
	0x01, 0x26, 0xe4, 0x6d, 0x21, 0x29, 0x04, 0x56, 0xab, 0x88, 0x0d, 0x71, 0x32, 0x06, 0x76,
	0x34, 0xd2, 0x34, 0xb3, 0xa2, 0xfd, 0x69, 0x8c, 0x5f, 0x32, 0xa8, 0x6f, 0xa3, 0xa5, 0x5d,
	0xe1, 0x91, 0x4d, 0x3d, 0xa1, 0xb0, 0x24, 0xd9,
};
static struct profile_facts router(void)
{
	return (struct profile_facts){
		.subject_valid = true,
		.modulus = SPAN_ARRAY(modulus_2048),
		.exponent = SPAN_LITERAL("\x01\x00\x01"),
		.least_bits = 2048,
		.has_key_usage = true,
		.key_usage = PROFILE_ROUTER_KEY_USAGE,
		.request_bytes = 700,
		.challenge_bytes = 16,
	};
}

static void check_fine(const struct profile_facts *facts)
{
	struct profile_refusal refusal = profile_judge(facts);

	assert_null(refusal.rule);
}

/* @rule: what the refusal's rule begins with. */
static void check_refused(const struct profile_facts *facts, const char *rule)
{
	struct profile_refusal refusal = profile_judge(facts);

	assert_non_null(refusal.rule);
	assert_non_null(refusal.reason);
	assert_memory_equal(refusal.rule, rule, strlen(rule));
	assert_false(refusal.bad_alg);
}

static void a_plain_router_is_fine(void **state)
{
	struct profile_facts facts = router();

	(void)state;
	check_fine(&facts);
	facts.has_key_usage = false;
	facts.key_usage = 0;
	facts.challenge_bytes = 0;
	check_fine(&facts);
	assert_int_equal(PROFILE_ROUTER_KEY_USAGE, 0xa000);
}

static void sizes_are_bounded(void **state)
{
	struct profile_facts facts = router();

	(void)state;
	facts.request_bytes = 65536;
	facts.challenge_bytes = 256;
	check_fine(&facts);
	facts.request_bytes = 65537;
	check_refused(&facts, "request size");
	facts.request_bytes = 65536;
	facts.challenge_bytes = 257;
	check_refused(&facts, "challenge size");
}

static void a_subject_must_be_there(void **state)
{
	struct profile_facts facts = router();

	(void)state;
	facts.subject_empty = true;
	check_refused(&facts, "RFC 8894 §3.3.1");
	facts.subject_empty = false;
	facts.subject_valid = false;
	check_refused(&facts, "RFC 5280 §4.1.2.6");
	facts.subject_valid = true;
	facts.subject_is_the_cas = true;
	check_refused(&facts, "the CA's own name");
	facts.class = GRANT_CLASS_SUBORDINATE;
	check_refused(&facts, "the CA's own name");
	facts = router();
	facts.subject_is_its_exchanges = true;
	check_refused(&facts, "the CA's own name");
}

static void other_keys_than_rsa_are_bad_alg(void **state)
{
	struct profile_facts facts = router();
	struct profile_refusal refusal;

	(void)state;
	facts.modulus = (struct span){};
	facts.exponent = (struct span){};
	refusal = profile_judge(&facts);
	assert_non_null(refusal.rule);
	assert_true(refusal.bad_alg);
}

static void weak_keys_are_named(void **state)
{
	static uint8_t even[sizeof(modulus_2048)];
	struct profile_facts facts = router();

	(void)state;
	facts.modulus = SPAN_ARRAY(modulus_1024);
	check_refused(&facts, "key size");
	facts.least_bits = 1024;
	check_fine(&facts);

	facts = router();
	facts.exponent = SPAN_LITERAL("\x01");
	check_refused(&facts, "RFC 8017");

	facts = router();
	memcpy(even, modulus_2048, sizeof(even));
	even[sizeof(even) - 1] &= 0xfe;
	facts.modulus = SPAN_ARRAY(even);
	check_refused(&facts, "small factor");
}

static void no_request_makes_a_ca_of_its_holder(void **state)
{
	struct profile_facts facts = router();

	(void)state;
	facts.has_basic_constraints = true;
	check_fine(&facts);
	facts.ca = true;
	check_refused(&facts, "RFC 5280 §4.2.1.9");

	facts = router();
	facts.key_usage |= 0x0400;
	check_refused(&facts, "RFC 5280 §4.2.1.3 keyCertSign");
	facts.key_usage = 0xa200;
	check_refused(&facts, "RFC 5280 §4.2.1.3 cRLSign");
}

static void key_usage_is_coherent(void **state)
{
	static const struct {
		uint16_t usage;
		bool fine;
	} cases[] = {
		{0x8000, true}, /* signature key of a pair */
		{0x2000, true}, /* encryption key of a pair */
		{0xf000, true}, {0xa800, true}, {0x0000, false}, {0x8100, false}, {0x2080, false},
		{0x0900, true}, {0x0880, true}, {0x8400, false}, {0x0200, false}, {0x0400, false},
	};
	struct profile_facts facts = router();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		facts.key_usage = cases[i].usage;
		if (cases[i].fine)
			check_fine(&facts);
		else
			check_refused(&facts, "RFC 5280 §4.2.1.3");
	}
}

static void extensions_are_copied_or_refused(void **state)
{
	static const struct {
		enum oid oid;
		const char *plain, *critical; /* rules; NULL: fine */
	} cases[] = {
		{OID_SUBJECT_ALT_NAME, NULL, NULL},
		{OID_BASIC_CONSTRAINTS, NULL, NULL},
		{OID_KEY_USAGE, NULL, NULL},
		{OID_CERTIFICATE_POLICIES, NULL, NULL},
		{OID_AUTHORITY_KEY_IDENTIFIER, "RFC 5280 §4.2.1", "RFC 5280 §4.2.1"},
		{OID_CRL_DISTRIBUTION_POINTS, "RFC 5280 §4.2.1", "RFC 5280 §4.2.1"},
		{OID_SUBJECT_KEY_IDENTIFIER, NULL, "RFC 5280 §4.2.1.2"},
		{OID_CRL_NUMBER, NULL, "RFC 5280 §4.2"},
		{OID_UNKNOWN, NULL, "RFC 5280 §4.2"},
	};
	struct profile_facts facts = router();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		for (unsigned critical = 0; critical < 2; critical++) {
			struct profile_extension extensions[] = {
				{OID_SUBJECT_ALT_NAME, false, SPAN_LITERAL("0\0")},
				{cases[i].oid, critical, SPAN_LITERAL("0\0")},
			};
			const char *rule = critical ? cases[i].critical : cases[i].plain;

			facts.extensions = extensions;
			facts.n_extensions = 2;
			if (rule)
				check_refused(&facts, rule);
			else
				check_fine(&facts);
		}
}

/* certmonger puts a subject key identifier into each request, and it is not the key's. */
static void only_identifiers_and_places_are_ours(void **state)
{
	(void)state;
	for (unsigned oid = OID_UNKNOWN; oid < OID_COUNT_; oid++)
		for (unsigned class = 0; class < GRANT_CLASS_SUBORDINATE; class ++)
			assert_int_equal(profile_copies(class, (enum oid)oid),
					 oid != OID_SUBJECT_KEY_IDENTIFIER &&
						 oid != OID_AUTHORITY_KEY_IDENTIFIER &&
						 oid != OID_CRL_DISTRIBUTION_POINTS);
}

static void extended_key_usage_gives_no_authority(void **state)
{
	static const struct {
		struct span value;
		const char *rule;
	} cases[] = {
		/* serverAuth, clientAuth, and one nobody knows */
		{SPAN_LITERAL("\x30\x14\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\x06\x08\x2b\x06"
			      "\x01\x05\x05\x07\x03\x02"),
		 NULL},
		{SPAN_LITERAL("\x30\x04\x06\x02\x2a\x03"), NULL},
		{SPAN_LITERAL("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09"), "RFC 6960"},
		{SPAN_LITERAL("\x30\x10\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\x06\x04\x55\x1d"
			      "\x25\x00"),
		 "RFC 5280 §4.2.1.12 any"},
		{SPAN_LITERAL("\x30\x14\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\x06\x08\x2b\x06"
			      "\x01\x05\x05\x07\x03\x09"),
		 "RFC 6960"},
		{SPAN_LITERAL("\x30\x00"), "RFC 5280 §4.2.1.12"},
		{SPAN_LITERAL(""), "RFC 5280 §4.2.1.12"},
		{SPAN_LITERAL("\x30\x04\x04\x02\x2a\x03"), "RFC 5280 §4.2.1.12"},
		{SPAN_LITERAL("\x30\x02\x06\x00"), "RFC 5280 §4.2.1.12"},
		{SPAN_LITERAL("\x30\x05\x06\x04\x2a\x03"), "RFC 5280 §4.2.1.12"},
		{SPAN_LITERAL("\x30\x04\x06\x02\x2a\x03\x00"), "RFC 5280 §4.2.1.12"},
	};
	struct profile_extension extension = {.oid = OID_EXT_KEY_USAGE};
	struct profile_facts facts = router();

	(void)state;
	facts.extensions = &extension;
	facts.n_extensions = 1;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		extension.critical = i & 1;
		extension.value = cases[i].value;
		if (cases[i].rule)
			check_refused(&facts, cases[i].rule);
		else
			check_fine(&facts);
	}
}

static struct profile_facts subordinate(void)
{
	struct profile_facts facts = router();

	facts.class = GRANT_CLASS_SUBORDINATE;
	facts.has_basic_constraints = facts.ca = true;
	facts.key_usage = 0x8600;
	return facts;
}

/* Its key and its name are judged like any other's. */
static void a_subordinate_is_judged_by_key_and_name(void **state)
{
	struct profile_facts facts = subordinate();

	(void)state;
	check_fine(&facts);
	facts.class = GRANT_CLASS_RA;
	check_refused(&facts, "RFC 5280");
	facts.class = GRANT_CLASS_SUBORDINATE;
	facts.subject_empty = true;
	check_refused(&facts, "RFC 8894");
	facts.subject_empty = false;
	facts.modulus = SPAN_ARRAY(modulus_1024);
	check_refused(&facts, "key size");
}

static void a_subordinate_asks_for_what_a_ca_needs(void **state)
{
	static const struct {
		uint16_t key_usage;
		bool fine;
	} usages[] = {
		{0x0600, true},	 {0x8600, true},  {0xa600, true},  {0xe600, true},
		{0x8400, false}, {0x8200, false}, {0xa000, false}, {0, false},
		{0x9600, false}, {0x8e00, false}, {0x8700, false}, {0x8680, false},
	};
	struct profile_facts facts = subordinate();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(usages); i++) {
		facts.key_usage = usages[i].key_usage;
		if (usages[i].fine)
			check_fine(&facts);
		else
			check_refused(&facts, "RFC 5280 §4.2.1.3");
	}
	facts = subordinate();
	facts.has_key_usage = false;
	facts.key_usage = 0;
	check_fine(&facts);
	facts.has_basic_constraints = false; /* by Netscape's word alone */
	check_refused(&facts, "RFC 5280 §4.2.1.9");
}

static void of_a_subordinate_we_write_what_makes_it_one(void **state)
{
	static const struct {
		enum oid oid;
		bool critical, copied, fine;
	} rows[] = {
		{OID_BASIC_CONSTRAINTS, true, false, true},
		{OID_KEY_USAGE, true, false, true},
		{OID_SUBJECT_KEY_IDENTIFIER, false, false, true},
		{OID_SUBJECT_KEY_IDENTIFIER, true, false, false},
		{OID_SUBJECT_ALT_NAME, true, true, true},
		{OID_CERTIFICATE_POLICIES, false, true, true},
		{OID_UNKNOWN, false, true, true},
		{OID_UNKNOWN, true, true, false},
		{OID_AUTHORITY_KEY_IDENTIFIER, false, false, false},
		{OID_CRL_DISTRIBUTION_POINTS, false, false, false},
	};
	struct profile_facts facts = subordinate();

	(void)state;
	facts.n_extensions = 1;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct profile_extension extension = {.oid = rows[i].oid,
							    .critical = rows[i].critical};

		facts.extensions = &extension;
		assert_int_equal(profile_copies(GRANT_CLASS_SUBORDINATE, rows[i].oid),
				 rows[i].copied);
		if (rows[i].fine)
			check_fine(&facts);
		else
			check_refused(&facts, "RFC 5280 §4.2");
	}
}

static void the_closest_path_length_counts(void **state)
{
	static const struct {
		int64_t asked, configured, room, expected;
	} rows[] = {
		{-1, -1, -1, -1}, {-1, -1, 1, 0}, {-1, -1, 3, 2}, {0, -1, -1, 0},
		{5, -1, -1, 5},	  {5, -1, 3, 2},  {1, -1, 3, 1},  {-1, 0, -1, 0},
		{-1, 4, 3, 2},	  {-1, 1, 3, 1},  {0, 4, 9, 0},	  {7, 4, 9, 4},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(
			profile_path_length(rows[i].asked, rows[i].configured, rows[i].room),
			rows[i].expected);
	assert_int_equal(PROFILE_CA_KEY_USAGE, 0xa600);
	assert_true(profile_copies(GRANT_CLASS_SUBORDINATE, OID_EXT_KEY_USAGE));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_router_is_fine),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(a_subject_must_be_there),
		cmocka_unit_test(other_keys_than_rsa_are_bad_alg),
		cmocka_unit_test(weak_keys_are_named),
		cmocka_unit_test(no_request_makes_a_ca_of_its_holder),
		cmocka_unit_test(key_usage_is_coherent),
		cmocka_unit_test(extensions_are_copied_or_refused),
		cmocka_unit_test(only_identifiers_and_places_are_ours),
		cmocka_unit_test(extended_key_usage_gives_no_authority),
		cmocka_unit_test(a_subordinate_is_judged_by_key_and_name),
		cmocka_unit_test(a_subordinate_asks_for_what_a_ca_needs),
		cmocka_unit_test(of_a_subordinate_we_write_what_makes_it_one),
		cmocka_unit_test(the_closest_path_length_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
