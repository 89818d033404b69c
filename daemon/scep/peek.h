/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A look at a message before anything is verified: good for the order of a queue, for nothing else.
 */

#include "daemon/base/bytes.h"

/* The issuer (DER Name) in the first SignerInfo; the empty span where the message is not plainly
 * DER. */
struct span scep_peek_issuer(struct span message);
