/* SPDX-License-Identifier: Apache-2.0 */
/* libp11's header names types that OpenSSL 3 hides with what it deprecates. */
#undef OPENSSL_NO_DEPRECATED
#include <libp11.h>

#include "daemon/base/files.h"
#include "hsm/cryptoki.h"
#include "hsm/fault.h"
#include <dlfcn.h>
#include <openssl/err.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct hsm_module {
	void *library;
	CK_FUNCTION_LIST *functions;
	bool initialised, single;
	PKCS11_CTX *context;
	PKCS11_SLOT *slots;
	unsigned n_slots;
	atomic_int sessions;
};

void hsm_slots_done(struct hsm_slots *slots)
{
	free(slots->items);
	*slots = (struct hsm_slots){0};
}

/* Our own way to the functions: libp11 keeps its to itself. */
static int load_functions(struct hsm_module *module, const char *path, char **ret_reason)
{
	CK_C_GetFunctionList get;
	const char *trouble;
	CK_RV rv;

	module->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module->library) {
		trouble = dlerror();
		return text_format(
			       ret_reason,
			       "%s cannot be loaded (%s): install the module or correct Module=",
			       path, trouble ? trouble : "no reason given")
			       ?: HSM_MODULE_UNUSABLE;
	}
	/* POSIX lets a pointer to a function travel as void *; ISO C does not. */
	*(void **)&get = dlsym(module->library, "C_GetFunctionList");
	rv = get ? get(&module->functions) : CKR_FUNCTION_NOT_SUPPORTED;
	if (rv != CKR_OK || !module->functions)
		return text_format(ret_reason, "%s is no PKCS#11 module: correct Module=", path)
			       ?: HSM_MODULE_UNUSABLE;
	return 0;
}

/* Before libp11 does it, so that the module hears of threads; it takes "already" for an answer. */
static int initialise(struct hsm_module *module, const char *path, char **ret_reason)
{
	CK_C_INITIALIZE_ARGS threads = {.flags = CKF_OS_LOCKING_OK};
	char text[96];
	CK_RV rv = module->functions->C_Initialize(&threads);

	if (rv == CKR_CANT_LOCK || rv == CKR_NEED_TO_CREATE_THREADS) {
		module->single = true;
		rv = module->functions->C_Initialize(NULL);
	}
	if (rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		module->initialised = true;
		return 0;
	}
	hsm_failed("C_Initialize", rv);
	return text_format(ret_reason, "%s does not start (%s): see its own documentation and log",
			   path, hsm_fault_text(text))
		       ?: HSM_MODULE_UNUSABLE;
}

static int load_context(struct hsm_module *module, const char *path, char **ret_reason)
{
	int r;

	module->context = PKCS11_CTX_new();
	if (!module->context)
		return -ENOMEM;
	r = PKCS11_CTX_load(module->context, path);
	ERR_clear_error();
	if (r == 0)
		return 0;
	PKCS11_CTX_free(TAKE_PTR(module->context));
	return text_format(ret_reason, "%s cannot be used by libp11: see its own documentation",
			   path)
		       ?: HSM_MODULE_UNUSABLE;
}

int hsm_module_open(const char *path, struct hsm_module **ret, char **ret_reason)
{
	struct hsm_module *module = calloc(1, sizeof(*module));
	int r = module ? load_functions(module, path, ret_reason) : -ENOMEM;

	if (r == 0)
		r = initialise(module, path, ret_reason);
	if (r == 0)
		r = load_context(module, path, ret_reason);
	if (r == 0)
		*ret = module;
	else
		hsm_module_close(module);
	return r;
}

static void release_slots(struct hsm_module *module)
{
	/* This closes the sessions of every slot, ours too. */
	assert(atomic_load(&module->sessions) == 0);
	if (module->slots)
		PKCS11_release_all_slots(module->context, TAKE_PTR(module->slots), module->n_slots);
	module->n_slots = 0;
}

struct hsm_module *hsm_module_close(struct hsm_module *module)
{
	if (!module)
		return NULL;
	release_slots(module);
	if (module->context) {
		PKCS11_CTX_unload(module->context);
		PKCS11_CTX_free(module->context);
	} else if (module->initialised) {
		(void)module->functions->C_Finalize(NULL);
	}
	ERR_clear_error();
	if (module->library)
		(void)dlclose(module->library);
	free(module);
	return NULL;
}

bool hsm_module_is_single(const struct hsm_module *module)
{
	return module->single;
}

CK_FUNCTION_LIST *hsm_module_functions(const struct hsm_module *module)
{
	return module->functions;
}

void hsm_module_count_session(struct hsm_module *module, int change)
{
	(void)atomic_fetch_add(&module->sessions, change);
}

static void describe(const PKCS11_SLOT *from, unsigned long id, struct hsm_slot *ret)
{
	const PKCS11_TOKEN *token = from->token;

	*ret = (struct hsm_slot){
		.id = id,
		.removable = from->removable,
		.initialised = token->initialized,
	};
	(void)snprintf(ret->description, sizeof(ret->description), "%s", from->description ?: "");
	(void)snprintf(ret->label, sizeof(ret->label), "%s", token->label ?: "");
	(void)snprintf(ret->manufacturer, sizeof(ret->manufacturer), "%s",
		       token->manufacturer ?: "");
	(void)snprintf(ret->model, sizeof(ret->model), "%s", token->model ?: "");
	(void)snprintf(ret->serial, sizeof(ret->serial), "%s", token->serialnr ?: "");
}

/* Each token is asked before libp11 does it, which leaks the slots it has read when one fails. */
static int probe_slots(struct hsm_module *module)
{
	_cleanup_(freep) CK_SLOT_ID *ids = NULL;
	CK_ULONG count = 0;
	CK_TOKEN_INFO info;
	CK_RV rv;

	/* A NULL list makes a module look for readers again; without it OpenSC stays blind for
	 * ever after pcscd was restarted. */
	rv = module->functions->C_GetSlotList(CK_TRUE, NULL, &count);
	if (rv != CKR_OK)
		return hsm_failed("C_GetSlotList", rv);
	ids = calloc(count + 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	rv = module->functions->C_GetSlotList(CK_TRUE, ids, &count);
	if (rv != CKR_OK)
		return hsm_failed("C_GetSlotList", rv);
	for (CK_ULONG i = 0; i < count; i++) {
		rv = module->functions->C_GetTokenInfo(ids[i], &info);
		if (rv != CKR_OK && rv != CKR_TOKEN_NOT_PRESENT && rv != CKR_TOKEN_NOT_RECOGNIZED)
			return hsm_failed("C_GetTokenInfo", rv);
	}
	return 0;
}

int hsm_module_list(struct hsm_module *module, struct hsm_slots *ret)
{
	struct hsm_slots slots = {0};
	int r;

	release_slots(module);
	r = probe_slots(module);
	if (r < 0)
		return r;
	r = PKCS11_enumerate_slots(module->context, &module->slots, &module->n_slots);
	ERR_clear_error();
	if (r < 0)
		return hsm_failed("PKCS11_enumerate_slots", CKR_FUNCTION_FAILED);

	slots.items = calloc(module->n_slots + 1UL, sizeof(*slots.items));
	if (!slots.items)
		return -ENOMEM;
	for (unsigned i = 0; i < module->n_slots; i++) {
		PKCS11_SLOT *slot = &module->slots[i];
		slots.has_removable |= slot->removable;
		if (!slot->token)
			slots.n_empty++;
		else
			describe(slot, PKCS11_get_slotid_from_slot(slot), &slots.items[slots.n++]);
	}
	*ret = slots;
	return 0;
}
