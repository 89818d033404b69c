/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What keys are called, and which of them a certificate server has. The label of one that is to
 * follow another is that one's with a `#` behind it, of the one after that with two. A section
 * [Trustpoint LABEL] beside [Server LABEL] is that server's own: it may choose the key's label, its
 * size and the token on which the first one is made, before the server is created. A server that
 * enrols has Token= of that section where its own says none. Pure.
 */

#include "daemon/conf/conf.h"

/* Without the `#` behind it. Borrows. */
struct span conf_key_plain_label(struct span label);
/* Whether it is @name, any `#` behind it aside; no name ends in one. */
bool conf_key_is_called(const char *label, const char *name);
/* Whether there is a `#` behind it. */
bool conf_key_is_marked(struct span label);

/* The label of its keys; that of the next one has a `#` behind it. */
const char *conf_server_key_label(const struct conf_server *server);
/* The [Token] section on which its first key is made; those that follow are on Token= or
 * ShadowToken= of the server. NULL where no section says one, in a configuration that is wrong. */
const char *conf_server_first_token(const struct conf_server *server);
/* Bits of its first key; 0: what the token can. */
unsigned conf_server_key_size(const struct conf_server *server);

/* The server whose keys have this label; NULL. */
const struct conf_server *conf_find_server_of_key(const struct conf *conf, const char *key);

/* The label of a trustpoint's key, and of the second one of usage keys behind which @ret_second
 * ends in "-encr"; @ret_second is NULL where there is one key. -ENOMEM; both are the caller's. */
_checked_ int conf_trustpoint_key_labels(const struct conf_trustpoint *trustpoint, char **ret,
					 char **ret_second);
