/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One HTTP request, from its first line to its answer: takes the body in, finds the route, and
 * answers, or waits for clavigerd with its connection suspended.
 */

#include "daemon/conf/conf.h"
#include "daemon/http/budget.h"
#include "daemon/http/guard.h"
#include "daemon/http/relay.h"
#include <microhttpd.h>

#define REQUEST_TARGET_MAX 65536  /* bytes of path and query */
#define REQUEST_BODY_MAX   262144 /* bytes of a body */
#define REQUEST_BODY_OWN   16384  /* of them every request may have; a SCEP message has fewer */

struct request;

/* What requests stand on; outlives them. */
struct request_context {
	struct guard *guard;
	struct relay *relay;
	struct budget *budget;	   /* for what bodies have beyond REQUEST_BODY_OWN */
	struct guard_entry *entry; /* of the connection */
	struct conf *conf;	   /* a reference that the request takes over */
};

/* @target is the request's, with its query, as it came; copied. NULL where memory ends. */
struct request *request_new(const struct request_context *context,
			    struct MHD_Connection *connection, const char *target);
struct request *request_free(struct request *request);

/* One call of libmicrohttpd's access handler. */
enum MHD_Result request_handle(struct request *request, const char *method, const char *upload,
			       size_t *upload_size);
