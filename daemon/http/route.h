/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a request asks for, told by its method and target alone: a published file, a message that
 * clavigerd must see, the status page, or nothing we have. Pure.
 *
 * /scep/LABEL and anything below it is the server LABEL, as are /crl/LABEL.crl and /ca/LABEL.crt;
 * /crl/LABEL.N.crl is the CRL of its generation N. A label may end in such a number itself: the
 * server of that very name goes first (the configuration refuses it beside the other).
 * Any other path with an operation= is DefaultServer=, else the only server, else the one that
 * message= names: routers ask for /cgi-bin/pkiclient.exe.
 */

#include "daemon/conf/conf.h"
#include "daemon/http/published.h"

enum route_method { ROUTE_GET, ROUTE_HEAD, ROUTE_POST, ROUTE_OTHER };
enum route_method route_method_of(const char *name);

enum route_kind { ROUTE_FILE, ROUTE_FORWARD, ROUTE_STATUS, ROUTE_REFUSED };

enum route_refusal {
	ROUTE_NO_PLACE,	    /* a path that means nothing here */
	ROUTE_NO_SERVER,    /* no server of that name, or several and none is meant */
	ROUTE_NO_OPERATION, /* none, or an unknown one */
	ROUTE_NO_MESSAGE,   /* a PKIOperation by GET without message= */
	ROUTE_BAD_METHOD,
	ROUTE_REFUSALS_
};

struct route {
	enum route_kind kind;
	const struct conf_server *server; /* FILE, FORWARD; NO_OPERATION; borrowed from the
					     configuration */
	enum published_kind file;	  /* FILE */
	unsigned generation;		  /* FILE: whose, by its number; 0: the active one's */
	struct span message;		  /* FORWARD by GET: message= as it came */
	enum route_refusal refusal;	  /* REFUSED */
};

/* @target is the request's, with its query, as it came; @ret borrows from it. */
struct route route_find(const struct conf *conf, enum route_method method, struct span target);

/* The HTTP status of a refusal and one line that says what is wrong. */
unsigned route_refusal_status(enum route_refusal refusal);
const char *route_refusal_text(enum route_refusal refusal);
