/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Serial numbers: one counter per server for all that it signs, CA certificates among it, bare or
 * followed by 64 random bits. Source: RFC 5280 §4.1.2.2 (at most 20 octets, positive).
 */

#include "daemon/base/bytes.h"

#define CA_SERIAL_RANDOM_SIZE 8

/*
 * A certificate's serial number as a magnitude, without leading zeros. @counter: from 1; @random: 8
 * bytes (counter·2⁶⁴ + random), or NULL (the counter alone). @ret holds 20 bytes; how many were
 * used.
 */
size_t ca_serial(uint64_t counter, const uint8_t *random, uint8_t ret[static 20]);
/* The counter in a serial number that ca_serial() made; 0 where it is none. */
uint64_t ca_serial_counter(struct span serial);
