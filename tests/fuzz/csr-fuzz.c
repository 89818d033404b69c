/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/x509 */
/* A CSR as it lies in a client's envelope: what we accept OpenSSL accepts and reads alike. */
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		__builtin_trap();
}

static void check_names(struct span subject)
{
	struct buffer out = {0};

	x509_name_append_text(&out, subject);
	x509_name_append_ios(&out, subject);
	check(out.error == 0 && (!out.size || !memchr(out.data, 0, out.size)));
	check(x509_name_equal(subject, subject));
	(void)x509_name_same_identity(subject, subject);
	(void)x509_name_mentions(subject, "ioscs RA");
	buffer_done(&out);
}

static void check_subject(X509_REQ *theirs, struct span ours)
{
	uint8_t *der = NULL;
	int size = i2d_X509_NAME(X509_REQ_get_subject_name(theirs), &der);

	check(size >= 0 && span_equal(ours, SPAN(der, (size_t)size)));
	OPENSSL_free(der);
}

static void check_against_openssl(struct span der, const struct x509_request *ours)
{
	const uint8_t *at = der.data;
	X509_REQ *theirs = d2i_X509_REQ(NULL, &at, (long)der.size);

	check(theirs && at == der.data + der.size);
	check_subject(theirs, ours->subject);
	check(!ours->has_challenge ||
	      X509_REQ_get_attr_by_NID(theirs, NID_pkcs9_challengePassword, -1) >= 0);
	X509_REQ_free(theirs);
	ERR_clear_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct x509_request request;
	int r;

	if (size > 65536 || x509_request_read(SPAN(data, size), &request) < 0)
		return 0;
	check_against_openssl(SPAN(data, size), &request);
	check_names(request.subject);
	r = x509_verify(&request.key, request.digest, request.to_be_signed, request.signature);
	check(r == 0 || r == -EBADMSG || r == -EKEYREJECTED);
	return 0;
}
