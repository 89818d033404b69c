/* SPDX-License-Identifier: Apache-2.0 */
/* How a wrapping key comes to another token, of wrapping-key.h. */
#include "daemon/base/spki.h"
#include "hsm/fault.h"
#include "hsm/wrapping-internal.h"
#include <string.h>

#define TRANSPORT_BITS	     3072
#define TRANSPORT_BITS_LEAST 2048
#define GIVEN_MOST	     1024 /* bytes of an RSA-8192 ciphertext */

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_BYTE f4[] = {0x01, 0x00, 0x01};
static CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
static CK_KEY_TYPE rsa = CKK_RSA;

/* OAEP alone: with it whoever changes what is given learns nothing of how it fails. */
static CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0};
static CK_MECHANISM transport = {CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep)};

/* Told apart from the wrapping key by class alone. */
static int list_halves(struct hsm_session *session, const char *label, CK_OBJECT_CLASS class,
		       struct object_list *ret)
{
	CK_ATTRIBUTE wanted[] = {
		{CKA_CLASS, &class, sizeof(class)},
		{CKA_KEY_TYPE, &rsa, sizeof(rsa)},
		{CKA_LABEL, (void *)label, strlen(label)},
	};

	if (hsm_session_is_broken(session))
		return -ESTALE;
	return object_find(session, wanted, ELEMENTS(wanted), ret);
}

static int remove_halves(struct hsm_session *session, const char *label, CK_OBJECT_CLASS class)
{
	struct object_list list;
	int r = list_halves(session, label, class, &list);

	for (CK_ULONG i = 0; r == 0 && i < list.n; i++)
		wrapping_destroy(session, list.handles[i]);
	return r;
}

static int remove_pairs(struct hsm_session *session, const char *label)
{
	int r = remove_halves(session, label, CKO_PRIVATE_KEY);

	return r < 0 ? r : remove_halves(session, label, CKO_PUBLIC_KEY);
}

static CK_ULONG choose_bits(struct hsm_session *session)
{
	CK_MECHANISM_INFO info;
	CK_RV rv = hsm_session_functions(session)->C_GetMechanismInfo(
		hsm_token_slot(hsm_session_token(session)), CKM_RSA_PKCS_KEY_PAIR_GEN, &info);

	return rv == CKR_OK && info.ulMaxKeySize >= TRANSPORT_BITS ? TRANSPORT_BITS
								   : TRANSPORT_BITS_LEAST;
}

/* An officer opens with it what comes, and sees no private objects. With the template, which says
 * that what comes is trusted, nobody else can. */
static CK_RV generate(struct hsm_session *session, const char *label, bool bound,
		      CK_OBJECT_HANDLE *ret_public)
{
	CK_ATTRIBUTE unwrapped[] = {
		{CKA_TRUSTED, &yes, sizeof(yes)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_WRAP_WITH_TRUSTED, &yes, sizeof(yes)},
		{CKA_DECRYPT, &no, sizeof(no)},
	};
	CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
	CK_ULONG bits = choose_bits(session);
	CK_ATTRIBUTE name = {CKA_LABEL, (void *)label, strlen(label)};
	CK_OBJECT_HANDLE private;
	CK_ATTRIBUTE publics[] = {
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_WRAP, &yes, sizeof(yes)},
		{CKA_ENCRYPT, &no, sizeof(no)},
		{CKA_VERIFY, &no, sizeof(no)},
		{CKA_MODULUS_BITS, &bits, sizeof(bits)},
		{CKA_PUBLIC_EXPONENT, f4, sizeof(f4)},
		name,
	};
	/* clang-format off */
	CK_ATTRIBUTE privates[] = {
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_PRIVATE, &no, sizeof(no)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &no, sizeof(no)},
		{CKA_UNWRAP, &yes, sizeof(yes)},
		{CKA_DECRYPT, &no, sizeof(no)},
		{CKA_SIGN, &no, sizeof(no)},
		name,
		{CKA_UNWRAP_TEMPLATE, unwrapped, sizeof(unwrapped)},
	};
	/* clang-format on */

	return hsm_session_functions(session)->C_GenerateKeyPair(
		hsm_session_handle(session), &mechanism, publics, ELEMENTS(publics), privates,
		ELEMENTS(privates) - (bound ? 0 : 1), ret_public, &private);
}

int hsm_transport_make(struct hsm_session *session, const char *label, struct bytes *ret_spki,
		       const char **ret_why)
{
	struct object_public half;
	CK_OBJECT_HANDLE public;
	CK_RV rv;
	int r = remove_pairs(session, label);

	if (r < 0)
		return r;
	rv = generate(session, label, true, &public);
	if (rv != CKR_OK && hsm_failed("C_GenerateKeyPair", rv) == -EOPNOTSUPP)
		rv = generate(session, label, false, &public);
	if (rv != CKR_OK)
		return wrapping_outcome(hsm_session_failed(session, "C_GenerateKeyPair", rv),
					"the token makes no RSA key that unwraps (CKA_UNWRAP)",
					ret_why);
	r = object_read_public(session, public, &half);
	if (r < 0)
		return r;
	return spki_write(SPAN(half.modulus, half.modulus_size),
			  SPAN(half.exponent, half.exponent_size), ret_spki);
}

int hsm_transport_trust(struct hsm_session *session, const char *label, struct span spki,
			const char **ret_why)
{
	CK_OBJECT_HANDLE public;
	struct span modulus, exponent;
	CK_RV rv;
	int r = spki_read(spki, &modulus, &exponent);

	if (r == 0)
		r = remove_halves(session, label, CKO_PUBLIC_KEY);
	if (r < 0)
		return r;
	CK_ATTRIBUTE values[] = {
		{CKA_CLASS, &public_class, sizeof(public_class)},
		{CKA_KEY_TYPE, &rsa, sizeof(rsa)},
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_PRIVATE, &no, sizeof(no)},
		{CKA_WRAP, &yes, sizeof(yes)},
		{CKA_ENCRYPT, &no, sizeof(no)},
		{CKA_VERIFY, &no, sizeof(no)},
		{CKA_TRUSTED, &yes, sizeof(yes)},
		{CKA_LABEL, (void *)label, strlen(label)},
		{CKA_MODULUS, (void *)modulus.data, modulus.size},
		{CKA_PUBLIC_EXPONENT, (void *)exponent.data, exponent.size},
	};
	rv = hsm_session_functions(session)->C_CreateObject(hsm_session_handle(session), values,
							    ELEMENTS(values), &public);
	if (rv == CKR_OK)
		return 0;
	return wrapping_outcome(hsm_session_failed(session, "C_CreateObject", rv),
				"the token makes no other token's key trusted (CKA_TRUSTED), so "
				"its wrapping key can't be given away",
				ret_why);
}

/* The half that the officer made trusted: its modulus says whose it is. */
static int find_trusted(struct hsm_session *session, const char *label, struct span spki,
			CK_OBJECT_HANDLE *ret, const char **ret_why)
{
	struct span modulus, exponent;
	struct object_list list;
	int r = spki_read(spki, &modulus, &exponent);

	if (r == 0)
		r = list_halves(session, label, CKO_PUBLIC_KEY, &list);
	for (CK_ULONG i = 0; r == 0 && i < list.n; i++) {
		struct object_public half;

		r = object_read_public(session, list.handles[i], &half);
		*ret = list.handles[i];
		if (r == 0 && span_equal(SPAN(half.modulus, half.modulus_size), modulus))
			return 0;
	}
	*ret_why = "the other token's key is not here any more: share again";
	return r < 0 ? r : HSM_WRAPPING_ABSENT;
}

static int wrap(struct hsm_session *session, CK_OBJECT_HANDLE half, CK_OBJECT_HANDLE key,
		struct bytes *ret, const char **ret_why)
{
	_cleanup_(bytes_done) struct bytes given = {0};
	CK_ULONG size = GIVEN_MOST;
	CK_RV rv;
	int r = bytes_new(GIVEN_MOST, &given);

	if (r < 0)
		return r;
	rv = hsm_session_functions(session)->C_WrapKey(hsm_session_handle(session), &transport,
						       half, key, given.data, &size);
	if (rv != CKR_OK || size > GIVEN_MOST)
		return wrapping_outcome(hsm_session_failed(session, "C_WrapKey",
							   rv == CKR_OK ? CKR_FUNCTION_FAILED : rv),
					"the token does not give its wrapping key away, though the "
					"other token's key is trusted (CKM_RSA_PKCS_OAEP)",
					ret_why);
	given.size = size;
	*ret = TAKE_STRUCT(given);
	return 0;
}

int hsm_wrapping_key_give(struct hsm_session *session, const char *label, struct span spki,
			  struct bytes *ret, const char **ret_why)
{
	CK_OBJECT_HANDLE key, half;
	int r = wrapping_key_locate(session, label, &key, ret_why);

	if (r == 0)
		r = find_trusted(session, label, spki, &half, ret_why);
	if (r)
		return r;
	r = wrap(session, half, key, ret, ret_why);
	wrapping_destroy(session, half);
	return r;
}

static int unwrap(struct hsm_session *session, CK_OBJECT_HANDLE private, struct span given,
		  const CK_ATTRIBUTE *values, CK_ULONG n)
{
	CK_ATTRIBUTE all[WRAPPING_VALUES];
	CK_OBJECT_HANDLE key;
	CK_RV rv;

	memcpy(all, values, n * sizeof(*values));
	rv = hsm_session_functions(session)->C_UnwrapKey(hsm_session_handle(session), &transport,
							 private, (CK_BYTE *)given.data, given.size,
							 all, n, &key);
	return rv == CKR_OK ? 0 : hsm_failed("C_UnwrapKey", rv);
}

int hsm_wrapping_key_take(struct hsm_session *session, const char *label, struct span given,
			  const char **ret_why)
{
	CK_ATTRIBUTE values[WRAPPING_VALUES];
	struct object_list list;
	int r = list_halves(session, label, CKO_PRIVATE_KEY, &list);

	if (r < 0)
		return r;
	*ret_why = "the key that this token offered is not there any more: share again";
	if (list.n != 1)
		return HSM_WRAPPING_ABSENT;
	wrapping_key_values(label, values);
	r = unwrap(session, list.handles[0], given, values, WRAPPING_VALUES);
	if (r == -EOPNOTSUPP)
		r = unwrap(session, list.handles[0], given, values, WRAPPING_VALUES_PLAIN);
	(void)remove_pairs(session, label);
	if (r == -EBADMSG || r == -EPROTO) {
		*ret_why = "what came from the other token does not open here: share again";
		return HSM_WRAPPING_WRONG;
	}
	return wrapping_outcome(
		r, "the token opens no key that comes under RSA (CKM_RSA_PKCS_OAEP)", ret_why);
}
