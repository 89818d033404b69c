/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/wrapping-key.h"
#include "daemon/base/crypto.h"
#include "hsm/fault.h"
#include "hsm/wrapping-internal.h"
#include <string.h>

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static CK_KEY_TYPE aes = CKK_AES;
static CK_ULONG aes_256 = 32;

/* What the token must say of a wrapping key. */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	bool value;
	const char *otherwise;
} marks[] = {
	{CKA_TRUSTED, true, "the token does not hold the wrapping key as trusted"},
	{CKA_PRIVATE, true, "the wrapping key could be used without the PIN"},
	{CKA_SENSITIVE, true, "the wrapping key could be read in the clear"},
	{CKA_WRAP, true, "the wrapping key may not wrap"},
	{CKA_UNWRAP, true, "the wrapping key may not unwrap"},
	/* Either would open what it wrapped, in the clear. */
	{CKA_ENCRYPT, false, "the wrapping key may encrypt, too"},
	{CKA_DECRYPT, false, "the wrapping key may decrypt, too"},
};

static int check_mark(struct hsm_session *session, CK_OBJECT_HANDLE key, size_t i,
		      const char **ret_why)
{
	int told = object_read_flag(session, key, marks[i].type);

	if (told < 0 && told != -ENODATA)
		return told;
	if (told == (int)marks[i].value)
		return 0;
	*ret_why = marks[i].otherwise;
	return HSM_WRAPPING_UNFIT;
}

/* It may leave under a trusted key, to be shared, or not at all. */
static int check_leaving(struct hsm_session *session, CK_OBJECT_HANDLE key, const char **ret_why)
{
	int leaves = object_read_flag(session, key, CKA_EXTRACTABLE);
	int trusted = leaves ? object_read_flag(session, key, CKA_WRAP_WITH_TRUSTED) : 1;

	if (leaves < 0 && leaves != -ENODATA)
		return leaves;
	if (trusted == 1)
		return 0;
	*ret_why = "the wrapping key could leave the token under any key";
	return trusted == 0 || trusted == -ENODATA ? HSM_WRAPPING_UNFIT : trusted;
}

static int check_size(struct hsm_session *session, CK_OBJECT_HANDLE key, const char **ret_why)
{
	CK_ULONG bytes = 0;
	size_t size;
	int r = object_read(session, key, CKA_VALUE_LEN,
			    (struct bytes){(uint8_t *)&bytes, sizeof(bytes)}, &size);

	if (r < 0)
		return r;
	*ret_why = "the wrapping key is not of 256 bits";
	/* Of one that came some don't tell; what came was of 256 bits where it was made. */
	return !size || !bytes || bytes == aes_256 ? 0 : HSM_WRAPPING_UNFIT;
}

static int check(struct hsm_session *session, CK_OBJECT_HANDLE key, const char **ret_why)
{
	int r = 0;

	for (size_t i = 0; i < ELEMENTS(marks) && r == 0; i++)
		r = check_mark(session, key, i, ret_why);
	if (r == 0)
		r = check_leaving(session, key, ret_why);
	return r ? r : check_size(session, key, ret_why);
}

int wrapping_key_list(struct hsm_session *session, const char *label, bool private,
		      struct object_list *ret)
{
	CK_ATTRIBUTE wanted[] = {
		{CKA_CLASS, &secret_class, sizeof(secret_class)},
		{CKA_KEY_TYPE, &aes, sizeof(aes)},
		{CKA_PRIVATE, private ? &yes : &no, sizeof(yes)},
		{CKA_LABEL, (void *)label, strlen(label)},
	};

	if (hsm_session_is_broken(session))
		return -ESTALE;
	return object_find(session, wanted, ELEMENTS(wanted), ret);
}

/* The first that is as it must be: anybody with the PIN can put others beside it, but none that is
 * trusted. */
int wrapping_key_locate(struct hsm_session *session, const char *label, CK_OBJECT_HANDLE *ret,
			const char **ret_why)
{
	struct object_list list;
	int r = wrapping_key_list(session, label, true, &list);

	if (r < 0)
		return r;
	*ret_why = "the token has no wrapping key of the label that WrappingKey= names: claviger "
		   "token share makes one";
	r = HSM_WRAPPING_ABSENT;
	for (CK_ULONG i = 0; i < list.n && r > 0; i++) {
		*ret = list.handles[i];
		r = check(session, list.handles[i], ret_why);
	}
	return r;
}

/* A key of this session alone that everybody knows. */
static int create_known(struct hsm_session *session, CK_OBJECT_HANDLE *ret)
{
	static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
	static CK_BYTE zeros[32];
	CK_ATTRIBUTE values[] = {
		{CKA_CLASS, &secret_class, sizeof(secret_class)},
		{CKA_KEY_TYPE, &generic, sizeof(generic)},
		{CKA_TOKEN, &no, sizeof(no)},
		{CKA_PRIVATE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &yes, sizeof(yes)},
		{CKA_VALUE, zeros, sizeof(zeros)},
	};
	CK_RV rv = hsm_session_functions(session)->C_CreateObject(hsm_session_handle(session),
								  values, ELEMENTS(values), ret);

	return rv == CKR_OK ? 0 : hsm_session_failed(session, "C_CreateObject", rv);
}

static int read_check(struct hsm_session *session, CK_OBJECT_HANDLE key,
		      uint8_t ret[static HSM_WRAPPING_CHECK_SIZE])
{
	static const uint8_t iv[16];
	struct hsm_wrapped wrapped = {0};
	uint8_t digest[SHA256_SIZE];
	CK_OBJECT_HANDLE known;
	int r = create_known(session, &known);

	if (r < 0)
		return r;
	r = wrapping_wrap(session, key, known, iv, &wrapped);
	wrapping_destroy(session, known);
	if (r < 0)
		return r;
	sha256(span_of(wrapped.content), digest);
	memcpy(ret, digest, HSM_WRAPPING_CHECK_SIZE);
	bytes_done(&wrapped.content);
	return 0;
}

int hsm_wrapping_key_find(struct hsm_session *session, const char *label,
			  uint8_t ret_check[static HSM_WRAPPING_CHECK_SIZE], const char **ret_why)
{
	CK_OBJECT_HANDLE key;
	int r = wrapping_key_locate(session, label, &key, ret_why);

	if (r)
		return r;
	return wrapping_outcome(read_check(session, key, ret_check),
				"the token wraps nothing (CKM_AES_KEY_WRAP_PAD, CKM_AES_KEY_WRAP, "
				"CKM_AES_CBC_PAD)",
				ret_why);
}

int wrapping_outcome(int error, const char *why, const char **ret_why)
{
	if (error != -EOPNOTSUPP && error != -EROFS && error != -ENOSPC)
		return error;
	*ret_why = error == -EROFS    ? "the token is write-protected"
		   : error == -ENOSPC ? "the token is full"
				      : why;
	return HSM_WRAPPING_UNABLE;
}

void wrapping_destroy(struct hsm_session *session, CK_OBJECT_HANDLE object)
{
	/* Best effort: without its other half, or beside its copy, it is of no use. */
	(void)hsm_session_functions(session)->C_DestroyObject(hsm_session_handle(session), object);
}

void wrapping_key_values(const char *label, CK_ATTRIBUTE ret[static WRAPPING_VALUES])
{
	/* What comes out of a backup is as it was made, whoever unwraps it. */
	static CK_ATTRIBUTE unwrapped[] = {
		{CKA_PRIVATE, &yes, sizeof(yes)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &yes, sizeof(yes)},
		{CKA_WRAP_WITH_TRUSTED, &yes, sizeof(yes)},
	};
	const CK_ATTRIBUTE values[WRAPPING_VALUES] = {
		{CKA_CLASS, &secret_class, sizeof(secret_class)},
		{CKA_KEY_TYPE, &aes, sizeof(aes)},
		{CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_PRIVATE, &no, sizeof(no)},
		{CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &yes, sizeof(yes)},
		{CKA_WRAP_WITH_TRUSTED, &yes, sizeof(yes)},
		{CKA_WRAP, &yes, sizeof(yes)},
		{CKA_UNWRAP, &yes, sizeof(yes)},
		{CKA_ENCRYPT, &no, sizeof(no)},
		{CKA_DECRYPT, &no, sizeof(no)},
		{CKA_SIGN, &no, sizeof(no)},
		{CKA_VERIFY, &no, sizeof(no)},
		{CKA_DERIVE, &no, sizeof(no)},
		{CKA_MODIFIABLE, &yes, sizeof(yes)},
		{CKA_LABEL, (void *)label, strlen(label)},
		{CKA_TRUSTED, &yes, sizeof(yes)},
		{CKA_UNWRAP_TEMPLATE, unwrapped, sizeof(unwrapped)},
	};

	memcpy(ret, values, sizeof(values));
}

static CK_RV generate(struct hsm_session *session, const CK_ATTRIBUTE *values, CK_ULONG n)
{
	CK_ATTRIBUTE all[WRAPPING_VALUES + 1];
	CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
	CK_OBJECT_HANDLE key;

	memcpy(all, values, n * sizeof(*values));
	all[n] = (CK_ATTRIBUTE){CKA_VALUE_LEN, &aes_256, sizeof(aes_256)};
	return hsm_session_functions(session)->C_GenerateKey(hsm_session_handle(session),
							     &mechanism, all, n + 1, &key);
}

int hsm_wrapping_key_make(struct hsm_session *session, const char *label, const char **ret_why)
{
	CK_ATTRIBUTE values[WRAPPING_VALUES];
	CK_RV rv;

	if (hsm_session_is_broken(session))
		return -ESTALE;
	wrapping_key_values(label, values);
	rv = generate(session, values, WRAPPING_VALUES);
	if (rv != CKR_OK && hsm_failed("C_GenerateKey", rv) == -EOPNOTSUPP)
		rv = generate(session, values, WRAPPING_VALUES_PLAIN);
	if (rv == CKR_OK)
		return 0;
	return wrapping_outcome(hsm_session_failed(session, "C_GenerateKey", rv),
				"the token makes no trusted wrapping key (AES-256, CKA_TRUSTED)",
				ret_why);
}

static int copy_and_destroy(struct hsm_session *session, CK_OBJECT_HANDLE public,
			    const char **ret_why)
{
	CK_ATTRIBUTE private = {CKA_PRIVATE, &yes, sizeof(yes)};
	CK_OBJECT_HANDLE copy;
	CK_RV rv = hsm_session_functions(session)->C_CopyObject(hsm_session_handle(session), public,
								&private, 1, &copy);
	int r;

	wrapping_destroy(session, public);
	if (rv != CKR_OK)
		return wrapping_outcome(hsm_session_failed(session, "C_CopyObject", rv),
					"the token makes no trusted key private", ret_why);
	r = check(session, copy, ret_why);
	if (r > 0)
		wrapping_destroy(session, copy);
	return r;
}

int hsm_wrapping_key_hide(struct hsm_session *session, const char *label, const char **ret_why)
{
	struct object_list list = {0};
	int r = wrapping_key_list(session, label, false, &list);

	for (CK_ULONG i = 0; i < list.n && r == 0; i++) {
		int trusted = object_read_flag(session, list.handles[i], CKA_TRUSTED);

		if (trusted < 0 && trusted != -ENODATA)
			r = trusted;
		else if (trusted == 1)
			r = copy_and_destroy(session, list.handles[i], ret_why);
		else
			wrapping_destroy(session, list.handles[i]);
	}
	return r;
}
