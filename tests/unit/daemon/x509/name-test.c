/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/name-types.h"
#include "daemon/x509/name.h"
#include "tests/unit/daemon/x509/made.h"

#define ROOT                                                                                       \
	"302f310e300c060355040a1305436973636f310c300a060355040b13035441433"                        \
	"10f300d06035504031306526f6f744341"

static char *text_of(struct span name, void (*append)(struct buffer *, struct span))
{
	struct buffer out = {0};
	char *text = NULL;

	append(&out, name);
	assert_int_equal(buffer_take_text(&out, &text), 0);
	return text;
}

static void assert_text(const char *name_hex, const char *expected, const char *expected_ios)
{
	_cleanup_(bytes_done) struct bytes name = HEX(name_hex);
	_cleanup_(freep) char *text = text_of(span_of(name), x509_name_append_text);
	_cleanup_(freep) char *ios = text_of(span_of(name), x509_name_append_ios);

	assert_string_equal(text, expected);
	assert_string_equal(ios, expected_ios);
}

static void typed_the_other_way_round(void **state)
{
	_cleanup_(bytes_done) struct bytes expected = HEX(ROOT);
	_cleanup_(bytes_done) struct bytes name = made_name("CN=RootCA,OU=TAC,O=Cisco");

	(void)state;
	assert_true(span_equal(span_of(name), span_of(expected)));
	assert_text(ROOT, "CN=RootCA,OU=TAC,O=Cisco", "cn=RootCA,ou=TAC,o=Cisco");
}

static void from_text(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{"RootCA", "3011310f300d06035504031306526f6f744341"},
		{"cn=a", "300c310a30080603550403130161"},
		{"  CN = a , O = b  ", "3018310a3008060355040a1301 62 310a3008 0603550403 130161"},
		/* a SET OF is sorted by its encoding, whatever was typed */
		{"O=b+CN=a", "3016311430080603550403130161 3008060355040a130162"},
		{"CN=a+O=b", "3016311430080603550403130161 3008060355040a130162"},
		{"CN=a\\,b\\+\\\"\\\\\\<\\>\\;\\=\\#",
		 "3016 3114 3012 0603550403 0c0b 61 2c 62 2b 22 5c 3c 3e 3b 3d23"},
		{"CN=\\ a\\20", "300e 310c 300a 0603550403 1303 20 61 20"},
		{"CN=a  b=c", "3011 310f 300d 0603550403 1306 61 2020 62 3d 63"},
		{"CN=M\xc3\xbcller", "3012 3110 300e 0603550403 0c07 4d c3bc 6c6c6572"},
		{"CN=M\\C3\\bcller", "3012 3110 300e 0603550403 0c07 4d c3bc 6c6c6572"},
		{"CN=a@b", "300e 310c 300a 0603550403 0c03 614062"},
		{"DC=a@b", "3015 3113 3011 060a0992268993f22c640119 1603 614062"},
		{"hostname=r1.example",
		 "301b 3119 3017 06092a864886f70d010902 160a 72312e6578616d706c65"},
		{"unstructuredName=\xc3\xbc", "3013 3111 300f 06092a864886f70d010902 0c02 c3bc"},
		{"ipaddress=10.1", "3015 3113 3011 06092a864886f70d010908 1304 31302e31"},
		{"2.5.4.3=a", "300c310a30080603550403130161"},
		{"1.2.840.99999.0.4294967295=a",
		 "3015 3113 3011 060c 2a 8648 868d1f 00 8fffffff7f 1301 61"},
		{"2.999.1=a", "300c 310a 3008 0603 883701 1301 61"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes expected = HEX(rows[i].hex);
		_cleanup_(bytes_done) struct bytes name = {0};

		if (x509_name_from_text(rows[i].text, &name, NULL) < 0 ||
		    !span_equal(span_of(name), span_of(expected)))
			fail_msg("%s", rows[i].text);
		assert_true(x509_name_is_valid(span_of(name)));
	}
}

static void what_is_no_name(void **state)
{
	static const struct {
		const char *text;
		size_t where;
	} rows[] = {
		{"", 0},
		{"CN=", 3},
		{"CN=a,", 5},
		{"CN=a,,O=b", 5},
		{",CN=a", 0},
		{"=a", 0},
		{"XX=a", 0},
		{"CN=a,sha256=b", 5},
		{"CN=a,O", 5},
		{"a,b", 1},
		{"a+b", 1},
		{"CN=#0401", 3},
		{"CN=a\"b", 4},
		{"CN=a;O=b", 4},
		{"CN=a<b", 4},
		{"CN=a\\", 5},
		{"CN=a\\x", 5},
		{"CN=a\\0", 5},
		{"CN=a\\00", 3},
		{"CN=a\\0Ab", 3},
		{"CN=a\tb", 3},
		{"CN=\x7f", 3},
		{"CN=\xff", 3},
		{"CN=\xc0\x80", 3},
		{"CN=\xed\xa0\x80", 3},
		{"C=D", 2},
		{"serialNumber=a_b", 13},
		{"DC=\xc3\xbc", 3},
		{"2.5.4.=a", 0},
		{"2.5.04.3=a", 0},
		{"3.1=a", 0},
		{"1.40=a", 0},
		{"2=a", 0},
		{"1.2.4294967296=a", 0},
		{"1.2.-1=a", 0},
	};
	_cleanup_(bytes_done) struct bytes name = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		size_t where = SIZE_MAX;

		if (x509_name_from_text(rows[i].text, &name, &where) != -EINVAL ||
		    where != rows[i].where)
			fail_msg("%s: %zu", rows[i].text, where);
		assert_null(name.data);
	}
}

/* TYPE=xxx…, with @n characters, then what else. */
static int from_long(const char *type, size_t n, const char *more)
{
	_cleanup_(bytes_done) struct bytes name = {0};
	_cleanup_(buffer_done) struct buffer text = {0};

	buffer_printf(&text, "%s=", type);
	for (size_t i = 0; i < n; i++)
		buffer_append_byte(&text, 'x');
	buffer_append_text(&text, more);
	buffer_append_byte(&text, 0);
	assert_int_equal(text.error, 0);
	return x509_name_from_text((const char *)text.data, &name, NULL);
}

/* The tag that TYPE=VALUE gets; 0 where it is refused. */
static uint8_t tag_of(const char *type, const char *value)
{
	_cleanup_(bytes_done) struct bytes name = {0};
	_cleanup_(freep) char *text = NULL;
	struct span v = span_of_text(value);

	assert_true(asprintf(&text, "%s=%s", type, value) > 0);
	if (x509_name_from_text(text, &name, NULL) < 0)
		return 0;
	return name.data[name.size - v.size - 2];
}

static void types_of_attributes(void **state)
{
	enum {
		P = DER_PRINTABLE_STRING,
		U = DER_UTF8_STRING,
		I = DER_IA5_STRING,
	};
	static const struct {
		const char *type, *dotted, *ios;
		size_t max;
		uint8_t plain, at, umlaut; /* of "ab", "a@", "ü" followed by a letter */
	} rows[] = {
		{"CN", "2.5.4.3", "cn", 64, P, U, U},
		{"SN", "2.5.4.4", "sn", 40, P, U, U},
		{"serialNumber", "2.5.4.5", "serialnumber", 64, P, 0, 0},
		{"C", "2.5.4.6", "c", 2, P, 0, 0},
		{"L", "2.5.4.7", "l", 128, P, U, U},
		{"ST", "2.5.4.8", "st", 128, P, U, U},
		{"street", "2.5.4.9", "street", 128, P, U, U},
		{"O", "2.5.4.10", "o", 64, P, U, U},
		{"OU", "2.5.4.11", "ou", 64, P, U, U},
		{"title", "2.5.4.12", "title", 64, P, U, U},
		{"givenName", "2.5.4.42", "givenname", 64, P, U, U},
		{"dnQualifier", "2.5.4.46", "dnqualifier", 64, P, 0, 0},
		{"DC", "0.9.2342.19200300.100.1.25", "dc", 63, I, I, 0},
		{"UID", "0.9.2342.19200300.100.1.1", "uid", 256, P, U, U},
		{"emailAddress", "1.2.840.113549.1.9.1", "e", 255, I, I, 0},
		{"unstructuredName", "1.2.840.113549.1.9.2", "hostname", 255, I, I, U},
		{"unstructuredAddress", "1.2.840.113549.1.9.8", "ipaddress", 255, P, U, U},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *names[] = {rows[i].type, rows[i].dotted, rows[i].ios};

		for (size_t j = 0; j < ELEMENTS(names); j++) {
			assert_int_equal(from_long(names[j], rows[i].max, ""), 0);
			assert_int_equal(from_long(names[j], rows[i].max + 1, ""), -EINVAL);
			assert_int_equal(tag_of(names[j], "ab"), rows[i].plain);
			assert_int_equal(tag_of(names[j], "a@"), rows[i].at);
			assert_int_equal(tag_of(names[j], "\xc3\xbc"
							  "e"),
					 rows[i].umlaut);
		}
		assert_int_equal(from_long(rows[i].type, 1, ""),
				 strcmp(rows[i].type, "C") ? 0 : -EINVAL);
	}
	/* characters are counted, not bytes */
	assert_int_equal(from_long("CN", 63, "\xc3\xbc"), 0);
	assert_int_equal(from_long("CN", 63, "\xc3\xbc\xc3\xbc"), -EINVAL);
}

static void names_have_an_end(void **state)
{
	_cleanup_(bytes_done) struct bytes name = {0};
	_cleanup_(buffer_done) struct buffer text = {0};

	(void)state;
	for (size_t i = 0; i < 64; i++)
		buffer_append_text(&text, i ? ",O=x" : "O=x");
	buffer_append_byte(&text, 0);
	assert_int_equal(x509_name_from_text((char *)text.data, &name, NULL), 0);
	assert_true(x509_name_is_valid(span_of(name)));
	text.size--;
	buffer_append_text(&text, ",O=x");
	buffer_append_byte(&text, 0);
	assert_int_equal(x509_name_from_text((char *)text.data, &name, NULL), -EINVAL);
	assert_int_equal(from_long("O", 1,
				   "+O=1+O=2+O=3+O=4+O=5+O=6+O=7+O=8+O=9+O=a+O=b+O=c+O=d+O="
				   "e+O=f"),
			 0);
	assert_int_equal(from_long("O", 1,
				   "+O=1+O=2+O=3+O=4+O=5+O=6+O=7+O=8+O=9+O=a+O=b+O=c+O=d+O="
				   "e+O=f+O=g"),
			 -EINVAL);
}

static void shown_safely(void **state)
{
	(void)state;
	assert_text("3000", "", "");
	/* a newline and an escape sequence */
	assert_text("300f 310d 300b 0603550403 0c04 610a1b62", "CN=a\\0A\\1Bb", "cn=a\\0A\\1Bb");
	/* not UTF-8; a lone surrogate; an overlong form */
	assert_text("3010 310e 300c 0603550403 0c05 61ff c080 62", "CN=a\\FF\\C0\\80b",
		    "cn=a\\FF\\C0\\80b");
	/* right-to-left override, C1 control */
	assert_text("3010 310e 300c 0603550403 0c05 e280ae c285", "CN=\\E2\\80\\AE\\C2\\85",
		    "cn=\\E2\\80\\AE\\C2\\85");
	/* TeletexString as Latin-1, BMPString, UniversalString */
	assert_text("300d 310b 3009 0603550403 1402 fc61",
		    "CN=\xc3\xbc"
		    "a",
		    "cn=\xc3\xbc"
		    "a");
	assert_text("300f 310d 300b 0603550403 1e04 20ac0061",
		    "CN=\xe2\x82\xac"
		    "a",
		    "cn=\xe2\x82\xac"
		    "a");
	assert_text("300f 310d 300b 0603550403 1c04 0001f600", "CN=\xf0\x9f\x98\x80",
		    "cn=\xf0\x9f\x98\x80");
	/* what RFC 4514 escapes, and blanks and '#' where they would be lost */
	assert_text("3015 3113 3011 0603550403 0c0a 2361 2c2b225c3c3e3b 20",
		    "CN=\\#a\\,\\+\\\"\\\\\\<\\>\\;\\ ", "cn=\\#a\\,\\+\\\"\\\\\\<\\>\\;\\ ");
	assert_text("300f 310d 300b 0603550403 1304 20612362", "CN=\\ a#b", "cn=\\ a#b");
	/* a NUL, an empty value, a value that is no string, a type without a name */
	assert_text("300c 310a 3008 0603550403 1301 00", "CN=\\00", "cn=\\00");
	assert_text("300b 3109 3007 0603550403 1300", "CN=", "cn=");
	assert_text("300c 310a 3008 0603550403 0201 41", "CN=\\41", "cn=\\41");
	assert_text("300b 3109 3007 0602 2a03 1301 61", "1.2.3=a", "1.2.3=a");
	/* no name at all */
	assert_text("3001", "?", "?");
	assert_text("3002 3100", "?", "?");
	assert_text("0c0161", "?", "?");
}

/* A multi-valued RDN as routers send it. */
#define ROUTER                                                                                     \
	"3057310f300d060355040b1306726f75746572314430120603550405130b393132"                       \
	"3334353637383930301706092a864886f70d010908130a31302e33302e31302e32"                       \
	"301506092a864886f70d010902160872312e612e636f6d"

static void as_routers_are_listed(void **state)
{
	(void)state;
	assert_text(ROUTER,
		    "serialNumber=91234567890+unstructuredAddress=10.30.10.2+unstructuredName="
		    "r1.a.com,OU=router",
		    "hostname=r1.a.com,serialnumber=91234567890+ipaddress=10.30.10.2,ou=router");
	/* hostname=r,cn=x,ou=y wherever the name stands */
	assert_text("302a 310a 3008 060355040b 1301 79 310a 3008 0603550403 1301 78"
		    "3110 300e 06092a864886f70d010902 1601 72",
		    "unstructuredName=r,CN=x,OU=y", "hostname=r,cn=x,ou=y");
	assert_text("301e 3110 300e 06092a864886f70d010902 1601 72 310a 3008 0603550403 1301 78",
		    "CN=x,unstructuredName=r", "hostname=r,cn=x");
	assert_text("3012 3110 300e 06092a864886f70d010902 1601 72", "unstructuredName=r",
		    "hostname=r");
}

static void text_there_and_back(void **state)
{
	static const char *texts[] = {
		"CN=RootCA,OU=TAC,O=Cisco",
		"CN=a+O=b,C=DE",
		"CN=\\#a\\,\\+\\\"\\\\\\<\\>\\;=\\ ",
		"CN=M\xc3\xbcller \xf0\x9f\x98\x80,emailAddress=a@b,DC=example,DC=com",
		"serialNumber=1+unstructuredName=r+unstructuredAddress=10.1.1.1,1.2.3=x",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		_cleanup_(bytes_done) struct bytes name = made_name(texts[i]);
		_cleanup_(freep) char *text = text_of(span_of(name), x509_name_append_text);

		assert_string_equal(text, texts[i]);
	}
}

static void well_formed(void **state)
{
	static const struct {
		const char *hex;
		bool valid;
	} rows[] = {
		{"3000", true},
		{ROOT, true},
		{ROUTER, true},
		{"300c 310a 3008 0603550403 1301 40", true}, /* '@' in a PrintableString */
		{"300b 3109 3007 0603550403 1300", true},    /* empty */
		{"300c 310a 3008 0603550403 1201 31", true}, /* NumericString */
		{"300c 310a 3008 0603550403 1401 fc", true}, /* TeletexString */
		{"", false},
		{"3000 00", false},				      /* trailing */
		{"3100", false},				      /* a SET */
		{"3002 3100", false},				      /* an empty RDN */
		{"3002 3000", false},				      /* an RDN that is no SET */
		{"300a 3008 0603550403 1301 61", false},	      /* no SET around it */
		{"3009 3107 3005 0603550403", false},		      /* no value */
		{"300f 310d 300b 0603550403 1301 61 1301 61", false}, /* two values */
		{"300c 310a 3008 0603 550483 1301 61", false},	      /* OID cut off */
		{"300c 310a 3008 0603 558003 1301 61", false}, /* OID not in the fewest octets */
		{"3009 3107 3005 0600 1301 61", false},	       /* no OID */
		{"300c 310a 3008 0603550403 0201 05", false},  /* an INTEGER */
		{"300c 310a 3008 0603550403 1a01 61",
		 false}, /* a VisibleString is none of DirectoryString */
		{"300c 310a 3008 0603550403 1301 00", false}, /* NUL */
		{"300c 310a 3008 0603550403 1301 fc", false}, /* not ASCII */
		{"300c 310a 3008 0603550403 1601 fc", false},
		{"300c 310a 3008 0603550403 1201 fc", false},
		{"300c 310a 3008 0603550403 0c01 fc", false},
		{"300e 310c 300a 0603550403 0c03 eda080", false},   /* a surrogate */
		{"300f 310d 300b 0603550403 0c04 f4908080", false}, /* past U+10FFFF */
		{"300e 310c 300a 0603550403 1e03 006100", false},   /* half a character */
		{"300d 310b 3009 0603550403 1e02 d800", false},
		{"300f 310d 300b 0603550403 1c04 00110000", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes name = HEX(rows[i].hex);

		if (x509_name_is_valid(span_of(name)) != rows[i].valid)
			fail_msg("%s", rows[i].hex);
		if (rows[i].valid && !MADE_OPENSSL_READS(d2i_X509_NAME, X509_NAME_free, name))
			fail_msg("OpenSSL refuses %s", rows[i].hex);
	}
	assert_true(x509_name_is_empty(SPAN_LITERAL("\x30\x00")));
	assert_false(x509_name_is_empty(SPAN_LITERAL("")));
	assert_false(x509_name_is_empty(SPAN_LITERAL("\x30\x00\x00")));
}

static void alike(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{"CN=Root CA,O=x", "cn=root  ca,o=X", true},
		{"CN=a\\ ", "CN=\\ a", true},
		{"CN=a,O=b", "CN=a", false},
		{"CN=a,O=b", "O=b,CN=a", false},
		{"CN=a+O=b", "CN=a,O=b", false},
		{"CN=a+O=B", "O=b+CN=A", true},
		{"CN=ab", "CN=a b", false},
		{"CN=a", "OU=a", false},
		{"CN=a", "CN=ab", false},
		{"CN=ab", "CN=a", false},
		{"CN=\xc3\xbc", "CN=\xc3\x9c", false},
		{"1.2.3=a", "1.2.4=a", false},
		{"CN=a+CN=b", "CN=a+CN=c", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes a = made_name(rows[i].a);
		_cleanup_(bytes_done) struct bytes b = made_name(rows[i].b);

		if (x509_name_equal(span_of(a), span_of(b)) != rows[i].equal ||
		    x509_name_equal(span_of(b), span_of(a)) != rows[i].equal)
			fail_msg("%s, %s", rows[i].a, rows[i].b);
	}
}

/* Without which a garbled name would equal another garbled one. */
static void only_names_are_alike(void **state)
{
	_cleanup_(bytes_done) struct bytes integer = HEX("300c 310a 3008 0603550403 0201 41");
	_cleanup_(bytes_done) struct bytes octets = HEX("300c 310a 3008 0603550403 0401 41");
	_cleanup_(bytes_done) struct bytes text = HEX("300c 310a 3008 0603550403 1301 41");
	_cleanup_(bytes_done) struct bytes bmp = HEX("300d 310b 3009 0603550403 1e02 0061");

	(void)state;
	assert_true(x509_name_equal(span_of(text), span_of(bmp)));
	assert_true(x509_name_equal(span_of(integer), span_of(integer)));
	assert_false(x509_name_equal(span_of(integer), span_of(octets)));
	assert_false(x509_name_equal(span_of(integer), span_of(text)));
	assert_false(x509_name_equal(SPAN_LITERAL("x"), SPAN_LITERAL("x")));
	assert_false(x509_name_equal(SPAN_LITERAL(""), SPAN_LITERAL("")));
}

static void same_router(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"serialNumber=1+hostname=r,OU=x", "hostname=R,serialNumber=1,O=y", true},
		{"serialNumber=1+hostname=r", "hostname=r", false},
		{"hostname=r", "serialNumber=1+hostname=r", false},
		{"hostname=r", "hostname=s", false},
		{"CN=r", "hostname=r", false},
		{"CN=r,O=a", "CN=R", true},
		{"O=a", "O=a", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes a = made_name(rows[i].a);
		_cleanup_(bytes_done) struct bytes b = made_name(rows[i].b);

		if (x509_name_same_identity(span_of(a), span_of(b)) != rows[i].same)
			fail_msg("%s, %s", rows[i].a, rows[i].b);
	}
	assert_false(x509_name_same_identity(SPAN_LITERAL("x"), SPAN_LITERAL("x")));
}

static void mentions(void **state)
{
	static const struct {
		const char *name;
		bool mentioned;
	} rows[] = {
		{"CN=ioscs RA", true},	     {"OU=My IOSCS  ra 1,CN=x", true},
		{"CN=x,OU=ioscs RA", true},  {"CN=ioscsRA", false},
		{"O=ioscs RA", false},	     {"CN=ioscs R,OU=A", false},
		{"CN=iosc,OU=ioscs", false},
	};
	_cleanup_(bytes_done) struct bytes bmp =
		HEX("301b 3119 3017 0603550403 1e10 0069006f0073006300730020005200 41");

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes name = made_name(rows[i].name);

		if (x509_name_mentions(span_of(name), "ioscs RA") != rows[i].mentioned)
			fail_msg("%s", rows[i].name);
	}
	assert_true(x509_name_mentions(span_of(bmp), "ioscs RA"));
	assert_false(x509_name_mentions(SPAN_LITERAL("ioscs RA"), "ioscs RA"));
}

/* Values that differ in what comparing must overlook, and some that differ in what it must not. */
static void random_value(struct der_writer *w)
{
	static const char *words[] = {"a", "A", "b", " a", "a ", "a  b", "A B", "ab", "", "a\tb"};
	static const uint8_t tags[] = {DER_PRINTABLE_STRING, DER_UTF8_STRING, DER_IA5_STRING,
				       DER_T61_STRING, DER_BMP_STRING};
	struct span word = span_of_text(words[(size_t)rand() % ELEMENTS(words)]);
	uint8_t tag = tags[(size_t)rand() % ELEMENTS(tags)];

	if (tag != DER_BMP_STRING) {
		der_put(w, tag, word);
		return;
	}
	der_begin(w, tag);
	for (size_t i = 0; i < word.size; i++)
		der_put_raw(w, SPAN(((uint8_t[]){0, word.data[i]}), 2));
	der_end(w);
}

static struct bytes random_name(void)
{
	struct der_writer w = {0};
	struct bytes name = {0};

	der_begin(&w, DER_SEQUENCE);
	for (int rdns = rand() % 3; rdns > 0; rdns--) {
		der_begin(&w, DER_SET);
		for (int n = rand() % 4 ? 1 : 2; n > 0; n--) {
			der_begin(&w, DER_SEQUENCE);
			der_put_oid(&w, rand() % 2 ? OID_COMMON_NAME : OID_ORGANIZATION);
			random_value(&w);
			der_end(&w);
		}
		der_end(&w);
	}
	der_end(&w);
	assert_int_equal(der_finish(&w, &name), 0);
	return name;
}

static X509_NAME *openssl_name(struct bytes name)
{
	const uint8_t *at = name.data;

	return d2i_X509_NAME(NULL, &at, (long)name.size);
}

/* OpenSSL compares canonical forms, where {a, a} is not {a}; ours has no other difference. */
static void compared_as_openssl_does(void **state)
{
	unsigned equal = 0;

	(void)state;
	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		_cleanup_(bytes_done) struct bytes a = random_name();
		_cleanup_(bytes_done) struct bytes b = random_name();
		X509_NAME *theirs_a = openssl_name(a);
		X509_NAME *theirs_b = openssl_name(b);
		bool theirs = theirs_a && theirs_b && X509_NAME_cmp(theirs_a, theirs_b) == 0;

		assert_non_null(theirs_a);
		assert_true(x509_name_is_valid(span_of(a)));
		assert_int_equal(x509_name_equal(span_of(a), span_of(b)), theirs);
		equal += theirs;
		X509_NAME_free(theirs_a);
		X509_NAME_free(theirs_b);
	}
	assert_true(equal > 1000);
}

static void read_mutated(struct span name)
{
	free(text_of(name, x509_name_append_text));
	free(text_of(name, x509_name_append_ios));
	(void)x509_name_mentions(name, "ioscs RA");
	(void)x509_name_same_identity(name, name);
	if (x509_name_is_valid(name)) {
		assert_true(x509_name_equal(name, name));
		assert_true(MADE_OPENSSL_READS(d2i_X509_NAME, X509_NAME_free, name));
	}
}

static void mutated(void **state)
{
	_cleanup_(bytes_done) struct bytes router = HEX(ROUTER);

	(void)state;
	made_mutate(span_of(router), read_mutated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typed_the_other_way_round),
		cmocka_unit_test(from_text),
		cmocka_unit_test(what_is_no_name),
		cmocka_unit_test(types_of_attributes),
		cmocka_unit_test(names_have_an_end),
		cmocka_unit_test(shown_safely),
		cmocka_unit_test(as_routers_are_listed),
		cmocka_unit_test(text_there_and_back),
		cmocka_unit_test(well_formed),
		cmocka_unit_test(alike),
		cmocka_unit_test(only_names_are_alike),
		cmocka_unit_test(same_router),
		cmocka_unit_test(mentions),
		cmocka_unit_test(compared_as_openssl_does),
		cmocka_unit_test(mutated),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
