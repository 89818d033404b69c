/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/signing.h"
#include "daemon/flow/witness.h"
#include "daemon/x509/build.h"

int flow_sign(struct flow *flow, struct key *key, enum digest digest, struct span to_be_signed,
	      struct bytes *ret)
{
	uint8_t head[SHA256_SIZE];
	int r;

	if (!key)
		return FLOW_LATER;
	store_audit_head(flow->store, head);
	r = key_sign(key, digest, to_be_signed, SPAN_ARRAY(head), ret);
	if (r == 0)
		witness_note(flow->witness, head);
	switch (r) {
	case KEY_LATER:
		return FLOW_LATER;
	case KEY_REFUSED:
		return -EKEYREJECTED;
	default:
		return r;
	}
}

int flow_sign_whole(struct flow *flow, struct key *key, enum digest digest,
		    struct span to_be_signed, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes signature = {};
	int r;

	r = flow_sign(flow, key, digest, to_be_signed, &signature);
	return r ? r : x509_seal(to_be_signed, digest, span_of(signature), ret);
}
