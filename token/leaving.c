/* SPDX-License-Identifier: Apache-2.0 */
#include "token/leaving.h"
#include "hsm/rsa-key-carry.h"
#include "token/acts.h"
#include <string.h>

struct leaving {
	struct hsm_rsa_key key;
	int outcome; /* of hsm_rsa_key_extract(), hsm_rsa_key_seal() */
	struct secret pkcs8;
};

static int extract(struct hsm_session *session, void *context)
{
	struct leaving *leaving = context;

	leaving->outcome = hsm_rsa_key_extract(session, &leaving->key, &leaving->pkcs8);
	return leaving->outcome < 0 ? leaving->outcome : 0;
}

static int seal(struct hsm_session *session, void *context)
{
	struct leaving *leaving = context;

	leaving->outcome = hsm_rsa_key_seal(session, &leaving->key);
	return leaving->outcome < 0 ? leaving->outcome : 0;
}

static const struct keeper_deed extract_deed = {WATCH_SIGN, false, true, extract};
static const struct keeper_deed seal_deed = {WATCH_CHANGE, true, true, seal};

static const struct {
	int outcome;
	enum ipc_failure code;
	const char *text;
} failures[] = {
	{HSM_RSA_KEY_ABSENT, IPC_FAILURE_NOT_FOUND, "the key is not on the token that is there"},
	{HSM_RSA_KEY_KEPT, IPC_FAILURE_REFUSED, "the token does not give this key out"},
	{HSM_RSA_KEY_UNABLE, IPC_FAILURE_REFUSED,
	 "the token does not let what is exportable become not exportable"},
	{HSM_RSA_KEY_READ_ONLY, IPC_FAILURE_REFUSED, "the token is write-protected"},
};

/* 0, or answered. */
static int run(struct request *request, unsigned seat, const struct keeper_deed *deed,
	       struct leaving *leaving)
{
	_cleanup_(freep) char *reason = NULL;
	int r = keeper_do(request->service->keeper, seat, deed, leaving, &reason);

	if (r) {
		request_fail_keeper(request, r, reason);
		return r;
	}
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		if (failures[i].outcome != leaving->outcome)
			continue;
		request_fail(request, failures[i].code, "%s", failures[i].text);
		return failures[i].outcome;
	}
	return 0;
}

static int write_file(struct request *request, const struct held_charter *held,
		      const struct leaving_order *wanted, struct secret *pkcs8, struct bytes *ret)
{
	_cleanup_(rsa_secret_done) struct rsa_secret key = {0};
	_cleanup_(freep) char *label = NULL;
	struct key_file_order order = {.form = wanted->form,
				       .key = &key,
				       .certificate = wanted->certificate,
				       .others = wanted->others,
				       .passphrase = wanted->passphrase};
	int r;

	r = charters_read_label(request->service->charters, held, &label);
	if (r == 0)
		r = rsa_secret_read(pkcs8, &key);
	if (r < 0)
		return r;
	order.name = label;
	return key.pkcs8.size ? key_file_write(&order, ret) : -EBADMSG;
}

static void answer(struct request *request, struct held_charter *held,
		   const struct leaving_order *wanted, struct secret *pkcs8)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	int r = write_file(request, held, wanted, pkcs8, &content);

	if (r == -EBADMSG || r == -EINVAL)
		request_fail(request, IPC_FAILURE_INVALID,
			     "an archive needs the key's certificate, and a form that is known");
	else if (r < 0)
		request_fail(request, IPC_FAILURE_FAULT, "%s", strerrordesc_np(-r));
	else if (acts_record(request, held, ACT_EXPORT) == 0)
		request_answer(request, IPC_TOKEN_EXPORTED,
			       &(struct ipc_token_exported){span_of(content)});
}

void leaving_run(struct request *request, unsigned seat, struct held_charter *held,
		 const struct leaving_order *order)
{
	struct leaving leaving = {.key = charter_key(held)};

	if (run(request, seat, &extract_deed, &leaving) == 0)
		answer(request, held, order, &leaving.pkcs8);
	secret_done(&leaving.pkcs8);
}

void leaving_end(struct request *request, unsigned seat, struct held_charter *held)
{
	struct charters *charters = request->service->charters;
	struct leaving leaving = {.key = charter_key(held)};
	int r;

	if (run(request, seat, &seal_deed, &leaving))
		return;
	r = charters_set_kept(charters, held);
	if (r < 0)
		request_fail(request, IPC_FAILURE_FAULT, "the key's charter can't be written: %s",
			     strerrordesc_np(-r));
	else if (acts_record(request, held, ACT_SEAL) == 0)
		request_answer(request, IPC_DONE, &(struct ipc_done){});
}
