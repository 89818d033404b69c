/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much this machine lets us serve at once. */

/* Asks for as many descriptors as we may have; how many connections that leaves, at least 128. What
 * was not given is logged. */
unsigned capacity_raise(void);
/* Threads for requests: one a processor, from 2 to 4. */
unsigned capacity_threads(void);
