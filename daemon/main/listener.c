/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/listener.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/socket-guard.h"
#include "daemon/base/socket.h"
#include <string.h>

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct listener *listener = context;
	int connected = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)source;
	(void)events;
	if (connected >= 0)
		listener->on_connect(listener->context, connected);
	else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		log_warning(LOG_FIELDS(log_number("ERRNO", errno)),
			    "a connection could not be accepted");
	return 0;
}

int listener_open(sd_event *loop, const struct listener_place *place,
		  void (*on_connect)(void *context, int fd), void *context, struct listener *ret)
{
	_cleanup_(freep) char *path = NULL;
	int r;

	*ret = (struct listener){.fd = -1, .on_connect = on_connect, .context = context};
	r = text_format(&path, "%s/%s.sock", place->directory, place->name);
	if (r >= 0)
		r = socket_listen(place->name, path, place->type, place->mode, &ret->fd);
	if (r >= 0 && place->refuses_descriptors)
		socket_guard_refuse_descriptors(ret->fd);
	if (r >= 0)
		r = sd_event_add_io(loop, &ret->source, ret->fd, EPOLLIN, on_readable, ret);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("SOCKET", path), log_number("ERRNO", -r)),
			  "can't listen: %s", strerror(-r));
	return r;
}

void listener_close(struct listener *listener)
{
	listener->source = sd_event_source_disable_unref(listener->source);
	socket_guard_close(listener->fd);
	listener->fd = -1;
}
