/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/base64.h"

#include "daemon/base/der.h"
#include "daemon/base/text.h"
#include "daemon/http/query.h"

/* Every SCEP message is a SEQUENCE (RFC 5652 §3). */
static int take_if_sequence(struct bytes *message, struct bytes *ret)
{
	if (!message->size)
		return BASE64_EMPTY;
	if (message->data[0] != DER_SEQUENCE)
		return BASE64_UNREADABLE;
	*ret = TAKE_STRUCT(*message);
	return 0;
}

static int read_text(struct span text, bool blank_is_plus, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes message = {0};
	int r = text_read_base64(text, blank_is_plus, &message);

	if (r == -EINVAL)
		return BASE64_UNREADABLE;
	return r < 0 ? r : take_if_sequence(&message, ret);
}

int base64_read_query(struct span value, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes text = {0};

	if (!value.size)
		return BASE64_EMPTY;
	int r = bytes_new(value.size, &text);
	if (r < 0)
		return r;
	if (!query_unescape(value, text.data, text.size, &text.size))
		return BASE64_UNREADABLE;
	return read_text(span_of(text), true, ret);
}

int base64_read_body(struct span body, struct bytes *ret)
{
	if (!body.size)
		return BASE64_EMPTY;
	if (body.data[0] == DER_SEQUENCE)
		return bytes_copy(body, ret);
	return read_text(body, false, ret);
}
