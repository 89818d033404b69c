/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/places.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STANDARD "/var/lib/claviger/store/ROOTCA"

/* DB-06: exactly these six. */
static void six_types(void **state)
{
	static const char *const endings[] = {"ser", "crl", "crt", "cnm", "p12", "pem"};

	(void)state;
	assert_int_equal(CA_FILES_, ELEMENTS(endings));
	for (size_t i = 0; i < ELEMENTS(endings); i++)
		assert_string_equal(ca_file_ending((enum ca_file)i), endings[i]);
}

/* DB-10, step by step as an operator sets them. */
static void the_more_specific_place_wins(void **state)
{
	struct ca_places places = {.standard = STANDARD};

	(void)state;
	for (enum ca_file file = 0; file < CA_FILES_; file++)
		assert_string_equal(ca_places_store(&places, file), STANDARD);
	places.store_of[CA_FILE_CNM] = "/srv/names";
	for (enum ca_file file = 0; file < CA_FILES_; file++)
		assert_string_equal(ca_places_store(&places, file),
				    file == CA_FILE_CNM ? "/srv/names" : STANDARD);
	places.store = "ftp://db.example";
	for (enum ca_file file = 0; file < CA_FILES_; file++)
		assert_string_equal(ca_places_store(&places, file),
				    file == CA_FILE_CNM ? "/srv/names" : "ftp://db.example");
	places.store_of[CA_FILE_CNM] = NULL;
	assert_string_equal(ca_places_store(&places, CA_FILE_CNM), "ftp://db.example");
}

struct expected {
	enum ca_target_kind kind;
	enum ca_file file;
	enum ca_target_failure failure;
	const char *place;
};

static void check(const struct ca_places *places, const struct expected *expected, size_t n)
{
	struct ca_target targets[CA_TARGETS_MOST];

	assert_int_equal(ca_places_targets(places, targets), n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(targets[i].kind, expected[i].kind);
		assert_int_equal(targets[i].file, expected[i].file);
		assert_int_equal(targets[i].failure, expected[i].failure);
		assert_string_equal(targets[i].place, expected[i].place);
	}
}

#define STORE	CA_TARGET_STORE
#define PUBLISH CA_TARGET_PUBLISH
#define STORAGE CA_TARGET_STOPS_STORAGE

/* DB-02, DB-03, DB-04. */
static void levels_say_which_files(void **state)
{
	static const struct expected all[] = {
		{STORE, CA_FILE_SER, STORAGE, STANDARD},
		{STORE, CA_FILE_CRL, STORAGE, STANDARD},
		{STORE, CA_FILE_CNM, STORAGE, STANDARD},
	};
	static const struct expected complete[] = {
		{STORE, CA_FILE_SER, STORAGE, STANDARD},
		{STORE, CA_FILE_CRL, STORAGE, STANDARD},
		{STORE, CA_FILE_CRT, STORAGE, "/srv/all"},
		{STORE, CA_FILE_CNM, STORAGE, STANDARD},
	};
	struct ca_places places = {.standard = STANDARD, .store_of[CA_FILE_CRT] = "/srv/all"};

	(void)state;
	places.level = CA_LEVEL_MINIMAL;
	check(&places, all, 2);
	places.level = CA_LEVEL_NAMES;
	check(&places, all, 3);
	places.level = CA_LEVEL_COMPLETE;
	check(&places, complete, 4);
}

/* DB-08, DB-11, DB-12, DB-13. */
static void copies_go_beside_whatever_the_level(void **state)
{
	static const char *const crls[] = {"http://a.example/crl", "/srv/www",
					   "http://a.example/crl"};
	static const struct {
		enum ca_publish_failure setting;
		enum ca_target_failure crl, others;
	} cases[] = {
		{CA_PUBLISH_FAILURE_BY_TYPE, CA_TARGET_STOPS_CRL, CA_TARGET_WARNS},
		{CA_PUBLISH_FAILURE_DISABLE, CA_TARGET_STOPS_CRL, CA_TARGET_STOPS_CERTIFICATES},
		{CA_PUBLISH_FAILURE_RETRY, CA_TARGET_WARNS, CA_TARGET_WARNS},
	};
	struct ca_places places = {
		.standard = STANDARD,
		.publish_crl = crls,
		.n_publish_crl = ELEMENTS(crls),
		.publish_crt = "tftp://b.example",
		.publish_cnm = "ftp://c.example/names",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		const struct expected expected[] = {
			{STORE, CA_FILE_SER, STORAGE, STANDARD},
			{STORE, CA_FILE_CRL, STORAGE, STANDARD},
			{PUBLISH, CA_FILE_CRL, cases[i].crl, crls[0]},
			{PUBLISH, CA_FILE_CRL, cases[i].crl, crls[1]},
			{PUBLISH, CA_FILE_CRT, cases[i].others, "tftp://b.example"},
			{PUBLISH, CA_FILE_CNM, cases[i].others, "ftp://c.example/names"},
		};

		places.publish_failure = cases[i].setting;
		check(&places, expected, ELEMENTS(expected));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(six_types),
		cmocka_unit_test(the_more_specific_place_wins),
		cmocka_unit_test(levels_say_which_files),
		cmocka_unit_test(copies_go_beside_whatever_the_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
