/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A SmartCard-HSM without the card: files by a number of two bytes, RSA keys made on it, a PIN and
 * an initialisation code that count wrong tries. It answers the commands that OpenSC's driver of
 * that card sends, and only those. All of it but the login lives in one file, written anew after
 * each change.
 */

#include "tests/card/apdu.h"
#include <openssl/types.h>

#define CARD_FILES	 256
#define CARD_KEYS	 256
#define CARD_FILE_BYTES	 4096
#define CARD_PIN_BYTES	 16
#define CARD_CODE_BYTES	 8
#define CARD_CODE_TRIES	 15
#define CARD_SERIAL_SIZE 12

struct card_file {
	unsigned number; /* 0: free */
	struct bytes content;
};

struct card_pin {
	uint8_t value[CARD_PIN_BYTES];
	size_t size;
	uint8_t tries, tries_max;
};

struct card {
	char *path;
	char serial[CARD_SERIAL_SIZE];
	struct card_file files[CARD_FILES];
	EVP_PKEY *keys[CARD_KEYS]; /* the first is the card's own */
	struct card_pin user;
	uint8_t code[CARD_CODE_BYTES], code_tries;
	bool initialized;
	bool changed; /* and not yet written */
	unsigned max_bits;

	/* until it is reset */
	bool logged_in;
	unsigned selected;
	/* of the last command */
	bool used_key;
};

/* The card in the file @path; a new one, with the file's name as its serial number, where there is
 * no file. -EINVAL where the name can't be one or the file holds no card. */
_checked_ int card_open(const char *path, struct card **ret);
void card_free(struct card *card);
void card_freep(struct card **card);

/* What power off and on do: nobody is logged in. */
void card_reset(struct card *card);
/* The answer to one command: data and status word are appended to @answer. */
void card_answer(struct card *card, struct span command, struct buffer *answer);
/* Bytes by which a reader knows what card it is. */
struct span card_atr(void);
/* As after too many wrong PINs. */
void card_lock(struct card *card);
