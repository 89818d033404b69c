/* SPDX-License-Identifier: Apache-2.0 */
#include "token/door.h"
#include "daemon/base/log.h"
#include "daemon/base/socket-guard.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The daemon keeps a handful; more are a fault of whoever opens them. */
#define GUESTS_MAX 256

struct guest {
	struct guest *next, **previous;
	struct door *door;
	struct connection *connection;
	sd_event_source *source;
};

struct door {
	struct door_facts facts;
	sd_event *event;
	sd_event_source *source;
	struct guest *guests;
	unsigned n_guests;
};

static void guest_leave(struct guest *guest)
{
	*guest->previous = guest->next;
	if (guest->next)
		guest->next->previous = guest->previous;
	guest->door->n_guests--;
	(void)sd_event_source_disable_unref(guest->source);
	/* Later answers have nowhere to go. */
	(void)shutdown(connection_fd(guest->connection), SHUT_RDWR);
	connection_unref(guest->connection);
	free(guest);
}

static int on_packet(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct guest *guest = userdata;
	struct door *door = guest->door;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	int r = SOCKET_GUARDED(ipc_receive(fd, &packet));

	(void)source;
	(void)events;
	if (r == -EAGAIN)
		return 0;
	if (r == 0)
		r = request_take(door->facts.service, door->facts.pool, door->facts.door,
				 guest->connection, &packet);
	if (r < 0 && r != -ECONNRESET)
		log_warning(LOG_FIELDS(log_number("PEER_UID", connection_uid(guest->connection)),
				       log_number("PEER_PID", connection_pid(guest->connection))),
			    "a connection is closed: %s", strerrordesc_np(-r));
	if (r < 0)
		guest_leave(guest);
	return 0;
}

static int guest_enter(struct door *door, struct connection *connection)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	int r;

	if (!guest)
		return -ENOMEM;
	r = sd_event_add_io(door->event, &guest->source, connection_fd(connection), EPOLLIN,
			    on_packet, guest);
	if (r < 0) {
		free(guest);
		return r;
	}
	guest->door = door;
	guest->connection = connection_ref(connection);
	guest->next = door->guests;
	guest->previous = &door->guests;
	if (door->guests)
		door->guests->previous = &guest->next;
	door->guests = guest;
	door->n_guests++;
	return 0;
}

static int on_knock(sd_event_source *source, int listening, uint32_t events, void *userdata)
{
	struct door *door = userdata;
	struct connection *connection;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int r;

	(void)source;
	(void)events;
	/* The peer may be gone already; and where descriptors run out, others will leave. */
	if (fd < 0)
		return 0;
	if (door->n_guests >= GUESTS_MAX) {
		socket_guard_close(fd);
		return 0;
	}
	r = connection_new(fd, &connection);
	if (r == 0) {
		r = guest_enter(door, connection);
		connection_unref(connection);
	}
	if (r < 0)
		log_error(LOG_PLAIN, "a connection can't be served: %s", strerrordesc_np(-r));
	return 0;
}

int door_open(sd_event *event, const struct door_facts *facts, struct door **ret)
{
	struct door *door = calloc(1, sizeof(*door));
	int r;

	if (!door) {
		(void)close(facts->fd);
		return -ENOMEM;
	}
	door->facts = *facts;
	door->event = sd_event_ref(event);
	r = fcntl(facts->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
	if (r == 0)
		r = sd_event_add_io(event, &door->source, facts->fd, EPOLLIN, on_knock, door);
	if (r < 0)
		door_close(door);
	else
		*ret = door;
	return r;
}

struct door *door_close(struct door *door)
{
	if (!door)
		return NULL;
	(void)sd_event_source_disable_unref(door->source);
	for (struct guest *guest = door->guests, *next; guest; guest = next) {
		next = guest->next;
		guest_leave(guest);
	}
	socket_guard_close(door->facts.fd);
	sd_event_unref(door->event);
	free(door);
	return NULL;
}
