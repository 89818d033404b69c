/* SPDX-License-Identifier: Apache-2.0 */
/* Making key pairs, of rsa-key.h. */
#include "daemon/base/crypto.h"
#include "hsm/object.h"
#include "hsm/rsa-key-internal.h"
#include "hsm/spki.h"
#include <string.h>

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_BYTE f4[] = {0x01, 0x00, 0x01};

/* Asked first: SoftHSM answers a size that it can't do with a general error. */
static int check_size(struct hsm_session *session, unsigned bits)
{
	CK_MECHANISM_INFO info;
	CK_RV rv = hsm_session_functions(session)->C_GetMechanismInfo(
		hsm_token_slot(hsm_session_token(session)), CKM_RSA_PKCS_KEY_PAIR_GEN, &info);

	if (rv == CKR_OK)
		return bits >= info.ulMinKeySize && bits <= info.ulMaxKeySize ? 0 : -EOPNOTSUPP;
	return hsm_session_failed(session, "C_GetMechanismInfo", rv);
}

static int generate(struct hsm_session *session, const struct hsm_rsa_order *order,
		    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
	CK_ULONG bits = order->bits;
	CK_BBOOL *decrypts = order->decrypts ? &yes : &no;
	CK_ATTRIBUTE id = {CKA_ID, (void *)order->id.data, order->id.size};
	CK_ATTRIBUTE label = {CKA_LABEL, (void *)order->label, strlen(order->label)};
	CK_ATTRIBUTE public[] = {
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_VERIFY, &yes, sizeof(yes)},
		{CKA_ENCRYPT, decrypts, sizeof(*decrypts)},
		{CKA_WRAP, &no, sizeof(no)},
		{CKA_MODULUS_BITS, &bits, sizeof(bits)},
		{CKA_PUBLIC_EXPONENT, f4, sizeof(f4)},
		id,
		label,
	};
	CK_ATTRIBUTE private[] = {
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_PRIVATE, &yes, sizeof(yes)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &no, sizeof(no)},
		{CKA_SIGN, &yes, sizeof(yes)},
		{CKA_DECRYPT, decrypts, sizeof(*decrypts)},
		{CKA_UNWRAP, &no, sizeof(no)},
		id,
		label,
	};
	CK_RV rv = hsm_session_functions(session)->C_GenerateKeyPair(
		hsm_session_handle(session), &mechanism, public, ELEMENTS(public), private,
		ELEMENTS(private), ret_public, ret_private);

	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_GenerateKeyPair", rv);
}

/* What the token must say of the key that it made. Some never tell how it came about; those that
 * do must tell it so. */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	bool value, must_tell;
	const char *otherwise;
} promises[] = {
	{CKA_SENSITIVE, true, true, "the token does not keep it sensitive"},
	{CKA_EXTRACTABLE, false, true, "the token would let it be extracted"},
	{CKA_ALWAYS_SENSITIVE, true, false, "the token has not kept it sensitive from the start"},
	{CKA_NEVER_EXTRACTABLE, true, false, "the token has let it be extracted before"},
	{CKA_LOCAL, true, false, "the token does not say that it was made there"},
};

/* 0, HSM_RSA_KEY_UNFIT, or -errno. */
static int check_promises(struct hsm_session *session, CK_OBJECT_HANDLE private,
			  const char **ret_why)
{
	for (size_t i = 0; i < ELEMENTS(promises); i++) {
		int told = object_read_flag(session, private, promises[i].type);
		if (told == -ENODATA && !promises[i].must_tell)
			continue;
		if (told < 0 && told != -ENODATA)
			return told;
		if (told == (int)promises[i].value)
			continue;
		*ret_why = promises[i].otherwise;
		return HSM_RSA_KEY_UNFIT;
	}
	return 0;
}

static int check_public(struct span spki, unsigned bits, const char **ret_why)
{
	struct span modulus, exponent;
	const char *weakness;
	int r = spki_read(spki, &modulus, &exponent);

	if (r < 0)
		return r;
	weakness = rsa_weakness(modulus, exponent, bits);
	if (!weakness && !span_equal(exponent, SPAN_ARRAY(f4)))
		weakness = "its public exponent is not 65537";
	if (!weakness)
		return 0;
	*ret_why = weakness;
	return HSM_RSA_KEY_UNFIT;
}

static void remove_pair(struct hsm_session *session, CK_OBJECT_HANDLE public,
			CK_OBJECT_HANDLE private)
{
	CK_FUNCTION_LIST *functions = hsm_session_functions(session);

	/* Best effort; the key has no charter and is used by nobody. */
	(void)functions->C_DestroyObject(hsm_session_handle(session), private);
	(void)functions->C_DestroyObject(hsm_session_handle(session), public);
}

int hsm_rsa_key_make(struct hsm_session *session, const struct hsm_rsa_order *order,
		     struct bytes *ret_spki, const char **ret_why)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	CK_OBJECT_HANDLE public = CK_INVALID_HANDLE, private = CK_INVALID_HANDLE;
	int r;

	if (hsm_session_is_broken(session))
		return -ESTALE;
	r = check_size(session, order->bits);
	if (r == 0)
		r = generate(session, order, &public, &private);
	if (r < 0)
		return rsa_key_outcome(r);
	r = hsm_rsa_key_read(session, order->id, &spki);
	if (r == 0)
		r = check_promises(session, private, ret_why);
	if (r == 0)
		r = check_public(span_of(spki), order->bits, ret_why);
	if (r == HSM_RSA_KEY_UNFIT)
		remove_pair(session, public, private);
	/* It was made a moment ago. */
	if (r == HSM_RSA_KEY_ABSENT)
		return -EIO;
	if (r == 0)
		*ret_spki = TAKE_STRUCT(spki);
	return r;
}
