/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/rsa-key-wrap.h"
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "hsm/rsa-key-internal.h"
#include "hsm/wrapping-internal.h"
#include <string.h>

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static CK_KEY_TYPE rsa = CKK_RSA;

static int outcome_of_key(int r, const char **ret_why)
{
	if (r != HSM_RSA_KEY_ABSENT)
		return r;
	*ret_why = "the key is not on the token that is there";
	return HSM_WRAP_NO_KEY;
}

/* Whatever the token would do: a key that says less of itself than this leaves under nothing. */
static int check_wrappable(struct hsm_session *session, CK_OBJECT_HANDLE private,
			   const char **ret_why)
{
	int r = rsa_key_check_promises(session, private, RSA_KEY_CARRIED_TO_WRAP, ret_why);

	if (r != HSM_RSA_KEY_UNFIT)
		return r;
	*ret_why = "the key was not made wrappable: it never leaves its token, and no copy of it "
		   "can be made";
	return HSM_WRAP_KEPT;
}

int hsm_rsa_key_wrap(struct hsm_session *session, const struct hsm_rsa_key *key, const char *label,
		     struct hsm_wrapped *ret, const char **ret_why)
{
	CK_OBJECT_HANDLE private, wrapping;
	int r = outcome_of_key(rsa_key_locate(session, key, &private), ret_why);

	if (r == 0)
		r = check_wrappable(session, private, ret_why);
	if (r == 0)
		r = wrapping_key_locate(session, label, &wrapping, ret_why);
	if (r)
		return r;
	return wrapping_outcome(wrapping_wrap(session, wrapping, private, NULL, ret),
				"the token wraps no private key (CKM_AES_KEY_WRAP_PAD, "
				"CKM_AES_KEY_WRAP, CKM_AES_CBC_PAD)",
				ret_why);
}

static int unwrap(struct hsm_session *session, const struct hsm_rsa_order *order,
		  CK_OBJECT_HANDLE wrapping, const struct hsm_wrapped *wrapped, bool to_stay,
		  CK_OBJECT_HANDLE *ret)
{
	CK_BBOOL *decrypts = order->decrypts ? &yes : &no;
	CK_ATTRIBUTE values[] = {
		{CKA_CLASS, &private_class, sizeof(private_class)},
		{CKA_KEY_TYPE, &rsa, sizeof(rsa)},
		{CKA_TOKEN, to_stay ? &yes : &no, sizeof(yes)},
		{CKA_PRIVATE, &yes, sizeof(yes)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &yes, sizeof(yes)},
		{CKA_WRAP_WITH_TRUSTED, &yes, sizeof(yes)},
		{CKA_SIGN, &yes, sizeof(yes)},
		{CKA_DECRYPT, decrypts, sizeof(*decrypts)},
		{CKA_UNWRAP, &no, sizeof(no)},
		{CKA_ID, (void *)order->id.data, order->id.size},
		{CKA_LABEL, (void *)order->label, strlen(order->label)},
	};

	return wrapping_unwrap(session, wrapping, wrapped, values, ELEMENTS(values), ret);
}

/* Signs what no charter could mean: nothing that starts with a word is DER. */
static int prove(struct hsm_session *session, const struct hsm_rsa_key *key, const char **ret_why)
{
	_cleanup_(rsa_public_freep) struct rsa_public *public = NULL;
	_cleanup_(bytes_done) struct bytes signature = {0};
	uint8_t challenge[48] = "claviger restore", info[DIGEST_SIZE_MAX + 32];
	struct span modulus, exponent;
	size_t size;
	int r = spki_read(key->spki, &modulus, &exponent);

	random_fill(challenge + 16, sizeof(challenge) - 16);
	size = digest_info(DIGEST_SHA256, SPAN_ARRAY(challenge), info);
	if (r == 0)
		r = rsa_public_new(modulus, exponent, &public);
	if (r == 0)
		r = hsm_rsa_key_sign(session, key, SPAN(info, size), &signature);
	if (r == 0)
		r = rsa_public_verify(public, DIGEST_SHA256, SPAN_ARRAY(challenge),
				      span_of(signature));
	*ret_why = "another key came out of the backup than its public key says";
	return r == 0 || (r < 0 && r != -EBADMSG && r != -EKEYREJECTED) ? r : HSM_WRAP_OTHER;
}

/* The pair is there: is it what it should be. */
static int check_pair(struct hsm_session *session, CK_OBJECT_HANDLE private,
		      const struct hsm_rsa_key *key, const char **ret_why)
{
	int r = rsa_key_check_promises(session, private, RSA_KEY_CARRIED_TO_WRAP, ret_why);

	if (r == HSM_RSA_KEY_UNFIT)
		return HSM_WRAPPING_UNFIT;
	return r ? r : prove(session, key, ret_why);
}

static int put(struct hsm_session *session, const struct hsm_rsa_order *order, struct span spki,
	       CK_OBJECT_HANDLE private, const char **ret_why)
{
	const struct hsm_rsa_key key = {order->id, spki};
	CK_OBJECT_HANDLE public = CK_INVALID_HANDLE;
	struct span modulus, exponent;
	int r = spki_read(spki, &modulus, &exponent);

	if (r == 0)
		r = rsa_key_create_public(session, order, modulus, exponent, &public);
	if (r == 0)
		r = check_pair(session, private, &key, ret_why);
	if (r) {
		rsa_key_remove_pair(session, public, private);
		hsm_session_forget(session, order->id);
	}
	return r;
}

/* What unwrapping came to. */
static int unwrap_outcome(int r, const char **ret_why)
{
	/* Modules say "general error" of what doesn't open. */
	if (r == -EBADMSG || r == -EPROTO) {
		*ret_why = "the backup does not open under this token's wrapping key: it is of "
			   "tokens that share another, or damaged";
		return HSM_WRAPPING_WRONG;
	}
	return wrapping_outcome(r,
				"the token does not take the key with the attributes that it "
				"must have",
				ret_why);
}

/* In this session alone, so that a process that ends here leaves no key under a charter that may be
 * another's. */
static int try_out(struct hsm_session *session, const struct hsm_rsa_order *order,
		   const struct hsm_rsa_key *key, CK_OBJECT_HANDLE wrapping,
		   const struct hsm_wrapped *wrapped, const char **ret_why)
{
	CK_OBJECT_HANDLE private;
	int r = unwrap(session, order, wrapping, wrapped, false, &private);

	if (r < 0)
		return unwrap_outcome(r, ret_why);
	r = check_pair(session, private, key, ret_why);
	wrapping_destroy(session, private);
	hsm_session_forget(session, order->id);
	return r;
}

int hsm_rsa_key_unwrap_pair(struct hsm_session *session, const struct hsm_rsa_order *order,
			    struct span spki, const char *label, const struct hsm_wrapped *wrapped,
			    const char **ret_why)
{
	const struct hsm_rsa_key key = {order->id, spki};
	CK_OBJECT_HANDLE wrapping, private;
	int r = wrapping_key_locate(session, label, &wrapping, ret_why);

	if (r)
		return r;
	*ret_why = "the token does not have the mechanism that the key was wrapped by";
	if (!wrapping_can(session, wrapped->mechanism))
		return HSM_WRAPPING_UNABLE;
	r = try_out(session, order, &key, wrapping, wrapped, ret_why);
	if (r)
		return r;
	r = unwrap(session, order, wrapping, wrapped, true, &private);
	return r < 0 ? unwrap_outcome(r, ret_why) : put(session, order, spki, private, ret_why);
}
