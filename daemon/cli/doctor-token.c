/* SPDX-License-Identifier: Apache-2.0 */
/* Each token: its module, where its PIN comes from, and what its process says of it. */
#include "daemon/base/files.h"
#include "daemon/cli/doctor-internal.h"
#include "daemon/ipc/channel.h"
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_USER	 "claviger-token"
#define ANSWER_WITHIN_MS 10000 /* from what it knows already, without the token */

/* Modules whose files or services are open to a group only. */
static const struct {
	const char *module; /* in its file's name */
	const char *group;
} module_groups[] = {
	{"softhsm", "softhsm"},
	{"opencryptoki", "pkcs11"},
	{"tpm2_pkcs11", "tss"},
};

static bool is_member(const struct group *group, const struct passwd *user)
{
	gid_t groups[64];
	int n = ELEMENTS(groups);

	if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
		return true; /* of more than anybody checks */
	for (int i = 0; i < n; i++)
		if (groups[i] == group->gr_gid)
			return true;
	return false;
}

static void look_at_group(struct doctor *doctor, const struct conf_token *token, const char *name)
{
	const struct passwd *user = getpwnam(TOKEN_USER);
	const struct group *group = user ? getgrnam(name) : NULL;

	if (group && !is_member(group, user))
		doctor_tell(doctor, DOCTOR_UNWISE, "permission",
			    "token %s: " TOKEN_USER
			    " is not in the group %s: usermod -aG %s " TOKEN_USER
			    " && systemctl restart claviger-token@%s",
			    token->name, name, name, token->name);
	else if (group)
		doctor_tell(doctor, DOCTOR_GOOD, "permission",
			    "token %s: " TOKEN_USER " is in the group %s", token->name, name);
}

static void look_at_module_file(struct doctor *doctor, const struct conf_token *token)
{
	struct stat status;

	if (stat(token->module, &status) < 0 || access(token->module, R_OK) < 0)
		doctor_tell(doctor, DOCTOR_MISSING, "module",
			    "token %s: %s: %s: install its PKCS#11 module, or correct Module=",
			    token->name, token->module, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		doctor_tell(doctor, DOCTOR_MISSING, "module",
			    "token %s: %s is no file: Module= names the module itself", token->name,
			    token->module);
	else if (status.st_mode & S_IWOTH)
		doctor_tell(doctor, DOCTOR_MISSING, "module",
			    "token %s: %s: anybody may change it: chmod o-w", token->name,
			    token->module);
	else
		doctor_tell(doctor, DOCTOR_GOOD, "module", "token %s: %s", token->name,
			    token->module);
}

static void look_at_module(struct doctor *doctor, const struct conf_token *token)
{
	if (!token->module) {
		doctor_tell(doctor, DOCTOR_MISSING, "module", "token %s: Module= is not set",
			    token->name);
		return;
	}
	look_at_module_file(doctor, token);
	for (size_t i = 0; i < ELEMENTS(module_groups); i++)
		if (strstr(token->module, module_groups[i].module))
			look_at_group(doctor, token, module_groups[i].group);
}

/* @path: a file that holds the PIN. @mend: how it comes there. */
static void look_at_pin_file(struct doctor *doctor, const struct conf_token *token,
			     const char *path, const char *mend)
{
	struct stat status;

	if (stat(path, &status) == 0 && status.st_mode & 077)
		doctor_tell(doctor, DOCTOR_MISSING, "PIN",
			    "token %s: %s: others may read it: chmod 0600 %s", token->name, path,
			    path);
	else if (access(path, F_OK) == 0)
		doctor_tell(doctor, DOCTOR_GOOD, "PIN", "token %s: %s", token->name, path);
	else if (errno == EACCES)
		doctor_tell(doctor, DOCTOR_UNWISE, "PIN",
			    "token %s: %s: only others may look there: look again as root",
			    token->name, path);
	else
		doctor_tell(doctor, DOCTOR_UNWISE, "PIN",
			    "token %s: %s: %s: %s, or after each start: claviger token login %s",
			    token->name, path, strerror(errno), mend, token->name);
}

/* The credentials that claviger-token@.service looks up; others are a drop-in's. */
static const struct {
	const char *name;
	const char *path[2]; /* around the token's name */
	const char *mend;
} credentials[] = {
	{"pin", {"/etc/credstore/claviger-token.", ""}, "write it there, mode 0600"},
	{"encrypted-pin",
	 {"/etc/credstore.encrypted/claviger-token.", ".encrypted"},
	 "systemd-creds encrypt --name=encrypted-pin - there"},
};

static void look_at_credential(struct doctor *doctor, const struct conf_token *token)
{
	for (size_t i = 0; i < ELEMENTS(credentials); i++) {
		_cleanup_(freep) char *path = NULL;

		if (strcmp(token->pin, credentials[i].name) != 0)
			continue;
		if (text_format(&path, "%s%s%s", credentials[i].path[0], token->name,
				credentials[i].path[1]) == 0)
			look_at_pin_file(doctor, token, path, credentials[i].mend);
		return;
	}
	doctor_tell(doctor, DOCTOR_GOOD, "PIN",
		    "token %s: the credential %s, of a drop-in of claviger-token@%s.service",
		    token->name, token->pin, token->name);
}

static void look_at_pin(struct doctor *doctor, const struct conf_token *token)
{
	if (strchr(token->pin, '/'))
		look_at_pin_file(doctor, token, token->pin,
				 "write it there, mode 0600, owner " TOKEN_USER);
	else if (!strcmp(token->pin, "ask") || !strcmp(token->pin, "pinpad"))
		doctor_tell(doctor, DOCTOR_GOOD, "PIN",
			    "token %s: PIN=%s: after each start: claviger token login %s",
			    token->name, token->pin, token->name);
	else
		look_at_credential(doctor, token);
}

/* What a state says of the machine; its reason, which the token's process gives, says what to do.
 */
static const struct {
	enum token_state state;
	enum finding finding;
	const char *what;
} states[] = {
	{TOKEN_READY, DOCTOR_GOOD, "token"},
	{TOKEN_LOCKED, DOCTOR_MISSING, "PIN"},
	{TOKEN_DEGRADED, DOCTOR_UNWISE, "token"},
	{TOKEN_ABSENT, DOCTOR_MISSING, "token"},
};

static void tell_state(struct doctor *doctor, const struct conf_token *token,
		       const struct ipc_token_state *state)
{
	enum finding finding = DOCTOR_MISSING;
	const char *what = "token";

	for (size_t i = 0; i < ELEMENTS(states); i++)
		if (states[i].state == state->state) {
			finding = states[i].finding;
			what = states[i].what;
		}
	if (finding == DOCTOR_GOOD)
		doctor_tell(doctor, finding, what, "token %s: %.*s, serial %.*s; keys %u",
			    token->name, (int)state->label.size, (const char *)state->label.data,
			    (int)state->serial.size, (const char *)state->serial.data, state->keys);
	else
		doctor_tell(doctor, finding, what, "token %s: %s: %.*s", token->name,
			    token_state_name(state->state), (int)state->reason.size,
			    (const char *)state->reason.data);
}

/* The token's own counts, the worst first. */
static void tell_tries(struct doctor *doctor, const struct conf_token *token,
		       const struct ipc_token_state *state)
{
	const struct {
		bool applies;
		enum finding finding;
		const char *text;
	} rows[] = {
		{state->pin_locked, DOCTOR_MISSING,
		 "the token has locked its PIN: its SO PIN unlocks it (pkcs11-tool --init-pin)"},
		{state->pin_final_try, DOCTOR_MISSING,
		 "one try of the PIN is left, which nobody here uses by himself: a login with "
		 "another program, by its right PIN, gives the tries back"},
		{state->pin_count_low, DOCTOR_UNWISE,
		 "somebody gave a wrong PIN: a login by the right one gives the tries back"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].applies) {
			doctor_tell(doctor, rows[i].finding, "PIN", "token %s: %s", token->name,
				    rows[i].text);
			return;
		}
}

static void ask_process(struct doctor *doctor, const struct conf_token *token, int fd)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	const struct ipc_token_status question = {};
	struct ipc_token_state state;
	int r = ipc_call(fd, IPC_TOKEN_STATUS, &question, ANSWER_WITHIN_MS, &packet);

	if (r == 0)
		r = ipc_decode(packet.content, IPC_TOKEN_STATE, &state);
	if (r != 0) {
		doctor_tell(doctor, DOCTOR_MISSING, "token",
			    "token %s: its process does not answer: systemctl status "
			    "claviger-token@%s",
			    token->name, token->name);
		return;
	}
	tell_state(doctor, token, &state);
	tell_tries(doctor, token, &state);
}

/* Both sockets lead to the same process; claviger-admin may open the second one only. */
static void look_at_process(struct doctor *doctor, const struct conf_token *token)
{
	static const struct {
		const char *suffix, *unit;
	} sockets[] = {{"sock", "claviger-token"}, {"admin", "claviger-token-admin"}};
	int fds[ELEMENTS(sockets)] = {-1, -1};

	for (size_t i = 0; i < ELEMENTS(sockets); i++) {
		_cleanup_(freep) char *name = NULL, *unit = NULL;

		if (text_format(&name, "token/%s.%s", token->name, sockets[i].suffix) == 0 &&
		    text_format(&unit, "%s@%s.socket", sockets[i].unit, token->name) == 0)
			fds[i] = doctor_connect(doctor, name, SOCK_SEQPACKET, unit);
	}
	if (fds[1] >= 0 || fds[0] >= 0)
		ask_process(doctor, token, fds[1] >= 0 ? fds[1] : fds[0]);
	for (size_t i = 0; i < ELEMENTS(fds); i++)
		closep(&fds[i]);
}

void doctor_look_at_tokens(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->conf->n_tokens; i++) {
		const struct conf_token *token = &doctor->conf->tokens[i];

		look_at_module(doctor, token);
		look_at_pin(doctor, token);
		look_at_process(doctor, token);
	}
}
