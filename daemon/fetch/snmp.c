/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/snmp.h"
#include "daemon/base/files.h"
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

/* clang-format off */
static const oid sys_up_time[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
static const oid snmp_trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
static const oid root[] = {
#include "daemon/fetch/mib.def"
	MIB_ROOT};
/* clang-format on */

/* Our time goes on through restarts: there is one boot alone. */
#define ENGINE_BOOTS 1

/* Beneath the root: two more, and the instance of a scalar. */
#define OID_MOST (ELEMENTS(root) + 3)
enum { BRANCH_NOTIFICATIONS = 0, BRANCH_OBJECTS = 1 };

static const struct notification {
	enum snmp_notification kind;
	int64_t severity;
} notifications[] = {
#define MIB_NOTIFICATION(KIND, name, number, severity) {SNMP_NOTIFICATION_##KIND, severity},
#include "daemon/fetch/mib.def"
};

enum object_type { VALUE_OCTETS, VALUE_INTEGER, VALUE_UNSIGNED, VALUE_DATE };

static const struct object {
	oid number;
	enum object_type type;
	size_t offset; /* of its value in struct snmp_notice */
} objects[] = {
#define MIB_OBJECT(name, number, type, member)                                                     \
	{number, VALUE_##type, offsetof(struct snmp_notice, member)},
#include "daemon/fetch/mib.def"
};

static const struct auth {
	const oid *protocol;
	size_t n;
} auths[] = {
	[SNMP_AUTH_SHA] = {usmHMACSHA1AuthProtocol, USM_AUTH_PROTO_SHA_LEN},
	[SNMP_AUTH_SHA256] = {usmHMAC192SHA256AuthProtocol, USM_AUTH_PROTO_SHA_LEN},
	[SNMP_AUTH_SHA512] = {usmHMAC384SHA512AuthProtocol, USM_AUTH_PROTO_SHA_LEN},
};

static const struct notification *find_notification(unsigned kind)
{
	for (size_t i = 0; i < ELEMENTS(notifications); i++)
		if (notifications[i].kind == kind)
			return &notifications[i];
	return NULL;
}

bool snmp_knows(unsigned notification)
{
	return find_notification(notification) != NULL;
}

/*
 * init_snmp() would read configurations and MIBs where the environment says, and make directories
 * for certificates: only what a trap needs is begun here. The last call draws the salt of AES.
 */
void snmp_init(void)
{
	static const int on[] = {
		NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
	};
	netsnmp_session session;

	snmp_disable_stderrlog();
	snmp_disable_log();
	for (size_t i = 0; i < ELEMENTS(on); i++)
		netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, on[i], 1);
	netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE, "claviger-fetch");
	snmp_sess_init(&session);
	init_secmod();
	snmp_call_callbacks(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG, NULL);
}

/* RFC 2579 DateAndTime, in UTC. */
static size_t write_date(int64_t moment_s, uint8_t ret[static 11])
{
	time_t moment = (time_t)moment_s;
	struct tm tm = {};
	unsigned year;

	gmtime_r(&moment, &tm);
	year = (unsigned)tm.tm_year + 1900;
	ret[0] = (uint8_t)(year >> 8);
	ret[1] = (uint8_t)year;
	ret[2] = (uint8_t)(tm.tm_mon + 1);
	ret[3] = (uint8_t)tm.tm_mday;
	ret[4] = (uint8_t)tm.tm_hour;
	ret[5] = (uint8_t)tm.tm_min;
	ret[6] = (uint8_t)tm.tm_sec;
	ret[7] = 0;
	ret[8] = '+';
	ret[9] = 0;
	ret[10] = 0;
	return 11;
}

static bool add_octets(netsnmp_pdu *pdu, const oid *name, struct span value)
{
	return snmp_pdu_add_variable(pdu, name, OID_MOST, ASN_OCTET_STR, value.data, value.size);
}

static bool add_object(netsnmp_pdu *pdu, const struct object *object,
		       const struct snmp_notice *notice)
{
	const uint8_t *value = (const uint8_t *)notice + object->offset;
	oid name[OID_MOST];
	uint8_t date[11];
	struct span text;
	int64_t number;
	long integer;

	memcpy(name, root, sizeof(root));
	name[ELEMENTS(root)] = BRANCH_OBJECTS;
	name[ELEMENTS(root) + 1] = object->number;
	name[ELEMENTS(root) + 2] = 0;
	if (object->type == VALUE_OCTETS) {
		memcpy(&text, value, sizeof(text));
		return add_octets(pdu, name, text);
	}
	memcpy(&number, value, sizeof(number));
	if (object->type == VALUE_DATE)
		return add_octets(pdu, name, SPAN(date, write_date(number, date)));
	integer = (long)number;
	return snmp_pdu_add_variable(pdu, name, OID_MOST,
				     object->type == VALUE_UNSIGNED ? ASN_UNSIGNED : ASN_INTEGER,
				     &integer, sizeof(integer));
}

/* The first two are what every notification begins with. */
static bool add_objects(netsnmp_pdu *pdu, uint32_t uptime_s, const struct snmp_notice *notice)
{
	/* Hundredths of a second in 32 bits: it begins anew after 497 days. */
	long up = (long)(uint32_t)(uptime_s * UINT64_C(100));
	oid kind[ELEMENTS(root) + 2];

	memcpy(kind, root, sizeof(root));
	kind[ELEMENTS(root)] = BRANCH_NOTIFICATIONS;
	kind[ELEMENTS(root) + 1] = notice->notification;
	if (!snmp_pdu_add_variable(pdu, sys_up_time, ELEMENTS(sys_up_time), ASN_TIMETICKS, &up,
				   sizeof(up)) ||
	    !snmp_pdu_add_variable(pdu, snmp_trap_oid, ELEMENTS(snmp_trap_oid), ASN_OBJECT_ID, kind,
				   sizeof(kind)))
		return false;
	for (size_t i = 0; i < ELEMENTS(objects); i++)
		if (!add_object(pdu, &objects[i], notice))
			return false;
	return true;
}

/* As net-snmp writes an address: it is given no name to look up. */
static int name_peer(const struct resolve_address *address, char **ret)
{
	bool is_six = address->address.ss_family == AF_INET6;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo((const struct sockaddr *)&address->address, address->size, host,
			sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return -EINVAL;
	return is_six ? text_format(ret, "udp6:[%s]:%s", host, port)
		      : text_format(ret, "udp:%s:%s", host, port);
}

static const char *make_key(const struct auth *auth, struct span password, u_char *key, size_t *n)
{
	*n = USM_AUTH_KU_LEN;
	/* RFC 3414 §11.2 */
	if (password.size < USM_LENGTH_P_MIN)
		return "passwords of SNMPv3 have 8 characters at least";
	if (generate_Ku(auth->protocol, (u_int)auth->n, password.data, password.size, key, n) !=
	    SNMPERR_SUCCESS)
		return "no key can be made of the password";
	return NULL;
}

static const char *protect(netsnmp_session *session, const struct snmp_sink *sink)
{
	const struct auth *auth = &auths[sink->auth];
	const char *fault;

	session->securityModel = SNMP_SEC_MODEL_USM;
	session->securityLevel = SNMP_SEC_LEVEL_AUTHNOPRIV;
	session->securityAuthProto = snmp_duplicate_objid(auth->protocol, auth->n);
	session->securityAuthProtoLen = auth->n;
	fault = make_key(auth, sink->auth_password, session->securityAuthKey,
			 &session->securityAuthKeyLen);
	if (fault || sink->privacy == SNMP_PRIVACY_NONE)
		return fault;
	session->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
	session->securityPrivProto =
		snmp_duplicate_objid(usmAESPrivProtocol, USM_PRIV_PROTO_AES_LEN);
	session->securityPrivProtoLen = USM_PRIV_PROTO_AES_LEN;
	return make_key(auth, sink->privacy_password, session->securityPrivKey,
			&session->securityPrivKeyLen);
}

/* RFC 3411 §5: the enterprise of net-snmp, whose number we borrow, and octets of our own choice. */
static size_t write_engine(struct span own, u_char ret[static 32])
{
	static const u_char head[] = {0x80, 0x00, 0x1f, 0x88, 0x05};

	own = span_slice(own, 0, 27);
	memcpy(ret, head, sizeof(head));
	memcpy(ret + sizeof(head), own.data, own.size);
	return sizeof(head) + own.size;
}

static const char *identify(netsnmp_session *session, const struct snmp_sink *sink,
			    u_char engine[static 32])
{
	if (sink->version == SNMP_V2C) {
		session->version = SNMP_VERSION_2c;
		session->community = (u_char *)sink->community.data;
		session->community_len = sink->community.size;
		return NULL;
	}
	session->version = SNMP_VERSION_3;
	session->securityName = (char *)sink->user.data;
	session->securityNameLen = sink->user.size;
	session->securityEngineID = session->contextEngineID = engine;
	session->securityEngineIDLen = write_engine(sink->engine, engine);
	session->contextEngineIDLen = session->securityEngineIDLen;
	set_enginetime(engine, (u_int)session->securityEngineIDLen, ENGINE_BOOTS, sink->uptime_s,
		       TRUE);
	return protect(session, sink);
}

static const char *open_session(netsnmp_session *session, const struct resolve_address *address,
				netsnmp_session **ret)
{
	_cleanup_(freep) char *peer = NULL;
	netsnmp_transport *transport;

	if (name_peer(address, &peer) < 0)
		return "its address can't be written";
	session->peername = peer;
	transport = netsnmp_transport_open_client("snmptrap", peer);
	if (!transport)
		return "no socket can be made for it";
	*ret = snmp_add(session, transport, NULL, NULL);
	return *ret ? NULL : snmp_api_errstring(session->s_snmp_errno);
}

static const char *send_one(netsnmp_session *session, uint32_t uptime_s,
			    const struct snmp_notice *notice)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_TRAP2);

	if (!pdu)
		return "memory is short";
	if (add_objects(pdu, uptime_s, notice) && snmp_send(session, pdu))
		return NULL;
	snmp_free_pdu(pdu);
	return snmp_api_errstring(session->s_snmp_errno);
}

const char *snmp_send_notice(const struct snmp_sink *sink, const struct snmp_notice *notice)
{
	const struct notification *notification = find_notification(notice->notification);
	struct snmp_notice complete = *notice;
	netsnmp_session session, *opened = NULL;
	u_char engine[32];
	const char *fault;

	assert(notification);
	complete.severity = notification->severity;
	snmp_sess_init(&session);
	fault = identify(&session, sink, engine);
	if (!fault)
		fault = open_session(&session, sink->address, &opened);
	if (!fault)
		fault = send_one(opened, sink->uptime_s, &complete);
	if (opened)
		snmp_close(opened);
	free(session.securityAuthProto);
	free(session.securityPrivProto);
	wipe(session.securityAuthKey, sizeof(session.securityAuthKey));
	wipe(session.securityPrivKey, sizeof(session.securityPrivKey));
	/* The library keeps users and keys for its whole life otherwise. */
	shutdown_usm();
	return fault;
}
