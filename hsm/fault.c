/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/fault.h"
#include "daemon/base/log.h"
#include <p11-kit/pkcs11.h>
#include <stdio.h>

static _Thread_local struct hsm_fault last;

/* clang-format off */
static const struct meaning {
	unsigned long rv;
	const char *name;
	int error;
} meanings[] = {
#define MEANS(rv, error) {rv, #rv, -(error)}
	MEANS(CKR_CANCEL, EIO),
	MEANS(CKR_HOST_MEMORY, ENOMEM),
	MEANS(CKR_SLOT_ID_INVALID, ENODEV),
	MEANS(CKR_GENERAL_ERROR, EPROTO),
	MEANS(CKR_FUNCTION_FAILED, EPROTO),
	MEANS(CKR_ARGUMENTS_BAD, EPROTO),
	MEANS(CKR_NEED_TO_CREATE_THREADS, EOPNOTSUPP),
	MEANS(CKR_CANT_LOCK, EOPNOTSUPP),
	MEANS(CKR_ATTRIBUTE_READ_ONLY, EOPNOTSUPP),
	MEANS(CKR_ATTRIBUTE_SENSITIVE, EOPNOTSUPP),
	MEANS(CKR_ATTRIBUTE_TYPE_INVALID, EOPNOTSUPP),
	MEANS(CKR_ATTRIBUTE_VALUE_INVALID, EOPNOTSUPP),
	MEANS(CKR_ACTION_PROHIBITED, EOPNOTSUPP),
	MEANS(CKR_DATA_INVALID, EBADMSG),
	MEANS(CKR_DATA_LEN_RANGE, EBADMSG),
	MEANS(CKR_DEVICE_ERROR, EIO),
	MEANS(CKR_DEVICE_MEMORY, ENOSPC),
	MEANS(CKR_DEVICE_REMOVED, ENODEV),
	MEANS(CKR_ENCRYPTED_DATA_INVALID, EBADMSG),
	MEANS(CKR_ENCRYPTED_DATA_LEN_RANGE, EBADMSG),
	MEANS(CKR_FUNCTION_CANCELED, EIO),
	MEANS(CKR_FUNCTION_NOT_SUPPORTED, EOPNOTSUPP),
	MEANS(CKR_KEY_HANDLE_INVALID, ESTALE),
	MEANS(CKR_KEY_SIZE_RANGE, EOPNOTSUPP),
	MEANS(CKR_KEY_TYPE_INCONSISTENT, EOPNOTSUPP),
	MEANS(CKR_KEY_FUNCTION_NOT_PERMITTED, EOPNOTSUPP),
	MEANS(CKR_MECHANISM_INVALID, EOPNOTSUPP),
	MEANS(CKR_MECHANISM_PARAM_INVALID, EOPNOTSUPP),
	MEANS(CKR_OBJECT_HANDLE_INVALID, ESTALE),
	MEANS(CKR_OPERATION_ACTIVE, ESTALE),
	MEANS(CKR_OPERATION_NOT_INITIALIZED, ESTALE),
	MEANS(CKR_PIN_INCORRECT, EIO),
	MEANS(CKR_PIN_INVALID, EIO),
	MEANS(CKR_PIN_LEN_RANGE, EIO),
	MEANS(CKR_PIN_EXPIRED, EIO),
	MEANS(CKR_PIN_LOCKED, EIO),
	MEANS(CKR_SESSION_CLOSED, ESTALE),
	MEANS(CKR_SESSION_COUNT, EMFILE),
	MEANS(CKR_SESSION_HANDLE_INVALID, ESTALE),
	MEANS(CKR_SESSION_PARALLEL_NOT_SUPPORTED, EOPNOTSUPP),
	MEANS(CKR_SESSION_READ_ONLY, EOPNOTSUPP),
	MEANS(CKR_SESSION_EXISTS, EBUSY),
	MEANS(CKR_SESSION_READ_ONLY_EXISTS, EBUSY),
	MEANS(CKR_SESSION_READ_WRITE_SO_EXISTS, EBUSY),
	MEANS(CKR_TEMPLATE_INCOMPLETE, EOPNOTSUPP),
	MEANS(CKR_TEMPLATE_INCONSISTENT, EOPNOTSUPP),
	MEANS(CKR_TOKEN_NOT_PRESENT, ENODEV),
	MEANS(CKR_TOKEN_NOT_RECOGNIZED, ENODEV),
	MEANS(CKR_TOKEN_WRITE_PROTECTED, EROFS),
	MEANS(CKR_USER_ALREADY_LOGGED_IN, EBUSY),
	MEANS(CKR_USER_NOT_LOGGED_IN, EACCES),
	MEANS(CKR_USER_PIN_NOT_INITIALIZED, EIO),
	MEANS(CKR_USER_TYPE_INVALID, EOPNOTSUPP),
	MEANS(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, EBUSY),
	MEANS(CKR_USER_TOO_MANY_TYPES, EBUSY),
	MEANS(CKR_BUFFER_TOO_SMALL, EPROTO),
	MEANS(CKR_CRYPTOKI_NOT_INITIALIZED, ENODEV),
	MEANS(CKR_CRYPTOKI_ALREADY_INITIALIZED, EBUSY),
	MEANS(CKR_MUTEX_BAD, EIO),
	MEANS(CKR_MUTEX_NOT_LOCKED, EIO),
	MEANS(CKR_FUNCTION_REJECTED, EIO),
#undef MEANS
};
/* clang-format on */

static const struct meaning *find_meaning(unsigned long rv)
{
	for (size_t i = 0; i < ELEMENTS(meanings); i++) {
		if (meanings[i].rv == rv)
			return &meanings[i];
	}
	return NULL;
}

const char *hsm_fault_name(unsigned long rv)
{
	const struct meaning *meaning = find_meaning(rv);

	return meaning ? meaning->name : NULL;
}

int hsm_fault_errno(unsigned long rv)
{
	const struct meaning *meaning = find_meaning(rv);

	assert(rv != CKR_OK);
	return meaning ? meaning->error : -EIO;
}

const struct hsm_fault *hsm_fault_last(void)
{
	return &last;
}

const char *hsm_fault_text(char ret[static 96])
{
	const char *name = hsm_fault_name(last.rv);

	if (!last.function)
		ret[0] = '\0';
	else if (name)
		(void)snprintf(ret, 96, "%s: %s", last.function, name);
	else
		(void)snprintf(ret, 96, "%s: error 0x%lx of the module's own", last.function,
			       last.rv);
	return ret;
}

int hsm_failed(const char *function, unsigned long rv)
{
	char text[96];

	last = (struct hsm_fault){function, rv};
	log_debug(LOG_PLAIN, "the module answered %s", hsm_fault_text(text));
	return hsm_fault_errno(rv);
}
