/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The certificates of a trustpoint where programs of this machine read them, ExportDirectory=, all
 * PEM and readable by all:
 *
 *	NAME.crt        the identity; of usage keys NAME-sign.crt and NAME-encr.crt
 *	NAME-key.pem    the key reference of its key (daemon/base/key-reference.h), which programs
 *			open by claviger.so; of usage keys NAME-sign-key.pem, NAME-encr-key.pem
 *	NAME-ca.crt     the CA that is trusted
 *	NAME-chain.pem  the identity (that signs), its CA, and those above it as far as they are
 *			known: as TLS sends them (RFC 8446 §4.4.2)
 *	NAME-next.crt, NAME-next-sign.crt, NAME-next-encr.crt, NAME-next-ca.crt
 *			while they wait for their time
 *
 * They are replaced as one (daemon/base/file-set.h), so that no program sees an identity with
 * another's CA or key; then the units of ReloadUnits= are told. Keys themselves are no files: they
 * stay on the token. A server's are for no program, and have no reference.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/* Whether the files are not what they should be now, or a unit is to be told. Nothing is due where
 * ExportDirectory= is not set, or there is no CA yet. -errno. */
_checked_ int trustpoint_export_due(struct trustpoint_turn *turn, bool *ret);
/* Does it, and records it; harmless to repeat. 0, also where nothing is due; FLOW_REFUSED with
 * *ret_reason, the caller's, where a file can't be written or a unit not be told: it stays due;
 * FLOW_LATER where the record changed in between; -errno. Waits for units, for at most half a
 * minute each. */
_checked_ int trustpoint_export(struct trustpoint_turn *turn, char **ret_reason);
/* Whether such files, perhaps of an earlier configuration, are where ExportDirectory= says. */
bool trustpoint_export_stands(const struct conf_trustpoint *conf);
/* Takes all of them away, for a trustpoint that is cleared; its units are not told. FLOW_REFUSED as
 * above; -errno. */
_checked_ int trustpoint_export_remove(const struct conf_trustpoint *conf, char **ret_reason);
