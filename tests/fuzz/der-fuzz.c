/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/x509 */
/* Any bytes, to every reader of DER: the walker, BER made DER, certificates, CRLs, names, shapes.
 * What a reader accepts ends where its input ends and OpenSSL accepts too. */
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"
#include "daemon/x509/shape.h"
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		__builtin_trap();
}

static bool lies_in(struct span part, struct span whole)
{
	return part.size == 0 ||
	       (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

/* All elements down to the depth that BER may have; whether all of it was DER. */
static bool walk(struct span rest, unsigned depth)
{
	struct der_item item;

	while (rest.size) {
		if (der_next(&rest, &item) < 0)
			return false;
		check(lies_in(item.content, item.whole));
		check(item.content.data + item.content.size == item.whole.data + item.whole.size);
		if (item.tag & 0x20 && depth && !walk(item.content, depth - 1))
			return false;
	}
	return true;
}

/* What BER became is DER, no larger, and stays as it is when it is turned again. */
static void check_ber(struct span ber)
{
	struct bytes der = {0};
	struct bytes again = {0};

	if (ber_to_der(ber, &der) < 0)
		return;
	check(der.size <= ber.size && walk(span_of(der), DER_DEPTH_MAX));
	check(ber_to_der(span_of(der), &again) == 0);
	check(span_equal(span_of(der), span_of(again)));
	bytes_done(&der);
	bytes_done(&again);
}

#define CHECK_OPENSSL(d2i, free_, der)                                                             \
	do {                                                                                       \
		const uint8_t *at_ = (der).data;                                                   \
		__auto_type object_ = d2i(NULL, &at_, (long)(der).size);                           \
		check(object_ &&at_ == (der).data + (der).size);                                   \
		free_(object_);                                                                    \
		ERR_clear_error();                                                                 \
	} while (0)

static void check_certificate(struct span der)
{
	struct x509_certificate c;
	struct x509_shape shape;

	if (x509_certificate_read(der, &c) < 0)
		return;
	CHECK_OPENSSL(d2i_X509, X509_free, der);
	x509_shape_read(c.to_be_signed, &shape);
	check(shape.kind == X509_SHAPE_CERTIFICATE && !shape.unreadable_extensions);
	check(shape.ca == c.extensions.ca && span_equal(shape.subject, c.subject));
}

static void check_crl(struct span der)
{
	struct x509_shape shape;
	struct x509_crl crl;

	if (x509_crl_read(der, &crl) < 0)
		return;
	CHECK_OPENSSL(d2i_X509_CRL, X509_CRL_free, der);
	x509_shape_read(crl.to_be_signed, &shape);
	check(shape.kind == X509_SHAPE_CRL && !shape.unreadable_extensions);
}

static void check_name(struct span der)
{
	struct buffer text = {0};
	struct bytes again = {0};

	if (!x509_name_is_valid(der))
		return;
	CHECK_OPENSSL(d2i_X509_NAME, X509_NAME_free, der);
	x509_name_append_text(&text, der);
	buffer_append_byte(&text, 0);
	check(text.error == 0);
	/* what can be typed says the same name */
	if (x509_name_from_text((const char *)text.data, &again, NULL) == 0)
		check(x509_name_equal(der, span_of(again)));
	bytes_done(&again);
	buffer_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = SPAN(data, size);
	struct x509_shape shape;

	(void)walk(input, DER_DEPTH_MAX);
	check_ber(input);
	check_certificate(input);
	check_crl(input);
	check_name(input);
	x509_shape_read(input, &shape);
	check(lies_in(shape.issuer, input) && lies_in(shape.spki, input));
	return 0;
}
