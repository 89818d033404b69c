/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/trap.h"
#include "daemon/fetch/sink.h"
#include "daemon/fetch/snmp.h"
#include <stdlib.h>

struct trap {
	struct ipc_packet packet; /* the message borrows from it */
	struct ipc_fetch_trap message;
	uint64_t tag;
	struct sink sink;
	struct resolve *resolve;
};

static bool is_sane(const struct ipc_fetch_trap *message)
{
	return message->auth >= SNMP_AUTH_SHA && message->auth <= SNMP_AUTH_SHA512 &&
	       message->privacy >= SNMP_PRIVACY_NONE && message->privacy <= SNMP_PRIVACY_AES &&
	       message->engine.size && snmp_knows(message->notification);
}

int trap_new(struct ipc_packet *packet, struct trap **ret, const char **ret_reason)
{
	struct trap *trap = calloc(1, sizeof(*trap));
	int r;

	if (!trap) {
		ipc_packet_done(packet);
		return -ENOMEM;
	}
	trap->packet = TAKE_STRUCT(*packet);
	trap->tag = trap->packet.header.tag;
	r = ipc_decode(trap->packet.content, IPC_FETCH_TRAP, &trap->message);
	if (!r && !is_sane(&trap->message))
		r = -EBADMSG;
	if (!r && sink_read(trap->message.sink, &trap->sink)) {
		*ret_reason = "a sink is v2c:HOST[:PORT] or v3:USER@HOST[:PORT], an IPv6 address "
			      "in brackets";
		r = TRAP_REFUSED;
	}
	if (!r)
		r = resolve_begin(trap->sink.host.name, trap->sink.host.port, &trap->resolve);
	if (!r)
		*ret = TAKE_PTR(trap);
	trap_free(trap);
	return r;
}

struct trap *trap_free(struct trap *trap)
{
	if (!trap)
		return NULL;
	resolve_let_go(trap->resolve);
	ipc_packet_done(&trap->packet);
	free(trap);
	return NULL;
}

int trap_fd(const struct trap *trap)
{
	return resolve_fd(trap->resolve);
}

static const char *send_it(const struct trap *trap, const struct resolve_address *address)
{
	const struct ipc_fetch_trap *message = &trap->message;
	struct snmp_sink sink = {
		.version = trap->sink.is_v3 ? SNMP_V3 : SNMP_V2C,
		.address = address,
		.community = message->community,
		.user = trap->sink.user,
		.auth_password = message->auth_password,
		.privacy_password = message->privacy_password,
		.auth = (enum snmp_auth)message->auth,
		.privacy = (enum snmp_privacy)message->privacy,
		.engine = message->engine,
		.uptime_s = message->uptime_s,
	};
	struct snmp_notice notice = {
		.notification = (enum snmp_notification)message->notification,
		.name = message->name,
		.serial = message->serial,
		.issuer = message->issuer,
		.subject = message->subject,
		.type = message->type,
		.not_after_s = message->not_after_s,
		.left_s = message->left_s,
	};

	return snmp_send_notice(&sink, &notice);
}

int trap_answer(struct trap *trap, int fd)
{
	struct span sink = trap->message.sink;
	struct resolve_address address;
	struct ipc_done done = {};
	const char *fault;

	if (resolve_take(trap->resolve, &address) < 0)
		fault = "its host's name can't be resolved: check the name and this machine's DNS, "
			"or give the host's address instead";
	else
		fault = send_it(trap, &address);
	if (!fault)
		return ipc_send(fd, IPC_DONE, trap->tag, &done);
	return ipc_send_failed(fd, trap->tag, IPC_FAILURE_LATER, "%.*s: %s", (int)sink.size,
			       (const char *)sink.data, fault);
}
