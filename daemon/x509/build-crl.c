/* SPDX-License-Identifier: Apache-2.0 */
/* Builds CRLs: RFC 5280 §5. One buffer grows; an entry allocates nothing of its own. */
#include "daemon/x509/build.h"
#include "daemon/x509/name.h"
#include "daemon/x509/put.h"

#define VERSION_2 1

/* RFC 5280 §5.3.1: 7 is not used, 8 (removeFromCRL) is for delta CRLs. */
#define REASONS                                                                                    \
	(1u << 0 | 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 9 | 1u << 10)

static bool reason_is_allowed(int reason)
{
	return reason >= 0 && reason <= 10 && REASONS >> reason & 1;
}

static void put_reason(struct der_writer *w, int reason)
{
	uint8_t code = (uint8_t)reason;

	der_begin(w, DER_SEQUENCE);
	x509_begin_extension(w, OID_CRL_REASON, false);
	der_put(w, DER_ENUMERATED, SPAN(&code, 1));
	x509_end_extension(w);
	der_end(w);
}

struct x509_crl_sink {
	struct der_writer *w;
	bool begun;
};

/* The SEQUENCE is absent where it would be empty: RFC 5280 §5.1.2.6. */
int x509_crl_put(struct x509_crl_sink *sink, const struct x509_crl_entry *entry)
{
	struct der_writer *w = sink->w;

	if (entry->serial.size == 0 || !reason_is_allowed(entry->reason))
		return -EINVAL;
	if (!sink->begun)
		der_begin(w, DER_SEQUENCE);
	sink->begun = true;
	der_begin(w, DER_SEQUENCE);
	der_put_magnitude(w, entry->serial);
	der_put_time(w, entry->revoked_s);
	if (entry->reason)
		put_reason(w, entry->reason);
	der_end(w);
	return w->out.error;
}

static int put_entries(struct der_writer *w, const struct x509_crl_content *from)
{
	struct x509_crl_sink sink = {.w = w};
	int r = from->list(from->context, &sink);

	if (r >= 0 && sink.begun)
		der_end(w);
	return r < 0 ? r : 0;
}

static void put_front(struct der_writer *w, const struct x509_crl_content *from)
{
	der_put_unsigned(w, VERSION_2);
	der_put_algorithm(w, digest_rsa_oid(from->digest), true);
	der_put_raw(w, from->issuer);
	der_put_time(w, from->this_update_s);
	der_put_time(w, from->next_update_s);
}

static void put_extensions(struct der_writer *w, const struct x509_crl_content *from)
{
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
	der_begin(w, DER_SEQUENCE);
	x509_put_authority_key_identifier(w, from->authority_key_identifier);
	x509_begin_extension(w, OID_CRL_NUMBER, false);
	der_put_unsigned(w, from->number);
	x509_end_extension(w);
	der_end(w);
	der_end(w);
}

int x509_build_crl(const struct x509_crl_content *from, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};
	int r;

	if (!x509_name_is_valid(from->issuer) || from->authority_key_identifier.size == 0)
		return -EINVAL;
	der_begin(&w, DER_SEQUENCE);
	put_front(&w, from);
	r = put_entries(&w, from);
	if (r < 0)
		return r;
	put_extensions(&w, from);
	der_end(&w);
	return der_finish(&w, ret);
}
