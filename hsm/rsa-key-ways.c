/* SPDX-License-Identifier: Apache-2.0 */
/* How an operation of a private key begins, of rsa-key-internal.h. */
#include "hsm/fault.h"
#include "hsm/rsa-key-internal.h"
#include <string.h>

/* What is said about a way, and not about the session: parameters are taken ill in several words.
 */
static bool is_about_way(const CK_MECHANISM *mechanism, CK_RV rv)
{
	return hsm_fault_errno(rv) == -EOPNOTSUPP ||
	       (mechanism->pParameter && hsm_fault_errno(rv) == -EPROTO);
}

int rsa_key_begin(struct hsm_session *session, CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism,
		  CK_FLAGS operation)
{
	const char *name = operation == CKF_DECRYPT ? "C_DecryptInit" : "C_SignInit";
	CK_FUNCTION_LIST *functions = hsm_session_functions(session);
	CK_MECHANISM_INFO info;
	CK_RV rv = functions->C_GetMechanismInfo(hsm_token_slot(hsm_session_token(session)),
						 mechanism->mechanism, &info);

	if (rv == CKR_MECHANISM_INVALID || (rv == CKR_OK && !(info.flags & operation)))
		return -EOPNOTSUPP;
	if (rv != CKR_OK)
		return hsm_session_failed(session, "C_GetMechanismInfo", rv);
	rv = operation == CKF_DECRYPT
		     ? functions->C_DecryptInit(hsm_session_handle(session), mechanism, key)
		     : functions->C_SignInit(hsm_session_handle(session), mechanism, key);
	if (rv == CKR_OK)
		return 0;
	if (!is_about_way(mechanism, rv))
		return hsm_session_failed(session, name, rv);
	(void)hsm_failed(name, rv);
	return -EOPNOTSUPP;
}

void rsa_key_align(struct secret *block, size_t size)
{
	memmove(block->data + block->size - size, block->data, size);
	memset(block->data, 0, block->size - size);
}

bool rsa_key_find_digest(enum digest digest, enum digest mgf1, struct rsa_key_digest *ret)
{
	static const struct rsa_key_digest names[] = {
		[DIGEST_SHA1] = {CKM_SHA_1, CKG_MGF1_SHA1},
		[DIGEST_SHA256] = {CKM_SHA256, CKG_MGF1_SHA256},
		[DIGEST_SHA384] = {CKM_SHA384, CKG_MGF1_SHA384},
		[DIGEST_SHA512] = {CKM_SHA512, CKG_MGF1_SHA512},
	};

	if (!names[digest].mask || !names[mgf1].mask)
		return false;
	*ret = (struct rsa_key_digest){names[digest].hash, names[mgf1].mask};
	return true;
}
