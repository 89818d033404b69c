/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/service.h"
#include "daemon/base/log.h"
#include "daemon/base/socket-guard.h"
#include "daemon/fetch/trap.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What all contents take of memory together. */
#define TOO_MUCH   "claviger-fetch has too much to do at once: try again"
#define BYTES_MOST ((size_t)256 * 1024 * 1024)

struct peer {
	int fd;
	struct transfer *transfer;
	struct trap *trap; /* neither: it may ask */
};

struct service {
	CURLM *multi;
	int listening;
	const char *known_hosts;
	struct peer peers[SERVICE_PEERS_MOST];
	size_t n_peers;
	size_t n_bytes;
};

static void drop_transfer(struct service *service, struct peer *peer)
{
	if (!peer->transfer)
		return;
	curl_multi_remove_handle(service->multi, transfer_handle(peer->transfer));
	service->n_bytes -= transfer_bytes(peer->transfer);
	peer->transfer = transfer_free(peer->transfer);
}

/* Its place goes to the last one. */
static void drop_peer(struct service *service, struct peer *peer)
{
	drop_transfer(service, peer);
	trap_free(peer->trap);
	socket_guard_close(peer->fd);
	*peer = service->peers[--service->n_peers];
}

static void accept_peer(struct service *service)
{
	int fd = accept4(service->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		service->peers[service->n_peers++] = (struct peer){.fd = fd};
	else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		log_warning(LOG_FIELDS(log_number("ERRNO", errno)),
			    "a connection could not be accepted");
}

/* 0 where it is under way, else why not. */
static int begin(struct service *service, struct peer *peer, struct transfer *transfer)
{
	size_t bytes = transfer_bytes(transfer);

	if (bytes > BYTES_MOST - service->n_bytes)
		return -EBUSY;
	if (curl_multi_add_handle(service->multi, transfer_handle(transfer)))
		return -ENOMEM;
	service->n_bytes += bytes;
	peer->transfer = transfer;
	return 0;
}

static int take_transfer(struct service *service, struct peer *peer, struct ipc_packet *packet)
{
	_cleanup_(freep) char *reason = NULL;
	struct transfer *transfer = NULL;
	uint64_t tag = packet->header.tag;
	int r = transfer_new(packet, service->known_hosts, &transfer, &reason);

	if (r == TRANSFER_REFUSED)
		return ipc_send_failed(peer->fd, tag, IPC_FAILURE_INVALID, "%s", reason);
	if (r == -EBADMSG)
		return r;
	if (!r)
		r = begin(service, peer, transfer);
	if (!r)
		return 0;
	transfer_free(transfer);
	return ipc_send_failed(peer->fd, tag, IPC_FAILURE_LATER, TOO_MUCH);
}

static int take_trap(struct peer *peer, struct ipc_packet *packet)
{
	uint64_t tag = packet->header.tag;
	const char *reason = NULL;
	int r = trap_new(packet, &peer->trap, &reason);

	if (r == TRAP_REFUSED)
		return ipc_send_failed(peer->fd, tag, IPC_FAILURE_INVALID, "%s", reason);
	if (!r || r == -EBADMSG)
		return r;
	return ipc_send_failed(peer->fd, tag, IPC_FAILURE_LATER, TOO_MUCH);
}

/* Refused or begun: 0; < 0 where the peer is to be dropped. */
static int take_request(struct service *service, struct peer *peer)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	int r;

	r = SOCKET_GUARDED(ipc_receive(peer->fd, &packet));
	if (r == -EAGAIN)
		return 0;
	/* Also what is sent while a transfer is under way: one question at a time. */
	if (r >= 0 && (peer->transfer || peer->trap))
		r = -EBADMSG;
	if (r < 0)
		return r;
	return packet.header.number == IPC_FETCH_TRAP ? take_trap(peer, &packet)
						      : take_transfer(service, peer, &packet);
}

static void serve_peer(struct service *service, struct peer *peer)
{
	int r = take_request(service, peer);

	if (r == -EBADMSG)
		log_warning(LOG_PLAIN, "a peer sent what is no message of ours: closed");
	if (r < 0)
		drop_peer(service, peer);
}

static struct peer *peer_of(struct service *service, const struct transfer *transfer)
{
	for (size_t i = 0; i < service->n_peers; i++)
		if (service->peers[i].transfer == transfer)
			return &service->peers[i];
	return NULL;
}

static void end_transfer(struct service *service, CURL *easy, CURLcode code)
{
	char *private = NULL;
	struct peer *peer;
	int r;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
	peer = peer_of(service, (const struct transfer *)private);
	assert(peer);
	curl_multi_remove_handle(service->multi, easy);
	r = transfer_answer(peer->transfer, peer->fd, code);
	drop_transfer(service, peer);
	if (r < 0)
		drop_peer(service, peer);
}

static void end_trap(struct service *service, struct peer *peer)
{
	int r = trap_answer(peer->trap, peer->fd);

	peer->trap = trap_free(peer->trap);
	if (r < 0)
		drop_peer(service, peer);
}

static int run_transfers(struct service *service)
{
	int running, left;
	struct CURLMsg *message;
	CURLMcode code = curl_multi_perform(service->multi, &running);

	while (!code && (message = curl_multi_info_read(service->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			end_transfer(service, message->easy_handle, message->data.result);
	return code == CURLM_OUT_OF_MEMORY ? -ENOMEM : code ? -EIO : 0;
}

enum { FD_SIGNALS, FD_LISTENING, FD_PEERS, FD_MOST = FD_PEERS + 2 * SERVICE_PEERS_MOST };

/* Beside each peer what its trap waits for; a negative descriptor is waited for by nobody. */
static size_t fd_of_peer(size_t i)
{
	return FD_PEERS + 2 * i;
}

static unsigned prepare(const struct service *service, int signals,
			struct curl_waitfd fds[static FD_MOST])
{
	bool has_room = service->n_peers < SERVICE_PEERS_MOST;

	fds[FD_SIGNALS] = (struct curl_waitfd){.fd = signals, .events = CURL_WAIT_POLLIN};
	/* Whoever finds no place waits in the backlog. */
	fds[FD_LISTENING] = (struct curl_waitfd){.fd = service->listening,
						 .events = has_room ? CURL_WAIT_POLLIN : 0};
	for (size_t i = 0; i < service->n_peers; i++) {
		const struct peer *peer = &service->peers[i];
		struct curl_waitfd *fd = &fds[fd_of_peer(i)];

		fd[0] = (struct curl_waitfd){.fd = peer->fd, .events = CURL_WAIT_POLLIN};
		fd[1] = (struct curl_waitfd){.fd = peer->trap ? trap_fd(peer->trap) : -1,
					     .events = CURL_WAIT_POLLIN};
	}
	return (unsigned)fd_of_peer(service->n_peers);
}

int service_step(struct service *service, int signals, int timeout_ms)
{
	struct curl_waitfd fds[FD_MOST];
	size_t n_peers = service->n_peers;
	unsigned n = prepare(service, signals, fds);

	if (curl_multi_poll(service->multi, fds, n, timeout_ms, NULL))
		return -EIO;
	/* From the last on: who takes a dropped one's place was looked at already. */
	for (size_t i = n_peers; i-- > 0;) {
		if (fds[fd_of_peer(i) + 1].revents)
			end_trap(service, &service->peers[i]);
		else if (fds[fd_of_peer(i)].revents)
			serve_peer(service, &service->peers[i]);
	}
	if (fds[FD_LISTENING].revents)
		accept_peer(service);
	return run_transfers(service);
}

bool service_is_idle(const struct service *service)
{
	return service->n_peers == 0;
}

int service_new(int listening, const char *known_hosts, struct service **ret)
{
	struct service *service = calloc(1, sizeof(*service));

	if (!service) {
		closep(&listening);
		return -ENOMEM;
	}
	*service = (struct service){
		.multi = curl_multi_init(), .listening = listening, .known_hosts = known_hosts};
	if (!service->multi) {
		service_free(service);
		return -ENOMEM;
	}
	*ret = service;
	return 0;
}

struct service *service_free(struct service *service)
{
	if (!service)
		return NULL;
	while (service->n_peers)
		drop_peer(service, &service->peers[service->n_peers - 1]);
	curl_multi_cleanup(service->multi);
	socket_guard_close(service->listening);
	free(service);
	return NULL;
}
