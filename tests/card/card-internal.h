/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the card share. A command is done by a function that appends the answer's data
 * and returns the status word.
 */

#include "tests/card/card.h"

enum status {
	STATUS_OK = 0x9000,
	STATUS_END_OF_FILE = 0x6282,
	STATUS_TRIES_LEFT = 0x63C0, /* and how many */
	STATUS_BROKEN = 0x6400,
	STATUS_WRONG_LENGTH = 0x6700,
	STATUS_NOT_LOGGED_IN = 0x6982,
	STATUS_BLOCKED = 0x6983,
	STATUS_NO_PIN = 0x6984,
	STATUS_WRONG_DATA = 0x6A80,
	STATUS_NOT_SUPPORTED = 0x6A81,
	STATUS_NO_FILE = 0x6A82,
	STATUS_FULL = 0x6A84,
	STATUS_WRONG_PARAMETERS = 0x6A86,
	STATUS_NO_OBJECT = 0x6A88,
	STATUS_NO_COMMAND = 0x6D00,
};

#define FILE_DEVICE_CERTIFICATE 0x2F02
#define FILE_KEYS		0xCC00 /* to 0xCCFF: each stands for a key */

typedef uint16_t command_function(struct card *card, const struct apdu *apdu, struct buffer *out);

/* card-files.c */
command_function command_select, command_read, command_update, command_delete, command_enumerate;
struct card_file *card_file_find(struct card *card, unsigned number);
/* Makes it where it is not there, and writes @data from @offset on. */
uint16_t card_file_write(struct card *card, unsigned number, size_t offset, struct span data);
/* All but the card's own certificate and key. */
void card_wipe(struct card *card);

/* card-pin.c */
command_function command_verify, command_change, command_unblock, command_initialize;

/* card-keys.c */
command_function command_generate, command_sign, command_decipher, command_challenge;

/* card-certificate.c: a card-verifiable certificate of @key, signed by itself; where @is_request,
 * in the frame of a request that the holder's device signed. */
_checked_ int card_certificate(EVP_PKEY *key, const char *serial, bool is_request,
			       struct buffer *out);

/* card-image.c */
_checked_ int card_load(struct card *card);
_checked_ int card_save(struct card *card);
