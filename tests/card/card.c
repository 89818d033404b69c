/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/card-internal.h"
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_KEY_BITS 2048
#define MAX_BITS	4096

static const uint8_t atr[] = {0x3B, 0xFE, 0x18, 0x00, 0x00, 0x81, 0x31, 0xFE,
			      0x45, 0x80, 0x31, 0x81, 0x54, 0x48, 0x53, 0x4D,
			      0x31, 0x73, 0x80, 0x21, 0x40, 0x81, 0x07, 0xFA};

static const struct {
	uint8_t cla, ins;
	bool needs_login;
	command_function *function;
} commands[] = {
	{0x00, 0xA4, false, command_select},	 {0x00, 0xB1, false, command_read},
	{0x00, 0xD7, true, command_update},	 {0x00, 0xE4, true, command_delete},
	{0x80, 0x58, false, command_enumerate},	 {0x00, 0x20, false, command_verify},
	{0x00, 0x24, false, command_change},	 {0x00, 0x2C, false, command_unblock},
	{0x80, 0x50, false, command_initialize}, {0x00, 0x46, true, command_generate},
	{0x80, 0x68, true, command_sign},	 {0x80, 0x62, true, command_decipher},
	{0x00, 0x84, false, command_challenge},
};

struct span card_atr(void)
{
	return SPAN_ARRAY(atr);
}

/* The file's name, as far as it is letters and digits; OpenSC wants some of both. */
static int name_card(struct card *card)
{
	const char *slash = strrchr(card->path, '/');
	const char *name = slash ? slash + 1 : card->path;
	size_t size = 0;

	while (isalnum((unsigned char)name[size]))
		size++;
	if (size < 3 || size >= sizeof(card->serial))
		return -EINVAL;
	memcpy(card->serial, name, size);
	return 0;
}

static int make_new(struct card *card)
{
	_cleanup_(buffer_done) struct buffer certificate = {0};
	int r;

	card->keys[0] = EVP_RSA_gen(DEVICE_KEY_BITS);
	if (!card->keys[0])
		return -ENOMEM;
	card->code_tries = CARD_CODE_TRIES;
	r = card_certificate(card->keys[0], card->serial, false, &certificate);
	if (r < 0)
		return r;
	(void)card_file_write(card, FILE_DEVICE_CERTIFICATE, 0, span_of_buffer(&certificate));
	return card_save(card);
}

int card_open(const char *path, struct card **ret)
{
	_cleanup_(card_freep) struct card *card = calloc(1, sizeof(*card));
	int r;

	if (!card || !(card->path = strdup(path)))
		return -ENOMEM;
	card->max_bits = MAX_BITS;
	r = name_card(card);
	if (r < 0)
		return r;
	r = card_load(card);
	if (r == -ENOENT)
		r = make_new(card);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(card);
	return 0;
}

void card_free(struct card *card)
{
	if (!card)
		return;
	for (size_t i = 0; i < CARD_KEYS; i++)
		EVP_PKEY_free(card->keys[i]);
	for (size_t i = 0; i < CARD_FILES; i++)
		bytes_done(&card->files[i].content);
	free(card->path);
	free(card);
}

void card_freep(struct card **card)
{
	card_free(*card);
}

void card_reset(struct card *card)
{
	card->logged_in = false;
	card->selected = 0;
}

void card_lock(struct card *card)
{
	card->user.tries = 0;
	card->logged_in = false;
	if (card_save(card) < 0)
		(void)fprintf(stderr, "%s: can't be written\n", card->path);
}

static uint16_t perform(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	for (size_t i = 0; i < ELEMENTS(commands); i++) {
		if (commands[i].cla != apdu->cla || commands[i].ins != apdu->ins)
			continue;
		if (commands[i].needs_login && !card->logged_in)
			return STATUS_NOT_LOGGED_IN;
		return commands[i].function(card, apdu, out);
	}
	return STATUS_NO_COMMAND;
}

void card_answer(struct card *card, struct span command, struct buffer *answer)
{
	_cleanup_(buffer_done) struct buffer data = {0};
	uint16_t status = STATUS_WRONG_LENGTH;
	struct apdu apdu;

	card->used_key = false;
	if (apdu_read(command, &apdu) == 0)
		status = perform(card, &apdu, &data);
	ERR_clear_error();
	if (card->changed && card_save(card) < 0)
		status = STATUS_BROKEN;
	buffer_append(answer, span_of_buffer(&data));
	buffer_append_byte(answer, (uint8_t)(status >> 8));
	buffer_append_byte(answer, (uint8_t)status);
}
