/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/cryptoki.h"
#include "hsm/fault.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct hsm_token {
	struct hsm_module *module;
	struct hsm_slot slot;
	CK_SESSION_HANDLE anchor;
	atomic_bool spoils_pss;
};

struct hsm_module *hsm_token_module(const struct hsm_token *token)
{
	return token->module;
}

CK_SLOT_ID hsm_token_slot(const struct hsm_token *token)
{
	return token->slot.id;
}

CK_SESSION_HANDLE hsm_token_anchor(const struct hsm_token *token)
{
	return token->anchor;
}

bool hsm_token_spoils_pss(const struct hsm_token *token)
{
	return atomic_load(&token->spoils_pss);
}

void hsm_token_set_spoils_pss(struct hsm_token *token)
{
	atomic_store(&token->spoils_pss, true);
}

/* PKCS#11 pads its texts with blanks and ends them with nothing. */
static bool is_text(const CK_UTF8CHAR *padded, size_t width, const char *text)
{
	size_t size = strnlen(text, width);

	if (memcmp(padded, text, size) != 0)
		return false;
	while (size < width && (padded[size] == ' ' || padded[size] == '\0'))
		size++;
	return size == width;
}

static unsigned clamp(CK_ULONG value, unsigned most)
{
	return value > most ? most : (unsigned)value;
}

static unsigned read_session_limit(const CK_TOKEN_INFO *info)
{
	/* "Unknown" and "no limit" come to the same here: sessions are opened until one fails. */
	if (info->ulMaxSessionCount == CK_UNAVAILABLE_INFORMATION ||
	    info->ulMaxSessionCount == CK_EFFECTIVELY_INFINITE)
		return 0;
	return clamp(info->ulMaxSessionCount, 1024);
}

static void read_flags(const CK_TOKEN_INFO *info, struct hsm_token_facts *facts)
{
	CK_FLAGS flags = info->flags;

	facts->slot.initialised = flags & CKF_TOKEN_INITIALIZED;
	facts->login_required = flags & CKF_LOGIN_REQUIRED;
	facts->pin_pad = flags & CKF_PROTECTED_AUTHENTICATION_PATH;
	facts->pin_set = flags & CKF_USER_PIN_INITIALIZED;
	facts->pin_count_low = flags & CKF_USER_PIN_COUNT_LOW;
	facts->pin_final_try = flags & CKF_USER_PIN_FINAL_TRY;
	facts->pin_locked = flags & CKF_USER_PIN_LOCKED;
	facts->so_pin_final_try = flags & CKF_SO_PIN_FINAL_TRY;
	facts->so_pin_locked = flags & CKF_SO_PIN_LOCKED;
	facts->write_protected = flags & CKF_WRITE_PROTECTED;
}

/* A mechanism that the token lacks leaves its limits at zero. */
static void read_mechanisms(CK_FUNCTION_LIST *functions, struct hsm_token_facts *facts)
{
	CK_SLOT_ID slot = facts->slot.id;
	CK_MECHANISM_INFO info;

	if (functions->C_GetMechanismInfo(slot, CKM_RSA_PKCS, &info) == CKR_OK &&
	    info.flags & CKF_SIGN) {
		facts->least_bits = clamp(info.ulMinKeySize, 16384);
		facts->most_bits = clamp(info.ulMaxKeySize, 16384);
	}
	if (functions->C_GetMechanismInfo(slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &info) == CKR_OK)
		facts->makes_keys = info.flags & CKF_GENERATE_KEY_PAIR;
}

int hsm_slot_read_facts(struct hsm_module *module, const struct hsm_slot *slot,
			struct hsm_token_facts *ret)
{
	CK_FUNCTION_LIST *functions = hsm_module_functions(module);
	struct hsm_token_facts facts = {.slot = *slot};
	CK_TOKEN_INFO info;
	CK_RV rv = functions->C_GetTokenInfo(slot->id, &info);

	if (rv != CKR_OK)
		return hsm_failed("C_GetTokenInfo", rv);
	if (!is_text(info.serialNumber, sizeof(info.serialNumber), slot->serial) ||
	    !is_text(info.label, sizeof(info.label), slot->label))
		return -ENODEV;
	read_flags(&info, &facts);
	read_mechanisms(functions, &facts);
	facts.least_pin = clamp(info.ulMinPinLen, UINT16_MAX);
	facts.most_pin = clamp(info.ulMaxPinLen, UINT16_MAX);
	facts.sessions = read_session_limit(&info);
	*ret = facts;
	return 0;
}

int hsm_token_read_facts(const struct hsm_token *token, struct hsm_token_facts *ret)
{
	return hsm_slot_read_facts(token->module, &token->slot, ret);
}

static int open_anchor(struct hsm_token *token, CK_FLAGS flags)
{
	CK_FUNCTION_LIST *functions = hsm_module_functions(token->module);
	CK_RV rv = functions->C_OpenSession(token->slot.id, CKF_SERIAL_SESSION | flags, NULL, NULL,
					    &token->anchor);

	if (rv != CKR_OK)
		return hsm_failed("C_OpenSession", rv);
	hsm_module_count_session(token->module, 1);
	return 0;
}

static int check_and_open(struct hsm_token *token)
{
	struct hsm_token_facts facts = {0};
	int r = hsm_token_read_facts(token, &facts);

	if (r < 0)
		return r;
	return facts.most_bits ? open_anchor(token, 0) : HSM_TOKEN_NO_RSA;
}

static struct hsm_token *token_new(struct hsm_module *module, const struct hsm_slot *slot)
{
	struct hsm_token *token = calloc(1, sizeof(*token));

	if (!token)
		return NULL;
	token->module = module;
	token->slot = *slot;
	token->anchor = CK_INVALID_HANDLE;
	return token;
}

int hsm_token_open(struct hsm_module *module, const struct hsm_slot *slot, struct hsm_token **ret)
{
	struct hsm_token *token = token_new(module, slot);
	int r;

	if (!token)
		return -ENOMEM;
	r = check_and_open(token);
	if (r == 0)
		*ret = token;
	else
		hsm_token_close(token);
	return r;
}

static CK_RV login_officer(const struct hsm_token *token, struct span so_pin)
{
	return hsm_module_functions(token->module)
		->C_Login(token->anchor, CKU_SO, (CK_UTF8CHAR *)so_pin.data, so_pin.size);
}

/* No session may read alone beside an officer's (PKCS#11 v2.40 §5.6): the anchor writes. */
static int open_as_officer(struct hsm_token *token, struct span so_pin)
{
	CK_TOKEN_INFO info;
	CK_RV rv = hsm_module_functions(token->module)->C_GetTokenInfo(token->slot.id, &info);
	int r;

	if (rv != CKR_OK)
		return hsm_failed("C_GetTokenInfo", rv);
	if (info.flags & CKF_SO_PIN_LOCKED)
		return HSM_LOGIN_LOCKED;
	if (info.flags & CKF_SO_PIN_FINAL_TRY)
		return HSM_LOGIN_LAST_TRY;
	r = open_anchor(token, CKF_RW_SESSION);
	if (r < 0)
		return r;
	rv = login_officer(token, so_pin);
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE)
		return HSM_LOGIN_WRONG_PIN;
	if (rv == CKR_PIN_LOCKED)
		return HSM_LOGIN_LOCKED;
	return rv == CKR_OK ? 0 : hsm_failed("C_Login", rv);
}

int hsm_token_open_as_officer(struct hsm_module *module, const struct hsm_slot *slot,
			      struct span so_pin, struct hsm_token **ret)
{
	struct hsm_token *token = token_new(module, slot);
	int r;

	if (!token)
		return -ENOMEM;
	r = open_as_officer(token, so_pin);
	if (r == 0)
		*ret = token;
	else
		hsm_token_close(token);
	return r;
}

struct hsm_token *hsm_token_close(struct hsm_token *token)
{
	if (!token)
		return NULL;
	if (token->anchor != CK_INVALID_HANDLE) {
		CK_FUNCTION_LIST *functions = hsm_module_functions(token->module);
		/* What they answer doesn't matter: the session may be long dead. */
		(void)functions->C_Logout(token->anchor);
		(void)functions->C_CloseSession(token->anchor);
		(void)functions->C_CloseAllSessions(token->slot.id);
		hsm_module_count_session(token->module, -1);
	}
	free(token);
	return NULL;
}

void hsm_token_closep(struct hsm_token **token)
{
	*token = hsm_token_close(*token);
}

int hsm_token_check_login(const struct hsm_token *token)
{
	CK_FUNCTION_LIST *functions = hsm_module_functions(token->module);
	CK_SESSION_INFO info;
	CK_RV rv = functions->C_GetSessionInfo(token->anchor, &info);

	if (rv != CKR_OK)
		return hsm_failed("C_GetSessionInfo", rv);
	if (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS)
		return 0;
	return -EACCES;
}
