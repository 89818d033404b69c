/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PEM. In the older form a header says the cipher and the IV; routers print a blank after its
 * commas, which OpenSSL's own reader refuses, so it is read here.
 */
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"
#include "token/key-file-internal.h"
#include <string.h>

#define TRADITIONAL "RSA PRIVATE KEY"
#define IV_MOST	    16

static const struct dek {
	const char *name;
	enum cipher cipher;
} deks[] = {
	{"DES-CBC", CIPHER_DES_CBC},	    {"DES-EDE3-CBC", CIPHER_DES_EDE3_CBC},
	{"AES-128-CBC", CIPHER_AES128_CBC}, {"AES-192-CBC", CIPHER_AES192_CBC},
	{"AES-256-CBC", CIPHER_AES256_CBC},
};

/* Takes the first line off @text; without its line break, blanks at its ends dropped. */
static struct span take_line(struct span *text)
{
	const uint8_t *end = text->size ? memchr(text->data, '\n', text->size) : NULL;
	size_t size = end ? (size_t)(end - text->data) : text->size;
	struct span line = span_slice(*text, 0, size);

	*text = span_slice(*text, size + 1, SIZE_MAX);
	while (line.size && strchr(" \t\r", line.data[line.size - 1]))
		line.size--;
	while (line.size && strchr(" \t", line.data[0]))
		line = span_slice(line, 1, SIZE_MAX);
	return line;
}

/* The lines between BEGIN and END of the first block with this label. */
static bool find_block(struct span content, const char *label, struct span *ret)
{
	struct span body = {0};
	char begin[64], end[64];

	(void)snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
	(void)snprintf(end, sizeof(end), "-----END %s-----", label);
	while (content.size) {
		const uint8_t *at = content.data;
		struct span line = take_line(&content);

		if (body.data && span_equal(line, span_of_text(end))) {
			*ret = SPAN(body.data, (size_t)(at - body.data));
			return true;
		}
		if (span_equal(line, span_of_text(begin)))
			body = SPAN(content.data, content.size);
	}
	return false;
}

struct header {
	const struct dek *dek;
	uint8_t iv[IV_MOST];
	bool encrypted;
};

/* "DES-EDE3-CBC, 5053DC842B04612A" */
static int read_dek(struct span value, struct header *header)
{
	_cleanup_(bytes_done) struct bytes iv = {0};
	const uint8_t *comma = value.size ? memchr(value.data, ',', value.size) : NULL;
	size_t size = comma ? (size_t)(comma - value.data) : value.size;
	struct span name = span_slice(value, 0, size), hex = span_slice(value, size + 1, SIZE_MAX);

	hex = take_line(&hex);
	for (size_t i = 0; i < ELEMENTS(deks); i++) {
		if (span_equal(name, span_of_text(deks[i].name)))
			header->dek = &deks[i];
	}
	if (!header->dek)
		return KEY_FILE_UNKNOWN_CIPHER;
	if (text_read_hex(hex, &iv) < 0 || iv.size != cipher_block_size(header->dek->cipher))
		return KEY_FILE_DAMAGED;
	memcpy(header->iv, iv.data, iv.size);
	return 0;
}

static bool begins_with(struct span line, const char *name, struct span *ret_value)
{
	size_t size = strlen(name);

	if (line.size < size || memcmp(line.data, name, size) != 0)
		return false;
	*ret_value = span_slice(line, size, SIZE_MAX);
	*ret_value = take_line(ret_value);
	return true;
}

/* Lines with a colon, up to the empty one; @body then begins after it. */
static int read_header(struct span *body, struct header *ret)
{
	struct span rest = *body;

	for (;;) {
		struct span line = take_line(&rest), value;
		int r;

		if (!line.size || !memchr(line.data, ':', line.size))
			return 0;
		*body = rest;
		if (begins_with(line, "Proc-Type:", &value))
			ret->encrypted = memmem(value.data, value.size, "ENCRYPTED", 9);
		if (!begins_with(line, "DEK-Info:", &value))
			continue;
		r = read_dek(value, ret);
		if (r)
			return r;
	}
}

static int open_traditional(const struct header *header, struct span sealed, struct span passphrase,
			    struct secret *ret)
{
	_cleanup_(secret_done) struct secret key = {0};
	enum cipher cipher = header->dek->cipher;
	struct span iv = SPAN(header->iv, cipher_block_size(cipher));
	int r;

	r = seal_derive(passphrase, iv, cipher_key_size(cipher), &key);
	if (r == 0)
		r = cipher_open(cipher, span_of_secret(key), iv, sealed, ret);
	return r == -EBADMSG ? KEY_FILE_NOT_OPENED : r;
}

static int read_traditional(struct span body, struct span passphrase, struct key_file *ret)
{
	_cleanup_(secret_done) struct secret der = {0};
	_cleanup_(bytes_done) struct bytes sealed = {0};
	struct header header = {0};
	int r;

	r = read_header(&body, &header);
	if (r)
		return r;
	if (!header.encrypted || !header.dek)
		return KEY_FILE_CLEAR;
	r = text_read_base64(body, false, &sealed);
	if (r < 0)
		return r == -ENOMEM ? r : KEY_FILE_DAMAGED;
	r = open_traditional(&header, span_of(sealed), passphrase, &der);
	return r ? r : key_file_take(&der, ret);
}

static int read_pkcs8(struct span body, struct span passphrase, struct key_file *ret)
{
	_cleanup_(secret_done) struct secret der = {0};
	_cleanup_(bytes_done) struct bytes encoded = {0};
	const unsigned char *at;
	X509_SIG *sealed;
	int r;

	r = text_read_base64(body, false, &encoded);
	if (r < 0)
		return r == -ENOMEM ? r : KEY_FILE_DAMAGED;
	at = encoded.data;
	sealed = d2i_X509_SIG(NULL, &at, (long)encoded.size);
	r = sealed ? seal_open(sealed, passphrase, NULL, &der) : KEY_FILE_DAMAGED;
	X509_SIG_free(sealed);
	return r ? r : key_file_take(&der, ret);
}

static int read_clear(struct span body, struct span passphrase, struct key_file *ret)
{
	(void)body, (void)passphrase, (void)ret;
	return KEY_FILE_CLEAR;
}

static const struct {
	const char *label;
	int (*read)(struct span body, struct span passphrase, struct key_file *ret);
} blocks[] = {
	{TRADITIONAL, read_traditional},
	{"ENCRYPTED PRIVATE KEY", read_pkcs8},
	{"PRIVATE KEY", read_clear},
};

int pem_file_read(struct span content, struct span passphrase, struct key_file *ret)
{
	struct span body;
	int r = KEY_FILE_NO_KEY;

	for (size_t i = 0; i < ELEMENTS(blocks) && r == KEY_FILE_NO_KEY; i++) {
		if (find_block(content, blocks[i].label, &body))
			r = blocks[i].read(body, passphrase, ret);
	}
	if (r)
		return r;
	r = text_read_pem(content, "CERTIFICATE", &ret->certificate);
	if (r == -EINVAL)
		return KEY_FILE_DAMAGED;
	return r == -ENOENT ? 0 : r;
}

static int write_traditional(enum cipher cipher, const struct key_file_order *order,
			     struct buffer *out)
{
	_cleanup_(secret_done) struct secret key = {0};
	_cleanup_(bytes_done) struct bytes sealed = {0};
	_cleanup_(buffer_done) struct buffer block = {0};
	const char *name = NULL;
	uint8_t iv[IV_MOST];
	struct span iv_span = SPAN(iv, cipher_block_size(cipher));
	size_t first = strlen("-----BEGIN " TRADITIONAL "-----\n");
	int r;

	random_fill(iv, sizeof(iv));
	for (size_t i = 0; i < ELEMENTS(deks); i++)
		name = deks[i].cipher == cipher ? deks[i].name : name;
	r = seal_derive(order->passphrase, iv_span, cipher_key_size(cipher), &key);
	if (r == 0)
		r = cipher_encrypt(cipher, span_of_secret(key), iv_span, order->key->pkcs1,
				   &sealed);
	if (r < 0)
		return r;
	text_append_pem(&block, TRADITIONAL, span_of(sealed));
	buffer_printf(out, "-----BEGIN " TRADITIONAL "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: %s,",
		      name);
	text_append_hex(out, iv_span, true);
	buffer_append_text(out, "\n\n");
	buffer_append(out, span_slice(span_of_buffer(&block), first, SIZE_MAX));
	return block.error;
}

static int write_pkcs8(const struct key_file_order *order, struct buffer *out)
{
	X509_SIG *sealed = seal_make(order->key->pkcs8, order->passphrase);
	unsigned char *der = NULL;
	int size = sealed ? i2d_X509_SIG(sealed, &der) : -1;

	if (size > 0)
		text_append_pem(out, "ENCRYPTED PRIVATE KEY", SPAN(der, (size_t)size));
	OPENSSL_free(der);
	X509_SIG_free(sealed);
	return size > 0 ? 0 : -ENOMEM;
}

/* The archive holds the certificate, and then the key in the form that routers read. */
static const struct {
	enum key_form form;
	enum cipher cipher; /* NONE: PKCS#8 */
	bool archive;
} forms[] = {
	{KEY_FORM_PEM_AES, CIPHER_NONE, false},
	{KEY_FORM_PEM_3DES, CIPHER_DES_EDE3_CBC, false},
	{KEY_FORM_PEM_DES, CIPHER_DES_CBC, false},
	{KEY_FORM_ARCHIVE_PEM, CIPHER_DES_EDE3_CBC, true},
};

int pem_file_write(const struct key_file_order *order, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {0};
	int r = -EINVAL;

	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		if (forms[i].form != order->form)
			continue;
		if (forms[i].archive)
			text_append_pem(&out, "CERTIFICATE", order->certificate);
		r = forms[i].cipher == CIPHER_NONE
			    ? write_pkcs8(order, &out)
			    : write_traditional(forms[i].cipher, order, &out);
	}
	return r < 0 ? r : buffer_take(&out, ret);
}
