/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Copies of a trustpoint's records, to be changed and committed: the state's own go with every
 * commit. Each gives -ENOMEM; what was copied is the caller's in either case, to be let go by the
 * record's own destructor.
 */

#include "daemon/ca/trustpoint-records.h"

_checked_ int trustpoint_place_copy(const struct ca_key_place *from, struct ca_key_place *ret);
_checked_ int trustpoint_anchor_copy(const struct ca_anchor_record *from,
				     struct ca_anchor_record *ret);
_checked_ int trustpoint_identity_copy(const struct ca_identity_record *from,
				       struct ca_identity_record *ret);
_checked_ int trustpoint_enrollment_copy(const struct ca_enrollment_record *from,
					 struct ca_enrollment_record *ret);
/* Replaces a text of a record by a copy of @value, which may be NULL. */
_checked_ int trustpoint_text_set(char **text, const char *value);
