/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/directory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LISTS "certificateRevocationList;binary,authorityRevocationList;binary"

static void a_url_is_one_question(void **state)
{
	static const struct {
		const char *url, *query, *fault;
	} cases[] = {
		{"ldap://h/cn=x,o=y", LISTS "?base?", NULL},
		{"ldap://h/cn=x?", LISTS "?base?", NULL},
		{"ldap://h/cn=x?cACertificate;binary", "cACertificate;binary?base?", NULL},
		{"ldap://h/cn=x?a,b?base?(cn=*)", "a,b?base?(cn=*)", NULL},
		{"ldaps://h/cn=x??"
		 "?(cn=a%3fb)",
		 LISTS "?base?(cn=a%3fb)", NULL},
		{"ldap://h", NULL, "names no entry"},
		{"ldap://h/", NULL, "names no entry"},
		{"ldap://h/?cn", NULL, "names no entry"},
		{"ldap://h/cn=x??one", NULL, "scope"},
		{"ldap://h/cn=x??sub", NULL, "scope"},
		{"ldap://h/cn=x?a*", NULL, "no attributes"},
		{"ldap://h/cn=x????bindname=cn=z", NULL, "extensions"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		CURLU *parts = curl_url();
		char *query = NULL;
		const char *fault;

		assert_int_equal(curl_url_set(parts, CURLUPART_URL, cases[i].url, 0), CURLUE_OK);
		fault = directory_complete_url(parts);
		assert_int_equal(!fault, !cases[i].fault);
		if (fault && cases[i].fault) {
			assert_non_null(strstr(fault, cases[i].fault));
		} else {
			assert_int_equal(curl_url_get(parts, CURLUPART_QUERY, &query, 0),
					 CURLUE_OK);
			assert_string_equal(query, cases[i].query);
		}
		curl_free(query);
		curl_url_cleanup(parts);
	}
}

static void the_value_is_found(void **state)
{
	static const struct {
		const char *entry;
		int outcome;
		const char *value;
	} cases[] = {
		{"DN: cn=x\n\tcertificateRevocationList;binary:: MTIz\n\n", 0, "123"},
		{"DN: cn=x\n\tcertificateRevocationList;binary:: MTIz\n"
		 "\tcertificateRevocationList;binary:: NDU2\n",
		 0, "123"},
		{"DN: cn=x\n\tauthorityRevocationList;binary:: NDU2\n"
		 "\tCERTIFICATEREVOCATIONLIST:: MTIz\n",
		 0, "123"},
		{"DN: cn=x\n\tauthorityRevocationList;binary:: NDU2\n", 0, "456"},
		{"DN: cn=x\n\tcn: a: b\n", 0, "a: b"},
		{"DN: cn=x\n\tcn: \n\tsn:: MTIz\n", 0, "123"},
		{"DN: cn=x\n\tcn:: MTIz", 0, "123"},
		{"DN: cn=x\n\n", DIRECTORY_EMPTY, NULL},
		{"", DIRECTORY_EMPTY, NULL},
		{"\n\n\t\n\t:\n\tx\n", DIRECTORY_EMPTY, NULL},
		{"DN: cn=x\n\tcn:: M\xff\n", -EBADMSG, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(bytes_done) struct bytes value = {};

		assert_int_equal(directory_read_value(span_of_text(cases[i].entry), &value),
				 cases[i].outcome);
		assert_true(span_equal(span_of(value), span_of_text(cases[i].value)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_one_question),
		cmocka_unit_test(the_value_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
