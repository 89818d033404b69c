/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs of others, as OpenSSL reads them. */
#include "daemon/x509/path-internal.h"
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <time.h>

void path_certificate_freep(X509 **certificate)
{
	X509_free(*certificate);
}

void path_crl_freep(X509_CRL **crl)
{
	X509_CRL_free(*crl);
}

X509 *path_certificate_read(struct span der)
{
	const uint8_t *at = der.data;
	X509 *certificate = der.size <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.size) : NULL;

	if (certificate && at == der.data + der.size)
		return certificate;
	X509_free(certificate);
	ERR_clear_error();
	return NULL;
}

X509_CRL *path_crl_read(struct span der)
{
	const uint8_t *at = der.data;
	X509_CRL *crl = der.size <= LONG_MAX ? d2i_X509_CRL(NULL, &at, (long)der.size) : NULL;

	if (crl && at == der.data + der.size)
		return crl;
	X509_CRL_free(crl);
	ERR_clear_error();
	return NULL;
}

int path_time_read(const ASN1_TIME *time, int64_t *ret_s)
{
	struct tm tm = {};

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return -EBADMSG;
	*ret_s = timegm(&tm);
	return 0;
}

static int copy_name(const X509_NAME *name, struct bytes *ret)
{
	const unsigned char *der;
	size_t size;

	if (X509_NAME_get0_der(name, &der, &size) != 1)
		return -EBADMSG;
	return bytes_copy(SPAN(der, size), ret);
}

int path_item_copy(const X509 *certificate, struct x509_path_item *ret)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
	uint8_t *der = NULL;
	int size = i2d_X509(certificate, &der);
	int r = size < 0 ? -ENOMEM : bytes_copy(SPAN(der, (size_t)size), &ret->whole);

	OPENSSL_free(der);
	if (r >= 0)
		r = copy_name(X509_get_subject_name(certificate), &ret->subject);
	if (r >= 0)
		r = copy_name(X509_get_issuer_name(certificate), &ret->issuer);
	if (r >= 0)
		r = bytes_copy(
			SPAN(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)),
			&ret->serial);
	if (r >= 0)
		r = path_time_read(X509_get0_notBefore(certificate), &ret->not_before_s);
	return r < 0 ? r : path_time_read(X509_get0_notAfter(certificate), &ret->not_after_s);
}

int x509_crl_dates(struct span crl, int64_t *ret_this_update_s, int64_t *ret_next_update_s)
{
	_cleanup_(path_crl_freep) X509_CRL *read = path_crl_read(crl);

	if (!read || path_time_read(X509_CRL_get0_lastUpdate(read), ret_this_update_s) < 0)
		return -EBADMSG;
	return path_time_read(X509_CRL_get0_nextUpdate(read), ret_next_update_s);
}
