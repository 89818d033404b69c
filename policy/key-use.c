/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/key-use.h"
#include "policy/handshake.h"
#include <string.h>

/* From the narrowest to the widest. */
static const struct {
	enum key_use use;
	const char *name;
	const char *refusal; /* of a message that only such a rule, or any, would let through */
} uses_known[] = {
	{KEY_USE_TLS, "tls", "this is a TLS handshake, and no rule here has For=tls"},
	{KEY_USE_IKE, "ike", "this is an IKEv2 authentication, and no rule here has For=ike"},
	{KEY_USE_CMS, "cms",
	 "these are a signed message's attributes, and no rule here has "
	 "For=cms"},
	{KEY_USE_ANY, "any", NULL},
};

const char *key_use_name(enum key_use use)
{
	for (size_t i = 0; i < ELEMENTS(uses_known); i++)
		if (uses_known[i].use == use)
			return uses_known[i].name;
	return "unknown";
}

enum key_use key_use_narrowest(unsigned uses)
{
	for (size_t i = 0; i < ELEMENTS(uses_known); i++)
		if (uses_known[i].use & uses)
			return uses_known[i].use;
	return KEY_USE_ANY;
}

/* A text of digits is a number, which no name may look like. */
static bool is_user(const char *user, const struct key_use_peer *peer)
{
	uint64_t uid = 0;

	if (!*user || user[strspn(user, "0123456789")])
		return peer->user && strcmp(user, peer->user) == 0;
	for (; *user && uid <= UINT32_MAX; user++)
		uid = uid * 10 + (unsigned)(*user - '0');
	return uid == peer->uid;
}

static bool names_user(const struct key_use_rule *rule, const struct key_use_peer *peer)
{
	for (size_t i = 0; i < rule->n_users; i++)
		if (is_user(rule->users[i], peer))
			return true;
	return false;
}

static bool names_unit(const struct key_use_rule *rule, const struct key_use_peer *peer)
{
	for (size_t i = 0; i < rule->n_units && peer->unit; i++)
		if (strcmp(rule->units[i], peer->unit) == 0)
			return true;
	return !rule->n_units;
}

/* How far a rule goes along; they are in the order in which it is asked. */
static enum key_use_refusal ask_rule(const struct key_use_rule *rule,
				     const struct key_use_peer *peer, unsigned wanted)
{
	if (!names_user(rule, peer))
		return KEY_USE_REFUSED_USER;
	if (!names_unit(rule, peer))
		return KEY_USE_REFUSED_UNIT;
	return rule->uses & wanted ? KEY_USE_ALLOWED : KEY_USE_REFUSED_USE;
}

struct key_use_verdict key_use_judge(const struct key_use_rule *rules, size_t n,
				     const struct key_use_peer *peer, unsigned wanted)
{
	struct key_use_verdict verdict = {.refusal = KEY_USE_REFUSED_KEY};

	for (size_t i = 0; i < n; i++) {
		enum key_use_refusal refusal = ask_rule(&rules[i], peer, wanted);

		if (refusal == KEY_USE_ALLOWED || refusal == KEY_USE_REFUSED_USE)
			verdict.uses |= rules[i].uses;
		if (verdict.refusal == KEY_USE_ALLOWED ||
		    (refusal != KEY_USE_ALLOWED && refusal <= verdict.refusal))
			continue;
		verdict.refusal = refusal;
		verdict.rule = &rules[i];
	}
	return verdict;
}

/* The use by the message alone, however it is to be signed; 0: only `any` has such. */
static unsigned find_shape(const struct key_use_ask *ask)
{
	static const unsigned uses[] = {
		[HANDSHAKE_TLS13] = KEY_USE_TLS,
		[HANDSHAKE_TLS12_SERVER] = KEY_USE_TLS,
		[HANDSHAKE_TLS12_CLIENT] = KEY_USE_TLS,
		[HANDSHAKE_IKE] = KEY_USE_IKE,
		[HANDSHAKE_NONE] = 0,
	};

	if (ask->scheme->input != RSA_INPUT_MESSAGE)
		return 0;
	/* An attribute of somebody's own has room for the messages of others. */
	if (ask->is_cms_attributes)
		return ask->enrols || handshake_may_be_ike(ask->message) ? 0 : KEY_USE_CMS;
	return uses[handshake_find(ask->message)];
}

static bool is_over(const struct rsa_scheme *scheme, enum digest least)
{
	return scheme->digest >= least &&
	       (scheme->padding != RSA_PADDING_PSS || scheme->mgf1 >= least);
}

/* RFC 8446 §4.2.3: in TLS 1.3 RSA signs with PSS alone. */
static bool is_sound(const struct key_use_ask *ask)
{
	return is_over(ask->scheme, DIGEST_SHA256) &&
	       (ask->scheme->padding == RSA_PADDING_PSS || ask->is_cms_attributes ||
		handshake_find(ask->message) != HANDSHAKE_TLS13);
}

unsigned key_use_find(const struct key_use_ask *ask)
{
	unsigned found = find_shape(ask);

	return KEY_USE_ANY | (found && is_sound(ask) ? found : 0);
}

/* Of what only `any` lets through. */
static const char *explain(const struct key_use_ask *ask)
{
	if (ask->scheme->input != RSA_INPUT_MESSAGE)
		return "a bare digest does not show what is signed: only For=any signs it";
	if (ask->is_cms_attributes && ask->enrols)
		return "this asks for a certificate in the key's name: only For=any signs it";
	if (handshake_may_be_ike(ask->message))
		return "this has the header of IKEv2, and not the shape of its authentication "
		       "alone: only For=any signs it";
	return "this is neither a TLS handshake nor an IKEv2 authentication nor a signed message's "
	       "attributes: only For=any signs it";
}

/* Of what is a use, and signed in a way that this use doesn't have. */
static const char *explain_scheme(const struct key_use_ask *ask)
{
	return is_over(ask->scheme, DIGEST_SHA256)
		       ? "TLS 1.3 signs with RSA-PSS alone: only For=any signs it otherwise"
		       : "For=tls, ike and cms sign over sha256, sha384 and sha512 alone";
}

/* Bare, it is the DigestInfo of MD2, MD4 or MD5 (RFC 8017 §9.2), in whatever form of BER: no digest
 * holds the beginning of their identifiers by chance. */
static bool is_bare_md(struct span message)
{
	static const uint8_t digests[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02};
	const uint8_t *found =
		message.size ? memmem(message.data, message.size, digests, sizeof(digests)) : NULL;
	const uint8_t *last = found ? found + sizeof(digests) : NULL;

	return last && last < message.data + message.size &&
	       (*last == 2 || *last == 4 || *last == 5);
}

/* Who writes both of two texts can give them one MD5. */
static bool is_broken(const struct key_use_ask *ask)
{
	return ask->scheme->input == RSA_INPUT_BARE ? is_bare_md(ask->message)
						    : !is_over(ask->scheme, DIGEST_SHA1);
}

const char *key_use_refuses_signature(unsigned uses, const struct key_use_ask *ask)
{
	unsigned shape = find_shape(ask);

	if (!uses)
		return "no rule lets other programs use this key";
	if (is_broken(ask))
		return "nothing is signed over md5, md4 and md2";
	if (uses & key_use_find(ask))
		return NULL;
	if (!shape)
		return explain(ask);
	if (uses & shape)
		return explain_scheme(ask);
	for (size_t i = 0; i < ELEMENTS(uses_known); i++)
		if (uses_known[i].use & shape)
			return uses_known[i].refusal;
	return explain(ask);
}

const char *key_use_refuses_opening(unsigned uses)
{
	if (!uses)
		return "no rule lets other programs use this key";
	return uses & (KEY_USE_CMS | KEY_USE_ANY)
		       ? NULL
		       : "only For=cms and For=any open what was encrypted to a key";
}
