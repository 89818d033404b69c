/* SPDX-License-Identifier: Apache-2.0 */
/* Whether routers reach our front end: where systemd holds the port, or Listen= says it is. */
#include "daemon/base/files.h"
#include "daemon/cli/doctor-internal.h"
#include "daemon/conf/address.h"
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define SYSTEMD	   "org.freedesktop.systemd1"
#define UNIT_PATH  "/org/freedesktop/systemd1/unit/claviger_2dhttp_2esocket"
#define UNIT	   "claviger-http.socket"
#define PATIENCE_S 10 /* a front end of ours that is slow is no other program */

enum port_state { PORT_OURS, PORT_FOREIGN, PORT_CLOSED, PORT_UNKNOWN };

/* Somebody who listens everywhere is asked here. */
static void aim_here(struct sockaddr_storage *address)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET && four->sin_addr.s_addr == htonl(INADDR_ANY))
		four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (address->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr))
		six->sin6_addr = in6addr_loopback;
}

/* [::]:80 where IPv6 is off serves IPv4. */
static int dial(struct sockaddr_storage *address, socklen_t size, int *ret_fd)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	_cleanup_(closep) int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)address, size) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* The front end names itself in each answer, also to what it doesn't know. */
static bool is_ours(int fd)
{
	static const char question[] = "GET / HTTP/1.0\r\n\r\n";
	char answer[4096];
	size_t size = 0;
	ssize_t n = send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL);

	while (n > 0 && size < sizeof(answer) - 1) {
		n = recv(fd, answer + size, sizeof(answer) - 1 - size, 0);
		size += n > 0 ? (size_t)n : 0;
	}
	answer[size] = '\0';
	return strcasestr(answer, "\r\nServer: claviger\r\n") != NULL;
}

static enum port_state ask(const char *listener)
{
	struct sockaddr_storage address;
	_cleanup_(closep) int fd = -1;
	socklen_t size;

	if (conf_read_address(span_of_text(listener), &address, &size) < 0)
		return PORT_UNKNOWN;
	aim_here(&address);
	if (dial(&address, size, &fd) < 0)
		return PORT_CLOSED;
	return is_ours(fd) ? PORT_OURS : PORT_FOREIGN;
}

static void look_at_listener(struct doctor *doctor, const char *listener)
{
	static const struct {
		enum finding finding;
		const char *text;
	} rows[] = {
		[PORT_OURS] = {DOCTOR_GOOD, "claviger-http answers"},
		[PORT_FOREIGN] =
			{DOCTOR_MISSING,
			 "another program answers there (ss -ltnp tells which): stop it, or "
			 "choose another port: systemctl edit claviger-http.socket"},
		[PORT_CLOSED] = {DOCTOR_MISSING,
				 "nobody listens there: systemctl start claviger-http.socket"},
		[PORT_UNKNOWN] = {DOCTOR_UNWISE, "can't be asked from here"},
	};
	enum port_state state = ask(listener);

	doctor_tell(doctor, rows[state].finding, "port", "%s: %s", listener, rows[state].text);
}

/* What systemd listens at for the front end; false where it does not. */
static bool look_at_unit(struct doctor *doctor)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	_cleanup_(freep) char *state = NULL;
	const char *kind, *listener;
	int r = sd_bus_open_system(&bus);

	if (r < 0 ||
	    sd_bus_get_property_string(bus, SYSTEMD, UNIT_PATH, SYSTEMD ".Unit", "ActiveState",
				       NULL, &state) < 0 ||
	    strcmp(state, "active") != 0 ||
	    sd_bus_get_property(bus, SYSTEMD, UNIT_PATH, SYSTEMD ".Socket", "Listen", NULL, &reply,
				"a(ss)") < 0)
		return false;
	r = sd_bus_message_enter_container(reply, 'a', "(ss)");
	while (r >= 0 && (r = sd_bus_message_read(reply, "(ss)", &kind, &listener)) > 0)
		look_at_listener(doctor, listener);
	return true;
}

void doctor_look_at_port(struct doctor *doctor)
{
	const struct conf_http *http = &doctor->conf->http;

	if (!doctor->conf->n_servers || look_at_unit(doctor))
		return;
	for (size_t i = 0; i < http->n_listen; i++)
		look_at_listener(doctor, http->listen[i]);
	if (!http->n_listen)
		look_at_listener(doctor, "[::]:80");
}
