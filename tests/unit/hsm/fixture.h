/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A SoftHSM behind the fault module, with one initialised token, as the tests of hsm/ want it. */

#include "hsm/module.h"
#include "hsm/session.h"
#include "hsm/token.h"
#include "hsm/uri.h"
#include "tests/modules/softhsm.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SO_PIN SPAN_LITERAL("12345678")
#define PIN    SPAN_LITERAL("1234")

struct fixture {
	struct softhsm softhsm;
	struct hsm_module *module;
	struct hsm_token *token;
};

static inline struct hsm_slot fixture_pick(struct fixture *f, const char *text)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};
	_cleanup_(hsm_uri_done) struct hsm_uri uri = {0};
	_cleanup_(freep) char *reason = NULL;
	const struct hsm_slot *slot = NULL;

	assert_int_equal(hsm_uri_read(text, &uri, &reason), 0);
	assert_int_equal(hsm_module_list(f->module, &slots), 0);
	assert_int_equal(hsm_uri_pick(&uri, &slots, &slot, &reason), 0);
	return *slot;
}

static inline struct hsm_slot fixture_find_empty(struct fixture *f)
{
	_cleanup_(hsm_slots_done) struct hsm_slots slots = {0};

	assert_int_equal(hsm_module_list(f->module, &slots), 0);
	for (size_t i = 0; i < slots.n; i++) {
		if (!slots.items[i].initialised)
			return slots.items[i];
	}
	fail_msg("no slot without a token");
	return (struct hsm_slot){0};
}

static inline void fixture_make_token(struct fixture *f, const char *label, const char *uri)
{
	struct hsm_slot slot = fixture_find_empty(f);

	assert_int_equal(hsm_token_init(f->module, &slot, SO_PIN, label, false), 0);
	slot = fixture_pick(f, uri);
	assert_int_equal(hsm_token_set_pin(f->module, &slot, SO_PIN, PIN), 0);
}

static inline void fixture_open(struct fixture *f)
{
	struct hsm_slot slot = fixture_pick(f, "pkcs11:token=ca");

	assert_int_equal(hsm_token_open(f->module, &slot, &f->token), 0);
}

static inline int fixture_start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	_cleanup_(freep) char *reason = NULL;

	secret_allow_unlocked();
	softhsm_start(&f->softhsm);
	assert_int_equal(hsm_module_open(f->softhsm.fault_module, &f->module, &reason), 0);
	fixture_make_token(f, "ca", "pkcs11:token=ca");
	fixture_open(f);
	*state = f;
	return 0;
}

static inline int fixture_stop(void **state)
{
	struct fixture *f = *state;

	softhsm_spoil(&f->softhsm, "");
	f->token = hsm_token_close(f->token);
	f->module = hsm_module_close(f->module);
	softhsm_stop(&f->softhsm);
	free(f);
	return 0;
}
