/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/key-use.h"
#include "daemon/base/files.h"
#include "daemon/base/peer-process.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/key-use/keys.h"
#include "daemon/flow/key-use/refusal.h"
#include "daemon/flow/key-use/unit.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD_BYTES 16384

void key_use_program_done(struct key_use_program *program)
{
	free(program->user);
	free(program->unit);
	*program = (struct key_use_program){};
}

void key_use_failure_done(struct key_use_failure *failure)
{
	free(failure->reason);
	*failure = (struct key_use_failure){};
}

void key_use_permit_done(struct key_use_permit *permit)
{
	key_unref(permit->key);
	*permit = (struct key_use_permit){};
}

void key_use_answer_done(struct key_use_answer *answer)
{
	bytes_done(&answer->signature);
	secret_done(&answer->content);
}

/* Reading. */

static void take_name(struct span name, struct key_use_question *question)
{
	struct span plain = conf_key_plain_label(name);

	snprintf(question->name, sizeof(question->name), "%.*s", (int)plain.size,
		 (const char *)plain.data);
}

static int read_public(struct span packet, struct key_use_question *ret)
{
	struct ipc_key_public ask;
	int r = ipc_decode(packet, IPC_KEY_PUBLIC, &ask);

	if (r >= 0)
		take_name(ask.name, ret);
	return r;
}

static int read_sign(struct span packet, struct key_use_question *ret)
{
	struct ipc_key_sign ask;
	int r = ipc_decode(packet, IPC_KEY_SIGN, &ask);

	if (r < 0)
		return r;
	take_name(ask.name, ret);
	ret->id = ask.key;
	ret->message = ask.message;
	ret->scheme = (struct rsa_scheme){
		.padding = ask.padding,
		.input = ask.input,
		.digest = ask.digest,
		.mgf1 = ask.mgf1,
		.salt_bytes = ask.salt_bytes,
	};
	return 0;
}

static int read_open(struct span packet, struct key_use_question *ret)
{
	struct ipc_key_open ask;
	int r = ipc_decode(packet, IPC_KEY_OPEN, &ask);

	if (r < 0)
		return r;
	take_name(ask.name, ret);
	ret->id = ask.key;
	ret->message = ask.encrypted;
	ret->opening = (struct rsa_opening){
		.padding = ask.padding,
		.digest = ask.digest,
		.mgf1 = ask.mgf1,
		.label = ask.label,
	};
	return 0;
}

int flow_key_use_read(const struct ipc_packet *packet, struct key_use_question *ret)
{
	static const struct {
		enum ipc_number number;
		int (*read)(struct span packet, struct key_use_question *ret);
	} rows[] = {
		{IPC_KEY_PUBLIC, read_public},
		{IPC_KEY_SIGN, read_sign},
		{IPC_KEY_OPEN, read_open},
	};
	int r = -EBADMSG;

	*ret = (struct key_use_question){.number = packet->header.number};
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].number == packet->header.number)
			r = rows[i].read(packet->content, ret);
	if (r >= 0 && ret->id.size && ret->id.size != SHA256_SIZE)
		return -EBADMSG;
	return r;
}

/* Looking. */

/* What a server elsewhere doesn't answer now it may answer the next time (getpwuid(3) says which
 * errors are an answer). */
static int find_user(struct key_use_program *program)
{
	char text[PASSWD_BYTES];
	struct passwd entry, *found = NULL;
	int r = getpwuid_r(program->uid, &entry, text, sizeof(text), &found);

	program->nameless = r != 0 && r != ENOENT && r != ESRCH;
	return r == 0 && found ? text_format(&program->user, "%s", found->pw_name)
			       : text_format(&program->user, "%u", program->uid);
}

/* Among all units that sections name. Groups list processes by number, and this one's is its own as
 * long as it lives. */
static int find_unit(const struct conf *conf, const struct key_use_program *program, char **ret)
{
	_cleanup_(freep) const char **names = NULL;
	const char *found = NULL;
	size_t most = 0, n = 0;
	int r;

	for (size_t i = 0; i < conf->n_uses; i++)
		most += conf->uses[i].n_unit;
	if (!most)
		return 0;
	names = calloc(most, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_uses; i++)
		for (size_t j = 0; j < conf->uses[i].n_unit; j++)
			names[n++] = conf->uses[i].unit[j];
	r = key_use_unit_find(KEY_USE_UNIT_ROOT, names, n, program->pid, &found);
	if (r < 0 || !found || peer_process_has_ended(program->process))
		return r;
	return text_format(ret, "%s", found);
}

static int look_at_program(const struct conf *conf, struct key_use_program *program)
{
	struct key_use_program fresh = {
		.uid = program->uid, .pid = program->pid, .process = program->process};
	int r = find_user(&fresh);

	if (r >= 0)
		r = find_unit(conf, program, &fresh.unit);
	if (r < 0) {
		key_use_program_done(&fresh);
		return r;
	}
	key_use_program_done(program);
	*program = fresh;
	return 0;
}

static struct key_use_look_wish wish_of(const struct key_use_turn *turn)
{
	return (struct key_use_look_wish){
		.name = turn->question->name,
		.id = turn->question->id,
		.opens = turn->question->number == IPC_KEY_OPEN,
		.now_s = turn->now_s,
	};
}

int flow_key_use_look(const struct key_use_turn *turn)
{
	const struct conf *conf = turn->flow->conf;
	const struct key_use_look_wish wish = wish_of(turn);
	struct key_use_found found = {};
	_cleanup_(freep) char *reason = NULL;
	int r = 0;

	if (turn->program->snapshot != turn->flow->number || turn->program->nameless)
		r = look_at_program(conf, turn->program);
	if (r < 0)
		return r;
	turn->program->snapshot = turn->flow->number;
	/* A name that no section has is nobody's to look for. */
	if (!key_use_is_named(conf, turn->question->name))
		return 0;
	r = key_use_keys_find(turn->flow, &wish, turn->now_ms, false, &found, &reason);
	key_unref(found.key);
	return r == KEY_USE_KEYS_LOOK ? key_use_keys_look(turn->flow, &wish, turn->now_ms)
				      : (r < 0 ? r : 0);
}
