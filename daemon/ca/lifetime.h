/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How long certificates live. Pure. */

#include "daemon/base/err.h"

/* notAfter of a certificate issued now: now + lifetime, at most the generation's own notAfter. */
int64_t ca_clamp_not_after(int64_t now_s, int64_t lifetime_s, int64_t generation_not_after_s);

/* @lifetime_s shortened by chance, so that what was issued together doesn't come back together: by
 * a fiftieth of it and by a day at most, never lengthened. @random: 64 fresh random bits. */
int64_t ca_jittered_lifetime(int64_t lifetime_s, uint64_t random);

/* notAfter of a certificate whose life begins at @not_before_s: its lifetime jittered. One that
 * would outlive its issuer ends with it to the second: by that a router knows that it has to ask
 * for a rollover certificate, not for another of this CA's. */
int64_t ca_jittered_not_after(int64_t not_before_s, int64_t lifetime_s,
			      int64_t generation_not_after_s, uint64_t random);
