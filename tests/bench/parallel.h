/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* @each(context, i) for every i below @n, on as many threads as there are cores. */
void parallel(unsigned n, void (*each)(void *context, unsigned i), void *context);
