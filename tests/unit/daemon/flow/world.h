/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A whole server for the tests of this folder: configuration and database in a directory of its
 * own, a CA whose key is software, and routers made of OpenSSL that talk to flow_scep(). Nothing
 * here reads a clock: each message is said at world.now_s.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/files.h"
#include "daemon/flow/authority.h"
#include "daemon/flow/configuration/snapshot.h"
#include "daemon/flow/crl/crl.h"
#include "daemon/flow/crl/revocation.h"
#include "daemon/flow/enroll/hand.h"
#include "daemon/flow/enroll/scep.h"
#include "daemon/scep/message.h"
#include "daemon/x509/build.h"
#include "policy/password.h"
#include "tests/unit/daemon/scep/client.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define START	INT64_C(1700000000)
#define HOUR	INT64_C(3600)
#define DAY	(24 * HOUR)
#define CA_LIFE (1095 * DAY)

static struct {
	char directory[64];
	struct conf *conf;
	struct flow *flow;
	struct authority *authority;
	struct key *key;
	X509 *certificate;
	X509 *recipient; /* of every message; NULL: that certificate */
	const char
		*token; /* name of the only [Token] section; NULL: soft, which has the CA's key */
	int64_t now_s;
} world;

static inline void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* @options: lines of [Server CA]; @daemon: lines of [Daemon]. */
static inline void write_configuration(const char *daemon, const char *options)
{
	_cleanup_(freep) char *path = NULL, *text = NULL, *error = NULL;
	const char *d = world.directory, *token = world.token ? world.token : "soft";

	assert_true(text_format(&path, "%s/conf", d) >= 0);
	assert_true(text_format(&text,
				"[Daemon]\nRuntimeDirectory=%s\nStateDirectory=%s/state\n"
				"TokenStateDirectory=%s\nTimeSource=authoritative\n%s\n"
				"[Token %s]\nModule=/none.so\nURI=pkcs11:token=ca\n"
				"[Server CA]\nToken=%s\nIssuerName=CN=RootCA,O=Example\n%s\n",
				d, d, d, daemon, token, token, options) >= 0);
	write_text(path, text);
	if (conf_load(path, &world.conf, &error))
		fail_msg("%s", error);
}

/* As `server create` does it, but for the token. */
static inline void make_ca(void)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {}, signature = {};
	struct ca_generation_record generation = {
		.number = 1,
		.counter = 1,
		.not_before_s = START,
		.not_after_s = START + CA_LIFE,
		.takes_over_s = START,
		.changed_over_s = START,
		.relabelled_s = START,
	};
	struct ca_certificate_record certificate = {
		.counter = 1,
		.class = GRANT_CLASS_SUBORDINATE,
		.not_before_s = START,
		.not_after_s = START + CA_LIFE,
	};
	struct x509_ca_certificate values = {
		.serial = SPAN_LITERAL("\x01"),
		.name = span_of(world.authority->name),
		.not_before_s = START,
		.not_after_s = START + CA_LIFE,
		.spki = key_spki(world.key),
		.key_usage = ca_key_usage(false),
		.digest = DIGEST_SHA256,
	};
	struct store_change change = {
		.server = "CA",
		.now_s = START,
		.create_server = "CA",
		.generation = &generation,
		.enabled = &(const bool){true},
		.certificate = &certificate,
	};

	assert_int_equal(x509_build_ca_certificate(&values, &to_be_signed), 0);
	assert_int_equal(key_sign(world.key, DIGEST_SHA256, span_of(to_be_signed), (struct span){0},
				  &signature),
			 0);
	assert_int_equal(x509_seal(span_of(to_be_signed), DIGEST_SHA256, span_of(signature),
				   &generation.certificate),
			 0);
	assert_int_equal(bytes_copy(span_of(generation.certificate), &certificate.certificate), 0);
	generation.token = strdup("soft");
	generation.token_serial = strdup("1");
	assert_int_equal(bytes_copy(SPAN_LITERAL("id"), &generation.key_id), 0);
	assert_int_equal(bytes_copy(values.spki, &generation.spki), 0);
	sha256(values.spki, generation.key_sha256);
	assert_int_equal(bytes_copy(values.serial, &generation.serial), 0);
	assert_int_equal(bytes_copy(values.serial, &certificate.serial), 0);
	assert_int_equal(bytes_copy(values.name, &generation.issuer), 0);
	assert_int_equal(bytes_copy(values.name, &certificate.subject), 0);
	assert_int_equal(store_commit(world.flow->store, &change), 0);
	ca_generation_record_done(&generation);
	ca_certificate_record_done(&certificate);
}

/* The key that flow takes for a token's is the software one from here on. */
static inline void use_key(struct key *key)
{
	struct generation *generation = &world.authority->shared->generations->items[0];

	key_unref(generation->key);
	key_unref(generation->own.key);
	generation->key = key_ref(key);
	generation->own.key = key_ref(key);
}

static inline X509 *certificate_of(struct span der)
{
	const uint8_t *next = der.data;
	X509 *certificate = d2i_X509(NULL, &next, (long)der.size);

	assert_non_null(certificate);
	return certificate;
}

static inline void world_load(void)
{
	assert_int_equal(flow_open(world.conf, &world.flow), 0);
	world.authority = &world.flow->authorities[0];
}

static inline void world_open(const char *daemon, const char *options)
{
	world.now_s = START;
	strcpy(world.directory, "/tmp/claviger-flow-XXXXXX");
	assert_non_null(mkdtemp(world.directory));
	write_configuration(daemon, options);
	world_load();
	assert_int_equal(key_new_software(span_of_text(KEY_OF_AUTHORITY), &world.key), 0);
	make_ca();
	assert_int_equal(authority_load(world.flow, world.authority), 0);
	use_key(world.key);
	world.certificate = certificate_of(
		span_of(world.authority->shared->generations->records[0].certificate));
}

/* Ends the daemon and starts it again, with other options. */
static inline void world_restart(const char *options)
{
	world.flow = flow_unref(world.flow);
	world.conf = conf_unref(world.conf);
	write_configuration("", options);
	world_load();
	use_key(world.key);
}

static inline int remove_entry(const char *path, const struct stat *status, int type,
			       struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static inline void world_close(void)
{
	flow_unref(world.flow);
	conf_unref(world.conf);
	key_unref(world.key);
	X509_free(world.certificate);
	nftw(world.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Of two routers, made once for all tests. */
static EVP_PKEY *keys[2];

static inline int world_begin(void **state)
{
	(void)state;
	crypto_init();
	secret_allow_unlocked();
	for (size_t i = 0; i < ELEMENTS(keys); i++)
		keys[i] = EVP_RSA_gen(2048);
	return 0;
}

static inline int world_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(keys); i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

/* What a router keeps between its messages. */
struct router {
	struct party self; /* its key and the certificate it made itself */
	const char *name;
	const char *transaction;
	unsigned nonce;
	const char *peer; /* NULL: 192.0.2.1 */
};

/* @key: which of the two it has. */
static inline struct router router_of(size_t key, const char *name, const char *transaction)
{
	EVP_PKEY_up_ref(keys[key]);
	return (struct router){party_new(keys[key], name, "05"), name, transaction, 0, NULL};
}

static inline void router_done(struct router *router)
{
	party_done(&router->self);
}

/* An answer as the router reads it. */
struct heard {
	int r;		    /* of flow_scep() */
	unsigned http;	    /* its status */
	int status, info;   /* pkiStatus and failInfo; -1 where absent */
	struct bytes leaf;  /* DER */
	int n_certificates; /* in the envelope */
	int n_crls;
	bool crl_of_first; /* it is signed by the first CA's key */
	bool by_another;   /* it is not signed by the first CA's key */
};

static inline void heard_done(struct heard *heard)
{
	bytes_done(&heard->leaf);
}

static inline int digit_of(CMS_ContentInfo *cms, const char *oid)
{
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_STRING *value =
		CMS_signed_get_attr_by_OBJ(signer, object, -1) < 0
			? NULL
			: CMS_signed_get0_data_by_OBJ(signer, object, -3, V_ASN1_PRINTABLESTRING);

	ASN1_OBJECT_free(object);
	return value ? ASN1_STRING_get0_data(value)[0] - '0' : -1;
}

static inline CMS_ContentInfo *cms_of(struct span der)
{
	const uint8_t *next = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &next, (long)der.size);

	assert_non_null(cms);
	return cms;
}

static inline void read_certificates(struct span degenerate, struct heard *ret)
{
	CMS_ContentInfo *cms = cms_of(degenerate);
	STACK_OF(X509) *certificates = CMS_get1_certs(cms);
	STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);

	ret->n_certificates = certificates ? sk_X509_num(certificates) : 0;
	ret->n_crls = crls ? sk_X509_CRL_num(crls) : 0;
	if (ret->n_crls)
		ret->crl_of_first = X509_CRL_verify(sk_X509_CRL_value(crls, 0),
						    X509_get0_pubkey(world.certificate)) == 1;
	if (ret->n_certificates)
		ret->leaf = bytes_of_certificate(sk_X509_value(certificates, 0));
	sk_X509_pop_free(certificates, X509_free);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	CMS_ContentInfo_free(cms);
}

static inline bool is_by_another(CMS_ContentInfo *cms)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	bool another;

	assert_int_equal(sk_X509_num(signers), 1);
	another = X509_cmp(sk_X509_value(signers, 0), world.certificate) != 0;
	sk_X509_free(signers);
	return another;
}

static inline void read_answer(struct span message, const struct party *signer, struct heard *ret)
{
	CMS_ContentInfo *cms = cms_of(message), *envelope;
	BIO *content = BIO_new(BIO_s_mem()), *opened = BIO_new(BIO_s_mem());
	struct bytes inner, plain;

	assert_int_equal(
		CMS_verify(cms, NULL, NULL, NULL, content, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY),
		1);
	ret->by_another = is_by_another(cms);
	ret->status = digit_of(cms, OID_TEXT_PKI_STATUS);
	ret->info = digit_of(cms, OID_TEXT_FAIL_INFO);
	inner = bytes_of_bio(content);
	if (inner.size) {
		envelope = cms_of(span_of(inner));
		assert_int_equal(CMS_decrypt(envelope, signer->key, signer->certificate, NULL,
					     opened, CMS_BINARY),
				 1);
		CMS_ContentInfo_free(envelope);
	}
	plain = bytes_of_bio(opened);
	if (plain.size)
		read_certificates(span_of(plain), ret);
	bytes_done(&plain);
	bytes_done(&inner);
	CMS_ContentInfo_free(cms);
}

static inline struct heard hear(const struct router *router, struct span message,
				const struct party *signer)
{
	struct scep_call call = {
		.server = SPAN_LITERAL("CA"),
		.peer = span_of_text(router->peer ? router->peer : "192.0.2.1"),
		.message = message,
	};
	struct scep_result result = {};
	struct heard heard = {.status = -1, .info = -1};

	heard.r = flow_scep(world.flow, &call, world.now_s, &result);
	heard.http = result.status;
	if (!heard.r && result.status == 200)
		read_answer(span_of(result.body), signer, &heard);
	scep_result_done(&result);
	return heard;
}

/* A message of this type; each one has a nonce of its own. */
static inline struct bytes message_of(struct router *router, const struct party *signer,
				      const char *type, struct span content)
{
	char nonce[17];
	struct plan plan = {
		.signer = signer,
		.recipients = {world.recipient ? world.recipient : world.certificate},
		.n_recipients = 1,
		.content = content,
		.digest = EVP_sha256(),
		.cipher = EVP_aes_128_cbc(),
		.type = type,
		.transaction_id = span_of_text(router->transaction),
		.sender_nonce = SPAN(nonce, 16),
	};

	snprintf(nonce, sizeof(nonce), "%16u", ++router->nonce);
	return request_new(&plan);
}

static inline struct heard say(struct router *router, const struct party *signer, const char *type,
			       struct span content)
{
	_cleanup_(bytes_done) struct bytes message = message_of(router, signer, type, content);

	return hear(router, span_of(message), signer);
}

/* PKCSReq with a challenge (NULL: none), signed by itself. */
static inline struct heard enroll(struct router *router, const char *challenge)
{
	_cleanup_(bytes_done) struct bytes csr = csr_new(router->self.key, router->name, challenge);

	return say(router, &router->self, "19", span_of(csr));
}

static inline struct heard poll_as(struct router *router, const struct party *signer)
{
	_cleanup_(bytes_done) struct bytes names =
		issuer_and_subject_new(world.certificate, router->self.certificate);

	return say(router, signer, "20", span_of(names));
}

#define SUCCESS 0
#define FAILURE 2
#define PENDING 3

/* @info: failInfo, -1 for none. Frees what was heard. */
static inline void expect(struct heard heard, int status, int info)
{
	assert_int_equal(heard.r, 0);
	assert_int_equal(heard.http, 200);
	assert_int_equal(heard.status, status);
	assert_int_equal(heard.info, info);
	assert_int_equal(heard.n_certificates + heard.n_crls, status == SUCCESS);
	heard_done(&heard);
}

/* SUCCESS: the certificate, the caller's. */
static inline struct bytes expect_certificate(struct heard heard)
{
	assert_int_equal(heard.r, 0);
	assert_int_equal(heard.status, SUCCESS);
	assert_int_equal(heard.n_certificates, 1);
	return heard.leaf;
}

static inline void expect_http(struct heard heard, unsigned status)
{
	assert_int_equal(heard.r, 0);
	assert_int_equal(heard.http, status);
	heard_done(&heard);
}

static inline void assert_same(struct span a, struct span b)
{
	assert_true(span_equal(a, b));
}

static inline struct hand by_hand(void)
{
	return (struct hand){world.flow, world.authority, "uid 0", world.now_s};
}

/* The newest request's id. */
static inline int note_newest(void *context, const struct ca_request_record *request)
{
	*(int64_t *)context = request->id;
	return 1;
}

static inline int64_t newest(void)
{
	const struct store_request_filter filter = {};
	int64_t id = 0;

	assert_int_equal(store_request_list(world.flow->store, "CA", &filter, note_newest, &id), 0);
	return id;
}

/* Of the request @back before the newest one. */
static inline enum ca_request_state state_of(int64_t id)
{
	_cleanup_(ca_request_record_done) struct ca_request_record record = {};

	assert_int_equal(store_request_load(world.flow->store, "CA", id, &record), 0);
	return record.state;
}

static inline int outcome_of_grant(int64_t id)
{
	_cleanup_(freep) char *reason = NULL;
	struct hand hand = by_hand();

	return flow_grant_request(&hand, id, &reason);
}

/* Revokes the certificate, by its whole serial number. */
static inline void revoke_certificate(struct span certificate, int reason)
{
	_cleanup_(freep) char *why = NULL, *serial = NULL;
	struct buffer text = {};
	struct x509_certificate read;
	struct hand hand = by_hand();

	assert_int_equal(x509_certificate_read(certificate, &read), 0);
	buffer_append_text(&text, "0x");
	for (size_t i = 0; i < read.serial.size; i++)
		buffer_printf(&text, "%02x", read.serial.data[i]);
	assert_int_equal(buffer_take_text(&text, &serial), 0);
	assert_int_equal(flow_revoke_certificate(&hand, serial, reason, &why), 0);
}

/* A new one-time password; @subject may be NULL. */
static inline void password_new(const char *subject, char ret[static PASSWORD_TEXT_SIZE])
{
	_cleanup_(freep) char *reason = NULL;
	struct hand hand = by_hand();

	assert_int_equal(flow_generate_password(&hand, 60, subject, ret, &reason), 0);
}

/* How many audit records hold this word in their details or type. */
struct audit_count {
	const char *word;
	unsigned n;
};

static inline int count_audit(void *context, const struct store_audit_record *record)
{
	struct audit_count *count = context;

	count->n += strstr(record->details, count->word) || strstr(record->type, count->word);
	return 0;
}

static inline unsigned audited(const char *word)
{
	struct audit_count count = {.word = word};

	assert_int_equal(store_audit_list(world.flow->store, 0, 0, count_audit, &count), 0);
	return count.n;
}
