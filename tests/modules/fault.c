/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that stands before a real one and spoils what it does: each function of the list
 * below looks into the control file first. Functions outside the list go straight through.
 */
#include "tests/modules/control.h"
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST ours;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

/* FUNCTION(name, what it answers while the token is absent, parameters, arguments) */
/* clang-format off */
#define FUNCTIONS(FUNCTION) \
	FUNCTION(C_Finalize, CKR_OK, (void *a), (a)) \
	FUNCTION(C_GetSlotList, CKR_OK, (CK_BBOOL a, CK_SLOT_ID *b, CK_ULONG *c), (a, b, c)) \
	FUNCTION(C_GetSlotInfo, CKR_OK, (CK_SLOT_ID a, CK_SLOT_INFO *b), (a, b)) \
	FUNCTION(C_GetTokenInfo, CKR_TOKEN_NOT_PRESENT, (CK_SLOT_ID a, CK_TOKEN_INFO *b), (a, b)) \
	FUNCTION(C_GetMechanismInfo, CKR_TOKEN_NOT_PRESENT, (CK_SLOT_ID a, CK_MECHANISM_TYPE b, CK_MECHANISM_INFO *c), (a, b, c)) \
	FUNCTION(C_InitToken, CKR_TOKEN_NOT_PRESENT, (CK_SLOT_ID a, CK_UTF8CHAR *b, CK_ULONG c, CK_UTF8CHAR *d), (a, b, c, d)) \
	FUNCTION(C_InitPIN, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_UTF8CHAR *b, CK_ULONG c), (a, b, c)) \
	FUNCTION(C_OpenSession, CKR_TOKEN_NOT_PRESENT, (CK_SLOT_ID a, CK_FLAGS b, void *c, CK_NOTIFY d, CK_SESSION_HANDLE *e), (a, b, c, d, e)) \
	FUNCTION(C_CloseSession, CKR_SESSION_HANDLE_INVALID, (CK_SESSION_HANDLE a), (a)) \
	FUNCTION(C_CloseAllSessions, CKR_OK, (CK_SLOT_ID a), (a)) \
	FUNCTION(C_GetSessionInfo, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_SESSION_INFO *b), (a, b)) \
	FUNCTION(C_Login, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_USER_TYPE b, CK_UTF8CHAR *c, CK_ULONG d), (a, b, c, d)) \
	FUNCTION(C_Logout, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a), (a)) \
	FUNCTION(C_FindObjectsInit, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_ATTRIBUTE *b, CK_ULONG c), (a, b, c)) \
	FUNCTION(C_FindObjects, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE *b, CK_ULONG c, CK_ULONG *d), (a, b, c, d)) \
	FUNCTION(C_FindObjectsFinal, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a), (a)) \
	FUNCTION(C_GetAttributeValue, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d), (a, b, c, d)) \
	FUNCTION(C_SetAttributeValue, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d), (a, b, c, d)) \
	FUNCTION(C_CreateObject, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_ATTRIBUTE *b, CK_ULONG c, CK_OBJECT_HANDLE *d), (a, b, c, d)) \
	FUNCTION(C_DestroyObject, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b), (a, b)) \
	FUNCTION(C_GenerateKeyPair, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_ATTRIBUTE *c, CK_ULONG d, CK_ATTRIBUTE *e, CK_ULONG f, CK_OBJECT_HANDLE *g, CK_OBJECT_HANDLE *h), (a, b, c, d, e, f, g, h)) \
	FUNCTION(C_SignInit, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (a, b, c)) \
	FUNCTION(C_Sign, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e), (a, b, c, d, e)) \
	FUNCTION(C_DecryptInit, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c), (a, b, c)) \
	FUNCTION(C_Decrypt, CKR_DEVICE_REMOVED, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e), (a, b, c, d, e))
/* clang-format on */

static void suffer(const struct fault *fault)
{
	if (fault->delay_ms)
		(void)poll(NULL, 0, (int)fault->delay_ms);
	while (fault->hang)
		(void)pause();
}

/* A token that was pulled out takes its sessions along: they stay dead when it is back. */
static void end_sessions(void)
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = sizeof(slots) / sizeof(slots[0]);

	if (!fault_token_just_left() || real->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
		return;
	for (CK_ULONG i = 0; i < n; i++)
		(void)real->C_CloseAllSessions(slots[i]);
}

/* Defines a wrapper that counts, suffers what the control file says, and calls the real one. */
#define WRAP(name, when_absent, parameters, arguments)                                             \
	static CK_RV name##_spoilt parameters                                                      \
	{                                                                                          \
		struct fault fault = fault_take(#name);                                            \
		struct fault_token token = fault_token_now();                                      \
		CK_RV rv = CKR_OK;                                                                 \
                                                                                                   \
		end_sessions();                                                                    \
		if (token.one_at_a_time)                                                           \
			pthread_mutex_lock(&turn);                                                 \
		suffer(&fault);                                                                    \
		if (token.absent && (when_absent) != CKR_OK)                                       \
			rv = (when_absent);                                                        \
		else if (!fault.has_answer || fault.after)                                         \
			rv = real->name arguments;                                                 \
		if (token.one_at_a_time)                                                           \
			pthread_mutex_unlock(&turn);                                               \
		return fault.has_answer ? fault.answer : rv;                                       \
	}
FUNCTIONS(WRAP)

static CK_RV initialize(void *arguments)
{
	struct fault fault = fault_take("C_Initialize");

	suffer(&fault);
	return fault.has_answer ? fault.answer : real->C_Initialize(arguments);
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CK_RV rv = C_GetSlotInfo_spoilt(slot, info);

	if (rv == CKR_OK && fault_token_now().absent)
		info->flags &= ~CKF_TOKEN_PRESENT;
	return rv;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = C_GetTokenInfo_spoilt(slot, info);

	if (rv == CKR_OK)
		info->flags |= fault_token_now().flags;
	return rv;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	struct fault_token token = fault_token_now();

	if (token.hides && token.hidden == type)
		return CKR_MECHANISM_INVALID;
	return C_GetMechanismInfo_spoilt(slot, type, info);
}

static CK_RV get_slot_list(CK_BBOOL with_token, CK_SLOT_ID *slots, CK_ULONG *n)
{
	CK_RV rv = C_GetSlotList_spoilt(with_token, slots, n);

	if (rv == CKR_OK && with_token && fault_token_now().absent)
		*n = 0;
	return rv;
}

static CK_RV get_function_list(CK_FUNCTION_LIST **list)
{
	*list = &ours;
	return CKR_OK;
}

static CK_RV load(void)
{
	const char *path = getenv("FAULT_MODULE_REAL");
	void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	CK_C_GetFunctionList get = NULL;

	if (library)
		*(void **)&get = dlsym(library, "C_GetFunctionList");
	if (!get || get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	ours = *real;
#define TAKE(name, when_absent, parameters, arguments) ours.name = name##_spoilt;
	FUNCTIONS(TAKE)
	ours.C_Initialize = initialize;
	ours.C_GetSlotInfo = get_slot_info;
	ours.C_GetTokenInfo = get_token_info;
	ours.C_GetMechanismInfo = get_mechanism_info;
	ours.C_GetSlotList = get_slot_list;
	ours.C_GetFunctionList = get_function_list;
	return CKR_OK;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
	CK_RV rv = CKR_OK;

	pthread_mutex_lock(&once);
	if (!real)
		rv = load();
	pthread_mutex_unlock(&once);
	*list = &ours;
	return rv;
}
