/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "daemon/base/bytes.h"
#include "policy/grant.h"

/* Of which class somebody is by the name (DER) alone, of whom it is known that he is no CA. */
enum grant_class class_of_name(struct span subject);
