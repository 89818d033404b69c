/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/card-internal.h"
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_BYTES (4 << 20)

/* Tags of the file. */
enum {
	IMAGE_SERIAL = 0x01,
	IMAGE_STATE = 0x02, /* initialized, tries of the PIN, their most, tries of the code */
	IMAGE_PIN = 0x03,
	IMAGE_CODE = 0x04,
	IMAGE_FILE = 0x05, /* its number, its content */
	IMAGE_KEY = 0x06,  /* its number, PKCS#8 */
};

static bool load_serial(struct card *card, struct span value)
{
	if (value.size >= sizeof(card->serial))
		return false;
	memset(card->serial, 0, sizeof(card->serial));
	memcpy(card->serial, value.data, value.size);
	return true;
}

static bool load_state(struct card *card, struct span value)
{
	if (value.size != 4)
		return false;
	card->initialized = value.data[0] != 0;
	card->user.tries = value.data[1];
	card->user.tries_max = value.data[2];
	card->code_tries = value.data[3];
	return true;
}

static bool load_pin(struct card *card, struct span value)
{
	if (value.size > sizeof(card->user.value))
		return false;
	memcpy(card->user.value, value.data, value.size);
	card->user.size = value.size;
	return true;
}

static bool load_code(struct card *card, struct span value)
{
	if (value.size != sizeof(card->code))
		return false;
	memcpy(card->code, value.data, value.size);
	return true;
}

static bool load_file(struct card *card, struct span value)
{
	return value.size >= 2 &&
	       card_file_write(card, (unsigned)value.data[0] << 8 | value.data[1], 0,
			       span_slice(value, 2, value.size)) == STATUS_OK;
}

static bool load_key(struct card *card, struct span value)
{
	const uint8_t *der = value.data + 1;

	if (value.size < 2 || card->keys[value.data[0]])
		return false;
	card->keys[value.data[0]] = d2i_AutoPrivateKey(NULL, &der, (long)(value.size - 1));
	return card->keys[value.data[0]] && der == value.data + value.size;
}

static const struct {
	unsigned tag;
	bool (*load)(struct card *card, struct span value);
} parts[] = {
	{IMAGE_SERIAL, load_serial}, {IMAGE_STATE, load_state}, {IMAGE_PIN, load_pin},
	{IMAGE_CODE, load_code},     {IMAGE_FILE, load_file},	{IMAGE_KEY, load_key},
};

static bool load_part(struct card *card, unsigned tag, struct span value)
{
	for (size_t i = 0; i < ELEMENTS(parts); i++)
		if (parts[i].tag == tag)
			return parts[i].load(card, value);
	return false;
}

static int read_image(const char *path, struct bytes *ret)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size > IMAGE_BYTES)
		return -EINVAL;
	r = bytes_new((size_t)status.st_size, ret);
	if (r < 0)
		return r;
	n = read(fd, ret->data, ret->size);
	return n == status.st_size ? 0 : -EIO;
}

int card_load(struct card *card)
{
	_cleanup_(bytes_done) struct bytes image = {0};
	struct span rest, value;
	unsigned tag;
	int r;

	r = read_image(card->path, &image);
	if (r < 0)
		return r;
	rest = span_of(image);
	while ((r = tlv_next(&rest, &tag, &value)) == 0)
		if (!load_part(card, tag, value))
			return -EINVAL;
	card->changed = false;
	return r == -ENOENT && card->keys[0] ? 0 : -EINVAL;
}

static void save_file(const struct card_file *file, struct buffer *out)
{
	_cleanup_(buffer_done) struct buffer value = {0};

	buffer_append_byte(&value, (uint8_t)(file->number >> 8));
	buffer_append_byte(&value, (uint8_t)file->number);
	buffer_append(&value, span_of(file->content));
	tlv_write(out, IMAGE_FILE, span_of_buffer(&value));
}

static int save_key(unsigned number, EVP_PKEY *key, struct buffer *out)
{
	_cleanup_(buffer_done) struct buffer value = {0};
	unsigned char *der = NULL;
	int size = i2d_PrivateKey(key, &der);

	if (size <= 0)
		return -EIO;
	buffer_append_byte(&value, (uint8_t)number);
	buffer_append(&value, SPAN(der, (size_t)size));
	tlv_write(out, IMAGE_KEY, span_of_buffer(&value));
	OPENSSL_clear_free(der, (size_t)size);
	return 0;
}

static int write_image(const struct card *card, struct buffer *out)
{
	uint8_t state[] = {card->initialized, card->user.tries, card->user.tries_max,
			   card->code_tries};
	int r = 0;

	tlv_write(out, IMAGE_SERIAL, span_of_text(card->serial));
	tlv_write(out, IMAGE_STATE, SPAN_ARRAY(state));
	tlv_write(out, IMAGE_PIN, SPAN(card->user.value, card->user.size));
	tlv_write(out, IMAGE_CODE, SPAN_ARRAY(card->code));
	for (size_t i = 0; i < CARD_FILES; i++)
		if (card->files[i].number)
			save_file(&card->files[i], out);
	for (unsigned i = 0; i < CARD_KEYS && r == 0; i++)
		if (card->keys[i])
			r = save_key(i, card->keys[i], out);
	return r < 0 ? r : out->error;
}

static int write_file(const char *path, struct span content)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	return write(fd, content.data, content.size) == (ssize_t)content.size ? 0 : -EIO;
}

/* By renaming: whoever is killed meanwhile leaves the card as it was before, or as it is now. */
int card_save(struct card *card)
{
	_cleanup_(buffer_done) struct buffer image = {0};
	char next[4096];
	int r;

	if (snprintf(next, sizeof(next), "%s.next", card->path) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	r = write_image(card, &image);
	if (r == 0)
		r = write_file(next, span_of_buffer(&image));
	if (r == 0 && rename(next, card->path) < 0)
		r = -errno;
	if (r == 0)
		card->changed = false;
	return r;
}
