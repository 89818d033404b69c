/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/message.h"

#include "daemon/base/utf8.h"
#include <string.h>

/* The kinds of field. The texts and blobs come last, so that one comparison tells them. */
enum kind { KIND_END, KIND_U8, KIND_U16, KIND_U32, KIND_U64, KIND_TEXT, KIND_BLOB };

struct field {
	enum kind kind;
	size_t offset; /* in the message's struct */
	size_t most;   /* bytes, of a text or blob */
};

struct row {
	enum ipc_number number;
	const char *name;
	enum ipc_role sender;
	enum ipc_number reply;
	size_t size; /* of the message's struct */
	const struct field *fields;
};

/* Two's complement makes a signed field the same eight bytes as an unsigned one. A secret differs
 * from a blob only for those who log. */
#define FIELD(kind, name, field, most) {KIND_##kind, offsetof(struct ipc_##name, field), most},
#define IPC_U8(name, field)	       FIELD(U8, name, field, 0)
#define IPC_U16(name, field)	       FIELD(U16, name, field, 0)
#define IPC_U32(name, field)	       FIELD(U32, name, field, 0)
#define IPC_U64(name, field)	       FIELD(U64, name, field, 0)
#define IPC_I64(name, field)	       FIELD(U64, name, field, 0)
#define IPC_TEXT(name, field, most)    FIELD(TEXT, name, field, most)
#define IPC_BLOB(name, field, most)    FIELD(BLOB, name, field, most)
#define IPC_SECRET(name, field, most)  FIELD(BLOB, name, field, most)
#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	static const struct field fields_of_##name[] = {
#define IPC_END(name)                                                                              \
	{                                                                                          \
		KIND_END                                                                           \
	}                                                                                          \
	}                                                                                          \
	;
#include "daemon/ipc/messages.def"

#define IPC_MESSAGE(NAME, name, number, sender, reply)                                             \
	{IPC_##NAME,	  #NAME, IPC_ROLE_##sender, IPC_##reply, sizeof(struct ipc_##name),        \
	 fields_of_##name},
static const struct row rows[] = {
#include "daemon/ipc/messages.def"
};

/* Room for any message that is being decoded. */
union any_message {
#define IPC_MESSAGE(NAME, name, number, sender, reply) struct ipc_##name name;
#include "daemon/ipc/messages.def"
};

/* Bytes on the wire; of a text or blob, those of its length. */
static const uint8_t width_of[] = {
	[KIND_U8] = 1,	[KIND_U16] = 2,	 [KIND_U32] = 4,
	[KIND_U64] = 8, [KIND_TEXT] = 4, [KIND_BLOB] = 4,
};

static const char *const state_names[] = {
	[TOKEN_ABSENT] = "absent",     [TOKEN_LOCKED] = "locked", [TOKEN_READY] = "ready",
	[TOKEN_DEGRADED] = "degraded", [TOKEN_FAILED] = "failed", [TOKEN_SEEN] = "seen",
	[TOKEN_MAPPED] = "mapped",
};

static const struct row *row_of(uint64_t number)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

const char *token_state_name(enum token_state state)
{
	if ((size_t)state >= ELEMENTS(state_names) || !state_names[state])
		return "unknown";
	return state_names[state];
}

const char *ipc_name(enum ipc_number number)
{
	const struct row *row = row_of(number);

	return row ? row->name : "unknown";
}

enum ipc_role ipc_sender(enum ipc_number number)
{
	const struct row *row = row_of(number);

	return row ? row->sender : IPC_ROLE_NONE;
}

enum ipc_number ipc_reply(enum ipc_number number)
{
	const struct row *row = row_of(number);

	return row ? row->reply : IPC_NONE;
}

size_t ipc_size_most(enum ipc_number number)
{
	const struct row *row = row_of(number);
	size_t size = IPC_HEADER_SIZE;

	if (!row)
		return 0;
	for (const struct field *field = row->fields; field->kind != KIND_END; field++)
		size += width_of[field->kind] + field->most;
	return size;
}

/* Writing: the size is known before the first byte is written, so that no half-written copy of a
 * secret stays behind in memory that was moved. */

static void put(uint8_t **at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		*(*at)++ = (uint8_t)(value >> (8 * i));
}

static struct span load_span(const void *message, const struct field *field)
{
	struct span value;

	memcpy(&value, (const uint8_t *)message + field->offset, sizeof(value));
	return value;
}

static uint64_t load_integer(const void *message, const struct field *field)
{
	const uint8_t *from = (const uint8_t *)message + field->offset;
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	if (field->kind == KIND_U8)
		return *from;
	if (field->kind == KIND_U16) {
		memcpy(&two, from, sizeof(two));
		return two;
	}
	if (field->kind == KIND_U32) {
		memcpy(&four, from, sizeof(four));
		return four;
	}
	memcpy(&eight, from, sizeof(eight));
	return eight;
}

static int measure(const struct row *row, const void *message, size_t *ret)
{
	size_t size = IPC_HEADER_SIZE;

	for (const struct field *field = row->fields; field->kind != KIND_END; field++) {
		size += width_of[field->kind];
		if (field->kind < KIND_TEXT)
			continue;
		struct span value = load_span(message, field);
		assert(value.size <= field->most);
		if (field->kind == KIND_TEXT && !utf8_is_text(value))
			return -EINVAL;
		size += value.size;
	}
	*ret = size;
	return 0;
}

int ipc_encode(enum ipc_number number, uint64_t tag, const void *message, struct bytes *ret)
{
	const struct row *row = row_of(number);
	struct bytes out = {0};
	size_t size;
	int r;

	assert(row);
	r = measure(row, message, &size);
	if (r < 0)
		return r;
	r = bytes_new(size, &out);
	if (r < 0)
		return r;
	uint8_t *at = out.data;
	put(&at, number, 2);
	put(&at, 0, 2);
	put(&at, tag, 8);
	for (const struct field *field = row->fields; field->kind != KIND_END; field++) {
		if (field->kind < KIND_TEXT) {
			put(&at, load_integer(message, field), width_of[field->kind]);
			continue;
		}
		struct span value = load_span(message, field);
		put(&at, value.size, 4);
		if (value.size > 0)
			memcpy(at, value.data, value.size);
		at += value.size;
	}
	assert(at == out.data + out.size);
	*ret = out;
	return 0;
}

/* Reading. */

static bool take(struct span *rest, size_t width, uint64_t *ret)
{
	uint64_t value = 0;

	if (rest->size < width)
		return false;
	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)rest->data[i] << (8 * i);
	*rest = SPAN(rest->data + width, rest->size - width);
	*ret = value;
	return true;
}

int ipc_decode_header(struct span packet, struct ipc_header *ret)
{
	uint64_t number, flags, tag;

	if (!take(&packet, 2, &number) || !take(&packet, 2, &flags) || !take(&packet, 8, &tag))
		return -EBADMSG;
	if (flags != 0 || !row_of(number))
		return -EBADMSG;
	*ret = (struct ipc_header){(enum ipc_number)number, tag};
	return 0;
}

static void store_integer(void *message, const struct field *field, uint64_t value)
{
	uint8_t *to = (uint8_t *)message + field->offset;
	uint32_t four = (uint32_t)value;
	uint16_t two = (uint16_t)value;

	if (field->kind == KIND_U8)
		*to = (uint8_t)value;
	else if (field->kind == KIND_U16)
		memcpy(to, &two, sizeof(two));
	else if (field->kind == KIND_U32)
		memcpy(to, &four, sizeof(four));
	else
		memcpy(to, &value, sizeof(value));
}

static bool take_field(struct span *rest, const struct field *field, void *message)
{
	uint64_t value;

	if (!take(rest, width_of[field->kind], &value))
		return false;
	if (field->kind < KIND_TEXT) {
		store_integer(message, field, value);
		return true;
	}
	if (value > field->most || value > rest->size)
		return false;
	struct span text = {rest->data, (size_t)value};
	if (field->kind == KIND_TEXT && !utf8_is_text(text))
		return false;
	memcpy((uint8_t *)message + field->offset, &text, sizeof(text));
	*rest = SPAN(rest->data + text.size, rest->size - text.size);
	return true;
}

int ipc_decode(struct span packet, enum ipc_number number, void *ret)
{
	const struct row *row = row_of(number);
	union any_message message;
	struct ipc_header header;
	int r;

	assert(row);
	r = ipc_decode_header(packet, &header);
	if (r < 0)
		return r;
	if (header.number != number)
		return -EBADMSG;
	/* On the side first: @ret stays as it was where the packet is bad. */
	memset(&message, 0, sizeof(message));
	struct span rest = SPAN(packet.data + IPC_HEADER_SIZE, packet.size - IPC_HEADER_SIZE);
	for (const struct field *field = row->fields; field->kind != KIND_END; field++)
		if (!take_field(&rest, field, &message))
			return -EBADMSG;
	if (rest.size != 0)
		return -EBADMSG;
	memcpy(ret, &message, row->size);
	return 0;
}
