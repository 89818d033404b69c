/* SPDX-License-Identifier: Apache-2.0 */
/* Who may what: the facts for policy/key-use, and its word as a sentence. */
#include "daemon/base/peer-process.h"
#include "daemon/base/text.h"
#include "daemon/flow/key-use/keys.h"
#include "daemon/flow/key-use/refusal.h"
#include "daemon/flow/key-use/tally.h"
#include "daemon/x509/certificate.h"
#include "daemon/x509/shape.h"
#include "policy/key-use.h"
#include <stdlib.h>
#include <string.h>

/* One question on its way. */
struct admission {
	const struct key_use_turn *turn;
	struct key_use_failure *failure;
	const char *user, *name;    /* for sentences */
	const char *unit;	    /* NULL once it has ended: others have its connection */
	struct key_use_rule *rules; /* that speak of the key */
	size_t n_rules;
	const char *rule; /* the name of one that is about him */
};

static bool speaks_of(const struct conf_use *use, const char *name)
{
	return use->key && !strcmp(use->key, name);
}

bool key_use_is_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_uses; i++)
		if (speaks_of(&conf->uses[i], name))
			return true;
	return false;
}

static struct key_use_rule rule_of(const struct conf_use *use)
{
	return (struct key_use_rule){
		.name = use->name,
		.key = use->key,
		.users = (const char *const *)use->user,
		.n_users = use->n_user,
		.units = (const char *const *)use->unit,
		.n_units = use->n_unit,
		.uses = use->uses,
	};
}

static int gather_rules(struct admission *admission)
{
	const struct conf *conf = admission->turn->flow->conf;

	admission->rules = calloc(conf->n_uses + 1, sizeof(*admission->rules));
	if (!admission->rules)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_uses; i++)
		if (speaks_of(&conf->uses[i], admission->name))
			admission->rules[admission->n_rules++] = rule_of(&conf->uses[i]);
	return 0;
}

static const struct conf_use *section_of(const struct admission *admission,
					 const struct key_use_rule *rule)
{
	const struct conf *conf = admission->turn->flow->conf;

	for (size_t i = 0; i < conf->n_uses; i++)
		if (conf->uses[i].name == rule->name)
			return &conf->uses[i];
	return NULL;
}

static struct key_use_verdict judge(const struct admission *admission, unsigned wanted)
{
	const struct key_use_program *program = admission->turn->program;
	const struct key_use_peer peer = {
		.uid = program->uid,
		.user = program->user,
		.unit = admission->unit,
	};

	return key_use_judge(admission->rules, admission->n_rules, &peer, wanted);
}

/* Who has no rule learns nothing of the key, not even whether there is one. */
static int refuse_stranger(const struct admission *admission, const struct key_use_verdict *verdict)
{
	return key_use_refuse(admission->turn, KEY_USE_NO_RULE,
			      verdict->rule ? verdict->rule->name : NULL, admission->failure,
			      "no [Use] section lets user %s use the key '%s': one with Key=%s, "
			      "User=%s and For= in clavigerd's configuration would",
			      admission->user, admission->name, admission->name, admission->user);
}

static int refuse_unit(const struct admission *admission, const struct key_use_rule *rule)
{
	bool has_ended = peer_process_has_ended(admission->turn->program->process);
	_cleanup_(buffer_done) struct buffer units = {};

	for (size_t i = 0; i < rule->n_units; i++)
		buffer_printf(&units, "%s%s", i ? ", " : "", rule->units[i]);
	buffer_append_byte(&units, '\0');
	if (units.error)
		return units.error;
	return key_use_refuse(admission->turn, KEY_USE_NO_UNIT, rule->name, admission->failure,
			      "[Use %s] lets user %s use the key '%s' only in %s, %s", rule->name,
			      admission->user, admission->name, (const char *)units.data,
			      has_ended ? "and the process that connected has ended"
					: "to which this program does not belong");
}

/* Whether he has anything to do with the key at all. */
static int admit_program(struct admission *admission)
{
	struct key_use_verdict verdict = judge(admission, KEY_USE_ALL);

	if (verdict.refusal == KEY_USE_REFUSED_UNIT)
		return refuse_unit(admission, verdict.rule);
	if (verdict.refusal)
		return refuse_stranger(admission, &verdict);
	admission->rule = verdict.rule->name;
	return 0;
}

static int find_key(const struct admission *admission, struct key_use_permit *permit)
{
	static const enum key_use_no rows[] = {
		[KEY_USE_KEYS_LATER] = KEY_USE_NO_TOKEN,
		[KEY_USE_KEYS_NONE] = KEY_USE_NO_KEY,
		[KEY_USE_KEYS_FORBID] = KEY_USE_NO_ROLE,
		[KEY_USE_KEYS_UNFIT] = KEY_USE_NO_SCHEME,
	};
	const struct key_use_turn *turn = admission->turn;
	const struct key_use_look_wish wish = {
		.name = admission->name,
		.id = turn->question->id,
		.opens = turn->question->number == IPC_KEY_OPEN,
		.now_s = turn->now_s,
	};
	_cleanup_(freep) char *reason = NULL;
	struct key_use_found found = {};
	int r = key_use_keys_find(turn->flow, &wish, turn->now_ms, turn->looked, &found, &reason);

	if (r == KEY_USE_KEYS_LOOK)
		return KEY_USE_LOOK;
	if (r)
		return r < 0 ? r
			     : key_use_refuse(turn, rows[r], admission->rule, admission->failure,
					      "%s", reason);
	permit->key = found.key;
	permit->token = found.token;
	return 0;
}

/* What is wrong with the question, whoever asks; NULL. */
static const char *find_fault(const struct key_use_question *question, struct key *key)
{
	struct x509_key public;

	if (x509_key_read(key_spki(key), &public) < 0)
		return "its public key can't be read";
	return question->number == IPC_KEY_SIGN
		       ? rsa_scheme_find_fault(&question->scheme, public.modulus.size,
					       question->message.size)
		       : rsa_opening_find_fault(&question->opening, public.modulus.size,
						question->message.size);
}

static int refuse_use(const struct admission *admission, const struct key_use_verdict *verdict,
		      const char *sentence)
{
	return key_use_refuse(admission->turn, KEY_USE_NO_USE, verdict->rule->name,
			      admission->failure, "[Use %s], user %s, key '%s': %s",
			      verdict->rule->name, admission->user, admission->name, sentence);
}

/* What each question is to policy: which uses it wants, and why it may not be. */
static const char *judge_use(const struct admission *admission, unsigned *ret_kind,
			     struct key_use_verdict *ret)
{
	const struct key_use_question *question = admission->turn->question;
	struct key_use_ask ask = {.scheme = &question->scheme, .message = question->message};
	unsigned wanted = KEY_USE_CMS | KEY_USE_ANY;
	struct x509_shape shape = {};

	if (question->number == IPC_KEY_SIGN) {
		x509_shape_read(question->message, &shape);
		ask.is_cms_attributes = shape.kind == X509_SHAPE_CMS_ATTRIBUTES;
		ask.enrols = shape.enrols;
		wanted = key_use_find(&ask);
	}
	*ret = judge(admission, wanted);
	*ret_kind = key_use_narrowest(wanted);
	return question->number == IPC_KEY_SIGN ? key_use_refuses_signature(ret->uses, &ask)
						: key_use_refuses_opening(ret->uses);
}

static int admit_rate(const struct admission *admission, const struct conf_use *use)
{
	const struct key_use_turn *turn = admission->turn;

	if (key_use_tally_take(turn->flow->key_use_tally, use->name, use->rate_limit,
			       turn->program->uid, turn->now_ms))
		return 0;
	return key_use_refuse(turn, KEY_USE_NO_RATE, use->name, admission->failure,
			      "user %s has had the %u uses of the key '%s' a second that [Use %s] "
			      "gives him (RateLimit=)",
			      admission->user, use->rate_limit, admission->name, use->name);
}

static int admit_use(const struct admission *admission, struct key_use_permit *permit)
{
	const struct key_use_turn *turn = admission->turn;
	const char *fault = find_fault(turn->question, permit->key);
	struct key_use_verdict verdict;
	const char *refusal;

	if (fault)
		return key_use_refuse(turn, KEY_USE_NO_SCHEME, admission->rule, admission->failure,
				      "the key '%s' can't do what the program asks: %s",
				      admission->name, fault);
	refusal = judge_use(admission, &permit->kind, &verdict);
	if (refusal || verdict.refusal)
		return refuse_use(admission, &verdict, refusal ? refusal : "not for this use");
	permit->use = section_of(admission, verdict.rule);
	return admit_rate(admission, permit->use);
}

int flow_key_use_admit(const struct key_use_turn *turn, struct key_use_permit *ret,
		       struct key_use_failure *ret_failure)
{
	struct admission admission = {
		.turn = turn,
		.failure = ret_failure,
		.user = turn->program->user,
		.name = turn->question->name,
	};
	_cleanup_(key_use_permit_done) struct key_use_permit permit = {};
	int r;

	if (turn->program->snapshot != turn->flow->number ||
	    (turn->program->nameless && !turn->looked))
		return KEY_USE_LOOK;
	if (turn->program->unit && !peer_process_has_ended(turn->program->process))
		admission.unit = turn->program->unit;
	r = gather_rules(&admission);
	if (r >= 0)
		r = admit_program(&admission);
	if (!r)
		r = find_key(&admission, &permit);
	if (!r && turn->question->number != IPC_KEY_PUBLIC)
		r = admit_use(&admission, &permit);
	free(admission.rules);
	if (!r)
		*ret = TAKE_STRUCT(permit);
	return r;
}
