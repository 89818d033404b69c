/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What TLS and IKEv2 have a key sign, told by its exact shape: where it says lengths they are met
 * to the last byte. What could be shown as ASN.1 too (disguise.h), or as the other protocol's, is
 * none of these: randoms, payloads and extensions have room for all that the other one wants, so
 * a web server could else speak for the router in IKE. Pure.
 */

#include "daemon/base/bytes.h"

enum handshake {
	HANDSHAKE_NONE,
	/* 64 blanks, the context of a server or a client, 0, a digest of 32 or 48 bytes
	 * (RFC 8446 §4.4.3) */
	HANDSHAKE_TLS13,
	/* Both randoms, then a named curve and a point of that curve (RFC 5246 §7.4.3, RFC 8422
	 * §5.4). Keys of finite fields have no shape that could be told. */
	HANDSHAKE_TLS12_SERVER,
	/* All messages so far, from ClientHello to ClientKeyExchange, in the order in which a
	 * client that was asked for a certificate sees them (RFC 5246 §7.3, §7.4.8) */
	HANDSHAKE_TLS12_CLIENT,
	/* An IKE_SA_INIT message, the other's nonce and a MAC, and what RFC 9242 §3.3.2 puts behind
	 * (RFC 7296 §2.15, §3.1) */
	HANDSHAKE_IKE,
};

enum handshake handshake_find(struct span message);

/* Whether somebody could take it for IKEv2's, by the header alone: what is behind may be of
 * payloads that we don't know. True of an honest handshake of TLS in one case of 2⁴⁴. */
bool handshake_may_be_ike(struct span message);
