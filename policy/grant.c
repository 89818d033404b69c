/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/grant.h"
#include <string.h>

/* Permits are told apart by their address: nothing outside this file can make one. */
struct permit {
	const char *by;
};
static const struct permit permits[] = {{"policy"}, {"hand"}};
#define PERMIT_BY_POLICY (&permits[0])
#define PERMIT_BY_HAND	 (&permits[1])

/* Gives a verdict and true, or leaves the matter to the next rule. */
typedef bool (*grant_rule)(const struct grant_facts *facts, struct verdict *ret);

static struct verdict refuse(enum verdict_alarm alarm, const char *rule, const char *reason)
{
	return (struct verdict){VERDICT_REFUSE, VERDICT_BAD_REQUEST, alarm, rule, reason, NULL};
}

static struct verdict hold(enum verdict_alarm alarm, const char *rule, const char *reason)
{
	return (struct verdict){VERDICT_PENDING, VERDICT_BAD_REQUEST, alarm, rule, reason, NULL};
}

static struct verdict issue(enum verdict_alarm alarm, const char *rule, const char *reason)
{
	return (struct verdict){VERDICT_ISSUE, VERDICT_BAD_REQUEST, alarm, rule,
				reason,	       PERMIT_BY_POLICY};
}

static const char *const class_names[] = {
	[GRANT_CLASS_ROUTER] = "router",
	[GRANT_CLASS_RA] = "ra",
	[GRANT_CLASS_SUBORDINATE] = "subordinate",
};

const char *grant_class_name(enum grant_class class)
{
	assert((size_t) class < ELEMENTS(class_names));
	return class_names[class];
}

bool grant_class_find(const char *name, enum grant_class *ret)
{
	for (size_t i = 0; i < ELEMENTS(class_names); i++)
		if (!strcmp(class_names[i], name)) {
			*ret = (enum grant_class)i;
			return true;
		}
	return false;
}

bool grant_is_renewal(const struct grant_facts *facts)
{
	const struct grant_signer *signer = &facts->signer;

	return signer->ours && !signer->revoked && signer->in_force && signer->same_identity &&
	       signer->names_within && signer->class == facts->class;
}

bool grant_is_forwarded(const struct grant_facts *facts)
{
	const struct grant_signer *signer = &facts->signer;

	return signer->ours && !signer->revoked && signer->in_force &&
	       signer->class == GRANT_CLASS_RA && !signer->same_key && !grant_is_renewal(facts);
}

static enum verdict_alarm alarm_of_challenge(const struct grant_facts *facts)
{
	return facts->challenge == GRANT_CHALLENGE_SPENT ? VERDICT_ALARM_PASSWORD_REUSE
							 : VERDICT_ALARM_NONE;
}

static bool judge_signer(const struct grant_facts *facts, struct verdict *ret)
{
	if (!facts->signer.ours || !facts->signer.revoked)
		return false;
	*ret = refuse(VERDICT_ALARM_REVOKED_SIGNER, "revoked signer",
		      "the certificate that signed the request is revoked");
	return true;
}

static bool judge_key_compromised(const struct grant_facts *facts, struct verdict *ret)
{
	if (!facts->key_compromised)
		return false;
	*ret = refuse(VERDICT_ALARM_COMPROMISED_KEY, "RFC 5280 §5.3.1 keyCompromise",
		      "a certificate of this key was revoked because the key was compromised");
	return true;
}

/* A router spells its subject anew at a renewal; the key it keeps is still its own. */
static bool is_key_of_another(const struct grant_facts *facts)
{
	return facts->key_shared && !(grant_is_renewal(facts) && facts->signer.same_key);
}

static bool judge_key_shared(const struct grant_facts *facts, struct verdict *ret)
{
	if (!is_key_of_another(facts) || !facts->unique_keys)
		return false;
	*ret = refuse(VERDICT_ALARM_SHARED_KEY, "UniqueKeys=yes",
		      "the key is certified for another subject");
	return true;
}

/* By hand neither: the key would not sign it, and a path with it would not verify. */
static bool judge_authority(const struct grant_facts *facts, struct verdict *ret)
{
	if (facts->class != GRANT_CLASS_SUBORDINATE ||
	    (facts->issue_subordinates && facts->room_below))
		return false;
	*ret = facts->issue_subordinates
		       ? refuse(VERDICT_ALARM_NONE, "RFC 5280 §4.2.1.9 pathLenConstraint",
				"no CA may stand below this one: its own certificate says so, or "
				"one above it")
		       : refuse(VERDICT_ALARM_NONE, "IssueSubordinates=no",
				"this server issues no certificates to other CAs");
	return true;
}

/* Which word of GrantRollover= speaks for a class; NULL: none. */
static const char *const rollover_rules[] = {
	[GRANT_CLASS_ROUTER] = NULL,
#define GRANT(mode, challenge, decision, alarm)
#define GRANT_ROLLOVER(class, rule) [GRANT_CLASS_##class] = rule,
#include "policy/grant.def"
#undef GRANT_ROLLOVER
#undef GRANT
};

/* An RA or CA that a person once let in stays, and goes along to the next CA, by itself where
 * configured. */
static bool judge_rollover(const struct grant_facts *facts, struct verdict *ret)
{
	const char *rule = rollover_rules[facts->class];

	if (!rule || !(facts->rollover_auto & 1U << facts->class) || !grant_is_renewal(facts))
		return false;
	*ret = issue(VERDICT_ALARM_NONE, rule, "renewal of a certificate that is in force");
	return true;
}

/* Authority is never given without a person: neither a mode nor a password vouches for an RA or a
 * CA. */
static bool judge_class(const struct grant_facts *facts, struct verdict *ret)
{
	if (facts->class == GRANT_CLASS_ROUTER)
		return false;
	if (facts->mode == GRANT_NONE)
		*ret = refuse(alarm_of_challenge(facts), "Grant=none",
			      "this server takes no new requests");
	else
		*ret = hold(alarm_of_challenge(facts), "class",
			    "an RA or subordinate certificate needs an operator");
	return true;
}

/* A router's configuration still holds the challenge it enrolled with, so a spent password is no
 * alarm here. Source: RFC 8894 §2.4: on renewal the old certificate authorises. */
static bool judge_renewal(const struct grant_facts *facts, struct verdict *ret)
{
	if (!grant_is_renewal(facts))
		return false;
	*ret = facts->renewal_auto ? issue(VERDICT_ALARM_NONE, "GrantRenewal=auto",
					   "renewal of a certificate that is in force")
				   : hold(VERDICT_ALARM_NONE, "GrantRenewal=manual",
					  "the renewal waits for an operator");
	return true;
}

static bool judge_password(const struct grant_facts *facts, struct verdict *ret)
{
	if (!facts->password_required || facts->challenge == GRANT_CHALLENGE_LIVE)
		return false;
	*ret = refuse(alarm_of_challenge(facts), "PasswordRequired=yes",
		      "a valid one-time password is required");
	return true;
}

/* What is live is told as the password's work, and an RA has no say in the other modes. */
static bool judge_forwarded(const struct grant_facts *facts, struct verdict *ret)
{
	if (facts->mode != GRANT_RA_AUTO || facts->challenge == GRANT_CHALLENGE_LIVE ||
	    !grant_is_forwarded(facts))
		return false;
	*ret = issue(alarm_of_challenge(facts), "Grant=ra-auto",
		     "a registration authority of this CA authorised the request");
	return true;
}

static const struct grant_cell {
	enum verdict_decision decision;
	enum verdict_alarm alarm;
} cells[][4] = {
#define GRANT(mode, challenge, decision, alarm)                                                    \
	[GRANT_##mode][GRANT_CHALLENGE_##challenge] = {VERDICT_##decision, VERDICT_ALARM_##alarm},
#define GRANT_ROLLOVER(class, rule)
#include "policy/grant.def"
#undef GRANT_ROLLOVER
#undef GRANT
};

static const char *const mode_rules[] = {
	[GRANT_MANUAL] = "Grant=manual",
	[GRANT_AUTO] = "Grant=auto",
	[GRANT_RA_AUTO] = "Grant=ra-auto",
	[GRANT_NONE] = "Grant=none",
};

static bool judge_mode(const struct grant_facts *facts, struct verdict *ret)
{
	bool password = facts->challenge == GRANT_CHALLENGE_LIVE;
	const char *rule = password ? "one-time password" : mode_rules[facts->mode];
	const struct grant_cell *cell = &cells[facts->mode][facts->challenge];

	switch (cell->decision) {
	case VERDICT_ISSUE:
		*ret = issue(cell->alarm, rule,
			     password ? "a one-time password authorises the request"
				      : "requests are granted automatically");
		break;
	case VERDICT_PENDING:
		*ret = hold(cell->alarm, rule, "the request waits for an operator");
		break;
	case VERDICT_REFUSE:
		*ret = refuse(cell->alarm, rule, "this server takes no new requests");
		break;
	}
	return true;
}

static struct verdict decide(const grant_rule *rules, size_t n, const struct grant_facts *facts)
{
	struct verdict verdict = refuse(VERDICT_ALARM_NONE, "no rule", "no rule permits it");

	assert(facts->mode <= GRANT_NONE && facts->challenge <= GRANT_CHALLENGE_SPENT);
	assert((size_t)facts->class < ELEMENTS(rollover_rules));
	for (size_t i = 0; i < n; i++)
		if (rules[i](facts, &verdict))
			break;
	/* Whatever else is decided, a key with two subjects is worth a look. */
	if (is_key_of_another(facts) && verdict.alarm == VERDICT_ALARM_NONE)
		verdict.alarm = VERDICT_ALARM_SHARED_KEY;
	return verdict;
}

struct verdict grant_decide(const struct grant_facts *facts)
{
	static const grant_rule rules[] = {
		judge_signer,	 judge_key_compromised, judge_key_shared,
		judge_authority, judge_rollover,	judge_class,
		judge_renewal,	 judge_password,	judge_forwarded,
		judge_mode,
	};

	return decide(rules, ELEMENTS(rules), facts);
}

static bool judge_added_mode(const struct grant_facts *facts, struct verdict *ret)
{
	struct grant_facts without_challenge = *facts;

	without_challenge.challenge = GRANT_CHALLENGE_ABSENT;
	return judge_mode(&without_challenge, ret);
}

struct verdict grant_decide_added(const struct grant_facts *facts)
{
	static const grant_rule rules[] = {
		judge_key_compromised, judge_key_shared, judge_authority,
		judge_class,	       judge_added_mode,
	};

	return decide(rules, ELEMENTS(rules), facts);
}

static bool judge_by_hand(const struct grant_facts *facts, struct verdict *ret)
{
	(void)facts;
	*ret = (struct verdict){
		.decision = VERDICT_ISSUE,
		.fail_info = VERDICT_BAD_REQUEST,
		.rule = "operator",
		.reason = "an operator granted the request",
		.permit = PERMIT_BY_HAND,
	};
	return true;
}

struct verdict grant_by_hand(const struct grant_facts *facts)
{
	static const grant_rule rules[] = {
		judge_signer,	 judge_key_compromised, judge_key_shared,
		judge_authority, judge_by_hand,
	};

	return decide(rules, ELEMENTS(rules), facts);
}

bool grant_permit_is_genuine(const struct permit *permit)
{
	for (size_t i = 0; i < ELEMENTS(permits); i++)
		if (permit == &permits[i])
			return true;
	return false;
}
