/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/card/control.h"
#include "daemon/base/socket.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_BYTES 4096
#define WORDS	      4
#define PEERS	      16

struct peer_of_control {
	struct control *control;
	sd_event_source *io; /* NULL: free */
	bool waits;	     /* for the card to be out */
};

struct control {
	sd_event *event;
	sd_event_source *listener;
	struct slot *slot;
	struct peer_of_control peers[PEERS];
};

struct words {
	char *word[WORDS]; /* NULL from the last one on */
};

/* A word as a number of at most @max; @otherwise where there is no word. -EINVAL. */
static int number(const char *word, int base, unsigned max, unsigned otherwise, unsigned *ret)
{
	char *end = NULL;
	unsigned long value = word ? strtoul(word, &end, base) : otherwise;

	if (word && (end == word || *end))
		return -EINVAL;
	*ret = (unsigned)value;
	return value > max ? -EINVAL : 0;
}

static void send_words(struct peer_of_control *peer, const char *words)
{
	(void)send(sd_event_source_get_io_fd(peer->io), words, strlen(words),
		   MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer(struct peer_of_control *peer, int r)
{
	char words[128];

	(void)snprintf(words, sizeof(words), "error %s", strerror(-r));
	send_words(peer, r < 0 ? words : "ok");
}

static void on_unplugged(void *context)
{
	struct control *control = context;

	for (size_t i = 0; i < PEERS; i++) {
		if (control->peers[i].waits)
			answer(&control->peers[i], 0);
		control->peers[i].waits = false;
	}
}

static void plug(struct peer_of_control *peer, struct words words)
{
	answer(peer, slot_plug(peer->control->slot, words.word[1]));
}

static void unplug(struct peer_of_control *peer, struct words words)
{
	(void)words;
	slot_unplug(peer->control->slot);
	answer(peer, 0);
}

static void unplug_in_operation(struct peer_of_control *peer, struct words words)
{
	int r = slot_unplug_in_operation(peer->control->slot, on_unplugged, peer->control);

	(void)words;
	peer->waits = r == 0;
	if (r < 0)
		answer(peer, r);
}

static void slow(struct peer_of_control *peer, struct words words)
{
	unsigned ms;
	int r = number(words.word[1], 10, 600000, 0, &ms);

	if (r == 0)
		slot_set_slow(peer->control->slot, ms);
	answer(peer, r);
}

/* By default the next command to sign. */
static void fail(struct peer_of_control *peer, struct words words)
{
	unsigned status, ins, count;
	int r = number(words.word[1], 16, UINT16_MAX, 0x6F00, &status);

	if (r == 0)
		r = number(words.word[2], 16, UINT8_MAX, 0x68, &ins);
	if (r == 0)
		r = number(words.word[3], 10, 1000000, 1, &count);
	if (r == 0)
		slot_fail(peer->control->slot, (uint16_t)status, (int)ins, count);
	answer(peer, r);
}

static void limit(struct peer_of_control *peer, struct words words)
{
	struct card *card = slot_card(peer->control->slot);
	unsigned bits;
	int r = card ? number(words.word[1], 10, 4096, 4096, &bits) : -ENOENT;

	if (r == 0)
		card->max_bits = bits;
	answer(peer, r);
}

static void lock(struct peer_of_control *peer, struct words words)
{
	struct card *card = slot_card(peer->control->slot);

	(void)words;
	if (card)
		card_lock(card);
	answer(peer, card ? 0 : -ENOENT);
}

static void status(struct peer_of_control *peer, struct words words)
{
	struct slot *slot = peer->control->slot;
	struct card *card = slot_card(slot);
	char line[128];

	(void)words;
	(void)snprintf(line, sizeof(line), "ok %s %s %u", slot_is_plugged(slot) ? "in" : "out",
		       card ? card->serial : "-", slot_operations(slot));
	send_words(peer, line);
}

static const struct {
	const char *word;
	void (*function)(struct peer_of_control *peer, struct words words);
} commands[] = {
	{"plug", plug}, {"unplug", unplug}, {"unplug-in-operation", unplug_in_operation},
	{"slow", slow}, {"fail", fail},	    {"limit", limit},
	{"lock", lock}, {"status", status},
};

static void obey(struct peer_of_control *peer, char *line)
{
	struct words words = {0};
	char *rest = NULL;

	words.word[0] = strtok_r(line, " \n", &rest);
	for (size_t i = 1; i < WORDS && words.word[i - 1]; i++)
		words.word[i] = strtok_r(NULL, " \n", &rest);
	for (size_t i = 0; words.word[0] && i < ELEMENTS(commands); i++) {
		if (strcmp(words.word[0], commands[i].word) == 0) {
			commands[i].function(peer, words);
			return;
		}
	}
	answer(peer, -EINVAL);
}

static int on_packet(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct peer_of_control *peer = context;
	char line[COMMAND_BYTES];
	ssize_t n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (n <= 0) {
		peer->io = sd_event_source_disable_unref(peer->io);
		peer->waits = false;
		return 0;
	}
	line[n] = '\0';
	obey(peer, line);
	return 0;
}

static int on_peer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct control *control = context;
	_cleanup_(closep) int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)source;
	(void)events;
	for (size_t i = 0; connection >= 0 && i < PEERS; i++) {
		struct peer_of_control *peer = &control->peers[i];

		if (peer->io)
			continue;
		peer->control = control;
		if (sd_event_add_io(control->event, &peer->io, connection, EPOLLIN, on_packet,
				    peer) == 0)
			(void)sd_event_source_set_io_fd_own(peer->io, true);
		connection = -1;
	}
	return 0;
}

int control_new(sd_event *event, const char *path, struct slot *slot, struct control **ret)
{
	_cleanup_(control_freep) struct control *control = calloc(1, sizeof(*control));
	_cleanup_(closep) int fd = -1;
	int r;

	if (!control)
		return -ENOMEM;
	control->event = sd_event_ref(event);
	control->slot = slot;
	r = socket_listen("control", path, SOCK_SEQPACKET, 0600, &fd);
	if (r < 0)
		return r;
	r = sd_event_add_io(event, &control->listener, fd, EPOLLIN, on_peer, control);
	if (r < 0)
		return r;
	(void)sd_event_source_set_io_fd_own(control->listener, true);
	fd = -1;
	*ret = TAKE_PTR(control);
	return 0;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < PEERS; i++)
		sd_event_source_disable_unref(control->peers[i].io);
	sd_event_source_disable_unref(control->listener);
	sd_event_unref(control->event);
	free(control);
}

void control_freep(struct control **control)
{
	control_free(*control);
}
