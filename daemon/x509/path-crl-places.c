/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/x509/path-internal.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static void free_pointsp(STACK_OF(DIST_POINT) * *points)
{
	CRL_DIST_POINTS_free(*points);
}

void x509_crl_places_done(struct x509_crl_places *places)
{
	for (size_t i = 0; i < places->n; i++)
		free(places->urls[i]);
	*places = (struct x509_crl_places){};
}

static int add_name(const GENERAL_NAME *name, struct x509_crl_places *places)
{
	int type;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
	struct span text;

	if (type != GEN_URI || places->n == X509_CRL_PLACES_MAX)
		return 0;
	text = SPAN(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
	/* A URL has no blanks and no controls (RFC 3986 §2): who put some in means to deceive. */
	if (!text.size || !text_is_graphic(text))
		return 0;
	return span_to_text(text, &places->urls[places->n]) < 0 ? -ENOMEM : (places->n++, 0);
}

/* One of another issuer, or for some reasons only, says nothing about the rest. */
static int add_point(const DIST_POINT *point, struct x509_crl_places *places)
{
	const GENERAL_NAMES *names;
	int r = 0;

	if (point->reasons || point->CRLissuer || !point->distpoint || point->distpoint->type != 0)
		return 0;
	names = point->distpoint->name.fullname;
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && r >= 0; i++)
		r = add_name(sk_GENERAL_NAME_value(names, i), places);
	return r;
}

int x509_crl_places_read(struct span certificate, struct x509_crl_places *ret)
{
	_cleanup_(path_certificate_freep) X509 *read = path_certificate_read(certificate);
	_cleanup_(free_pointsp) STACK_OF(DIST_POINT) *points = NULL;
	int critical, r = 0;

	*ret = (struct x509_crl_places){};
	if (read)
		points = X509_get_ext_d2i(read, NID_crl_distribution_points, &critical, NULL);
	ERR_clear_error();
	/* -1: there is none. */
	if (!read || (!points && critical != -1))
		return -EBADMSG;
	for (int i = 0; i < sk_DIST_POINT_num(points) && r >= 0; i++)
		r = add_point(sk_DIST_POINT_value(points, i), ret);
	if (r < 0)
		x509_crl_places_done(ret);
	return r;
}
