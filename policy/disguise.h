/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a message could be shown as something else that is signed in ASN.1: a certificate
 * request, a TBSCertificate, the attributes of a CMS message. Pure.
 */

#include "daemon/base/bytes.h"

/*
 * True where @message is one SEQUENCE or SET of elements to its last byte, in BER as the most
 * forgiving reader takes it: lengths in more bytes than needed or indefinite, tags in several
 * bytes, anything in the elements. Random bytes are seldom so: a hundred that begin as a SEQUENCE
 * of this length are in one case of sixty.
 * Source: X.690 §8.1.
 */
bool disguise_is_possible(struct span message);
