/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/disguise.h"
#include "policy/handshake.h"
#include "tests/unit/policy/recipe.h"

#define NONE   HANDSHAKE_NONE
#define TLS13  HANDSHAKE_TLS13
#define SERVER HANDSHAKE_TLS12_SERVER
#define CLIENT HANDSHAKE_TLS12_CLIENT
#define IKE    HANDSHAKE_IKE

struct row {
	const char *message;
	enum handshake handshake;
};

static void assert_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(buffer_done) struct buffer message = recipe(rows[i].message);
		enum handshake found = handshake_find(span_of_buffer(&message));

		if (found != rows[i].handshake)
			fail_msg("%s: %d", rows[i].message, found);
	}
}

static void tls13(void **state)
{
	static const struct row rows[] = {
		{TLS13_SERVER "32*ab", TLS13},
		{TLS13_SERVER "48*ab", TLS13},
		{TLS13_CLIENT "32*ab", TLS13},
		{TLS13_CLIENT "48*30", TLS13},
		{TLS13_SERVER "31*ab", NONE},
		{TLS13_SERVER "33*ab", NONE},
		{TLS13_SERVER "47*ab", NONE},
		{TLS13_SERVER "49*ab", NONE},
		{TLS13_SERVER "20*ab", NONE},
		{TLS13_SERVER "64*ab", NONE},
		{TLS13_SERVER, NONE},
		{"63*20 'TLS 1.3, server CertificateVerify' 00 32*ab", NONE},
		{"65*20 'TLS 1.3, server CertificateVerify' 00 32*ab", NONE},
		{"63*20 21 'TLS 1.3, server CertificateVerify' 00 32*ab", NONE},
		{"21 63*20 'TLS 1.3, server CertificateVerify' 00 32*ab", NONE},
		{"64*20 'TLS 1.3, server CertificateVerify' 01 32*ab", NONE},
		{"64*20 'TLS 1.3, server CertificateVerify' 32*ab", NONE},
		{"64*20 'TLS 1.3, Server CertificateVerify' 00 32*ab", NONE},
		{"64*20 'TLS 1.3, server CertificateVerifz' 00 32*ab", NONE},
		{"64*20 'TLS, server delegated credentials' 00 32*ab", NONE},
		{"64*20", NONE},
		{"32*20", NONE},
		{"", NONE},
	};

	(void)state;
	assert_rows(rows, ELEMENTS(rows));
}

static void tls12_server(void **state)
{
	static const struct row rows[] = {
		{TLS12_SERVER "030017 41 04 64*33", SERVER},
		{TLS12_SERVER "030018 61 04 96*33", SERVER},
		{TLS12_SERVER "030019 85 04 132*33", SERVER},
		{TLS12_SERVER "03001a 41 04 64*33", SERVER},
		{TLS12_SERVER "03001b 61 04 96*33", SERVER},
		{TLS12_SERVER "03001c 81 04 128*33", SERVER},
		{TLS12_SERVER "03001d 20 32*33", SERVER},
		{TLS12_SERVER "03001e 38 56*33", SERVER},
		/* a random that begins as a SEQUENCE of this length, and isn't one */
		{"3062 30*11 32*22 03001d 20 32*33", SERVER},
		/* other kinds of curve; others than are known; compressed, hybrid */
		{TLS12_SERVER "010017 41 04 64*33", NONE},
		{TLS12_SERVER "020017 41 04 64*33", NONE},
		{TLS12_SERVER "030016 41 04 64*33", NONE},
		{TLS12_SERVER "03001f 20 32*33", NONE},
		{TLS12_SERVER "03011d 20 32*33", NONE},
		{TLS12_SERVER "030017 41 02 64*33", NONE},
		{TLS12_SERVER "030017 21 02 32*33", NONE},
		{TLS12_SERVER "030017 41 06 64*33", NONE},
		/* lengths */
		{TLS12_SERVER "030017 40 04 63*33", NONE},
		{TLS12_SERVER "030017 42 04 65*33", NONE},
		{TLS12_SERVER "030017 41 04 63*33", NONE},
		{TLS12_SERVER "030017 41 04 65*33", NONE},
		{TLS12_SERVER "030018 41 04 64*33", NONE},
		{TLS12_SERVER "03001d 20 31*33", NONE},
		{TLS12_SERVER "03001d 20 33*33", NONE},
		{TLS12_SERVER "03001d 21 33*33", NONE},
		{TLS12_SERVER "03001d 1f 31*33", NONE},
		{TLS12_SERVER "03001d 20", NONE},
		{TLS12_SERVER "03001d", NONE},
		{TLS12_SERVER, NONE},
		{"63*11 03001d 20 32*33", NONE},
		{"65*11 03001d 20 32*33", NONE},
		/* Diffie-Hellman over a prime: p, g and a public value */
		{TLS12_SERVER "0100 256*55 0001 02 0100 256*66", NONE},
	};

	(void)state;
	assert_rows(rows, ELEMENTS(rows));
}

#define DATA	"17000001 00 " /* SupplementalData */
#define STATUS	"16000002 0100 "
#define KEYS	"0c000003 030017 "
#define REQUEST "0d000001 00 "
#define DONE	"0e000000 "
#define SENDS	"10000002 0000 "

static void tls12_client(void **state)
{
	static const struct row rows[] = {
		{TLS12_CLIENT, CLIENT},
		{HELLOS CERTIFICATE KEYS REQUEST DONE CERTIFICATE SENDS, CLIENT},
		{HELLOS CERTIFICATE STATUS KEYS REQUEST DONE CERTIFICATE SENDS, CLIENT},
		{HELLOS DATA CERTIFICATE STATUS KEYS REQUEST DONE DATA CERTIFICATE SENDS, CLIENT},
		{HELLOS "0b000100 256*77" REQUEST DONE CERTIFICATE SENDS, CLIENT},
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE "10000000", CLIENT},
		/* one missing */
		{"02000002 0303" CERTIFICATE REQUEST DONE CERTIFICATE SENDS, NONE},
		{"01000002 0303" CERTIFICATE REQUEST DONE CERTIFICATE SENDS, NONE},
		{HELLOS REQUEST DONE CERTIFICATE SENDS, NONE},
		{HELLOS CERTIFICATE DONE CERTIFICATE SENDS, NONE},
		{HELLOS CERTIFICATE REQUEST CERTIFICATE SENDS, NONE},
		{HELLOS CERTIFICATE REQUEST DONE SENDS, NONE},
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE, NONE},
		{HELLOS, NONE},
		{"01000002 0303", NONE},
		/* out of order, twice, others; the message that is being signed, too */
		{HELLOS CERTIFICATE DONE REQUEST CERTIFICATE SENDS, NONE},
		{HELLOS CERTIFICATE REQUEST KEYS DONE CERTIFICATE SENDS, NONE},
		{"01000002 0303" HELLOS CERTIFICATE REQUEST DONE CERTIFICATE SENDS, NONE},
		{"00000000" HELLOS CERTIFICATE REQUEST DONE CERTIFICATE SENDS, NONE},
		{HELLOS "04000000" CERTIFICATE REQUEST DONE CERTIFICATE SENDS, NONE},
		{TLS12_CLIENT "0f000000", NONE},
		{TLS12_CLIENT "14000000", NONE},
		{TLS12_CLIENT SENDS, NONE},
		/* lengths */
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE "10000003 0000", NONE},
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE "10000001 0000", NONE},
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE "10000002 000000", NONE},
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE "10ffffff 0000", NONE},
		{HELLOS CERTIFICATE REQUEST DONE CERTIFICATE "100000", NONE},
		{HELLOS "0b000004 000000" REQUEST DONE CERTIFICATE SENDS, NONE},
		{HELLOS "0b000002 000000" REQUEST DONE CERTIFICATE SENDS, NONE},
	};

	(void)state;
	assert_rows(rows, ELEMENTS(rows));
}

#define INIT(size, payloads) "8*11 8*00 21202208 00000000 000000" size " " payloads IKE_TAIL

static void ike(void **state)
{
	static const struct row rows[] = {
		{IKE_AUTH, IKE},
		{IKE_INIT "16*bb 16*cc 64*dd 64*ee 00000001", IKE},
		{"8*11 8*22 21212220 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, IKE},
		/* a cookie before, a notification and a vendor ID behind */
		{"8*11 8*22 29202208 00000000 00000048 21000008 00004006" IKE_PAYLOADS IKE_TAIL,
		 IKE},
		{INIT("50", "2200 0008 00000000 2800 0008 00000000 2900 0014 16*aa"
			    "2b000008 0000402e 00000008 31323334"),
		 IKE},
		/* how much is behind */
		{IKE_INIT "32*bb", IKE},
		{IKE_INIT "31*bb", NONE},
		{IKE_INIT "452*bb", IKE},
		{IKE_INIT "453*bb", NONE},
		{IKE_INIT, NONE},
		/* the header: version, exchange, message ID, length */
		{"8*11 8*00 21102208 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21302208 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21202308 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21202108 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21202208 00000001 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21202208 01000000 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{INIT("3f", IKE_PAYLOADS), NONE},
		{INIT("41", IKE_PAYLOADS), NONE},
		{INIT("1b", IKE_PAYLOADS), NONE},
		{"8*11 8*00 21202208 00000000 00000000" IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21202208 00000000 ffffffff" IKE_PAYLOADS IKE_TAIL, NONE},
		{"8*11 8*00 21202208 00000000 000000", NONE},
		/* payloads: one missing, one encrypted, one of no type, lengths */
		{INIT("38", "2800 0008 00000000 0000 0014 16*aa"), NONE},
		{INIT("38", "2200 0008 00000000 0000 0014 16*aa"), NONE},
		{INIT("2c", "2200 0008 00000000 0000 0008 00000000"), NONE},
		{"8*11 8*00 22202208 00000000 00000038 2800 0008 00000000 0000 0014 16*aa" IKE_TAIL,
		 NONE},
		{INIT("44", "2200 0008 00000000 2800 0008 00000000 2e00 0014 16*aa 0000 0004"),
		 NONE},
		{INIT("44", "2200 0008 00000000 2800 0008 00000000 3500 0014 16*aa 0000 0004"),
		 NONE},
		{INIT("44", "2200 0008 00000000 2800 0008 00000000 2000 0014 16*aa 0000 0004"),
		 NONE},
		{INIT("44", "2200 0008 00000000 2800 0008 00000000 2b00 0014 16*aa 0000 0004"),
		 IKE},
		{INIT("40", "2200 0003 00000000 2800 0008 00000000 0000 0014 16*aa"), NONE},
		{INIT("40", "2200 0000 00000000 2800 0008 00000000 0000 0014 16*aa"), NONE},
		{INIT("40", "2200 0009 00000000 2800 0008 00000000 0000 0014 16*aa"), NONE},
		{INIT("40", "2200 0008 00000000 2800 0008 00000000 0000 0013 16*aa"), NONE},
		{INIT("40", "2200 0008 00000000 2800 0008 00000000 0000 0015 16*aa"), NONE},
		{INIT("40", "2200 0008 00000000 2800 0008 00000000 2b00 0014 16*aa"), NONE},
		{"8*11 8*00 00202208 00000000 0000001c" IKE_TAIL, NONE},
	};

	(void)state;
	assert_rows(rows, ELEMENTS(rows));
}

/* What fits to the last byte, and is the attributes of a CMS message as well: four bytes of the
 * content's digest, which can be tried for, or an attribute of somebody's own have what makes the
 * shape. With its first byte changed each is a handshake. */
static void none_in_disguise(void **state)
{
	static const struct row rows[] = {
		{"3162" CMS_CONTENT_TYPE "302f 06092a864886f70d010904 3122 0420 "
		 "19*dd 03001d20 9*dd 3015 06022a03 310f 040d 13*ee",
		 SERVER},
		{"318188 303b 06022a03 3135 0433 3*00 21202208 00000000 00000040" IKE_PAYLOADS
			 CMS_CONTENT_TYPE CMS_DIGEST,
		 IKE},
		/* the same with a length that only a forgiving reader takes */
		{"318161" CMS_CONTENT_TYPE "302f 06092a864886f70d010904 3122 0420 "
		 "18*dd 03001d20 10*dd 3014 06022a03 310e 040c 12*ee",
		 SERVER},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(buffer_done) struct buffer message = recipe(rows[i].message);

		assert_true(disguise_is_possible(span_of_buffer(&message)));
		assert_int_equal(handshake_find(span_of_buffer(&message)), NONE);
		message.data[0] = 0x11;
		assert_int_equal(handshake_find(span_of_buffer(&message)), rows[i].handshake);
	}
}

/* One byte string that TLS and IKEv2 would both take: each beside what it is with one byte
 * changed, where nobody would take it for the other's. */
static void none_of_two(void **state)
{
	static const struct row rows[] = {
		/* a server's randoms with IKE's header in them, and all of IKE: a message of which
		 * the point's end is nonce and MAC */
		{"17*11 202208 00000000 40*22 03001d 20 32*33", NONE},
		{"17*11 202108 00000000 40*22 03001d 20 32*33", SERVER},
		{"17*11 302208 00000000 40*22 03001d 20 32*33", SERVER},
		{"17*11 202208 00000001 40*22 03001d 20 32*33", SERVER},
		{IKE_INIT "03001d 20 32*33", NONE},
		{IKE_INIT "03001c 20 32*33", IKE},
		/* a transcript whose ClientHello has it */
		{"01000032 0303 11*11 202208 00000000 00000068 26*22 "
		 "02000002 0303" CERTIFICATE "0d000001 00 0e000000" CERTIFICATE SENDS,
		 NONE},
		{"01000032 0303 11*11 202308 00000000 00000068 26*22 "
		 "02000002 0303" CERTIFICATE "0d000001 00 0e000000" CERTIFICATE SENDS,
		 CLIENT},
		/* cookies that begin as a ClientHello of TLS, of DTLS */
		{"01000040 03 3*11 8*22 21202208 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, NONE},
		{"01000040 04 3*11 8*22 21202208 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, IKE},
		{"02000040 03 3*11 8*22 21202208 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, IKE},
		{"01000061 03 3*11 8*22 21202208 00000000 00000040 " IKE_PAYLOADS IKE_TAIL, IKE},
		{"01000040 0000 0000 00000040 fefd 2*22 21202208 00000000 00000040 " IKE_PAYLOADS
			 IKE_TAIL,
		 NONE},
		{"01000040 0000 0000 00000040 fdfd 2*22 21202208 00000000 00000040 " IKE_PAYLOADS
			 IKE_TAIL,
		 IKE},
	};

	(void)state;
	assert_rows(rows, ELEMENTS(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls13),
		cmocka_unit_test(tls12_server),
		cmocka_unit_test(tls12_client),
		cmocka_unit_test(ike),
		cmocka_unit_test(none_in_disguise),
		cmocka_unit_test(none_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
