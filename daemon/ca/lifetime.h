/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How long certificates live. Pure. */

#include "daemon/base/err.h"

/* notAfter of a certificate issued now: now + lifetime, at most the generation's own notAfter. */
int64_t ca_clamp_not_after(int64_t now_s, int64_t lifetime_s, int64_t generation_not_after_s);
