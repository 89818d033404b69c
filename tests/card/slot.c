/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/slot.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_BYTES UINT16_MAX
#define AGAIN_US      50000

struct slot {
	sd_event *event;
	struct sockaddr_in reader;
	sd_event_source *io;	/* the connection; NULL: none */
	sd_event_source *again; /* connects */
	sd_event_source *later; /* gives the answer, or pulls the card out */
	struct card *card;
	bool is_plugged;
	uint8_t in[2 + MESSAGE_BYTES];
	size_t in_size;
	struct buffer answer; /* that is held back */

	unsigned slow_ms, operations;
	struct {
		uint16_t status;
		int ins;
		unsigned count;
	} failure;
	void (*unplugged)(void *context);
	void *unplugged_context;
};

/* What the reader says in messages of one byte; to the others there is no answer. */
enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, GIVE_ATR = 4 };

static void disconnect(struct slot *slot)
{
	slot->io = sd_event_source_disable_unref(slot->io);
	slot->later = sd_event_source_disable_unref(slot->later);
	buffer_done(&slot->answer);
	slot->in_size = 0;
	if (slot->card)
		card_reset(slot->card);
}

static void arm(sd_event_source *timer, uint64_t in_us)
{
	(void)sd_event_source_set_time_relative(timer, in_us);
	(void)sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static void lose_reader(struct slot *slot)
{
	disconnect(slot);
	arm(slot->again, AGAIN_US);
}

/* The reader writes length and message apart, and its kernel waits with the second for our word on
 * the first: that costs 40 ms a command unless it is said at once. */
static void be_quick(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void send_answer(struct slot *slot, struct span answer)
{
	_cleanup_(buffer_done) struct buffer message = {0};
	int fd = sd_event_source_get_io_fd(slot->io);

	buffer_append_byte(&message, (uint8_t)(answer.size >> 8));
	buffer_append_byte(&message, (uint8_t)answer.size);
	buffer_append(&message, answer);
	if (message.error || answer.size > MESSAGE_BYTES ||
	    send(fd, message.data, message.size, MSG_NOSIGNAL) != (ssize_t)message.size)
		lose_reader(slot);
}

static int on_later(sd_event_source *source, uint64_t now_us, void *context)
{
	struct slot *slot = context;
	_cleanup_(buffer_done) struct buffer answer = TAKE_STRUCT(slot->answer);

	(void)source;
	(void)now_us;
	slot->later = sd_event_source_disable_unref(slot->later);
	if (slot->unplugged)
		slot_unplug(slot);
	else
		send_answer(slot, span_of_buffer(&answer));
	return 0;
}

/* Holds the answer back; half the time where the card will be out by then. */
static void hold(struct slot *slot, struct buffer *answer)
{
	uint64_t us = (uint64_t)slot->slow_ms * (slot->unplugged ? 500 : 1000);

	slot->answer = TAKE_STRUCT(*answer);
	if (sd_event_add_time_relative(slot->event, &slot->later, CLOCK_MONOTONIC, us, 1, on_later,
				       slot) < 0)
		lose_reader(slot);
}

static bool fails(struct slot *slot, struct span command, struct buffer *answer)
{
	bool is_meant = command.size >= 2 &&
			(slot->failure.ins < 0 || slot->failure.ins == command.data[1]);

	if (!slot->failure.count || !is_meant)
		return false;
	slot->failure.count--;
	buffer_append_byte(answer, (uint8_t)(slot->failure.status >> 8));
	buffer_append_byte(answer, (uint8_t)slot->failure.status);
	return true;
}

static void take_command(struct slot *slot, struct span command)
{
	_cleanup_(buffer_done) struct buffer answer = {0};
	bool used_key = false;

	if (!fails(slot, command, &answer)) {
		card_answer(slot->card, command, &answer);
		used_key = slot->card->used_key;
	}
	slot->operations += used_key;
	if (used_key && (slot->slow_ms || slot->unplugged))
		hold(slot, &answer);
	else
		send_answer(slot, span_of_buffer(&answer));
}

static void take_message(struct slot *slot, struct span message)
{
	if (message.size != 1)
		take_command(slot, message);
	else if (message.data[0] == GIVE_ATR)
		send_answer(slot, card_atr());
	else
		card_reset(slot->card);
}

/* Every message that is whole; while an answer is held back, none. */
static void take_messages(struct slot *slot)
{
	while (slot->io && !slot->later && slot->in_size >= 2) {
		size_t size = (size_t)slot->in[0] << 8 | slot->in[1];

		if (slot->in_size < 2 + size)
			return;
		take_message(slot, SPAN(slot->in + 2, size));
		if (slot->in_size) { /* not lost meanwhile */
			slot->in_size -= 2 + size;
			memmove(slot->in, slot->in + 2 + size, slot->in_size);
		}
	}
}

static int on_message(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct slot *slot = context;
	ssize_t n;

	(void)source;
	(void)events;
	be_quick(fd);
	n = recv(fd, slot->in + slot->in_size, sizeof(slot->in) - slot->in_size, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		lose_reader(slot);
		return 0;
	}
	slot->in_size += (size_t)n;
	take_messages(slot);
	return 0;
}

static int connect_reader(struct slot *slot)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0 || connect(fd, (struct sockaddr *)&slot->reader, sizeof(slot->reader)) < 0)
		return -errno;
	be_quick(fd);
	r = sd_event_add_io(slot->event, &slot->io, fd, EPOLLIN, on_message, slot);
	if (r < 0)
		return r;
	(void)sd_event_source_set_io_fd_own(slot->io, true);
	fd = -1;
	return 0;
}

static int on_again(sd_event_source *source, uint64_t now_us, void *context)
{
	struct slot *slot = context;

	(void)now_us;
	if (slot->is_plugged && !slot->io && connect_reader(slot) < 0)
		arm(source, AGAIN_US);
	return 0;
}

int slot_new(sd_event *event, uint16_t port, struct slot **ret)
{
	struct slot *slot = calloc(1, sizeof(*slot));
	int r;

	if (!slot)
		return -ENOMEM;
	slot->event = sd_event_ref(event);
	slot->reader = (struct sockaddr_in){.sin_family = AF_INET,
					    .sin_port = htons(port),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	r = sd_event_add_time_relative(event, &slot->again, CLOCK_MONOTONIC, 0, 1, on_again, slot);
	if (r < 0) {
		slot_free(slot);
		return r;
	}
	*ret = slot;
	return 0;
}

void slot_free(struct slot *slot)
{
	if (!slot)
		return;
	disconnect(slot);
	sd_event_source_disable_unref(slot->again);
	card_free(slot->card);
	sd_event_unref(slot->event);
	free(slot);
}

void slot_freep(struct slot **slot)
{
	slot_free(*slot);
}

int slot_plug(struct slot *slot, const char *path)
{
	struct card *card;
	int r;

	if (slot->is_plugged)
		return -EBUSY;
	if (!path && !slot->card)
		return -ENOENT;
	if (path) {
		r = card_open(path, &card);
		if (r < 0)
			return r;
		card_free(slot->card);
		slot->card = card;
	}
	slot->is_plugged = true;
	arm(slot->again, 0);
	return 0;
}

void slot_unplug(struct slot *slot)
{
	void (*unplugged)(void *context) = TAKE_PTR(slot->unplugged);

	slot->is_plugged = false;
	disconnect(slot);
	if (unplugged)
		unplugged(slot->unplugged_context);
}

int slot_unplug_in_operation(struct slot *slot, void (*done)(void *context), void *context)
{
	if (slot->unplugged)
		return -EBUSY;
	slot->unplugged = done;
	slot->unplugged_context = context;
	return 0;
}

void slot_set_slow(struct slot *slot, unsigned ms)
{
	slot->slow_ms = ms;
}

void slot_fail(struct slot *slot, uint16_t status, int ins, unsigned count)
{
	slot->failure.status = status;
	slot->failure.ins = ins;
	slot->failure.count = count;
}

struct card *slot_card(struct slot *slot)
{
	return slot->card;
}

unsigned slot_operations(const struct slot *slot)
{
	return slot->operations;
}

bool slot_is_plugged(const struct slot *slot)
{
	return slot->is_plugged;
}
