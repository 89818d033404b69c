/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/object.h"

int object_find(struct hsm_session *session, CK_ATTRIBUTE *wanted, CK_ULONG n,
		struct object_list *ret)
{
	CK_FUNCTION_LIST *functions = hsm_session_functions(session);
	CK_SESSION_HANDLE handle = hsm_session_handle(session);
	struct object_list list = {0};
	CK_RV rv;

	rv = functions->C_FindObjectsInit(handle, wanted, n);
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_FindObjectsInit", rv);
	rv = functions->C_FindObjects(handle, list.handles, OBJECT_FOUND_MAX, &list.n);
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_FindObjects", rv);
	rv = functions->C_FindObjectsFinal(handle);
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_FindObjectsFinal", rv);
	if (list.n > OBJECT_FOUND_MAX)
		list.n = OBJECT_FOUND_MAX;
	*ret = list;
	return 0;
}

int object_find_keys(struct hsm_session *session, CK_OBJECT_CLASS class, struct span id,
		     struct object_list *ret)
{
	CK_KEY_TYPE type = CKK_RSA;
	CK_ATTRIBUTE wanted[] = {
		{CKA_CLASS, &class, sizeof(class)},
		{CKA_KEY_TYPE, &type, sizeof(type)},
		{CKA_ID, (void *)id.data, id.size},
	};

	return object_find(session, wanted, ELEMENTS(wanted), ret);
}

/* One at a time: with several a module may give up at the first that it doesn't tell. */
int object_read(struct hsm_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
		struct bytes place, size_t *ret_size)
{
	CK_FUNCTION_LIST *functions = hsm_session_functions(session);
	CK_ATTRIBUTE attribute = {type, place.data, place.size};
	CK_RV rv =
		functions->C_GetAttributeValue(hsm_session_handle(session), object, &attribute, 1);

	if (rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	    rv == CKR_BUFFER_TOO_SMALL) {
		*ret_size = 0;
		return 0;
	}
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_GetAttributeValue", rv);
	*ret_size = attribute.ulValueLen <= place.size ? attribute.ulValueLen : 0;
	return 0;
}

int object_read_public(struct hsm_session *session, CK_OBJECT_HANDLE object,
		       struct object_public *ret)
{
	int r;

	*ret = (struct object_public){0};
	r = object_read(session, object, CKA_MODULUS,
			(struct bytes){ret->modulus, sizeof(ret->modulus)}, &ret->modulus_size);
	if (r == 0)
		r = object_read(session, object, CKA_PUBLIC_EXPONENT,
				(struct bytes){ret->exponent, sizeof(ret->exponent)},
				&ret->exponent_size);
	return r;
}

int object_read_flag(struct hsm_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
	CK_BBOOL flag = CK_FALSE;
	size_t size = 0;
	int r = object_read(session, object, type, (struct bytes){&flag, sizeof(flag)}, &size);

	if (r < 0)
		return r;
	return size == sizeof(flag) ? flag != CK_FALSE : -ENODATA;
}
