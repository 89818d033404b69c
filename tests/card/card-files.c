/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/card-internal.h"
#include <openssl/evp.h>
#include <string.h>

#define BY_NAME		 0x04 /* P1 of SELECT */
#define NO_ANSWER	 0x0C /* P2 of SELECT */
#define PROTECTED_PREFIX 0xCD /* files that only a user who is logged in may read */
#define TAG_OFFSET	 0x54
#define TAG_DATA	 0x53

static const uint8_t application[] = {0xE8, 0x2B, 0x06, 0x01, 0x04, 0x01,
				      0x81, 0xC3, 0x1F, 0x02, 0x01};
/* What selecting it tells: that it is a directory, and the version, 3.5, under the tag 85. */
static const uint8_t application_control[] = {0x6F, 0x0A, 0x82, 0x01, 0x78, 0x85,
					      0x05, 0x00, 0x01, 0xFF, 0x03, 0x05};

struct card_file *card_file_find(struct card *card, unsigned number)
{
	for (size_t i = 0; number && i < CARD_FILES; i++)
		if (card->files[i].number == number)
			return &card->files[i];
	return NULL;
}

static EVP_PKEY *key_of_file(struct card *card, unsigned number)
{
	bool is_key = (number & 0xFF00) == FILE_KEYS && (number & 0xFF);

	return is_key ? card->keys[number & 0xFF] : NULL;
}

static unsigned two_bytes(struct span s)
{
	return (unsigned)s.data[0] << 8 | s.data[1];
}

static unsigned file_meant(const struct card *card, const struct apdu *apdu)
{
	unsigned number = (unsigned)apdu->p1 << 8 | apdu->p2;

	return number ? number : card->selected;
}

static uint16_t select_application(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	if (!span_equal(apdu->data, SPAN_ARRAY(application)))
		return STATUS_NO_FILE;
	card_reset(card);
	if (apdu->p2 != NO_ANSWER)
		buffer_append(out, SPAN_ARRAY(application_control));
	return STATUS_OK;
}

uint16_t command_select(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	struct card_file *file;
	unsigned number;
	size_t size;

	if (apdu->p1 == BY_NAME)
		return select_application(card, apdu, out);
	if (apdu->data.size < 2)
		return STATUS_WRONG_PARAMETERS;
	number = two_bytes(span_slice(apdu->data, apdu->data.size - 2, 2));
	file = card_file_find(card, number);
	if (!file && !key_of_file(card, number))
		return STATUS_NO_FILE;
	card->selected = number;
	size = file ? file->content.size : 0;
	if (apdu->p2 != NO_ANSWER) {
		uint8_t control[] = {
			0x6F, 0x0B, 0x81, 0x02, (uint8_t)(size >> 8),	(uint8_t)size,	0x82,
			0x01, 0x01, 0x83, 0x02, (uint8_t)(number >> 8), (uint8_t)number};

		buffer_append(out, SPAN_ARRAY(control));
	}
	return STATUS_OK;
}

uint16_t command_read(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	unsigned number = file_meant(card, apdu);
	struct card_file *file = card_file_find(card, number);
	struct span offset, found;

	if (!file)
		return STATUS_NO_FILE;
	if (number >> 8 == PROTECTED_PREFIX && !card->logged_in)
		return STATUS_NOT_LOGGED_IN;
	if (tlv_find(apdu->data, TAG_OFFSET, &offset) < 0 || offset.size != 2)
		return STATUS_WRONG_DATA;
	card->selected = number;
	found = span_slice(span_of(file->content), two_bytes(offset), apdu->le);
	buffer_append(out, found);
	return found.size ? STATUS_OK : STATUS_END_OF_FILE;
}

static struct card_file *file_make(struct card *card, unsigned number)
{
	struct card_file *file = card_file_find(card, number);

	for (size_t i = 0; !file && i < CARD_FILES; i++) {
		if (!card->files[i].number) {
			file = &card->files[i];
			file->number = number;
		}
	}
	return file;
}

uint16_t card_file_write(struct card *card, unsigned number, size_t offset, struct span data)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	struct card_file *file;

	if (data.size > CARD_FILE_BYTES || offset > CARD_FILE_BYTES - data.size)
		return STATUS_FULL;
	file = number ? file_make(card, number) : NULL;
	if (!file)
		return STATUS_FULL;
	if (offset + data.size > file->content.size) {
		if (bytes_new(offset + data.size, &content) < 0)
			return STATUS_FULL;
		if (file->content.size)
			memcpy(content.data, file->content.data, file->content.size);
		bytes_done(&file->content);
		file->content = TAKE_STRUCT(content);
	}
	if (data.size)
		memcpy(file->content.data + offset, data.data, data.size);
	card->changed = true;
	return STATUS_OK;
}

uint16_t command_update(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	unsigned number = file_meant(card, apdu);
	struct span offset, data;

	(void)out;
	if (tlv_find(apdu->data, TAG_OFFSET, &offset) < 0 || offset.size != 2 ||
	    tlv_find(apdu->data, TAG_DATA, &data) < 0)
		return STATUS_WRONG_DATA;
	card->selected = number;
	return card_file_write(card, number, two_bytes(offset), data);
}

static void file_remove(struct card_file *file)
{
	bytes_done(&file->content);
	*file = (struct card_file){0};
}

uint16_t command_delete(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	unsigned number = apdu->data.size == 2 ? two_bytes(apdu->data) : card->selected;
	struct card_file *file = card_file_find(card, number);
	EVP_PKEY *key = key_of_file(card, number);

	(void)out;
	if ((!file && !key) || number == FILE_DEVICE_CERTIFICATE)
		return STATUS_NO_FILE;
	if (key) {
		EVP_PKEY_free(key);
		card->keys[number & 0xFF] = NULL;
	}
	if (file)
		file_remove(file);
	card->changed = true;
	return STATUS_OK;
}

static void append_number(struct buffer *out, unsigned number)
{
	buffer_append_byte(out, (uint8_t)(number >> 8));
	buffer_append_byte(out, (uint8_t)number);
}

uint16_t command_enumerate(struct card *card, const struct apdu *apdu, struct buffer *out)
{
	(void)apdu;
	for (unsigned i = 0; i < CARD_KEYS; i++)
		if (card->keys[i])
			append_number(out, FILE_KEYS | i);
	for (size_t i = 0; i < CARD_FILES; i++)
		if (card->files[i].number && card->files[i].number != FILE_DEVICE_CERTIFICATE)
			append_number(out, card->files[i].number);
	return STATUS_OK;
}

void card_wipe(struct card *card)
{
	for (size_t i = 1; i < CARD_KEYS; i++) {
		EVP_PKEY_free(card->keys[i]);
		card->keys[i] = NULL;
	}
	for (size_t i = 0; i < CARD_FILES; i++)
		if (card->files[i].number != FILE_DEVICE_CERTIFICATE)
			file_remove(&card->files[i]);
	card_reset(card);
	card->changed = true;
}
