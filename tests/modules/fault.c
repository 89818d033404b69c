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
#include <string.h>
#include <sys/mman.h>
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

/* By a real fault of memory, so that a handler of the process sees what it would see. */
static void crash(void)
{
	char *page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*(volatile char *)page = 1;
}

static void suffer(const struct fault *fault)
{
	if (fault->delay_ms)
		(void)poll(NULL, 0, (int)fault->delay_ms);
	while (fault->hang)
		(void)pause();
	if (fault->crash)
		crash();
}

/* SoftHSM does not bear the end of a session that another thread works with. */
static pthread_rwlock_t in_real = PTHREAD_RWLOCK_INITIALIZER;

/* A token that was pulled out takes its sessions along: they stay dead when it is back. */
static void end_sessions(void)
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = sizeof(slots) / sizeof(slots[0]);

	if (!fault_token_just_left())
		return;
	pthread_rwlock_wrlock(&in_real);
	if (real->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
		n = 0;
	for (CK_ULONG i = 0; i < n; i++)
		(void)real->C_CloseAllSessions(slots[i]);
	pthread_rwlock_unlock(&in_real);
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
		else if (!fault.has_answer || fault.after) {                                       \
			pthread_rwlock_rdlock(&in_real);                                           \
			rv = real->name arguments;                                                 \
			pthread_rwlock_unlock(&in_real);                                           \
		}                                                                                  \
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
		info->flags |= fault_token_now().flags |
			       (fault_token_now().pad ? CKF_PROTECTED_AUTHENTICATION_PATH : 0);
	return rv;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	struct fault_token token = fault_token_now();

	for (unsigned i = 0; i < token.n_hidden; i++)
		if (token.hidden[i] == type)
			return CKR_MECHANISM_INVALID;
	return C_GetMechanismInfo_spoilt(slot, type, info);
}

static CK_RV get_slot_list(CK_BBOOL with_token, CK_SLOT_ID *slots, CK_ULONG *n)
{
	bool absent = with_token && fault_token_now().absent;
	/* The real one has more than the caller has been told of. */
	CK_RV rv = C_GetSlotList_spoilt(with_token, absent ? NULL : slots, n);

	if (rv == CKR_OK && absent)
		*n = 0;
	return rv;
}

/* Until somebody at the pad did something; its count says that it waits. A pad takes no PIN from a
 * program. */
static CK_RV ask_pad(const CK_UTF8CHAR *pin, struct fault_token *ret)
{
	*ret = fault_token_now();
	if (!ret->pad)
		return CKR_OK;
	(void)fault_take("pad");
	if (pin)
		return CKR_ARGUMENTS_BAD;
	while (ret->pad && !ret->typed[0] && !ret->cancelled && !ret->absent) {
		(void)poll(NULL, 0, 5);
		*ret = fault_token_now();
	}
	if (ret->absent)
		return CKR_DEVICE_REMOVED;
	return ret->typed[0] ? CKR_OK : CKR_FUNCTION_CANCELED;
}

#define TYPED(token, pin)   ((token).pad ? (CK_UTF8CHAR *)(token).typed : (pin))
#define LENGTH(token, size) ((token).pad ? strlen((token).typed) : (size))

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG size)
{
	struct fault_token token;
	CK_RV rv = ask_pad(pin, &token);

	if (rv != CKR_OK)
		return rv;
	return C_Login_spoilt(session, user, TYPED(token, pin), LENGTH(token, size));
}

static CK_RV init_token(CK_SLOT_ID slot, CK_UTF8CHAR *pin, CK_ULONG size, CK_UTF8CHAR *label)
{
	struct fault_token token;
	CK_RV rv = ask_pad(pin, &token);

	if (rv != CKR_OK)
		return rv;
	return C_InitToken_spoilt(slot, TYPED(token, pin), LENGTH(token, size), label);
}

static CK_RV init_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR *pin, CK_ULONG size)
{
	struct fault_token token;
	CK_RV rv = ask_pad(pin, &token);

	if (rv != CKR_OK)
		return rv;
	return C_InitPIN_spoilt(session, TYPED(token, pin), LENGTH(token, size));
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
	ours.C_Login = login;
	ours.C_InitToken = init_token;
	ours.C_InitPIN = init_pin;
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
