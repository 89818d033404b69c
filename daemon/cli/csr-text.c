/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/csr-text.h"
#include "daemon/base/text.h"
#include <string.h>

#define DER_BEGINS 0x30 /* SEQUENCE; base64 of one begins with M */

static struct span trim(struct span text)
{
	while (text.size && strchr(" \t\r\n", text.data[text.size - 1]) && text.data[text.size - 1])
		text = span_slice(text, 0, text.size - 1);
	while (text.size && text.data[0] && strchr(" \t\r\n", text.data[0]))
		text = span_slice(text, 1, SIZE_MAX);
	return text;
}

static bool is_der(struct span input)
{
	return input.size && input.data[0] == DER_BEGINS;
}

static int read_pem(struct span text, struct bytes *ret, const char **ret_reason)
{
	static const char *const labels[] = {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"};
	int r = -ENOENT;

	for (size_t i = 0; i < ELEMENTS(labels) && r == -ENOENT; i++)
		r = text_read_pem(text, labels[i], ret);
	if (r == -ENOENT)
		*ret_reason = "the PEM in it is no CERTIFICATE REQUEST";
	if (r == -EINVAL)
		*ret_reason = "its PEM is damaged: BEGIN, base64 and END lines must be whole";
	return r == -ENOENT ? -EINVAL : r;
}

static int read_any(struct span input, struct bytes *ret, const char **ret_reason)
{
	struct span text = trim(input);
	int r;

	if (!text.size) {
		*ret_reason = "there is nothing in it";
		return -EINVAL;
	}
	if (is_der(input))
		return bytes_copy(input, ret);
	if (memmem(text.data, text.size, "-----BEGIN ", 11))
		return read_pem(text, ret, ret_reason);
	r = text_read_base64(text, false, ret);
	if (r == -EINVAL)
		*ret_reason = "it is neither PEM nor base64 nor DER";
	return r;
}

int csr_text_read(struct span input, struct bytes *ret, const char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes der = {};
	int r;

	r = read_any(input, &der, ret_reason);
	if (r < 0)
		return r;
	if (!der.size || der.size > CSR_BYTES_MOST) {
		*ret_reason = der.size ? "it is larger than 64 KiB" : "there is nothing in it";
		return -EINVAL;
	}
	*ret = TAKE_STRUCT(der);
	return 0;
}

size_t csr_text_end(struct span typed)
{
	bool begun = false;

	for (size_t at = 0; at < typed.size && !is_der(typed);) {
		struct span rest = span_slice(typed, at, SIZE_MAX);
		const uint8_t *newline = memchr(rest.data, '\n', rest.size);
		struct span line;

		if (!newline)
			break;
		line = trim(span_slice(rest, 0, (size_t)(newline - rest.data)));
		if (line.size == 4 && !memcmp(line.data, "quit", 4))
			return at;
		if (!line.size && begun)
			return at;
		begun = begun || line.size;
		at += (size_t)(newline - rest.data) + 1;
	}
	return SIZE_MAX;
}
