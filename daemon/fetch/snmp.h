/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SNMP notifications (traps), through the net-snmp library, which here reads no configuration, no
 * MIB and no environment, keeps no files and writes no log. What is sent is typed by mib.def.
 *
 * Source: RFC 3416 §4.2.6 (SNMPv2-Trap), RFC 3414 (users; the sender of a trap is the authoritative
 * engine), RFC 3411 §5 (snmpEngineID), RFC 3826 (AES), RFC 7860 (SHA-2), RFC 3417 §3 (UDP).
 */

#include "daemon/fetch/resolve.h"

enum snmp_version { SNMP_V2C, SNMP_V3 };
enum snmp_auth { SNMP_AUTH_SHA = 1, SNMP_AUTH_SHA256, SNMP_AUTH_SHA512 };
enum snmp_privacy { SNMP_PRIVACY_NONE = 1, SNMP_PRIVACY_AES };
enum snmp_notification {
	SNMP_NOTIFICATION_NONE,
#define MIB_NOTIFICATION(KIND, name, number, severity) SNMP_NOTIFICATION_##KIND = (number),
#include "daemon/fetch/mib.def"
};

/* Who tells it, to whom, and how that is protected. */
struct snmp_sink {
	enum snmp_version version;
	const struct resolve_address *address;
	struct span community;				   /* of v2c */
	struct span user, auth_password, privacy_password; /* of v3 */
	enum snmp_auth auth;
	enum snmp_privacy privacy;
	struct span engine; /* 1…27 bytes that name this installation, the same for ever */
	uint32_t uptime_s;  /* of the engine: since 2020-01-01; never less than before */
};

/* What it says: the objects of the MIB. */
struct snmp_notice {
	enum snmp_notification notification;
	struct span name, serial, issuer, subject;
	int64_t type; /* clavigerCertificateType */
	int64_t not_after_s;
	int64_t left_s;	  /* 0…UINT32_MAX */
	int64_t severity; /* set by snmp_send() */
};

/* Once, before any other thread runs. */
void snmp_init(void);
/* Sends one datagram; doesn't block. NULL, or why not: valid until the next call. */
const char *snmp_send_notice(const struct snmp_sink *sink, const struct snmp_notice *notice);
/* Whether @notification is one of the table's. */
bool snmp_knows(unsigned notification);
