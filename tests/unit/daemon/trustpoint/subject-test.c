/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/trustpoint/subject.h"
#include "daemon/trustpoint/usage.h"
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *hex_of(struct bytes data)
{
	_cleanup_(buffer_done) struct buffer out = {};
	char *text = NULL;

	text_append_hex(&out, span_of(data), false);
	assert_int_equal(buffer_take_text(&out, &text), 0);
	return text;
}

static char *name_text(struct bytes name)
{
	_cleanup_(buffer_done) struct buffer out = {};
	char *text = NULL;

	assert_true(x509_name_is_valid(span_of(name)));
	x509_name_append_text(&out, span_of(name));
	assert_int_equal(buffer_take_text(&out, &text), 0);
	return text;
}

static struct trustpoint_subject make(const struct trustpoint_words *words, int usage)
{
	struct trustpoint_subject subject = {};
	_cleanup_(freep) char *reason = NULL;

	assert_int_equal(trustpoint_subject_make(words, usage, &subject, &reason), 0);
	assert_null(reason);
	return subject;
}

/* Byte for byte as a router's: the device's values in one RDN behind the others. */
static void a_router_asks_as_routers_do(void **state)
{
	const struct trustpoint_words words = {.subject_name = "OU=x",
					       .serial_number = "9ABC",
					       .ip_address = "10.30.10.2",
					       .fqdn = "r1.example.org"};
	_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject = make(&words, 1);
	_cleanup_(freep) char *hex = hex_of(subject.name);
	_cleanup_(freep) char *extensions = hex_of(subject.extensions);
	_cleanup_(freep) char *signer = name_text(subject.signer_name);

	(void)state;
	assert_string_equal(hex, "3051"
				 "310a3008060355040b130178"
				 "3143"
				 "300b06035504051304394142"
				 "43"
				 "301706"
				 "092a864886f70d010908130a31302e33302e31302e32"
				 "301b06"
				 "092a864886f70d010902160e72312e6578616d706c652e6f7267");
	assert_string_equal(extensions, "3031"
					"301f0603551d110418301682"
					"0e72312e6578616d706c652e6f7267"
					"87040a1e0a02"
					"300e0603551d0f0101ff0404030205a0");
	assert_string_equal(signer, "unstructuredName=r1.example.org");
}

static const struct {
	struct trustpoint_words words;
	const char *name;
} names[] = {
	{{.host = "h.example.org"}, "unstructuredName=h.example.org"},
	{{.host = "h.example.org", .fqdn = "r"}, "unstructuredName=r"},
	{{.host = "h", .subject_name = "CN=a,O=b"}, "unstructuredName=h,CN=a,O=b"},
	{{.host = "h", .subject_name = "my-server", .fqdn = "none"}, "CN=my-server"},
	{{.host = "h", .subject_name = "none", .fqdn = "None", .serial_number = "1"},
	 "serialNumber=1"},
	{{.host = "h", .serial_number = "none", .ip_address = "NONE"}, "unstructuredName=h"},
	{{.fqdn = "none", .ip_address = "2001:db8::1"}, "unstructuredAddress=2001:db8::1"},
	{{.host = "h", .fqdn = ""}, "unstructuredName=h"},
};

static void words_become_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject =
			make(&names[i].words, 1);
		_cleanup_(freep) char *text = name_text(subject.name);

		assert_string_equal(text, names[i].name);
	}
}

static struct x509_extensions extensions_of(const struct trustpoint_subject *subject)
{
	struct x509_extensions extensions;

	assert_int_equal(x509_extensions_read(span_of(subject->extensions), &extensions), 0);
	return extensions;
}

static void each_usage_asks_for_its_bits(void **state)
{
	static const struct {
		int usage;
		uint16_t bits;
	} usages[] = {
		{TRUSTPOINT_GENERAL, X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT},
		{TRUSTPOINT_SIGNATURE, X509_DIGITAL_SIGNATURE},
		{TRUSTPOINT_ENCRYPTION, X509_KEY_ENCIPHERMENT},
	};
	const struct trustpoint_words words = {.host = "h"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(usages); i++) {
		_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject =
			make(&words, usages[i].usage);
		struct x509_extensions extensions = extensions_of(&subject);

		assert_true(extensions.has_key_usage);
		assert_int_equal(extensions.key_usage, usages[i].bits);
		assert_true(x509_extension_find(&extensions, OID_KEY_USAGE)->critical);
		assert_non_null(x509_extension_find(&extensions, OID_SUBJECT_ALT_NAME));
	}
}

static void nothing_to_name_asks_for_no_alternative_name(void **state)
{
	const struct trustpoint_words words = {.subject_name = "CN=a", .fqdn = "none"};
	_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject = make(&words, 1);
	struct x509_extensions extensions = extensions_of(&subject);
	_cleanup_(freep) char *signer = name_text(subject.signer_name);

	(void)state;
	assert_null(x509_extension_find(&extensions, OID_SUBJECT_ALT_NAME));
	assert_string_equal(signer, "CN=a");
}

static const char long_label[] =
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org";

static const struct {
	struct trustpoint_words words;
	const char *says;
} bad[] = {
	{{.fqdn = "a b"}, "FQDN=a b is no full name"},
	{{.fqdn = "-a"}, "FQDN="},
	{{.fqdn = "a-"}, "FQDN="},
	{{.fqdn = "a-.b"}, "FQDN="},
	{{.fqdn = "a..b"}, "FQDN="},
	{{.fqdn = ".a"}, "FQDN="},
	{{.fqdn = "a."}, "FQDN="},
	{{.fqdn = long_label}, "FQDN="},
	{{.fqdn = "a,CN=b"}, "FQDN="},
	{{.host = "(none)"}, "set FQDN="},
	{{.fqdn = "a", .ip_address = "eth0"}, "IPAddress=eth0 is no IPv4 or IPv6 address"},
	{{.fqdn = "a", .ip_address = "1.2.3"}, "IPAddress="},
	{{.fqdn = "a", .serial_number = "\xc3\xa4"}, "SerialNumber="},
	{{.fqdn = "a", .serial_number = "1*"}, "SerialNumber="},
	{{.fqdn = "a", .subject_name = "CN=a,,O=b"},
	 "SubjectName=CN=a,,O=b is no name from character 6"},
	{{.fqdn = "a", .subject_name = "C=Germany"}, "SubjectName="},
	{{.fqdn = "none"}, "SubjectName= is needed"},
	{{.host = NULL}, "SubjectName= is needed"},
};

static void bad_words_are_told_with_their_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct trustpoint_subject subject = {};
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(trustpoint_subject_make(&bad[i].words, 1, &subject, &reason),
				 TRUSTPOINT_SUBJECT_REFUSED);
		if (!strstr(reason, bad[i].says))
			fail_msg("%s: %s", bad[i].says, reason);
		assert_null(subject.name.data);
	}
}

/* What has a meaning in a name's text is no way into another attribute. */
static void a_serial_number_is_one_value(void **state)
{
	const struct trustpoint_words words = {.fqdn = "none", .serial_number = " 1+2,CN=3 "};
	_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject = make(&words, 1);
	_cleanup_(freep) char *hex = hex_of(subject.name);

	(void)state;
	assert_string_equal(hex, "3015311330110603550405130a20312b322c434e3d3320");
}

static void a_ca_asks_to_be_one(void **state)
{
	_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject = {};
	const struct span name =
		SPAN_LITERAL("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x13\x03Sub");
	struct x509_extensions extensions;

	(void)state;
	assert_int_equal(trustpoint_subject_make_ca(name, 0xa600, &subject), 0);
	assert_true(span_equal(span_of(subject.name), name));
	assert_true(span_equal(span_of(subject.signer_name), name));
	assert_int_equal(x509_extensions_read(span_of(subject.extensions), &extensions), 0);
	assert_int_equal(extensions.n, 2);
	assert_true(extensions.ca && extensions.items[0].critical);
	assert_int_equal(extensions.path_length, -1);
	assert_int_equal(extensions.key_usage, 0xa600);
	assert_true(extensions.items[1].critical);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_asks_as_routers_do),
		cmocka_unit_test(words_become_a_name),
		cmocka_unit_test(each_usage_asks_for_its_bits),
		cmocka_unit_test(nothing_to_name_asks_for_no_alternative_name),
		cmocka_unit_test(bad_words_are_told_with_their_option),
		cmocka_unit_test(a_serial_number_is_one_value),
		cmocka_unit_test(a_ca_asks_to_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
