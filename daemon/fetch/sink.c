/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/sink.h"
#include <string.h>

/* RFC 3414 §5: usmUserSecurityName. */
#define USER_MOST 32

static bool take_prefix(struct span *text, struct span prefix)
{
	if (!span_equal(span_slice(*text, 0, prefix.size), prefix))
		return false;
	*text = span_slice(*text, prefix.size, text->size);
	return true;
}

int sink_read(struct span text, struct sink *ret)
{
	struct sink sink = {};
	const uint8_t *at;

	sink.is_v3 = take_prefix(&text, SPAN_LITERAL("v3:"));
	if (!sink.is_v3 && !take_prefix(&text, SPAN_LITERAL("v2c:")))
		return SINK_WRONG;
	at = text.size ? memrchr(text.data, '@', text.size) : NULL;
	if (sink.is_v3 != (at != NULL))
		return SINK_WRONG;
	if (at) {
		sink.user = span_slice(text, 0, (size_t)(at - text.data));
		text = span_slice(text, sink.user.size + 1, text.size);
		if (!sink.user.size || sink.user.size > USER_MOST)
			return SINK_WRONG;
	}
	if (conf_host_read(text, &sink.host))
		return SINK_WRONG;
	if (!sink.host.port)
		sink.host.port = SINK_PORT;
	*ret = sink;
	return 0;
}
