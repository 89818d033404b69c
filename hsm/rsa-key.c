/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/rsa-key.h"
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "hsm/fault.h"
#include "hsm/object.h"
#include "hsm/rsa-key-internal.h"
#include <string.h>

/* Big-endian numbers, the token's perhaps with zeros in front. */
static bool equal_numbers(const uint8_t *data, size_t size, struct span wanted)
{
	while (size > 0 && data[0] == 0) {
		data++;
		size--;
	}
	return span_equal(SPAN(data, size), wanted);
}

/* A card may keep the public half in the public object alone. */
static int read_public_half(struct hsm_session *session, struct span id, CK_OBJECT_HANDLE private,
			    struct object_public *ret)
{
	struct object_list list;
	int r = object_read_public(session, private, ret);

	if (r < 0 || (ret->modulus_size && ret->exponent_size))
		return r;
	r = object_find_keys(session, CKO_PUBLIC_KEY, id, &list);
	if (r < 0 || list.n == 0)
		return r;
	return object_read_public(session, list.handles[0], ret);
}

int hsm_rsa_key_read(struct hsm_session *session, struct span id, struct bytes *ret_spki)
{
	struct object_public public;
	struct object_list list;
	int r;

	if (hsm_session_is_broken(session))
		return -ESTALE;
	r = object_find_keys(session, CKO_PRIVATE_KEY, id, &list);
	if (r < 0)
		return r;
	if (list.n == 0)
		return HSM_RSA_KEY_ABSENT;
	r = read_public_half(session, id, list.handles[0], &public);
	if (r < 0)
		return r;
	if (!public.modulus_size || !public.exponent_size)
		return HSM_RSA_KEY_ABSENT;
	return spki_write(SPAN(public.modulus, public.modulus_size),
			  SPAN(public.exponent, public.exponent_size), ret_spki);
}

static int find_private(struct hsm_session *session, const struct hsm_rsa_key *key,
			CK_OBJECT_HANDLE *ret)
{
	struct object_public public;
	struct span modulus, exponent;
	struct object_list list = {0};
	int r;

	r = spki_read(key->spki, &modulus, &exponent);
	if (r == 0)
		r = object_find_keys(session, CKO_PRIVATE_KEY, key->id, &list);
	if (r < 0)
		return r;
	for (CK_ULONG i = 0; i < list.n; i++) {
		r = read_public_half(session, key->id, list.handles[i], &public);
		if (r < 0)
			return r;
		if (!equal_numbers(public.modulus, public.modulus_size, modulus) ||
		    !equal_numbers(public.exponent, public.exponent_size, exponent))
			continue;
		*ret = list.handles[i];
		return 0;
	}
	return HSM_RSA_KEY_ABSENT;
}

int rsa_key_locate(struct hsm_session *session, const struct hsm_rsa_key *key,
		   CK_OBJECT_HANDLE *ret)
{
	CK_OBJECT_HANDLE handle;
	int r;

	if (hsm_session_is_broken(session))
		return -ESTALE;
	handle = hsm_session_recall(session, key->id);
	if (handle == CK_INVALID_HANDLE) {
		r = find_private(session, key, &handle);
		if (r)
			return r;
		hsm_session_remember(session, key->id, handle);
	}
	*ret = handle;
	return 0;
}

int hsm_rsa_key_find(struct hsm_session *session, const struct hsm_rsa_key *key)
{
	CK_OBJECT_HANDLE handle;

	return rsa_key_locate(session, key, &handle);
}

static int sign(struct hsm_session *session, CK_OBJECT_HANDLE key, struct span data,
		struct bytes *place)
{
	CK_FUNCTION_LIST *functions = hsm_session_functions(session);
	CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
	CK_ULONG size = place->size;
	CK_RV rv;

	rv = functions->C_SignInit(hsm_session_handle(session), &mechanism, key);
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_SignInit", rv);
	rv = functions->C_Sign(hsm_session_handle(session), (CK_BYTE *)data.data, data.size,
			       place->data, &size);
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_Sign", rv);
	if (size != place->size)
		return hsm_session_failed(session, "C_Sign", CKR_FUNCTION_FAILED);
	return 0;
}

static int check_signature(struct hsm_session *session, const struct hsm_rsa_key *key,
			   struct span digest_info, struct span signature)
{
	const struct rsa_public *public;
	int r = hsm_session_public(session, key->spki, &public);

	if (r == 0)
		r = rsa_public_verify_info(public, digest_info, signature);
	return r == -EBADMSG ? hsm_session_failed(session, "C_Sign", CKR_SIGNATURE_INVALID) : r;
}

int hsm_rsa_key_sign(struct hsm_session *session, const struct hsm_rsa_key *key,
		     struct span digest_info, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct span modulus, exponent;
	CK_OBJECT_HANDLE handle;
	int r;

	r = rsa_key_locate(session, key, &handle);
	if (r)
		return r;
	r = spki_read(key->spki, &modulus, &exponent);
	if (r == 0)
		r = bytes_new(modulus.size, &signature);
	if (r == 0)
		r = sign(session, handle, digest_info, &signature);
	if (r == 0)
		r = check_signature(session, key, digest_info, span_of(signature));
	if (r == 0)
		*ret = TAKE_STRUCT(signature);
	return r;
}

/* What an error of a writable session comes to, where it says something about the token or the key
 * and not about the session; other errors stay what they are. */
int rsa_key_outcome(int error)
{
	static const struct {
		int error;
		int outcome;
	} rows[] = {
		{-ENOSPC, HSM_RSA_KEY_FULL},
		{-EOPNOTSUPP, HSM_RSA_KEY_UNABLE},
		{-EROFS, HSM_RSA_KEY_READ_ONLY},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (rows[i].error == error)
			return rows[i].outcome;
	}
	return error;
}

static int set_label(struct hsm_session *session, CK_OBJECT_HANDLE object, const char *label)
{
	CK_ATTRIBUTE attribute = {CKA_LABEL, (void *)label, strlen(label)};
	CK_RV rv = hsm_session_functions(session)->C_SetAttributeValue(hsm_session_handle(session),
								       object, &attribute, 1);

	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_SetAttributeValue", rv);
}

static int destroy(struct hsm_session *session, CK_OBJECT_HANDLE object, const char *unused)
{
	CK_RV rv = hsm_session_functions(session)->C_DestroyObject(hsm_session_handle(session),
								   object);

	(void)unused;
	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_DestroyObject", rv);
}

/* Does it to the private half first: without it the public one is of no use. */
static int do_to_both(struct hsm_session *session, const struct hsm_rsa_key *key,
		      int (*act)(struct hsm_session *session, CK_OBJECT_HANDLE object,
				 const char *argument),
		      const char *argument)
{
	struct object_list publics;
	CK_OBJECT_HANDLE private;
	int r;

	r = rsa_key_locate(session, key, &private);
	if (r)
		return r;
	r = object_find_keys(session, CKO_PUBLIC_KEY, key->id, &publics);
	if (r == 0)
		r = act(session, private, argument);
	for (CK_ULONG i = 0; r == 0 && i < publics.n; i++)
		r = act(session, publics.handles[i], argument);
	return rsa_key_outcome(r);
}

int hsm_rsa_key_relabel(struct hsm_session *session, const struct hsm_rsa_key *key,
			const char *label)
{
	return do_to_both(session, key, set_label, label);
}

int hsm_rsa_key_destroy(struct hsm_session *session, const struct hsm_rsa_key *key)
{
	int r = do_to_both(session, key, destroy, NULL);

	hsm_session_forget(session, key->id);
	return r;
}
