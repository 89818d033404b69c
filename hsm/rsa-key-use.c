/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by any scheme, of rsa-key.h. */
#include "hsm/fault.h"
#include "hsm/pss.h"
#include "hsm/rsa-key-internal.h"

struct use {
	struct hsm_session *session;
	CK_OBJECT_HANDLE handle;
	const struct rsa_scheme *scheme;
	struct span input;
	const struct rsa_public *public;
	size_t modulus_bits;
	struct bytes signature; /* as long as the modulus */
};

/* -errno; by @mechanism, over what it wants. */
static int sign(const struct use *use, CK_MECHANISM *mechanism, struct span data)
{
	CK_ULONG size = use->signature.size;
	CK_RV rv;
	int r;

	r = rsa_key_begin(use->session, use->handle, mechanism, CKF_SIGN);
	if (r < 0)
		return r;
	rv = hsm_session_functions(use->session)
		     ->C_Sign(hsm_session_handle(use->session), (CK_BYTE *)data.data, data.size,
			      use->signature.data, &size);
	if (rv == CKR_OK && size != use->signature.size)
		rv = CKR_FUNCTION_FAILED;
	return rv == CKR_OK ? 0 : hsm_session_failed(use->session, "C_Sign", rv);
}

static int sign_pkcs1(const struct use *use)
{
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	uint8_t info[DIGEST_SIZE_MAX + 32];

	return sign(use, &mechanism, rsa_scheme_info(use->scheme, use->input, info));
}

static int sign_pss_there(const struct use *use)
{
	CK_RSA_PKCS_PSS_PARAMS parameters = {.sLen = use->scheme->salt_bytes};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_PSS, &parameters, sizeof(parameters)};
	uint8_t hash[DIGEST_SIZE_MAX];
	struct rsa_key_digest names;

	if (!rsa_key_find_digest(use->scheme->digest, use->scheme->mgf1, &names))
		return -EOPNOTSUPP;
	parameters.hashAlg = names.hash;
	parameters.mgf = names.mask;
	return sign(use, &mechanism, SPAN(hash, rsa_scheme_digest(use->scheme, use->input, hash)));
}

static int sign_pss_here(const struct use *use)
{
	CK_MECHANISM mechanism = {CKM_RSA_X_509, NULL, 0};
	_cleanup_(bytes_done) struct bytes block = {0}, salt = {0};
	uint8_t hash[DIGEST_SIZE_MAX];
	size_t size = rsa_scheme_digest(use->scheme, use->input, hash);
	int r = bytes_new(use->signature.size, &block);

	if (r == 0)
		r = bytes_new(use->scheme->salt_bytes, &salt);
	if (r < 0)
		return r;
	random_fill(salt.data, salt.size);
	pss_encode(use->scheme, SPAN(hash, size), span_of(salt), use->modulus_bits, block.data);
	return sign(use, &mechanism, span_of(block));
}

/* Signs in a way, and looks at what came: a spoilt signature may tell who sees it the private key.
 */
static int sign_and_check(const struct use *use, int (*way)(const struct use *use))
{
	int r = way(use);

	if (r < 0)
		return r;
	r = rsa_scheme_verify(use->scheme, use->public, use->input, span_of(use->signature));
	return r == -EBADMSG ? hsm_session_failed(use->session, "C_Sign", CKR_SIGNATURE_INVALID)
			     : r;
}

/* Whether what began well failed by itself, and not for want of the token. */
static bool is_spoilt(const struct use *use, int error)
{
	return hsm_session_is_broken(use->session) && error != -ENODEV && error != -EACCES &&
	       error != -ESTALE;
}

/*
 * Many a module promises PSS and fails when it is to be done, in one word or another (OpenSC does
 * for some cards, by saying that the token is another). So whatever it says, raw RSA is tried in
 * the same session before that is closed, and asked first from then on.
 */
static int sign_pss(const struct use *use)
{
	struct hsm_token *token = hsm_session_token(use->session);
	bool skips = hsm_token_spoils_pss(token);
	int there = skips ? -EOPNOTSUPP : sign_and_check(use, sign_pss_there), here;

	if (there == 0 || there == -ENOMEM)
		return there;
	here = sign_and_check(use, sign_pss_here);
	if (is_spoilt(use, there) || (here == 0 && hsm_session_is_broken(use->session)))
		hsm_token_set_spoils_pss(token);
	if (here != -EOPNOTSUPP)
		return here;
	return skips ? sign_and_check(use, sign_pss_there) : there;
}

static int sign_by_scheme(const struct use *use)
{
	if (use->scheme->padding == RSA_PADDING_PKCS1)
		return sign_and_check(use, sign_pkcs1);
	return pss_fits(use->scheme, use->modulus_bits) ? sign_pss(use) : -EOPNOTSUPP;
}

int hsm_rsa_key_use(struct hsm_session *session, const struct hsm_rsa_key *key,
		    const struct rsa_scheme *scheme, struct span input, struct bytes *ret)
{
	struct use use = {.session = session, .scheme = scheme, .input = input};
	int r = rsa_key_locate(session, key, &use.handle);

	if (r == 0)
		r = hsm_session_public(session, key->spki, &use.public);
	if (r == 0) {
		use.modulus_bits = rsa_public_bits(use.public);
		r = bytes_new((use.modulus_bits + 7) / 8, &use.signature);
	}
	if (r == 0)
		r = sign_by_scheme(&use);
	if (r == 0)
		*ret = TAKE_STRUCT(use.signature);
	bytes_done(&use.signature);
	return r == -EOPNOTSUPP && !hsm_session_is_broken(session) ? HSM_RSA_KEY_UNABLE : r;
}
