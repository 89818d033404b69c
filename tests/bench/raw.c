/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token can do: RSA signatures by one of its keys, with PKCS #1 v1.5 or PSS, as fast as its
 * module makes them, on so many threads with a session each. Prints one line of JSON; the CPU's
 * time is of this process, which is the module's own where the token is software.
 */
#include "tests/bench/must.h"
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define THREADS_MAX 64
#define SLOTS_MAX   64
#define DIGEST_INFO 51 /* of SHA-256 */
#define DIGEST	    32
#define SIGNATURE   1024

struct raw {
	CK_FUNCTION_LIST *p11;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE login; /* keeps the others logged in */
	bool is_pss;
	atomic_bool ends;
};

struct worker {
	struct raw *raw;
	pthread_t thread;
	unsigned long n;
};

static CK_FUNCTION_LIST *load_module(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
	CK_C_GetFunctionList get = NULL;
	CK_FUNCTION_LIST *p11;

	MUST(library);
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	MUST(get && get(&p11) == CKR_OK && p11->C_Initialize(&arguments) == CKR_OK);
	return p11;
}

static CK_SLOT_ID find_slot(CK_FUNCTION_LIST *p11, const char *label)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX;
	CK_TOKEN_INFO info;

	MUST(p11->C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK);
	for (CK_ULONG i = 0; i < n; i++)
		if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    memcmp(info.label, label, strlen(label)) == 0 &&
		    info.label[strlen(label)] == ' ')
			return slots[i];
	must_fail(__FILE__, __LINE__, "a token with this label");
}

static CK_SESSION_HANDLE open_session(const struct raw *raw)
{
	CK_SESSION_HANDLE session;

	MUST(raw->p11->C_OpenSession(raw->slot, CKF_SERIAL_SESSION, NULL, NULL, &session) ==
	     CKR_OK);
	return session;
}

static CK_OBJECT_HANDLE find_key(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof(class)}};
	CK_OBJECT_HANDLE key;
	CK_ULONG n = 0;

	MUST(p11->C_FindObjectsInit(session, wanted, 1) == CKR_OK);
	MUST(p11->C_FindObjects(session, &key, 1, &n) == CKR_OK && n == 1);
	MUST(p11->C_FindObjectsFinal(session) == CKR_OK);
	return key;
}

static void *run(void *argument)
{
	struct worker *worker = argument;
	CK_FUNCTION_LIST *p11 = worker->raw->p11;
	CK_SESSION_HANDLE session = open_session(worker->raw);
	CK_OBJECT_HANDLE key = find_key(p11, session);
	CK_RSA_PKCS_PSS_PARAMS parameters = {CKM_SHA256, CKG_MGF1_SHA256, DIGEST};
	CK_MECHANISM pss = {CKM_RSA_PKCS_PSS, &parameters, sizeof(parameters)};
	CK_MECHANISM plain = {CKM_RSA_PKCS, NULL, 0};
	CK_MECHANISM *mechanism = worker->raw->is_pss ? &pss : &plain;
	CK_BYTE input[DIGEST_INFO] = {0x30, 0x31}, signature[SIGNATURE];
	CK_ULONG input_size = worker->raw->is_pss ? DIGEST : DIGEST_INFO;

	while (!atomic_load(&worker->raw->ends)) {
		CK_ULONG size = sizeof(signature);

		MUST(p11->C_SignInit(session, mechanism, key) == CKR_OK);
		MUST(p11->C_Sign(session, input, input_size, signature, &size) == CKR_OK);
		worker->n++;
	}
	return NULL;
}

static double now_s(void)
{
	struct timespec now;

	MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_s(void)
{
	struct rusage usage;

	MUST(getrusage(RUSAGE_SELF, &usage) == 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void measure(struct raw *raw, unsigned n_threads, long milliseconds)
{
	struct worker workers[THREADS_MAX] = {0};
	struct timespec span = {milliseconds / 1000, milliseconds % 1000 * 1000000};
	double start_s = now_s(), start_cpu_s = cpu_s();
	unsigned long n = 0;

	for (unsigned i = 0; i < n_threads; i++) {
		workers[i].raw = raw;
		MUST(pthread_create(&workers[i].thread, NULL, run, &workers[i]) == 0);
	}
	/* The length of the measurement itself. */
	(void)ppoll(NULL, 0, &span, NULL);
	atomic_store(&raw->ends, true);
	for (unsigned i = 0; i < n_threads; i++) {
		MUST(pthread_join(workers[i].thread, NULL) == 0);
		n += workers[i].n;
	}
	(void)printf("{\"threads\": %u, \"operations\": %lu, \"seconds\": %.6f, "
		     "\"cpu_seconds\": %.6f}\n",
		     n_threads, n, now_s() - start_s, cpu_s() - start_cpu_s);
}

/* bench-raw MODULE TOKEN PIN THREADS MILLISECONDS [pss]: by the first private key of the token. */
int main(int argc, char **argv)
{
	struct raw raw = {0};
	unsigned n_threads;

	MUST(argc == 6 || (argc == 7 && strcmp(argv[6], "pss") == 0));
	raw.is_pss = argc == 7;
	n_threads = (unsigned)strtoul(argv[4], NULL, 10);
	MUST(n_threads >= 1 && n_threads <= THREADS_MAX);
	raw.p11 = load_module(argv[1]);
	raw.slot = find_slot(raw.p11, argv[2]);
	raw.login = open_session(&raw);
	MUST(raw.p11->C_Login(raw.login, CKU_USER, (CK_UTF8CHAR *)argv[3], strlen(argv[3])) ==
	     CKR_OK);
	measure(&raw, n_threads, strtol(argv[5], NULL, 10));
	return raw.p11->C_Finalize(NULL) != CKR_OK;
}
