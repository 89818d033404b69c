/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/certificate-text.h"
#include "daemon/base/text.h"
#include <string.h>

#define DER_BEGINS 0x30 /* SEQUENCE; base64 of one begins with M */

static const char *const labels[] = {"CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS"};

/* The label of the block that @text begins with; NULL where it is none of ours. */
static const char *label_of(struct span text)
{
	for (size_t i = 0; i < ELEMENTS(labels); i++) {
		size_t size = strlen(labels[i]);

		if (text.size > size + 16 && !memcmp(text.data + 11, labels[i], size) &&
		    !memcmp(text.data + 11 + size, "-----", 5))
			return labels[i];
	}
	return NULL;
}

/* Block after block; those of other labels, a key beside its certificate, are not looked into. */
static int read_pem(struct span text, struct buffer *out, const char **ret_reason)
{
	const uint8_t *at;
	int r = 0;

	while (r == 0 && (at = memmem(text.data, text.size, "-----BEGIN ", 11))) {
		_cleanup_(bytes_done) struct bytes der = {};
		const char *label;

		text = span_slice(text, (size_t)(at - text.data), SIZE_MAX);
		label = label_of(text);
		if (label)
			r = text_read_pem(text, label, &der);
		buffer_append(out, span_of(der));
		text = span_slice(text, 11, SIZE_MAX);
	}
	if (r == -EINVAL || r == -ENOENT)
		*ret_reason = "its PEM is damaged: BEGIN, base64 and END lines must be whole";
	else if (r == 0 && !out->size && !out->error)
		*ret_reason = "the PEM in it is no CERTIFICATE";
	return r == -ENOENT || (r == 0 && !out->size) ? -EINVAL : r;
}

static int read_base64(struct span text, struct buffer *out, const char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes der = {};
	int r = text_read_base64(text, false, &der);

	if (r == 0 && (!der.size || der.data[0] != DER_BEGINS))
		r = -EINVAL;
	if (r == -EINVAL)
		*ret_reason = text.size ? "it is neither PEM nor base64 nor DER"
					: "there is nothing in it";
	buffer_append(out, span_of(der));
	return r;
}

int certificate_text_read(struct span input, struct bytes *ret, const char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer out = {};
	int r = 0;

	if (input.size && input.data[0] == DER_BEGINS)
		buffer_append(&out, input);
	else if (input.size && memmem(input.data, input.size, "-----BEGIN ", 11))
		r = read_pem(input, &out, ret_reason);
	else
		r = read_base64(input, &out, ret_reason);
	if (r == 0 && out.size > CERTIFICATE_TEXT_MOST) {
		*ret_reason = "it is larger than 64 KiB";
		r = -EINVAL;
	}
	return r ? r : buffer_take(&out, ret);
}
