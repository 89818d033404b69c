/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key references: files that stand where a program wants a file with a private key, and hold no
 * secret. Loading one asks nobody.
 *
 * What is not ours is a success that delivers nothing: an error would end libcrypto's search for
 * somebody who can read it. Source: provider-decoder(7).
 */
#include "daemon/base/key-reference.h"
#include "daemon/base/text.h"
#include "hsm/provider/key.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <string.h>

/* More than any reference has, and little for whoever reads something else. */
#define REFERENCE_MOST 8192

static void *new_context(void *prov)
{
	return prov;
}

static void free_context(void *context)
{
	(void)context;
}

/* Where a public key alone is wanted, a file with one is meant. */
static int does_selection(void *context, int selection)
{
	(void)context;
	return !selection || selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY;
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/*
 * One block, as OpenSSL's own decoder takes it: what comes behind is for the next. @ret stays empty
 * where the block is somebody else's.
 */
static void read_block(const struct prov *prov, OSSL_CORE_BIO *input, struct buffer *ret)
{
	bool inside = false, ours = false;
	char line[256];

	while (ret->size <= REFERENCE_MOST && prov->bio_gets(input, line, sizeof(line)) > 0) {
		if (!inside) {
			inside = begins(line, "-----BEGIN ");
			ours = begins(line, "-----BEGIN " KEY_REFERENCE_LABEL "-----");
		}
		if (ours)
			buffer_append_text(ret, line);
		if (inside && begins(line, "-----END "))
			break;
	}
}

/* On to whoever reads such DER; that is der_decode(). */
static int pass_on(struct span der, OSSL_CALLBACK *callback, void *argument)
{
	int type = OSSL_OBJECT_PKEY;
	char name[] = "RSA", structure[] = "type-specific";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE, structure, 0),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA,
						  (void *)(uintptr_t)der.data, der.size),
		OSSL_PARAM_construct_end(),
	};

	return callback(params, argument);
}

static int pem_decode(void *context, OSSL_CORE_BIO *input, int selection, OSSL_CALLBACK *callback,
		      void *argument, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument)
{
	const struct prov *prov = context;
	_cleanup_(buffer_done) struct buffer block = {0};
	_cleanup_(key_reference_done) struct key_reference reference = {0};
	_cleanup_(bytes_done) struct bytes der = {0};

	(void)selection, (void)ask, (void)ask_argument;
	read_block(prov, input, &block);
	if (block.error)
		return 0;
	if (block.size == 0)
		return 1;
	if (text_read_pem(span_of_buffer(&block), KEY_REFERENCE_LABEL, &der) < 0 ||
	    key_reference_read_der(span_of(der), &reference) < 0)
		return prov_raise(prov, PROV_REFERENCE,
				  "make another: claviger key reference NAME");
	return pass_on(span_of(der), callback, argument);
}

/* The whole of it, or nothing where it is longer than any reference. */
static struct span read_all(const struct prov *prov, OSSL_CORE_BIO *input,
			    uint8_t room[static REFERENCE_MOST])
{
	size_t size = 0, n = 0;

	while (size < REFERENCE_MOST &&
	       prov->bio_read_ex(input, room + size, REFERENCE_MOST - size, &n) && n)
		size += n;
	return SPAN(room, size < REFERENCE_MOST ? size : 0);
}

static int der_decode(void *context, OSSL_CORE_BIO *input, int selection, OSSL_CALLBACK *callback,
		      void *argument, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument)
{
	const struct prov *prov = context;
	_cleanup_(key_reference_done) struct key_reference reference = {0};
	uint8_t room[REFERENCE_MOST];
	struct prov_key *key;

	(void)selection, (void)ask, (void)ask_argument;
	if (key_reference_read_der(read_all(prov, input, room), &reference) < 0)
		return 1;
	key = prov_key_new(prov, reference.name, span_of(reference.spki));
	return key && prov_key_deliver(key, callback, argument);
}

const OSSL_DISPATCH prov_pem_decoder_functions[] = {
	{OSSL_FUNC_DECODER_NEWCTX, (prov_function *)new_context},
	{OSSL_FUNC_DECODER_FREECTX, (prov_function *)free_context},
	{OSSL_FUNC_DECODER_DECODE, (prov_function *)pem_decode},
	{0, NULL},
};

const OSSL_DISPATCH prov_der_decoder_functions[] = {
	{OSSL_FUNC_DECODER_NEWCTX, (prov_function *)new_context},
	{OSSL_FUNC_DECODER_FREECTX, (prov_function *)free_context},
	{OSSL_FUNC_DECODER_DOES_SELECTION, (prov_function *)does_selection},
	{OSSL_FUNC_DECODER_DECODE, (prov_function *)der_decode},
	{0, NULL},
};
