/* SPDX-License-Identifier: Apache-2.0 */
/* Login and initialisation, of token.h. */
#include "hsm/cryptoki.h"
#include "hsm/fault.h"
#include <string.h>

static const struct {
	CK_RV rv;
	enum hsm_login_outcome outcome; /* 0: logged in */
} answers[] = {
	{CKR_OK, 0},
	{CKR_USER_ALREADY_LOGGED_IN, 0},
	{CKR_PIN_INCORRECT, HSM_LOGIN_WRONG_PIN},
	{CKR_PIN_INVALID, HSM_LOGIN_WRONG_PIN},
	{CKR_PIN_LEN_RANGE, HSM_LOGIN_WRONG_PIN},
	{CKR_PIN_LOCKED, HSM_LOGIN_LOCKED},
	{CKR_PIN_EXPIRED, HSM_LOGIN_EXPIRED},
	{CKR_USER_PIN_NOT_INITIALIZED, HSM_LOGIN_NO_PIN_SET},
	{CKR_FUNCTION_CANCELED, HSM_LOGIN_CANCELLED},
};

static const char *const advice[] = {
	[HSM_LOGIN_WRONG_PIN] =
		"the token refused the PIN, which is not tried again until it changes: "
		"correct what PIN= names, or use `claviger token login`",
	[HSM_LOGIN_LOCKED] = "the PIN is locked: unlock it with its SO PIN and a tool of its "
			     "maker (pkcs11-tool --init-pin), then use `claviger token login`",
	[HSM_LOGIN_LAST_TRY] =
		"one more wrong PIN would lock the token, so none is tried here: log in "
		"once with another program (pkcs11-tool --login), which resets the count",
	[HSM_LOGIN_NO_PAD] =
		"PIN=pinpad, but the token has no PIN pad: give PIN= a file, a credential "
		"or ask",
	[HSM_LOGIN_NO_PIN_SET] =
		"the token has no user PIN yet: set one with its SO PIN (pkcs11-tool "
		"--init-pin)",
	[HSM_LOGIN_EXPIRED] =
		"the token wants its PIN changed first: change it with a tool of its maker "
		"(pkcs11-tool --change-pin), then correct what PIN= names",
	[HSM_LOGIN_CANCELLED] = "the PIN was not typed on the token's pad: `claviger token login` "
				"asks for it there once more",
};

const char *hsm_login_advice(enum hsm_login_outcome outcome)
{
	assert(outcome > 0 && outcome < ELEMENTS(advice));
	return advice[outcome];
}

const char *hsm_officer_advice(enum hsm_login_outcome outcome)
{
	if (outcome == HSM_LOGIN_LAST_TRY)
		return "one more wrong SO PIN would lock the token for ever, so none is tried "
		       "here: log in once as its security officer with a tool of its maker";
	return outcome == HSM_LOGIN_LOCKED ? "the SO PIN is locked: what only the security officer "
					     "can do can't be done with this token any more"
					   : "the token refused the SO PIN";
}

static int check_before(const struct hsm_token_facts *facts, struct span pin)
{
	if (facts->pin_locked)
		return HSM_LOGIN_LOCKED;
	if (facts->pin_final_try)
		return HSM_LOGIN_LAST_TRY;
	if (!pin.data && !facts->pin_pad)
		return HSM_LOGIN_NO_PAD;
	return 0;
}

int hsm_token_login(struct hsm_token *token, struct span pin)
{
	CK_FUNCTION_LIST *functions = hsm_module_functions(hsm_token_module(token));
	struct hsm_token_facts facts;
	CK_RV rv;
	int r;

	r = hsm_token_check_login(token);
	if (r != -EACCES)
		return r;
	r = hsm_token_read_facts(token, &facts);
	if (r == 0)
		r = check_before(&facts, pin);
	if (r)
		return r;
	rv = functions->C_Login(hsm_token_anchor(token), CKU_USER, (CK_UTF8CHAR *)pin.data,
				pin.size);
	for (size_t i = 0; i < ELEMENTS(answers); i++) {
		if (answers[i].rv == rv)
			return (int)answers[i].outcome;
	}
	return hsm_failed("C_Login", rv);
}

/* Whether the SO PIN itself, or the new user PIN, was what the token did not like. */
static bool is_about_pin(CK_RV rv)
{
	return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE ||
	       rv == CKR_PIN_LOCKED || rv == CKR_PIN_EXPIRED;
}

static int init_result(const char *function, CK_RV rv)
{
	int error;

	if (rv == CKR_OK)
		return 0;
	error = hsm_failed(function, rv);
	return is_about_pin(rv) ? HSM_INIT_REFUSED : error;
}

int hsm_token_init(struct hsm_module *module, const struct hsm_slot *slot, struct span so_pin,
		   const char *label, bool wipe)
{
	CK_FUNCTION_LIST *functions = hsm_module_functions(module);
	struct hsm_token_facts facts = {0};
	CK_UTF8CHAR padded[32];
	int r;

	assert(strlen(label) <= sizeof(padded));
	/* Asked right before: C_InitToken wipes whatever lies there. */
	r = hsm_slot_read_facts(module, slot, &facts);
	if (r < 0)
		return r;
	/* Of an empty one the flags about a SO PIN mean nothing: it has none. */
	if (facts.slot.initialised && (!wipe || facts.so_pin_locked))
		return HSM_INIT_REFUSED;
	if (facts.slot.initialised && facts.so_pin_final_try)
		return HSM_INIT_LAST_TRY;
	memset(padded, ' ', sizeof(padded));
	memcpy(padded, label, strlen(label));
	return init_result(
		"C_InitToken",
		functions->C_InitToken(slot->id, (CK_UTF8CHAR *)so_pin.data, so_pin.size, padded));
}

static int set_pin_as_so(CK_FUNCTION_LIST *functions, CK_SESSION_HANDLE session, struct span so_pin,
			 struct span pin)
{
	int r;

	r = init_result("C_Login", functions->C_Login(session, CKU_SO, (CK_UTF8CHAR *)so_pin.data,
						      so_pin.size));
	if (r)
		return r;
	r = init_result("C_InitPIN",
			functions->C_InitPIN(session, (CK_UTF8CHAR *)pin.data, pin.size));
	(void)functions->C_Logout(session);
	return r;
}

int hsm_token_set_pin(struct hsm_module *module, const struct hsm_slot *slot, struct span so_pin,
		      struct span pin)
{
	CK_FUNCTION_LIST *functions = hsm_module_functions(module);
	CK_SESSION_HANDLE session;
	CK_RV rv;
	int r;

	rv = functions->C_OpenSession(slot->id, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
				      &session);
	if (rv != CKR_OK)
		return hsm_failed("C_OpenSession", rv);
	r = set_pin_as_so(functions, session, so_pin, pin);
	(void)functions->C_CloseSession(session);
	return r;
}
