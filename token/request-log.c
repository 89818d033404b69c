/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_LOG and TOKEN_NOTE: what was signed is told, and what the daemon's audit chain came to is
 * written beside it. Neither needs the token. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "token/request.h"
#include <string.h>

#define PAGE_MOST 49152 /* bytes, as messages.def has it */

void request_log(struct request *request, unsigned seat)
{
	_cleanup_(buffer_done) struct buffer lines = {0};
	struct ipc_token_log_page page;
	int r = signature_log_read(request->service->signatures, request->message.log.after,
				   PAGE_MOST, &lines);

	(void)seat;
	page.lines = span_of_buffer(&lines);
	if (r < 0)
		request_fail(request, IPC_FAILURE_FAULT, "the log of signatures can't be read: %s",
			     strerrordesc_np(-r));
	else
		request_answer(request, IPC_TOKEN_LOG_PAGE, &page);
}

void request_note(struct request *request, unsigned seat)
{
	const struct signature_record record = {
		.time_s = clock_now_s(),
		.kind = "head",
		.head = request->message.note.head,
	};
	const struct ipc_done done = {};
	int r;

	(void)seat;
	if (record.head.size != SHA256_SIZE) {
		request_fail(request, IPC_FAILURE_INVALID, "a head has 32 bytes");
		return;
	}
	r = signature_log_append(request->service->signatures, &record);
	if (r == 0) {
		request_answer(request, IPC_DONE, &done);
		return;
	}
	log_error(LOG_FIELDS(log_text("TOKEN", request->service->name)),
		  "the audit's head can't be recorded: %s", strerrordesc_np(-r));
	request_fail(request, IPC_FAILURE_FAULT, "the head can't be recorded (is the disk full?)");
}
