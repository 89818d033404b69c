/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over a token that holds the keys of the one before, of keeper.h. */
#include "daemon/base/crypto.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/x509/certificate.h"
#include "hsm/fault.h"
#include "hsm/rsa-key.h"
#include "token/keeper-internal.h"
#include <stdlib.h>
#include <string.h>

/* What begins so is no DER, and so nothing that a charter lets any key sign. */
#define CHALLENGE "claviger: does this token hold the key? "
#define NONCE	  32

/* The answers of a key. */
enum proof { PROVED, KEY_MISSING, PROOF_WRONG };

static int prove_by_signature(struct hsm_session *session, const struct hsm_rsa_key *key)
{
	_cleanup_(bytes_done) struct bytes signature = {0};
	uint8_t challenge[sizeof(CHALLENGE) - 1 + NONCE] = CHALLENGE;
	uint8_t info[DIGEST_SIZE_MAX + 32];
	size_t size;
	int r;

	random_fill(challenge + sizeof(CHALLENGE) - 1, NONCE);
	size = digest_info(DIGEST_SHA256, SPAN_ARRAY(challenge), info);
	r = hsm_rsa_key_sign(session, key, SPAN(info, size), &signature);
	if (r == -EBADMSG)
		return PROOF_WRONG;
	return r > 0 ? KEY_MISSING : r;
}

static int prove_by_decryption(struct hsm_session *session, const struct hsm_rsa_key *key,
			       const struct rsa_public *public)
{
	_cleanup_(bytes_done) struct bytes sealed = {0};
	_cleanup_(secret_done) struct secret opened = {0};
	uint8_t challenge[NONCE], process_secret[NONCE];
	int r;

	random_fill(challenge, sizeof(challenge));
	random_fill(process_secret, sizeof(process_secret));
	r = rsa_public_encrypt(public, SPAN_ARRAY(challenge), &sealed);
	if (r == 0)
		r = hsm_rsa_key_unwrap(session, key, SPAN_ARRAY(process_secret), span_of(sealed),
				       NONCE, &opened);
	if (r)
		return r < 0 ? r : r == HSM_RSA_KEY_ABSENT ? KEY_MISSING : PROOF_WRONG;
	return span_equal_secretly(span_of_secret(opened), SPAN_ARRAY(challenge)) ? PROVED
										  : PROOF_WRONG;
}

/* A public key that is only lying there proves nothing: the private one must act. */
static int prove(struct keeper *keeper, const struct charter_file *charter)
{
	const struct hsm_rsa_key key = {span_of(charter->id), span_of(charter->spki)};
	_cleanup_(hsm_session_closep) struct hsm_session *session = NULL;
	_cleanup_(rsa_public_freep) struct rsa_public *public = NULL;
	struct x509_key parts;
	int r;

	r = x509_key_read(key.spki, &parts);
	if (r == 0)
		r = rsa_public_new(parts.modulus, parts.exponent, &public);
	if (r == 0)
		r = hsm_session_open(keeper->token, false, &session);
	if (r < 0)
		return r;
	return charter->usage == KEY_USAGE_ENCRYPTION ? prove_by_decryption(session, &key, public)
						      : prove_by_signature(session, &key);
}

/* The audit's key has no copy anywhere: where it is lost the daemon has another one made. */
static bool is_dispensable(const struct held_charter *held)
{
	return charter_fixed(held)->role == CHARTER_AUDIT;
}

/* One charter after the other that is of another token. @position: where to go on. */
static struct held_charter *next_foreign(struct keeper *keeper, const char *serial,
					 unsigned *position)
{
	struct held_charter *held;

	while ((held = charters_at(keeper->charters, (*position)++))) {
		if (!charters_is_of_token(keeper->charters, held, serial))
			return held;
	}
	return NULL;
}

static int name_missing(struct keeper *keeper, const struct held_charter *held, int proof,
			struct buffer *list)
{
	_cleanup_(freep) char *label = NULL;
	uint8_t key_sha256[SHA256_SIZE];
	int r = charters_read_label(keeper->charters, held, &label);

	if (r < 0)
		return r;
	sha256(span_of(charter_fixed(held)->spki), key_sha256);
	buffer_printf(list, "%s%s (", list->size ? ", " : "", label);
	text_append_hex(list, SPAN(key_sha256, 8), false);
	buffer_append_text(list, proof == PROOF_WRONG ? "…: it answers wrongly)" : "…)");
	return 0;
}

/* Goes over all of them, so that every one that is missing is told. */
static int prove_all(struct keeper *keeper, const char *serial, char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer missing = {0};
	_cleanup_(freep) char *list = NULL;
	struct held_charter *held;
	unsigned position = 0;
	int r = 0;

	while (r == 0 && (held = next_foreign(keeper, serial, &position))) {
		int proof = prove(keeper, charter_fixed(held));

		if (proof < 0)
			return proof;
		if (proof == PROOF_WRONG || (proof == KEY_MISSING && !is_dispensable(held)))
			r = name_missing(keeper, held, proof, &missing);
	}
	if (r < 0 || missing.size == 0)
		return r;
	r = buffer_take_text(&missing, &list);
	if (r == 0)
		r = text_format(ret_reason,
				"the token (serial %s) does not hold every key of the one before: "
				"%s; nothing was changed",
				serial, list);
	return r < 0 ? r : KEEPER_REFUSED;
}

static int take_charters(struct keeper *keeper, const char *serial,
			 const struct keeper_adoption *adoption, unsigned *ret_keys)
{
	struct held_charter *held;
	unsigned position = 0;
	int r = 0;

	while (r == 0 && (held = next_foreign(keeper, serial, &position))) {
		if (is_dispensable(held) && prove(keeper, charter_fixed(held)) != PROVED)
			continue;
		r = adoption->record(adoption->context, held);
		if (r == 0)
			r = charters_set_token(keeper->charters, held, serial);
		if (r == 0)
			(*ret_keys)++;
	}
	return r;
}

/* 0 with the user logged in. */
static int log_in(struct keeper *keeper, const struct keeper_adoption *adoption, char **ret_reason)
{
	_cleanup_(freep) char *reason = NULL;
	enum presence_event event;

	if (keeper_state(keeper) == TOKEN_READY)
		return 0;
	event = adoption->pin.size ? keeper_try_pin(keeper, adoption->pin, &reason)
				   : keeper_login_step(keeper, &reason);
	if (event == PRESENCE_READY)
		return 0;
	if (event == PRESENCE_NEEDS_PIN)
		keeper_explain(&reason, "the token needs its PIN");
	*ret_reason = TAKE_PTR(reason);
	if (!*ret_reason)
		return -ENOMEM;
	return event == PRESENCE_PIN_REFUSED || event == PRESENCE_NEEDS_PIN ? KEEPER_REFUSED
									    : KEEPER_LATER;
}

static int adopt_open(struct keeper *keeper, unsigned seat, const struct keeper_adoption *adoption,
		      unsigned *ret_keys, char **ret_reason)
{
	_cleanup_(secret_done) struct secret typed = {0};
	_cleanup_(freep) char *serial = NULL;
	int r;

	keeper_note(keeper, seat, WATCH_LOGIN);
	r = keeper_read_serial(keeper, &serial);
	if (r == 0 && adoption->pin.size)
		r = secret_copy(adoption->pin, &typed);
	if (r == 0)
		r = log_in(keeper, adoption, ret_reason);
	keeper_note(keeper, seat, WATCH_FIND);
	if (r == 0)
		r = prove_all(keeper, serial, ret_reason);
	if (r == 0)
		r = take_charters(keeper, serial, adoption, ret_keys);
	if (r == 0 && typed.data) {
		secret_done(&keeper->typed);
		keeper->typed = TAKE_STRUCT(typed);
	}
	return r;
}

int keeper_adopt(struct keeper *keeper, unsigned seat, const struct keeper_adoption *adoption,
		 unsigned *ret_keys, char **ret_reason)
{
	char text[96];
	int r;

	*ret_keys = 0;
	(void)pthread_rwlock_wrlock(&keeper->gate);
	r = keeper->token ? adopt_open(keeper, seat, adoption, ret_keys, ret_reason)
			  : keeper_later(keeper, ret_reason);
	if (r < 0 && r != -ENOMEM)
		(void)hsm_fault_text(text);
	/* Whatever came of it counts from here on: ready, or refused as before and logged out. */
	if (keeper->token && (r || keeper_state(keeper) != TOKEN_READY))
		keeper_open_locked(keeper, seat);
	keeper_note(keeper, seat, WATCH_NOTHING);
	(void)pthread_rwlock_unlock(&keeper->gate);
	if (r < 0 && r != -ENOMEM)
		return text_format(ret_reason, "the token failed: %s", text) ?: KEEPER_LATER;
	return r;
}
