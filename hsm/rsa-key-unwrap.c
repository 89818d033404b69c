/* SPDX-License-Identifier: Apache-2.0 */
/* Opening content keys, of rsa-key.h. */
#include "daemon/base/spki.h"
#include "hsm/fault.h"
#include "hsm/padding.h"
#include "hsm/rsa-key-internal.h"
#include <string.h>

/*
 * Raw RSA first: with the padding undone here, a token has nothing to fail about, nothing to leave
 * active in the session (tpm2-pkcs11 does after one bad padding), and takes the same time for all.
 */
static const CK_MECHANISM_TYPE ways[] = {CKM_RSA_X_509, CKM_RSA_PKCS};

static int begin_somehow(struct hsm_session *session, CK_OBJECT_HANDLE key,
			 CK_MECHANISM_TYPE *ret_way)
{
	int r = -EOPNOTSUPP;

	for (size_t i = 0; i < ELEMENTS(ways) && r == -EOPNOTSUPP; i++) {
		CK_MECHANISM mechanism = {ways[i], NULL, 0};

		r = rsa_key_begin(session, key, &mechanism, CKF_DECRYPT);
		*ret_way = ways[i];
	}
	return r;
}

/* Whether an error of C_Decrypt may come from what is inside the ciphertext: those are never told.
 * Raw RSA has no such, so there a general failure is the token's own. */
static bool is_about_content(int error, CK_MECHANISM_TYPE way)
{
	return error == -EBADMSG || (error == -EPROTO && way == CKM_RSA_PKCS);
}

struct unwrapping {
	struct span encrypted;
	const uint8_t *substitute;
	struct secret block; /* as long as the modulus */
	struct secret content;
};

static int finish(struct hsm_session *session, CK_MECHANISM_TYPE way, struct unwrapping *u)
{
	CK_ULONG size = u->block.size;
	CK_RV rv = hsm_session_functions(session)->C_Decrypt(
		hsm_session_handle(session), (CK_BYTE *)u->encrypted.data, u->encrypted.size,
		u->block.data, &size);
	bool failed = rv != CKR_OK || size > u->block.size;
	int r = failed ? hsm_session_failed(session, "C_Decrypt",
					    rv == CKR_OK ? CKR_ENCRYPTED_DATA_INVALID : rv)
		       : 0;

	if (failed && !is_about_content(r, way))
		return r;
	if (way == CKM_RSA_PKCS || failed) {
		padding_choose(u->block.data, size, failed, u->substitute, u->content.size,
			       u->content.data);
		return 0;
	}
	rsa_key_align(&u->block, size);
	padding_open(span_of_secret(u->block), u->substitute, u->content.size, u->content.data);
	return 0;
}

static int decrypt(struct hsm_session *session, const struct hsm_rsa_key *key, struct unwrapping *u)
{
	CK_OBJECT_HANDLE handle;
	CK_MECHANISM_TYPE way;
	int r;

	r = rsa_key_locate(session, key, &handle);
	if (r)
		return r;
	r = begin_somehow(session, handle, &way);
	if (r == -EOPNOTSUPP)
		return HSM_RSA_KEY_UNABLE;
	return r < 0 ? r : finish(session, way, u);
}

int hsm_rsa_key_unwrap(struct hsm_session *session, const struct hsm_rsa_key *key,
		       struct span process_secret, struct span encrypted, size_t size,
		       struct secret *ret)
{
	uint8_t substitute[PADDING_CONTENT_MAX];
	struct unwrapping u = {.encrypted = encrypted, .substitute = substitute};
	struct span modulus, exponent;
	int r;

	r = spki_read(key->spki, &modulus, &exponent);
	if (r < 0)
		return r;
	assert(size > 0 && size <= PADDING_CONTENT_MAX && size + 11 <= modulus.size);
	padding_substitute(process_secret, key->spki, encrypted, size, substitute);
	r = secret_new(modulus.size, &u.block);
	if (r == 0)
		r = secret_new(size, &u.content);
	/* The sender knows the length and size of what it sent: no secret is in this branch. */
	if (r == 0 && (encrypted.size != modulus.size || span_compare(encrypted, modulus) >= 0))
		memcpy(u.content.data, substitute, size);
	else if (r == 0)
		r = decrypt(session, key, &u);
	if (r == 0)
		*ret = TAKE_STRUCT(u.content);
	wipe(substitute, sizeof(substitute));
	secret_done(&u.block);
	secret_done(&u.content);
	return r;
}
