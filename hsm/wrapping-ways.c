/* SPDX-License-Identifier: Apache-2.0 */
/* By which mechanisms a wrapping key wraps, of wrapping-internal.h. */
#include "daemon/base/crypto.h"
#include "hsm/fault.h"
#include "hsm/wrapping-internal.h"
#include <string.h>

#define WRAPPED_MOST 8192 /* bytes of an RSA-8192 key, with room */
#define IV_SIZE	     16

/* In the order in which they are tried. What CBC wrapped has its IV in front. */
static const struct way {
	CK_MECHANISM_TYPE type;
	const char *name;
	size_t iv_size;
} ways[] = {
	{CKM_AES_KEY_WRAP_PAD, "aes-key-wrap-pad", 0},
	{CKM_AES_KEY_WRAP, "aes-key-wrap", 0},
	{CKM_AES_CBC_PAD, "aes-cbc-pad", IV_SIZE},
};

static bool has(struct hsm_session *session, const struct way *way)
{
	CK_MECHANISM_INFO info;
	CK_RV rv = hsm_session_functions(session)->C_GetMechanismInfo(
		hsm_token_slot(hsm_session_token(session)), way->type, &info);

	return rv == CKR_OK && (info.flags & CKF_WRAP) && (info.flags & CKF_UNWRAP);
}

static const struct way *find(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(ways); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	return NULL;
}

bool wrapping_can(struct hsm_session *session, const char *mechanism)
{
	const struct way *way = find(mechanism);

	return way && has(session, way);
}

bool hsm_wrapping_is_known(struct hsm_session *session)
{
	for (size_t i = 0; i < ELEMENTS(ways); i++)
		if (has(session, &ways[i]))
			return true;
	return false;
}

static int wrap_by(struct hsm_session *session, const struct way *way, CK_OBJECT_HANDLE wrapping,
		   CK_OBJECT_HANDLE key, struct bytes *place)
{
	CK_MECHANISM mechanism = {way->type, way->iv_size ? place->data : NULL, way->iv_size};
	CK_ULONG size = WRAPPED_MOST;
	CK_RV rv = hsm_session_functions(session)->C_WrapKey(hsm_session_handle(session),
							     &mechanism, wrapping, key,
							     place->data + way->iv_size, &size);

	if (rv == CKR_OK && size > WRAPPED_MOST)
		rv = CKR_FUNCTION_FAILED;
	if (rv != CKR_OK)
		return hsm_failed("C_WrapKey", rv);
	place->size = way->iv_size + size;
	return 0;
}

int wrapping_wrap(struct hsm_session *session, CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key,
		  const uint8_t *iv, struct hsm_wrapped *ret)
{
	_cleanup_(bytes_done) struct bytes place = {0};
	int r = bytes_new(IV_SIZE + WRAPPED_MOST, &place);

	if (r < 0)
		return r;
	if (iv)
		memcpy(place.data, iv, IV_SIZE);
	else
		random_fill(place.data, IV_SIZE);
	r = -EOPNOTSUPP;
	for (size_t i = 0; i < ELEMENTS(ways) && r == -EOPNOTSUPP; i++) {
		if (!has(session, &ways[i]))
			continue;
		ret->mechanism = ways[i].name;
		r = wrap_by(session, &ways[i], wrapping, key, &place);
	}
	if (r == 0)
		ret->content = TAKE_STRUCT(place);
	return r;
}

int wrapping_unwrap(struct hsm_session *session, CK_OBJECT_HANDLE wrapping,
		    const struct hsm_wrapped *wrapped, CK_ATTRIBUTE *values, CK_ULONG n,
		    CK_OBJECT_HANDLE *ret)
{
	const struct way *way = find(wrapped->mechanism);
	struct span content = span_of(wrapped->content), inner;
	CK_MECHANISM mechanism;
	CK_RV rv;

	if (!way || content.size <= way->iv_size)
		return -EBADMSG;
	inner = span_slice(content, way->iv_size, content.size - way->iv_size);
	mechanism =
		(CK_MECHANISM){way->type, way->iv_size ? (void *)content.data : NULL, way->iv_size};
	rv = hsm_session_functions(session)->C_UnwrapKey(hsm_session_handle(session), &mechanism,
							 wrapping, (CK_BYTE *)inner.data,
							 inner.size, values, n, ret);
	return rv == CKR_OK ? 0 : hsm_failed("C_UnwrapKey", rv);
}
