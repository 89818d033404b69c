/* SPDX-License-Identifier: Apache-2.0 */
/* Builds what a client brings of its own: a request (RFC 2986), and the certificate that it signs
 * itself for its first message (RFC 8894 §2.3). */
#include "daemon/base/utf8.h"
#include "daemon/x509/build.h"
#include "daemon/x509/characters.h"
#include "daemon/x509/name.h"
#include "daemon/x509/put.h"

/* RFC 2985 §5.4.1; what the servers of this project take, too. */
#define CHALLENGE_BYTES_MAX 256
/* More than the tags, lengths and types take that stand around what is given. */
#define AROUND_BYTES 512

static void begin_attribute(struct der_writer *w, enum oid oid)
{
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, oid);
	der_begin(w, DER_SET);
}

static void end_attribute(struct der_writer *w)
{
	der_end(w);
	der_end(w);
}

static void put_challenge(struct der_writer *w, struct span challenge)
{
	if (!challenge.size)
		return;
	begin_attribute(w, OID_CHALLENGE_PASSWORD);
	der_put(w,
		x509_characters_are_printable(challenge) ? DER_PRINTABLE_STRING : DER_UTF8_STRING,
		challenge);
	end_attribute(w);
}

/* RFC 2985 §5.4.2 */
static void put_extensions(struct der_writer *w, struct span extensions)
{
	if (!extensions.size)
		return;
	begin_attribute(w, OID_EXTENSION_REQUEST);
	der_put_raw(w, extensions);
	end_attribute(w);
}

/* DER sorts a SET OF by its whole encodings (X.690 §11.6), so that their lengths decide. */
static void put_attributes(struct der_writer *w, const struct x509_request_content *from)
{
	_cleanup_(der_writer_done) struct der_writer extensions = {0};
	struct span challenge;
	size_t start;

	put_extensions(&extensions, from->extensions);
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
	start = w->out.size;
	put_challenge(w, from->challenge);
	challenge = span_slice(span_of_buffer(&w->out), start, SIZE_MAX);
	if (span_compare(challenge, span_of_buffer(&extensions.out)) < 0) {
		der_put_raw(w, span_of_buffer(&extensions.out));
	} else {
		w->out.size = start;
		der_put_raw(w, span_of_buffer(&extensions.out));
		put_challenge(w, from->challenge);
	}
	der_end(w);
	if (extensions.out.error)
		w->out.error = extensions.out.error;
}

static bool content_is_sound(const struct x509_request_content *from)
{
	struct x509_extensions extensions;
	struct x509_key key;

	return x509_name_is_valid(from->subject) && x509_key_read(from->spki, &key) == 0 &&
	       from->challenge.size <= CHALLENGE_BYTES_MAX && utf8_is_text(from->challenge) &&
	       (from->extensions.size == 0 ||
		x509_extensions_read(from->extensions, &extensions) == 0);
}

/* Moves what was written to secret memory. The writer's own never moved, as there was room from the
 * beginning; one that failed is wiped too. */
static int finish(struct der_writer *w, struct secret *ret)
{
	struct bytes written = {w->out.data, w->out.capacity};
	int r = w->out.error;

	assert(w->depth == 0);
	if (r == 0)
		r = secret_copy(span_of_buffer(&w->out), ret);
	if (written.data)
		wipe(written.data, written.size);
	der_writer_done(w);
	return r;
}

int x509_build_request(const struct x509_request_content *from, struct secret *ret)
{
	struct der_writer w = {0};

	if (!content_is_sound(from))
		return -EINVAL;
	buffer_reserve(&w.out, from->subject.size + from->spki.size + 2 * CHALLENGE_BYTES_MAX +
				       from->extensions.size + AROUND_BYTES);
	der_begin(&w, DER_SEQUENCE);
	der_put_unsigned(&w, 0);
	der_put_raw(&w, from->subject);
	der_put_raw(&w, from->spki);
	put_attributes(&w, from);
	der_end(&w);
	return finish(&w, ret);
}

int x509_seal_request(struct span to_be_signed, enum digest digest, struct span signature,
		      struct secret *ret)
{
	struct der_writer w = {0};

	buffer_reserve(&w.out, to_be_signed.size + signature.size + AROUND_BYTES);
	x509_put_signed(&w, to_be_signed, digest, signature);
	return finish(&w, ret);
}

int x509_build_self_signed(const struct x509_self_signed *from, struct bytes *ret)
{
	static const struct x509_extensions none = {.path_length = -1};
	struct x509_client_certificate certificate = {
		.serial = from->serial,
		.issuer = from->name,
		.subject = from->name,
		.not_before_s = from->not_before_s,
		.not_after_s = from->not_after_s,
		.spki = from->spki,
		.requested = &none,
		.add_key_usage = from->key_usage,
		.digest = from->digest,
	};
	uint8_t identifier[20];
	struct x509_key key;

	if (x509_key_read(from->spki, &key) < 0 || x509_name_is_empty(from->name) ||
	    !from->key_usage)
		return -EINVAL;
	x509_key_identifier(&key, identifier);
	certificate.authority_key_identifier = SPAN_ARRAY(identifier);
	return x509_build_client_certificate(&certificate, ret);
}
