/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Replies handed to libmicrohttpd, which adds Content-Length and Connection.
 */

#include "daemon/http/published.h"
#include "daemon/http/reply.h"
#include <microhttpd.h>

/* Each returns MHD_NO where memory ends; the connection is then closed. */

/* @body is taken over, whatever comes. */
enum MHD_Result answer_bytes(struct MHD_Connection *connection, const struct reply *reply,
			     struct bytes *body);
enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text);
/* Takes the file's descriptor over. */
enum MHD_Result answer_file(struct MHD_Connection *connection, struct published *file);
