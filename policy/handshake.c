/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/handshake.h"
#include "policy/disguise.h"
#include <string.h>

static unsigned read_be(struct span from, size_t at, size_t bytes)
{
	unsigned value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | from.data[at + i];
	return value;
}

#define BLANKS 64

static bool is_tls13(struct span message)
{
	static const char *const contexts[] = {"TLS 1.3, server CertificateVerify",
					       "TLS 1.3, client CertificateVerify"};
	struct span rest = span_slice(message, BLANKS, SIZE_MAX);

	for (size_t i = 0; i < BLANKS; i++)
		if (i == message.size || message.data[i] != ' ')
			return false;
	for (size_t i = 0; i < ELEMENTS(contexts); i++) {
		/* with the zero at its end */
		struct span context = SPAN(contexts[i], strlen(contexts[i]) + 1);
		size_t digest = rest.size - context.size;

		if (span_equal(span_slice(rest, 0, context.size), context))
			return digest == 32 || digest == 48;
	}
	return false;
}

#define RANDOMS	    64 /* the client's and the server's */
#define NAMED_CURVE 3

/* IANA's supported groups: points uncompressed, but for the last two (RFC 8422 §5.4.1, RFC 7027,
 * RFC 7748). */
static const struct {
	unsigned group;
	uint8_t point_bytes;
	bool is_weierstrass;
} curves[] = {
	{23, 65, true}, {24, 97, true},	 {25, 133, true}, {26, 65, true},
	{27, 97, true}, {28, 129, true}, {29, 32, false}, {30, 56, false},
};

static bool is_tls12_server(struct span message)
{
	const size_t head = RANDOMS + 4;

	if (message.size <= head || message.data[RANDOMS] != NAMED_CURVE)
		return false;
	for (size_t i = 0; i < ELEMENTS(curves); i++)
		if (curves[i].group == read_be(message, RANDOMS + 1, 2))
			return message.data[head - 1] == curves[i].point_bytes &&
			       message.size == head + curves[i].point_bytes &&
			       (!curves[i].is_weierstrass || message.data[head] == 4);
	return false;
}

/* RFC 5246 §7.3 with what RFC 4680 and RFC 6066 put in. */
static const struct {
	uint8_t type;
	bool must;
} flight[] = {
	{1, true},   /* ClientHello */
	{2, true},   /* ServerHello */
	{23, false}, /* the server's SupplementalData */
	{11, true},  /* its Certificate */
	{22, false}, /* CertificateStatus */
	{12, false}, /* ServerKeyExchange */
	{13, true},  /* CertificateRequest */
	{14, true},  /* ServerHelloDone */
	{23, false}, /* the client's SupplementalData */
	{11, true},  /* its Certificate */
	{16, true},  /* ClientKeyExchange */
};

/* Past the message of a type that begins at @at, if one does. */
static bool take_message(struct span message, size_t *at, uint8_t type)
{
	if (message.size - *at < 4 || message.data[*at] != type)
		return false;
	size_t length = read_be(message, *at + 1, 3);
	if (length > message.size - *at - 4)
		return false;
	*at += 4 + length;
	return true;
}

static bool is_tls12_client(struct span message)
{
	size_t at = 0;

	for (size_t i = 0; i < ELEMENTS(flight); i++)
		if (!take_message(message, &at, flight[i].type) && flight[i].must)
			return false;
	return at == message.size;
}

#define IKE_HEADER     28
#define IKE_SA_INIT    34
#define IKE_TAIL_LEAST (16 + 16)	       /* nonce and MAC */
#define IKE_TAIL_MOST  (256 + 64 + 2 * 64 + 4) /* and two MACs and a message ID (RFC 9242) */

/* RFC 7296 §3.2: those that every IKE_SA_INIT has. */
static const uint8_t ike_payloads[] = {33 /* SA */, 34 /* KE */, 40 /* nonce */};

/* A chain of payloads to the last byte of @init, none of them encrypted. */
static bool is_ike_chain(struct span init)
{
	unsigned next = init.data[16], seen = 0;
	size_t at = IKE_HEADER;

	while (next) {
		if (next < 33 || next == 46 || next == 53 || init.size - at < 4)
			return false;
		for (size_t i = 0; i < ELEMENTS(ike_payloads); i++)
			seen |= next == ike_payloads[i] ? 1U << i : 0;
		size_t length = read_be(init, at + 2, 2);
		if (length < 4 || length > init.size - at)
			return false;
		next = init.data[at];
		at += length;
	}
	return at == init.size && seen == (1U << ELEMENTS(ike_payloads)) - 1;
}

bool handshake_may_be_ike(struct span message)
{
	return message.size >= IKE_HEADER && message.data[17] >> 4 == 2 &&
	       message.data[18] == IKE_SA_INIT && read_be(message, 20, 4) == 0;
}

static bool is_ike(struct span message)
{
	if (!handshake_may_be_ike(message))
		return false;
	size_t length = read_be(message, 24, 4);
	if (length < IKE_HEADER || length > message.size)
		return false;
	size_t tail = message.size - length;
	return tail >= IKE_TAIL_LEAST && tail <= IKE_TAIL_MOST &&
	       is_ike_chain(span_slice(message, 0, length));
}

/* Whether it begins with a ClientHello of TLS 1.x, or of DTLS by the version behind its longer
 * header (RFC 6347 §4.2.2). A server's side of 1.2 begins with what the client drew. */
static bool may_be_tls12_client(struct span message)
{
	return message.size > 12 && message.data[0] == flight[0].type &&
	       read_be(message, 1, 3) <= message.size - 4 &&
	       (message.data[4] == 3 || message.data[12] == 0xfe);
}

static const struct {
	enum handshake handshake;
	bool (*is_so)(struct span message);
	bool (*may_be_other)(struct span message); /* by the most forgiving reader */
} shapes[] = {
	{HANDSHAKE_TLS13, is_tls13, handshake_may_be_ike},
	{HANDSHAKE_TLS12_SERVER, is_tls12_server, handshake_may_be_ike},
	{HANDSHAKE_TLS12_CLIENT, is_tls12_client, handshake_may_be_ike},
	{HANDSHAKE_IKE, is_ike, may_be_tls12_client},
};

enum handshake handshake_find(struct span message)
{
	for (size_t i = 0; i < ELEMENTS(shapes); i++)
		if (shapes[i].is_so(message))
			return disguise_is_possible(message) || shapes[i].may_be_other(message)
				       ? HANDSHAKE_NONE
				       : shapes[i].handshake;
	return HANDSHAKE_NONE;
}
