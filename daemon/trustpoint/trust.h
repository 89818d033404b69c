/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What may be wrong with certificates that a trustpoint is given, in a sentence each. ca.h tells
 * which of them is the CA, known.h whether it is the one known, issued.h whether what it issued may
 * be used: all pure; a signature counts where it verifies by a key that is trusted already, or
 * whose fingerprint somebody compared. Source: RFC 8894 §2.2, §4.2, §4.7; RFC 5280 §6.1.
 */

/* From trust.def. */
enum trustpoint_fault {
	TRUSTPOINT_FAULT_NONE,
#define TRUSTPOINT_FAULT(NAME, text) TRUSTPOINT_FAULT_##NAME,
#include "daemon/trustpoint/trust.def"
#undef TRUSTPOINT_FAULT
};
/* A sentence for people that says what to do; "" for NONE. */
const char *trustpoint_fault_text(enum trustpoint_fault fault);
