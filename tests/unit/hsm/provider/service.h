/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A key service in a thread of the test, with a key in software, and a program's view of it: a
 * library context whose configuration activates the provider under test beside OpenSSL's own.
 */

#include "daemon/base/crypto.h"
#include "daemon/base/key-reference.h"
#include "daemon/base/text.h"
#include "hsm/provider/prov.h"
#include "tests/unit/hsm/key/fake-token.h"
#include <openssl/conf.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#define NAME "branch-1"

static struct {
	struct fake_token fake;
	struct key *key;    /* the service's, in software */
	char *pem;	    /* of the same */
	char *reference;    /* a file's content */
	EVP_PKEY *software; /* OpenSSL's own, to compare */
	OSSL_LIB_CTX *program;
	/* What the last question was about. */
	struct ipc_key_sign sign;
	struct ipc_key_open open;
	struct bytes seen; /* of @sign or @open: the message, or what is encrypted */
} service;

static const enum act answers[] = {ACT_ANSWER};

static void see(struct span content)
{
	bytes_done(&service.seen);
	assert_int_equal(bytes_copy(content, &service.seen), 0);
}

static int answer_sign(int fd, uint64_t tag, const struct ipc_key_sign *ask)
{
	_cleanup_(bytes_done) struct bytes signature = {0};
	_cleanup_(freep) char *reason = NULL;
	struct rsa_scheme scheme = {
		.padding = ask->padding,
		.input = ask->input,
		.digest = ask->digest,
		.mgf1 = ask->mgf1,
		.salt_bytes = ask->salt_bytes,
	};
	int r = key_use(service.key, &scheme, ask->message, &signature, &reason);

	service.sign = *ask;
	see(ask->message);
	if (r != 0)
		return ipc_send_failed(fd, tag, IPC_FAILURE_INVALID, "%s", reason);
	return ipc_send(fd, IPC_KEY_SIGNATURE, tag,
			&(struct ipc_key_signature){.signature = span_of(signature)});
}

static int answer_open(int fd, uint64_t tag, const struct ipc_key_open *ask)
{
	_cleanup_(secret_done) struct secret content = {0};
	_cleanup_(freep) char *reason = NULL;
	struct rsa_opening opening = {
		.padding = ask->padding,
		.digest = ask->digest,
		.mgf1 = ask->mgf1,
		.label = ask->label,
	};
	int r = key_open(service.key, &opening, ask->encrypted, &content, &reason);

	service.open = *ask;
	see(ask->encrypted);
	if (r != 0)
		return ipc_send_failed(fd, tag, IPC_FAILURE_INVALID, "%s", reason);
	return ipc_send(fd, IPC_KEY_OPENED, tag,
			&(struct ipc_key_opened){.content = span_of_secret(content)});
}

/* By name, and of a key that is asked for only the one that is there. */
static int answer(int fd, const struct ipc_packet *question)
{
	uint64_t tag = question->header.tag;
	struct ipc_key_public public;
	struct ipc_key_sign sign;
	struct ipc_key_open open;

	if (ipc_decode(question->content, IPC_KEY_PUBLIC, &public) == 0) {
		if (!span_equal(public.name, SPAN_LITERAL(NAME)))
			return ipc_send_failed(fd, tag, IPC_FAILURE_NOT_FOUND, "no such key here");
		return ipc_send(fd, IPC_KEY_PUBLIC_HALF, tag,
				&(struct ipc_key_public_half){.spki = key_spki(service.key)});
	}
	if (ipc_decode(question->content, IPC_KEY_SIGN, &sign) == 0 &&
	    span_equal(sign.key, key_id(service.key)))
		return answer_sign(fd, tag, &sign);
	if (ipc_decode(question->content, IPC_KEY_OPEN, &open) == 0 &&
	    span_equal(open.key, key_id(service.key)))
		return answer_open(fd, tag, &open);
	return ipc_send_failed(fd, tag, IPC_FAILURE_FAULT, "not a question of this test");
}

/* Loads a configuration of OpenSSL's that has @settings in our section. 1, or 0 with an error. */
static int program_configure(OSSL_LIB_CTX *program, const char *settings)
{
	char path[] = "/tmp/provider-test-XXXXXX";
	int fd = mkstemp(path), done;

	assert_true(fd >= 0);
	dprintf(fd,
		"config_diagnostics = 1\nopenssl_conf = all\n[all]\nproviders = p\nalg_section = "
		"a\n"
		"[p]\ndefault = d\nkeys-claviger = c\n"
		"[a]\ndefault_properties = ?provider=default\n"
		"[d]\nactivate = 1\n[c]\nactivate = 1\n%s\n",
		settings);
	close(fd);
	assert_int_equal(OSSL_PROVIDER_add_builtin(program, "keys-claviger", OSSL_provider_init),
			 1);
	done = OSSL_LIB_CTX_load_config(program, path);
	unlink(path);
	return done;
}

static void make_key(void)
{
	BIO *out = BIO_new(BIO_s_mem());
	struct bytes reference = {0};
	char *text;
	long size;

	service.software = EVP_RSA_gen(2048);
	assert_int_equal(PEM_write_bio_PrivateKey(out, service.software, NULL, NULL, 0, NULL, NULL),
			 1);
	size = BIO_get_mem_data(out, &text);
	assert_int_equal(span_to_text(SPAN(text, (size_t)size), &service.pem), 0);
	BIO_free(out);
	assert_int_equal(key_new_software(span_of_text(service.pem), &service.key), 0);
	assert_int_equal(key_reference_write(NAME, key_spki(service.key), &reference), 0);
	assert_int_equal(span_to_text(span_of(reference), &service.reference), 0);
	bytes_done(&reference);
}

static int service_start(void **state)
{
	char settings[128];

	(void)state;
	make_key();
	service.fake = (struct fake_token){.acts = answers, .n_acts = 1, .answer = answer};
	fake_start(&service.fake);
	service.program = OSSL_LIB_CTX_new();
	snprintf(settings, sizeof(settings), "socket = %s\ntimeout = 60", service.fake.path);
	assert_int_equal(program_configure(service.program, settings), 1);
	return 0;
}

static int service_stop(void **state)
{
	(void)state;
	OSSL_LIB_CTX_free(service.program);
	fake_stop(&service.fake);
	EVP_PKEY_free(service.software);
	key_unref(service.key);
	bytes_done(&service.seen);
	free(service.pem);
	free(service.reference);
	return 0;
}

/* From here on the service does @act with every question. */
static inline void service_does(const enum act *act)
{
	service.fake.acts = act;
	service.fake.n_acts = 1;
}

static inline EVP_PKEY *pkey_of_text(const char *text, size_t size)
{
	BIO *in = BIO_new_mem_buf(text, (int)size);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey_ex(in, NULL, NULL, NULL, service.program, NULL);

	BIO_free(in);
	return pkey;
}

/* As a program loads it that opens key files. */
static inline EVP_PKEY *pkey_of_reference(void)
{
	EVP_PKEY *pkey = pkey_of_text(service.reference, strlen(service.reference));

	assert_non_null(pkey);
	return pkey;
}

/* Self-signed. */
static inline X509 *certificate_of(EVP_PKEY *pkey)
{
	X509 *certificate = X509_new_ex(service.program, NULL);

	X509_set_pubkey(certificate, pkey);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	assert_true(X509_sign(certificate, pkey, EVP_sha256()) > 0);
	return certificate;
}

/* As a program loads it that knows URIs. NULL with an error. */
static inline EVP_PKEY *pkey_of_uri(const char *uri)
{
	OSSL_STORE_CTX *store =
		OSSL_STORE_open_ex(uri, service.program, NULL, NULL, NULL, NULL, NULL, NULL);
	EVP_PKEY *pkey = NULL;

	while (store && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && !pkey)
			pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	return pkey;
}

/* True where the last error has these words, in its reason or behind it; the queue is empty then.
 */
static inline bool last_error_says(const char *words)
{
	const char *data = "";
	int flags = 0;
	unsigned long code = ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags);
	const char *reason = ERR_reason_error_string(code);
	bool says = (reason && strstr(reason, words)) ||
		    (flags & ERR_TXT_STRING && strstr(data, words));

	if (!says)
		print_message("the last error: %s: %s\n", reason ? reason : "none", data);
	ERR_clear_error();
	return says;
}
