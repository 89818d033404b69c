/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/next-ca.h"
#include "daemon/flow/publication/ca-chain.h"
#include "daemon/flow/signing.h"
#include "daemon/scep/message.h"

/* As the certificates are signed; but CMS over MD5 is signed by no key (policy/charter.h). */
static enum digest digest_of(const struct conf_server *conf)
{
	return conf->hash == DIGEST_MD5 ? DIGEST_SHA1 : conf->hash;
}

int flow_next_ca_sign(struct flow *flow, struct authority *authority,
		      const struct generations *generations, int64_t now_s, struct bytes *ret)
{
	const struct generation *active = generations_active(generations, now_s);
	const struct generation *shadow = generations_shadow(generations, now_s);
	_cleanup_(scep_draft_done) struct scep_draft draft = {};
	_cleanup_(bytes_done) struct bytes signature = {};
	struct ca_chain chain;
	struct scep_next_ca content = {.certificates = chain.items,
				       .digest = digest_of(authority->conf)};
	int r;

	if (!active || !shadow)
		return FLOW_REFUSED;
	content.signer = &active->certificate;
	r = ca_chain_of_next(generations, authority->conf, shadow, now_s, &chain);
	if (r < 0)
		return r;
	content.n_certificates = chain.n;
	r = scep_next_ca_build(&content, &draft);
	if (r < 0)
		return r;
	r = flow_sign(flow, active->key, draft.digest, span_of(draft.to_be_signed), &signature);
	return r ? r : scep_answer_seal(&draft, span_of(signature), ret);
}
