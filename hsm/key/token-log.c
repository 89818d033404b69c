/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/token-link.h"
#include "hsm/key/token.h"

static int outcome_of(int r)
{
	return r == TOKEN_LINK_ASK_NOT_FOUND ? -ENOENT : r;
}

/* One page. @after moves on with its lines; -EBADMSG where it brought none that can be read. */
static int visit_page(struct span lines, int64_t *after, token_link_log_visit visit, void *context)
{
	int64_t before = *after;

	for (;;) {
		struct signature_line line;
		int r = signature_line_next(&lines, &line);

		if (r == -ENODATA)
			return *after > before ? 0 : -EBADMSG;
		if (r == -EBADMSG)
			continue;
		if (r < 0)
			return r;
		*after = line.number > *after ? line.number : *after;
		r = visit(context, &line);
		if (r)
			return r;
	}
}

int token_link_log(struct token_link *link, int64_t after, token_link_log_visit visit,
		   void *context)
{
	for (;;) {
		_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
		struct ipc_token_log question = {.after = after};
		struct ipc_token_log_page page;
		int r = token_link_ask(link, IPC_TOKEN_LOG, &question, &packet, NULL);

		if (r)
			return outcome_of(r);
		r = ipc_decode(packet.content, IPC_TOKEN_LOG_PAGE, &page);
		if (r < 0 || !page.lines.size)
			return r;
		r = visit_page(page.lines, &after, visit, context);
		if (r)
			return r < 0 ? r : 0;
	}
}

int token_link_note(struct token_link *link, const uint8_t head[static SHA256_SIZE])
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_token_note question = {.head = SPAN(head, SHA256_SIZE)};
	struct ipc_done done;
	int r = token_link_ask(link, IPC_TOKEN_NOTE, &question, &packet, NULL);

	return r ? outcome_of(r) : ipc_decode(packet.content, IPC_DONE, &done);
}
