/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pin.h"
#include "daemon/base/credential.h"
#include "daemon/base/crypto.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIN_MOST 256 /* bytes, as the messages allow */

void pin_source_done(struct pin_source *source)
{
	free(source->path);
	*source = (struct pin_source){0};
}

int pin_source_read(const char *text, const char *credentials, struct pin_source *ret)
{
	static const struct {
		const char *word;
		enum pin_kind kind;
	} words[] = {
		{"ask", PIN_ASK},
		{"pinpad", PIN_PAD},
	};
	struct pin_source source = {.kind = PIN_FILE};
	int r;

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		if (strcmp(text ? text : "ask", words[i].word) == 0) {
			*ret = (struct pin_source){.kind = words[i].kind};
			return 0;
		}
	}
	r = credential_path(text, credentials, &source.path);
	if (r == 0)
		*ret = source;
	return r;
}

int pin_fetch(const struct pin_source *source, struct secret *ret, char **ret_reason)
{
	_cleanup_(secret_done) struct secret pin = {0};
	int r;

	if (source->kind == PIN_ASK)
		return text_format(ret_reason, "the token waits for its PIN: claviger token login")
			       ?: PIN_MISSING;
	if (source->kind == PIN_PAD)
		return text_format(ret_reason, "the token waits for its PIN, typed on its own pad: "
					       "claviger token login")
			       ?: PIN_MISSING;
	r = file_read_secret(source->path, PIN_MOST, &pin);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return text_format(ret_reason, "the PIN cannot be read from %s: %s", source->path,
				   credential_advice(r))
			       ?: PIN_MISSING;
	if (pin.size == 0)
		return text_format(ret_reason, "%s is empty: write the PIN of the token into it",
				   source->path)
			       ?: PIN_MISSING;
	*ret = TAKE_STRUCT(pin);
	return 0;
}

#define REMEMBERED 8
#define SALT_SIZE  16
/* About 5 ms: a PIN has few digits, and a wrong one is often near the right one. */
#define ROUNDS 4096

struct refused {
	uint8_t salt[SALT_SIZE];
	uint8_t hash[SHA256_SIZE];
};

struct pin_memory {
	char *path;
	struct refused items[REMEMBERED]; /* the oldest first */
	size_t n;
	bool saved; /* the file has them: who removes it has them forgotten */
};

static void hash_pin(const uint8_t salt[static SALT_SIZE], const char *serial, struct span pin,
		     uint8_t ret[static SHA256_SIZE])
{
	uint8_t name[SHA256_SIZE], hash[SHA256_SIZE];

	hmac_sha256(SPAN(salt, SALT_SIZE), span_of_text(serial), name);
	hmac_sha256(SPAN_ARRAY(name), pin, hash);
	for (unsigned i = 0; i < ROUNDS; i++)
		hmac_sha256(SPAN_ARRAY(name), SPAN_ARRAY(hash), hash);
	memcpy(ret, hash, SHA256_SIZE);
	wipe(hash, sizeof(hash));
}

/* One line: salt and hash, in hex. */
static int read_line(struct pin_memory *memory, struct span line)
{
	_cleanup_(bytes_done) struct bytes both = {0};
	struct refused *item = &memory->items[memory->n];
	int r = text_read_hex(line, &both);

	if (r < 0 || both.size != sizeof(*item) || memory->n == REMEMBERED)
		return -EBADMSG;
	memcpy(item->salt, both.data, SALT_SIZE);
	memcpy(item->hash, both.data + SALT_SIZE, SHA256_SIZE);
	memory->n++;
	return 0;
}

static int read_file(struct pin_memory *memory)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	const size_t line = 2 * sizeof(struct refused) + 1;
	int r = file_read(memory->path, REMEMBERED * line, &content);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (size_t at = 0; at < content.size && r == 0; at += line)
		r = read_line(memory, span_slice(span_of(content), at, line - 1));
	memory->saved = true;
	return r;
}

int pin_memory_open(const char *directory, struct pin_memory **ret)
{
	struct pin_memory *memory = calloc(1, sizeof(*memory));
	int r;

	if (!memory)
		return -ENOMEM;
	r = text_format(&memory->path, "%s/refused-pins", directory);
	if (r == 0)
		r = read_file(memory);
	if (r < 0)
		pin_memory_close(memory);
	else
		*ret = memory;
	return r;
}

struct pin_memory *pin_memory_close(struct pin_memory *memory)
{
	if (memory)
		free(memory->path);
	free(memory);
	return NULL;
}

/* By an operator, as he was told to. */
static void forget_removed(struct pin_memory *memory)
{
	if (memory->saved && access(memory->path, F_OK) < 0 && errno == ENOENT)
		memory->n = 0;
}

bool pin_memory_has(struct pin_memory *memory, const char *serial, struct span pin)
{
	uint8_t hash[SHA256_SIZE];
	bool found = false;

	forget_removed(memory);
	for (size_t i = 0; i < memory->n; i++) {
		hash_pin(memory->items[i].salt, serial, pin, hash);
		found |= span_equal_secretly(SPAN_ARRAY(hash), SPAN_ARRAY(memory->items[i].hash));
	}
	wipe(hash, sizeof(hash));
	return found;
}

static int write_file(const struct pin_memory *memory)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	for (size_t i = 0; i < memory->n; i++) {
		text_append_hex(&out, SPAN_ARRAY(memory->items[i].salt), false);
		text_append_hex(&out, SPAN_ARRAY(memory->items[i].hash), false);
		buffer_append_byte(&out, '\n');
	}
	if (out.error)
		return out.error;
	return file_write_atomically(memory->path, span_of_buffer(&out), 0600);
}

int pin_memory_add(struct pin_memory *memory, const char *serial, struct span pin)
{
	struct refused *item;
	int r;

	forget_removed(memory);
	if (memory->n == REMEMBERED)
		memmove(memory->items, memory->items + 1, --memory->n * sizeof(memory->items[0]));
	item = &memory->items[memory->n++];
	random_fill(item->salt, sizeof(item->salt));
	hash_pin(item->salt, serial, pin, item->hash);
	r = write_file(memory);
	memory->saved = r == 0;
	return r;
}

int pin_memory_clear(struct pin_memory *memory)
{
	if (memory->n == 0)
		return 0;
	memory->n = 0;
	return unlink(memory->path) < 0 && errno != ENOENT ? -errno : 0;
}

const char *pin_memory_path(const struct pin_memory *memory)
{
	return memory->path;
}
