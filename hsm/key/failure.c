/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/kind.h"

/* What is made of a FAILED. */
static const struct {
	enum ipc_failure code;
	int result;
} failures[] = {
	{IPC_FAILURE_LATER, KEY_LATER},
	{IPC_FAILURE_REFUSED, KEY_REFUSED},
	{IPC_FAILURE_NOT_FOUND, KEY_NOT_THERE},
	{IPC_FAILURE_INVALID, -EINVAL},
	{IPC_FAILURE_FAULT, -EIO},
};

int key_set_reason(char **ret_reason, struct span text)
{
	return ret_reason ? span_to_text(text, ret_reason) : 0;
}

int key_explain(int r, char **ret_reason, const char *text)
{
	int told = key_set_reason(ret_reason, span_of_text(text));

	return told < 0 ? told : r;
}

int key_read_failure(const struct ipc_packet *packet, char **ret_reason)
{
	struct ipc_failed failed;
	int r = ipc_decode(packet->content, IPC_FAILED, &failed);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ELEMENTS(failures); i++)
		if (failures[i].code == failed.code) {
			r = key_set_reason(ret_reason, failed.reason);
			return r < 0 ? r : failures[i].result;
		}
	return -EBADMSG;
}
