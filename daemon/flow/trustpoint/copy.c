/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/copy.h"
#include <stdlib.h>
#include <string.h>

int trustpoint_text_set(char **text, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

int trustpoint_place_copy(const struct ca_key_place *from, struct ca_key_place *ret)
{
	int r;

	*ret = (struct ca_key_place){};
	memcpy(ret->key_sha256, from->key_sha256, sizeof(ret->key_sha256));
	r = trustpoint_text_set(&ret->token, from->token);
	if (r >= 0)
		r = trustpoint_text_set(&ret->token_serial, from->token_serial);
	if (r >= 0)
		r = trustpoint_text_set(&ret->label, from->label);
	return r < 0 ? r : bytes_copy(span_of(from->spki), &ret->spki);
}

int trustpoint_anchor_copy(const struct ca_anchor_record *from, struct ca_anchor_record *ret)
{
	int r;

	*ret = *from;
	ret->certificate = ret->others = (struct bytes){};
	r = bytes_copy(span_of(from->certificate), &ret->certificate);
	return r < 0 ? r : bytes_copy(span_of(from->others), &ret->others);
}

int trustpoint_identity_copy(const struct ca_identity_record *from, struct ca_identity_record *ret)
{
	int r;

	*ret = *from;
	ret->certificate = (struct bytes){};
	r = trustpoint_place_copy(&from->key, &ret->key);
	return r < 0 ? r : bytes_copy(span_of(from->certificate), &ret->certificate);
}

int trustpoint_enrollment_copy(const struct ca_enrollment_record *from,
			       struct ca_enrollment_record *ret)
{
	const struct bytes *const sources[] = {&from->signer, &from->message, &from->transaction_id,
					       &from->sender_nonce, &from->subject};
	struct bytes *const copies[] = {&ret->signer, &ret->message, &ret->transaction_id,
					&ret->sender_nonce, &ret->subject};
	int r;

	*ret = *from;
	ret->told = NULL;
	for (size_t i = 0; i < ELEMENTS(copies); i++)
		*copies[i] = (struct bytes){};
	r = trustpoint_place_copy(&from->key, &ret->key);
	for (size_t i = 0; r >= 0 && i < ELEMENTS(copies); i++)
		r = bytes_copy(span_of(*sources[i]), copies[i]);
	return r < 0 ? r : trustpoint_text_set(&ret->told, from->told);
}
