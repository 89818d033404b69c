/* SPDX-License-Identifier: Apache-2.0 */
/* Making key pairs, of rsa-key.h. */
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "hsm/object.h"
#include "hsm/rsa-key-carry.h"
#include "hsm/rsa-key-internal.h"
#include "hsm/wrapping-key.h"
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
	CK_BBOOL *extractable = order->extractable || order->wrappable ? &yes : &no;
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
		{CKA_EXTRACTABLE, extractable, sizeof(*extractable)},
		{CKA_SIGN, &yes, sizeof(yes)},
		{CKA_DECRYPT, decrypts, sizeof(*decrypts)},
		{CKA_UNWRAP, &no, sizeof(no)},
		id,
		label,
		{CKA_WRAP_WITH_TRUSTED, &yes, sizeof(yes)},
	};
	/* The last one is for wrappable keys alone: many a token doesn't know it. */
	CK_ULONG n_private = ELEMENTS(private) - (order->wrappable ? 0 : 1);
	CK_RV rv = hsm_session_functions(session)->C_GenerateKeyPair(
		hsm_session_handle(session), &mechanism, public, ELEMENTS(public), private,
		n_private, ret_public, ret_private);

	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_GenerateKeyPair", rv);
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

void rsa_key_remove_pair(struct hsm_session *session, CK_OBJECT_HANDLE public,
			 CK_OBJECT_HANDLE private)
{
	CK_FUNCTION_LIST *functions = hsm_session_functions(session);

	/* Best effort; the key has no charter and is used by nobody. */
	(void)functions->C_DestroyObject(hsm_session_handle(session), private);
	(void)functions->C_DestroyObject(hsm_session_handle(session), public);
}

static int check(struct hsm_session *session, const struct hsm_rsa_order *order, struct span spki,
		 CK_OBJECT_HANDLE private, const char **ret_why)
{
	enum rsa_key_birth birth = order->wrappable	? RSA_KEY_MADE_TO_WRAP
				   : order->extractable ? RSA_KEY_MADE_TO_LEAVE
							: RSA_KEY_MADE_TO_STAY;
	int r = rsa_key_check_promises(session, private, birth, ret_why);

	return r == 0 ? check_public(spki, order->bits, ret_why) : r;
}

int hsm_rsa_key_confirm(struct hsm_session *session, const struct hsm_rsa_order *order,
			struct bytes *ret_spki, const char **ret_why)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct hsm_rsa_key key = {.id = order->id};
	CK_OBJECT_HANDLE private;
	int r, removed;

	r = hsm_rsa_key_read(session, order->id, &spki);
	key.spki = span_of(spki);
	if (r == 0)
		r = rsa_key_locate(session, &key, &private);
	if (r == 0)
		r = check(session, order, key.spki, private, ret_why);
	if (r == HSM_RSA_KEY_UNFIT) {
		removed = hsm_rsa_key_destroy(session, &key);
		r = removed < 0 ? removed : r;
	}
	if (r >= 0)
		*ret_spki = TAKE_STRUCT(spki);
	return r;
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
	if (r == 0 && ((order->extractable && !hsm_rsa_key_can_leave(session)) ||
		       (order->wrappable && !hsm_wrapping_is_known(session))))
		return HSM_RSA_KEY_KEPT;
	if (r == 0)
		r = generate(session, order, &public, &private);
	/* The order was all the data that it got: so OpenSC says that the card refused the size. */
	if (r == -EBADMSG)
		r = -EOPNOTSUPP;
	if (r < 0)
		return rsa_key_outcome(r);
	r = hsm_rsa_key_read(session, order->id, &spki);
	if (r == 0)
		r = check(session, order, span_of(spki), private, ret_why);
	if (r == HSM_RSA_KEY_UNFIT && object_read_flag(session, private, CKA_LOCAL) == 0)
		r = HSM_RSA_KEY_UNTOLD;
	if (r == HSM_RSA_KEY_UNFIT)
		rsa_key_remove_pair(session, public, private);
	/* It was made a moment ago. */
	if (r == HSM_RSA_KEY_ABSENT)
		return -EIO;
	/* The key is there: no more is it the case that nothing was done. */
	if (r == -EACCES)
		return -ESTALE;
	if (r == 0)
		*ret_spki = TAKE_STRUCT(spki);
	return r;
}
