/* SPDX-License-Identifier: Apache-2.0 */
/* What a token must say of a private key, of rsa-key-internal.h. */
#include "hsm/object.h"
#include "hsm/rsa-key-internal.h"

#define MADE	(RSA_KEY_MADE_TO_STAY | RSA_KEY_MADE_TO_LEAVE | RSA_KEY_MADE_TO_WRAP)
#define CARRIED (RSA_KEY_CARRIED_TO_STAY | RSA_KEY_CARRIED_TO_LEAVE | RSA_KEY_CARRIED_TO_WRAP)
#define STAYS	(RSA_KEY_MADE_TO_STAY | RSA_KEY_CARRIED_TO_STAY)
#define WRAPS	(RSA_KEY_MADE_TO_WRAP | RSA_KEY_CARRIED_TO_WRAP)
#define LEAVES	(RSA_KEY_MADE_TO_LEAVE | RSA_KEY_CARRIED_TO_LEAVE | WRAPS)

/* Some never tell how a key came about; those that do must tell it so. */
static const struct {
	unsigned births; /* that it holds for */
	CK_ATTRIBUTE_TYPE type;
	bool value, must_tell;
	const char *otherwise;
} promises[] = {
	/* clang-format off */
	{MADE | CARRIED, CKA_SENSITIVE, true, true, "the token does not keep it sensitive"},
	{STAYS, CKA_EXTRACTABLE, false, true, "the token would let it be extracted"},
	{LEAVES, CKA_EXTRACTABLE, true, true, "the token would never let it be extracted"},
	{WRAPS, CKA_WRAP_WITH_TRUSTED, true, true, "the token would let it be wrapped under any key"},
	{MADE, CKA_ALWAYS_SENSITIVE, true, false, "the token has not kept it sensitive from the start"},
	{RSA_KEY_MADE_TO_STAY, CKA_NEVER_EXTRACTABLE, true, false, "the token has let it be extracted before"},
	{MADE | CARRIED, CKA_ALWAYS_AUTHENTICATE, false, false, "the token wants the PIN anew for each use of it"},
	{MADE, CKA_LOCAL, true, false, "the token does not say that it was made there"},
	/* clang-format on */
};

int rsa_key_check_promises(struct hsm_session *session, CK_OBJECT_HANDLE private,
			   enum rsa_key_birth birth, const char **ret_why)
{
	for (size_t i = 0; i < ELEMENTS(promises); i++) {
		int told;

		if (!(promises[i].births & (unsigned)birth))
			continue;
		told = object_read_flag(session, private, promises[i].type);
		if (told == -ENODATA && !promises[i].must_tell)
			continue;
		if (told < 0 && told != -ENODATA)
			return told;
		if (told == (int)promises[i].value)
			continue;
		*ret_why = promises[i].otherwise;
		return HSM_RSA_KEY_UNFIT;
	}
	return 0;
}
