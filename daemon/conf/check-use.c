/* SPDX-License-Identifier: Apache-2.0 */
/* What [Use] sections must and may not say, and what is unwise in them. */
#include "daemon/conf/check.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/warn.h"
#include <pwd.h>
#include <string.h>

static void check_is_set(struct draft *draft, const struct conf_origin *section, bool is_set,
			 const char *option, const char *what)
{
	const struct conf_use *use = draft_struct(draft, section);

	if (!is_set)
		draft_error(draft, section, option, "[Use %s] needs %s=, %s", use->name, option,
			    what);
}

/* By its name, or by its key's label where that is no trustpoint's name. */
static const struct conf_server *find_server(const struct conf *conf, const char *key)
{
	const struct conf_server *server = conf_find_server(conf, key);

	return server || conf_find_trustpoint(conf, key) ? server
							 : conf_find_server_of_key(conf, key);
}

void conf_check_use(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_use *use = draft_struct(draft, section);
	const struct conf_server *server = use->key ? find_server(draft->conf, use->key) : NULL;

	check_is_set(draft, section, use->key, "Key", "a trustpoint's name or a key's label");
	check_is_set(draft, section, use->n_user, "User",
		     "the users whose programs may use the key");
	check_is_set(draft, section, use->uses, "For", "some of tls, ike, cms, any");
	if (server)
		draft_error(draft, section, "Key",
			    "Key=%s: is the key of [Server %s], and what certifies or answers for "
			    "a CA is never used by other programs",
			    use->key, server->label);
}

#define PASSWD_BYTES 16384

/* A number needs no name; where nobody can tell, nobody complains. */
static bool is_unknown(const char *user)
{
	char text[PASSWD_BYTES];
	struct passwd entry, *found = NULL;

	if (user[strspn(user, "0123456789")] == '\0')
		return false;
	return getpwnam_r(user, &entry, text, sizeof(text), &found) == 0 && !found;
}

void conf_warn_of_use(struct draft *draft, const struct conf_origin *section)
{
	const struct conf_use *use = draft_struct(draft, section);
	const struct conf_trustpoint *trustpoint = conf_find_trustpoint(draft->conf, use->key);

	if (trustpoint && !trustpoint->token)
		draft_warning(draft, section, "Key",
			      "Key=%s: is a trustpoint without a key of its own: nothing can be "
			      "used by this rule",
			      use->key);
	for (size_t i = 0; i < use->n_user; i++)
		if (is_unknown(use->user[i]))
			draft_warning(draft, section, "User",
				      "User=%s: is no user of this machine: nobody is let in by "
				      "that name until there is one",
				      use->user[i]);
}
