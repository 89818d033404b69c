/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/rsa-key-carry.h"
#include "daemon/base/crypto.h"
#include "daemon/base/der.h"
#include "hsm/fault.h"
#include "hsm/object.h"
#include "hsm/rsa-key-internal.h"
#include <string.h>

#define WRAPPED_MOST 8192 /* bytes of an RSA-8192 key, with room */

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY, private_class = CKO_PRIVATE_KEY,
		       secret_class = CKO_SECRET_KEY;
static CK_KEY_TYPE rsa = CKK_RSA, aes = CKK_AES;

static CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, struct span value)
{
	return (CK_ATTRIBUTE){type, (void *)value.data, value.size};
}

static int create(struct hsm_session *session, CK_ATTRIBUTE *values, CK_ULONG n,
		  CK_OBJECT_HANDLE *ret)
{
	CK_RV rv = hsm_session_functions(session)->C_CreateObject(hsm_session_handle(session),
								  values, n, ret);

	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_CreateObject", rv);
}

int rsa_key_create_public(struct hsm_session *session, const struct hsm_rsa_order *order,
			  struct span modulus, struct span exponent, CK_OBJECT_HANDLE *ret)
{
	CK_BBOOL *decrypts = order->decrypts ? &yes : &no;
	CK_ATTRIBUTE values[] = {
		{CKA_CLASS, &public_class, sizeof(public_class)},
		{CKA_KEY_TYPE, &rsa, sizeof(rsa)},
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_VERIFY, &yes, sizeof(yes)},
		{CKA_ENCRYPT, decrypts, sizeof(*decrypts)},
		{CKA_WRAP, &no, sizeof(no)},
		attribute_of(CKA_ID, order->id),
		attribute_of(CKA_LABEL, span_of_text(order->label)),
		attribute_of(CKA_MODULUS, modulus),
		attribute_of(CKA_PUBLIC_EXPONENT, exponent),
	};

	return create(session, values, ELEMENTS(values), ret);
}

static int create_private(struct hsm_session *session, const struct hsm_rsa_order *order,
			  const struct hsm_rsa_parts *parts, CK_OBJECT_HANDLE *ret)
{
	CK_BBOOL *decrypts = order->decrypts ? &yes : &no;
	CK_BBOOL *extractable = order->extractable ? &yes : &no;
	CK_ATTRIBUTE values[] = {
		{CKA_CLASS, &private_class, sizeof(private_class)},
		{CKA_KEY_TYPE, &rsa, sizeof(rsa)},
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_PRIVATE, &yes, sizeof(yes)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, extractable, sizeof(*extractable)},
		{CKA_SIGN, &yes, sizeof(yes)},
		{CKA_DECRYPT, decrypts, sizeof(*decrypts)},
		{CKA_UNWRAP, &no, sizeof(no)},
		attribute_of(CKA_ID, order->id),
		attribute_of(CKA_LABEL, span_of_text(order->label)),
		attribute_of(CKA_MODULUS, parts->modulus),
		attribute_of(CKA_PUBLIC_EXPONENT, parts->exponent),
		attribute_of(CKA_PRIVATE_EXPONENT, parts->private_exponent),
		attribute_of(CKA_PRIME_1, parts->prime_1),
		attribute_of(CKA_PRIME_2, parts->prime_2),
		attribute_of(CKA_EXPONENT_1, parts->exponent_1),
		attribute_of(CKA_EXPONENT_2, parts->exponent_2),
		attribute_of(CKA_COEFFICIENT, parts->coefficient),
	};

	return create(session, values, ELEMENTS(values), ret);
}

int hsm_rsa_key_import(struct hsm_session *session, const struct hsm_rsa_order *order,
		       const struct hsm_rsa_parts *parts, struct bytes *ret_spki,
		       const char **ret_why)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	CK_OBJECT_HANDLE public = CK_INVALID_HANDLE, private = CK_INVALID_HANDLE;
	int r;

	if (hsm_session_is_broken(session))
		return -ESTALE;
	if (order->extractable && !hsm_rsa_key_can_leave(session))
		return HSM_RSA_KEY_KEPT;
	r = rsa_key_create_public(session, order, parts->modulus, parts->exponent, &public);
	if (r == 0)
		r = create_private(session, order, parts, &private);
	if (r < 0) {
		rsa_key_remove_pair(session, public, private);
		return rsa_key_outcome(r);
	}
	r = hsm_rsa_key_read(session, order->id, &spki);
	if (r == 0)
		r = rsa_key_check_promises(session, private,
					   order->extractable ? RSA_KEY_CARRIED_TO_LEAVE
							      : RSA_KEY_CARRIED_TO_STAY,
					   ret_why);
	if (r == HSM_RSA_KEY_UNFIT)
		rsa_key_remove_pair(session, public, private);
	if (r == HSM_RSA_KEY_ABSENT)
		return -EIO;
	if (r == 0)
		*ret_spki = TAKE_STRUCT(spki);
	return r;
}

bool hsm_rsa_key_can_leave(struct hsm_session *session)
{
	CK_MECHANISM_INFO info;
	CK_RV rv = hsm_session_functions(session)->C_GetMechanismInfo(
		hsm_token_slot(hsm_session_token(session)), CKM_AES_KEY_WRAP_PAD, &info);

	return rv == CKR_OK && (info.flags & CKF_WRAP);
}

/* A key of this session alone, whose value we chose. */
static int create_wrapping_key(struct hsm_session *session, struct span value,
			       CK_OBJECT_HANDLE *ret)
{
	CK_ATTRIBUTE values[] = {
		{CKA_CLASS, &secret_class, sizeof(secret_class)},
		{CKA_KEY_TYPE, &aes, sizeof(aes)},
		{CKA_TOKEN, &no, sizeof(no)},
		{CKA_PRIVATE, &yes, sizeof(yes)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &no, sizeof(no)},
		{CKA_WRAP, &yes, sizeof(yes)},
		attribute_of(CKA_VALUE, value),
	};

	return create(session, values, ELEMENTS(values), ret);
}

/* What C_WrapKey says of a key that stays where it is. */
static bool is_kept(CK_RV rv)
{
	return rv == CKR_KEY_UNEXTRACTABLE || rv == CKR_KEY_NOT_WRAPPABLE ||
	       rv == CKR_MECHANISM_INVALID || rv == CKR_FUNCTION_NOT_SUPPORTED;
}

static int wrap(struct hsm_session *session, CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key,
		struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes wrapped = {0};
	CK_MECHANISM mechanism = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
	CK_ULONG size = WRAPPED_MOST;
	CK_RV rv;
	int r;

	r = bytes_new(WRAPPED_MOST, &wrapped);
	if (r < 0)
		return r;
	rv = hsm_session_functions(session)->C_WrapKey(hsm_session_handle(session), &mechanism,
						       wrapping, key, wrapped.data, &size);
	if (is_kept(rv))
		return HSM_RSA_KEY_KEPT;
	if (rv != CKR_OK || size > WRAPPED_MOST)
		return hsm_session_failed(session, "C_WrapKey",
					  rv == CKR_OK ? CKR_FUNCTION_FAILED : rv);
	wrapped.size = size;
	*ret = TAKE_STRUCT(wrapped);
	return 0;
}

/* SoftHSM wraps the encoding with zeros behind it, which fill the last block. */
static int cut(struct secret *encoding)
{
	struct span rest = span_of_secret(*encoding);
	struct der_item whole;
	int r = der_next(&rest, &whole);

	if (r == 0)
		encoding->size = whole.whole.size;
	return r < 0 ? -EBADMSG : 0;
}

int hsm_rsa_key_extract(struct hsm_session *session, const struct hsm_rsa_key *key,
			struct secret *ret)
{
	_cleanup_(secret_done) struct secret value = {0};
	_cleanup_(bytes_done) struct bytes wrapped = {0};
	CK_OBJECT_HANDLE private, wrapping;
	int r;

	r = rsa_key_locate(session, key, &private);
	if (r)
		return r;
	if (!hsm_rsa_key_can_leave(session))
		return HSM_RSA_KEY_KEPT;
	r = secret_new(32, &value);
	if (r < 0)
		return r;
	random_fill(value.data, value.size);
	r = create_wrapping_key(session, span_of_secret(value), &wrapping);
	if (r < 0)
		return r;
	r = wrap(session, wrapping, private, &wrapped);
	/* It ends with its session, if not here. */
	(void)hsm_session_functions(session)->C_DestroyObject(hsm_session_handle(session),
							      wrapping);
	if (r)
		return r;
	r = key_wrap_open(span_of_secret(value), span_of(wrapped), ret);
	if (r == 0)
		r = cut(ret);
	return r == -EBADMSG ? hsm_session_failed(session, "C_WrapKey", CKR_FUNCTION_FAILED) : r;
}

/* Asked first, since what is so already may not be set again. */
static int seal(struct hsm_session *session, CK_OBJECT_HANDLE private)
{
	CK_ATTRIBUTE attribute = {CKA_EXTRACTABLE, &no, sizeof(no)};
	int told = object_read_flag(session, private, CKA_EXTRACTABLE);
	CK_RV rv;

	if (told <= 0)
		return told;
	rv = hsm_session_functions(session)->C_SetAttributeValue(hsm_session_handle(session),
								 private, &attribute, 1);
	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_SetAttributeValue", rv);
}

int hsm_rsa_key_seal(struct hsm_session *session, const struct hsm_rsa_key *key)
{
	CK_OBJECT_HANDLE private;
	const char *why;
	int r;

	r = rsa_key_locate(session, key, &private);
	if (r)
		return r;
	r = seal(session, private);
	if (r < 0)
		return r == -ENODATA ? HSM_RSA_KEY_UNABLE : rsa_key_outcome(r);
	r = rsa_key_check_promises(session, private, RSA_KEY_CARRIED_TO_STAY, &why);
	return r == HSM_RSA_KEY_UNFIT ? HSM_RSA_KEY_UNABLE : r;
}
