/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/service.h"

#include "daemon/base/clock.h"
#include "daemon/base/spki.h"
#include "hsm/key/kind.h"
#include "hsm/key/service-ask.h"
#include "hsm/key/service-pool.h"
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

struct key_service {
	char *path;
	int64_t timeout_ms;
	atomic_uint references;
	struct service_pool pool;
};

int key_service_new(const char *path, int64_t timeout_ms, struct key_service **ret)
{
	struct key_service *service;

	assert(timeout_ms >= 1);
	if (!path[0] || strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return -EINVAL;
	service = calloc(1, sizeof(*service));
	if (!service)
		return -ENOMEM;
	atomic_init(&service->references, 1);
	service->timeout_ms = timeout_ms;
	service->path = strdup(path);
	if (!service->path) {
		free(service);
		return -ENOMEM;
	}
	*ret = service;
	return 0;
}

struct key_service *key_service_ref(struct key_service *service)
{
	atomic_fetch_add_explicit(&service->references, 1, memory_order_relaxed);
	return service;
}

struct key_service *key_service_unref(struct key_service *service)
{
	if (!service ||
	    atomic_fetch_sub_explicit(&service->references, 1, memory_order_acq_rel) != 1)
		return NULL;
	service_pool_drop(&service->pool);
	free(service->path);
	free(service);
	return NULL;
}

void key_service_unrefp(struct key_service **service)
{
	*service = key_service_unref(*service);
}

/* One question as it goes over one connection, and perhaps a second. */
struct asking {
	struct key_service *service;
	enum ipc_number number;
	const void *message;
	int64_t deadline_ms;
	bool is_asked; /* it was sent, or could have been */
};

static int64_t left_ms(const struct asking *asking)
{
	int64_t left = asking->deadline_ms - clock_monotonic_ms();

	return left > 0 ? left : 0;
}

/* One that waits, or a new one. */
static int get_connection(const struct asking *asking, bool fresh, struct service_connection **ret)
{
	struct key_service *service = asking->service;

	*ret = fresh ? NULL : service_pool_take(&service->pool);
	return *ret ? 0 : service_connection_open(service->path, left_ms(asking), ret);
}

/* 0, IPC_CALL_FAILED, or how connection or question broke. Whatever went wrong with a connection,
 * it meets no other question: a late answer would be taken for that one's. */
static int try_once(struct asking *asking, bool fresh, struct ipc_packet *ret)
{
	struct service_connection *connection;
	int r = get_connection(asking, fresh, &connection);

	asking->is_asked = r == 0;
	if (r < 0)
		return r;
	r = ipc_call(connection->fd, asking->number, asking->message, left_ms(asking), ret);
	/* Tag 0: it was turned away, and ends. */
	if (r >= 0 && ret->header.tag)
		service_pool_keep(&asking->service->pool, connection);
	else
		service_connection_close(connection);
	return r;
}

static bool is_broken(int r)
{
	return r == -EPIPE || r == -ECONNRESET || r == -ENOTCONN;
}

/* A daemon that was started anew has ended every connection, also those that wait. */
static int try_twice(struct asking *asking, struct ipc_packet *ret)
{
	int r = try_once(asking, false, ret);

	if (!asking->is_asked || !is_broken(r))
		return r;
	service_pool_drop(&asking->service->pool);
	return try_once(asking, true, ret);
}

/* What went wrong, by errno, as people are told it: a sentence around the socket's path. */
static const struct trouble {
	int error;
	int outcome;
	const char *before, *after;
} troubles[] = {
/* clang-format off */
#define NOT_STARTED ": is clavigerd-key.socket started?"
#define NOT_ALLOWED ": what confines it (its unit, an AppArmor profile, a chroot) must let it"
#define WENT_AWAY ": ask again, and look at its journal"
	{ENOENT, KEY_SERVICE_AWAY, "there is no ", NOT_STARTED},
	{ENOTDIR, KEY_SERVICE_AWAY, "there is no ", NOT_STARTED},
	{ECONNREFUSED, KEY_SERVICE_AWAY, "nobody listens at ", NOT_STARTED},
	{EACCES, KEY_SERVICE_AWAY, "this program may not connect to ", NOT_ALLOWED},
	{EPERM, KEY_SERVICE_AWAY, "this program may not connect to ", NOT_ALLOWED},
	{ETIMEDOUT, KEY_SERVICE_LATE, "no answer in time from clavigerd at ",
	 ": systemctl status clavigerd, and claviger status for its tokens"},
	{EPIPE, KEY_SERVICE_LOST, "clavigerd ended before it answered at ", WENT_AWAY},
	{ECONNRESET, KEY_SERVICE_LOST, "clavigerd ended before it answered at ", WENT_AWAY},
	{ENOTCONN, KEY_SERVICE_LOST, "clavigerd ended before it answered at ", WENT_AWAY},
	{EBADMSG, -EBADMSG, "no clavigerd of this version speaks at ", ""},
	{EPROTOTYPE, -EBADMSG, "no clavigerd of this version speaks at ", ""},
	/* clang-format on */
};

static int tell(const struct asking *asking, const char *before, const char *after,
		char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer reason = {0};

	if (!ret_reason)
		return 0;
	buffer_printf(&reason, "%s%s%s", before, asking->service->path, after);
	return buffer_take_text(&reason, ret_reason);
}

/* The outcome that belongs to @error, an errno, with its reason. */
static int give_up(const struct asking *asking, int error, char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer after = {0};
	_cleanup_(freep) char *text = NULL;
	int r;

	for (size_t i = 0; i < ELEMENTS(troubles); i++)
		if (troubles[i].error == error) {
			r = tell(asking, troubles[i].before, troubles[i].after, ret_reason);
			return r < 0 ? r : troubles[i].outcome;
		}
	buffer_printf(&after, ": %s", strerrordesc_np(error));
	r = buffer_take_text(&after, &text);
	if (r == 0)
		r = tell(asking, "clavigerd can't be asked at ", text, ret_reason);
	return r < 0 ? r : -error;
}

int key_service_ask(struct key_service *service, enum ipc_number number, const void *message,
		    struct ipc_packet *ret, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct asking asking = {
		.service = service,
		.number = number,
		.message = message,
		.deadline_ms = clock_monotonic_ms() + service->timeout_ms,
	};
	int r = try_twice(&asking, &packet);

	if (r < 0)
		return give_up(&asking, -r, ret_reason);
	if (r == IPC_CALL_FAILED) {
		r = key_read_failure(&packet, ret_reason);
		return r == -EBADMSG ? give_up(&asking, EBADMSG, ret_reason) : r;
	}
	*ret = TAKE_STRUCT(packet);
	return 0;
}

int key_service_find(struct key_service *service, const char *name, struct bytes *ret_spki,
		     char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_key_public ask = {.name = span_of_text(name)};
	struct span modulus, exponent;
	struct ipc_key_public_half half;
	int r;

	if (!key_service_is_name(ask.name))
		return key_explain(-EINVAL, ret_reason, "no key can have such a name");
	r = key_service_ask(service, IPC_KEY_PUBLIC, &ask, &packet, ret_reason);
	if (r == 0)
		r = ipc_decode(packet.content, IPC_KEY_PUBLIC_HALF, &half);
	if (r == 0 && spki_read(half.spki, &modulus, &exponent) < 0)
		r = key_explain(-EBADMSG, ret_reason, "what clavigerd gave is no RSA key");
	return r == 0 ? bytes_copy(half.spki, ret_spki) : r;
}
