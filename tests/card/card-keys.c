/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/card-internal.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define RSA_BYTES	512
#define MIN_BITS	1024
#define RAW		0x20 /* P2: the host pads */
#define PKCS1		0x30 /* P2: a DigestInfo, padded here */
#define DECRYPT_RAW	0x21
#define CHALLENGE_BYTES 1024

/* The size that is asked for: the field 02 of the key in a request without one. */
static unsigned bits_wanted(struct span request)
{
	struct span key, size;
	unsigned bits = 0;

	if (tlv_find(request, 0x7F49, &key) < 0 || tlv_find(key, 0x02, &size) < 0 || size.size > 2)
		return 0;
	for (size_t i = 0; i < size.size; i++)
		bits = bits << 8 | size.data[i];
	return bits;
}

uint16_t command_generate(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	unsigned bits = bits_wanted(apdu->data);
	EVP_PKEY *key;

	if (!apdu->p1 || bits < MIN_BITS || bits > card->max_bits)
		return STATUS_WRONG_DATA;
	key = EVP_RSA_gen(bits);
	if (!key || card_certificate(key, card->serial, true, out) < 0) {
		EVP_PKEY_free(key);
		return STATUS_BROKEN;
	}
	EVP_PKEY_free(card->keys[apdu->p1]);
	card->keys[apdu->p1] = key;
	card->changed = card->used_key = true;
	return STATUS_OK;
}

typedef int begin_function(EVP_PKEY_CTX *context);
typedef int do_function(EVP_PKEY_CTX *context, unsigned char *out, size_t *size,
			const unsigned char *in, size_t in_size);

struct operation {
	begin_function *begin;
	do_function *finish;
	int padding;
};

static uint16_t operate(struct card *card, const struct apdu *apdu, struct operation operation,
			struct buffer *out)
{
	EVP_PKEY *key = card->keys[apdu->p1];
	EVP_PKEY_CTX *context;
	uint8_t result[RSA_BYTES];
	size_t size = sizeof(result);
	bool done;

	if (!key || !apdu->p1)
		return STATUS_NO_OBJECT;
	context = EVP_PKEY_CTX_new(key, NULL);
	done = context && operation.begin(context) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(context, operation.padding) == 1 &&
	       operation.finish(context, result, &size, apdu->data.data, apdu->data.size) == 1;
	EVP_PKEY_CTX_free(context);
	card->used_key = true;
	if (!done)
		return STATUS_WRONG_DATA;
	buffer_append(out, SPAN(result, size));
	return STATUS_OK;
}

uint16_t command_sign(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	struct operation operation = {EVP_PKEY_sign_init, EVP_PKEY_sign, RSA_NO_PADDING};

	if (apdu->p2 == PKCS1)
		operation.padding = RSA_PKCS1_PADDING;
	else if (apdu->p2 != RAW)
		return STATUS_NOT_SUPPORTED;
	return operate(card, apdu, operation, out);
}

uint16_t command_decipher(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	struct operation operation = {EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, RSA_NO_PADDING};

	if (apdu->p2 != DECRYPT_RAW)
		return STATUS_NOT_SUPPORTED;
	return operate(card, apdu, operation, out);
}

uint16_t command_challenge(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	uint8_t bytes[CHALLENGE_BYTES];

	(void)card;
	if (!apdu->le || apdu->le > sizeof(bytes))
		return STATUS_WRONG_LENGTH;
	if (RAND_bytes(bytes, (int)apdu->le) != 1)
		return STATUS_BROKEN;
	buffer_append(out, SPAN(bytes, apdu->le));
	return STATUS_OK;
}
