/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/flow/validate-crl.h"
#include "daemon/x509/name.h"
#include <string.h>

static void append_escaped(struct buffer *out, struct span text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~=,+";

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] && strchr(plain, text.data[i]))
			buffer_append_byte(out, text.data[i]);
		else
			buffer_printf(out, "%%%02X", text.data[i]);
}

int crl_query_url(const char *configured, struct span issuer, char **ret)
{
	_cleanup_(buffer_done) struct buffer url = {}, name = {};
	const char *host = strstr(configured, "://"), *path = host ? strchr(host + 3, '/') : NULL;
	size_t n = strlen(configured);

	if (!host || (path && path[1]))
		return text_format(ret, "%s", configured) < 0 ? -ENOMEM : 0;
	buffer_append(&url, SPAN((const uint8_t *)configured, path ? n - 1 : n));
	x509_name_append_text(&name, issuer);
	buffer_append_byte(&url, '/');
	append_escaped(&url, span_of_buffer(&name));
	buffer_append_text(&url, "?certificateRevocationList;binary?base");
	return name.error ? name.error : buffer_take_text(&url, ret);
}
