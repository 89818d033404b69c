/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/scep daemon/x509 */
/*
 * Our codec of SCEP's client side on the command line, with OpenSSL for the key: what is asked and
 * what came is in files, who carries it is the test's affair.
 *
 *	request key=PEM subject=TEXT [challenge=TEXT] [extensions=DER]
 *	certificate key=PEM subject=TEXT
 *	question key=PEM type=N signer=DER recipient=DER nonce=HEX [transaction=TEXT] [caps=FILE]
 *	         [request=DER] [about=DER]
 *	answer key=PEM signer=DER nonce=HEX transaction=TEXT message=FILE out=PREFIX by=DER…
 *	ca message=FILE out=PREFIX
 *	next message=FILE ca=DER out=PREFIX
 *	caps message=FILE
 *
 * The first three write to their output. Of the others "answer" tells "SUCCESS", "PENDING",
 *"FAILURE N TEXT" or "fault N TEXT"; certificates become PREFIX0, PREFIX1…, a CRL PREFIXcrl. Exit
 *status 0; 1 where something can't be done or read.
 */
#include "daemon/scep/client.h"
#include "daemon/x509/build.h"
#include "daemon/x509/name.h"
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 16

static struct {
	const char *words[NAMES_MAX];
	int n;
} given;

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(EXIT_FAILURE);
}

static void check(int r, const char *what)
{
	if (r)
		die(what);
}

/* The nth value of NAME=; NULL where there is none. */
static const char *value(const char *name, int nth)
{
	size_t size = strlen(name);

	for (int i = 0; i < given.n; i++)
		if (!strncmp(given.words[i], name, size) && given.words[i][size] == '=' &&
		    nth-- == 0)
			return given.words[i] + size + 1;
	return NULL;
}

static const char *needed(const char *name)
{
	const char *found = value(name, 0);

	return found ? found : (die(name), NULL);
}

/* What is read stays until the end. */
static struct span file_of(const char *path)
{
	static uint8_t kept[NAMES_MAX][262144];
	static size_t n;
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file || n == NAMES_MAX)
		die(path);
	size = fread(kept[n], 1, sizeof(kept[n]), file);
	fclose(file);
	return SPAN(kept[n++], size);
}

static struct span hex_of(const char *text, uint8_t *into, size_t most)
{
	size_t n = 0;
	unsigned octet;

	while (text && text[2 * n] && n < most && sscanf(text + 2 * n, "%2x", &octet) == 1)
		into[n++] = (uint8_t)octet;
	return SPAN(into, n);
}

static EVP_PKEY *key(void)
{
	static EVP_PKEY *kept;
	FILE *file = kept ? NULL : fopen(needed("key"), "r");

	if (file) {
		kept = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
	}
	return kept ? kept : (die("key"), NULL);
}

static struct span spki(void)
{
	static uint8_t der[4096];
	uint8_t *at = der;

	return SPAN(der, (size_t)i2d_PUBKEY(key(), &at));
}

static struct span sign(struct span message, enum digest digest)
{
	static uint8_t signature[1024];
	size_t size = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (EVP_DigestSignInit_ex(ctx, NULL, digest_name(digest), NULL, NULL, key(), NULL) != 1 ||
	    EVP_DigestSign(ctx, signature, &size, message.data, message.size) != 1)
		die("sign");
	EVP_MD_CTX_free(ctx);
	return SPAN(signature, size);
}

static struct span unwrap(struct span encrypted)
{
	static uint8_t plain[1024];
	size_t size = sizeof(plain);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key(), NULL);

	if (EVP_PKEY_decrypt_init(ctx) != 1 ||
	    EVP_PKEY_decrypt(ctx, plain, &size, encrypted.data, encrypted.size) != 1)
		size = 0;
	EVP_PKEY_CTX_free(ctx);
	return SPAN(plain, size);
}

static void put(FILE *out, struct span data)
{
	if (fwrite(data.data, 1, data.size, out) != data.size)
		die("write");
}

static void put_file(const char *suffix, struct span data)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s%s", needed("out"), suffix);
	out = fopen(path, "wb");
	if (!out)
		die(path);
	put(out, data);
	fclose(out);
}

static struct x509_certificate certificate_of(const char *name)
{
	struct x509_certificate certificate;

	check(x509_certificate_read(file_of(needed(name)), &certificate), name);
	return certificate;
}

static void run_request(void)
{
	_cleanup_(bytes_done) struct bytes subject = {0};
	_cleanup_(secret_done) struct secret tbs = {0}, sealed = {0};
	struct x509_request_content from = {
		.spki = spki(),
		.challenge = span_of_text(value("challenge", 0)),
	};

	if (value("extensions", 0))
		from.extensions = file_of(needed("extensions"));
	check(x509_name_from_text(needed("subject"), &subject, NULL), "subject");
	from.subject = span_of(subject);
	check(x509_build_request(&from, &tbs), "request");
	check(x509_seal_request(span_of_secret(tbs), DIGEST_SHA256,
				sign(span_of_secret(tbs), DIGEST_SHA256), &sealed),
	      "seal");
	put(stdout, span_of_secret(sealed));
}

/* Of the years 2020 to 2049: nothing here reads a clock. */
static void run_certificate(void)
{
	_cleanup_(bytes_done) struct bytes name = {0}, tbs = {0}, sealed = {0};
	struct x509_self_signed from = {
		.serial = SPAN_LITERAL("\x05"),
		.not_before_s = INT64_C(1577836800),
		.not_after_s = INT64_C(2493072000),
		.spki = spki(),
		.key_usage = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		.digest = DIGEST_SHA256,
	};

	check(x509_name_from_text(needed("subject"), &name, NULL), "subject");
	from.name = span_of(name);
	check(x509_build_self_signed(&from, &tbs), "certificate");
	check(x509_seal(span_of(tbs), DIGEST_SHA256, sign(span_of(tbs), DIGEST_SHA256), &sealed),
	      "seal");
	put(stdout, span_of(sealed));
}

static struct scep_algorithms algorithms(void)
{
	const char *caps = value("caps", 0);

	return scep_capabilities_choose(
		scep_capabilities_read(caps ? file_of(caps) : SPAN_LITERAL("SCEPStandard")),
		DIGEST_SHA512);
}

/* What a CertPoll, GetCert or GetCRL is about. */
static void put_subject(struct scep_question *from)
{
	struct x509_certificate ca = certificate_of("recipient");
	struct x509_request request;

	from->issuer = ca.subject;
	if (value("request", 0)) {
		check(x509_request_read(file_of(needed("request")), &request), "request");
		from->request = request.whole;
		from->subject = request.subject;
	}
	if (value("about", 0)) {
		struct x509_certificate about = certificate_of("about");

		from->issuer = about.issuer;
		from->serial = about.serial;
	}
}

static void run_question(void)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {0};
	_cleanup_(bytes_done) struct bytes sealed = {0};
	char id[SCEP_TRANSACTION_ID_SIZE + 1];
	uint8_t nonce[64], octets[64];
	struct scep_question from = {
		.type = (enum scep_message_type)atoi(needed("type")),
		.sender_nonce = hex_of(needed("nonce"), nonce, sizeof(nonce)),
		.algorithms = algorithms(),
		.signer = file_of(needed("signer")),
		.recipient = file_of(needed("recipient")),
	};

	scep_transaction_id(spki(), id);
	from.transaction_id = span_of_text(value("transaction", 0) ? needed("transaction") : id);
	put_subject(&from);
	random_fill(octets, sizeof(octets));
	from.content_key = SPAN(octets, cipher_key_size(from.algorithms.cipher));
	from.iv = SPAN(octets + 32, cipher_block_size(from.algorithms.cipher));
	check(scep_question_build(&from, &draft), "question");
	check(scep_answer_seal(&draft, sign(span_of(draft.to_be_signed), draft.digest), &sealed),
	      "seal");
	put(stdout, span_of(sealed));
}

static void put_certificates(const struct scep_ca_answer *answer)
{
	char suffix[24];

	for (size_t i = 0; i < answer->n; i++) {
		snprintf(suffix, sizeof(suffix), "%zu", i);
		put_file(suffix, answer->certificates[i]);
	}
}

static void tell_fault(enum scep_fault fault)
{
	printf("fault %d %s\n", (int)fault, scep_fault_text(fault));
}

static void read_granted(const struct scep_reply *reply)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer content = {0};
	enum scep_fault fault;
	struct span crl;

	check(scep_reply_read(reply, unwrap(reply->encrypted_key), &content, &crl, &fault), "read");
	if (fault) {
		tell_fault(fault);
		return;
	}
	put_certificates(&content);
	if (crl.size)
		put_file("crl", crl);
	printf("SUCCESS %s\n", cipher_name(reply->cipher));
}

static void run_answer(void)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	struct x509_certificate recipient = certificate_of("signer");
	struct span signers[NAMES_MAX];
	enum scep_fault fault;
	uint8_t nonce[64];
	struct scep_expectation expected = {
		.transaction_id = span_of_text(needed("transaction")),
		.sender_nonce = hex_of(needed("nonce"), nonce, sizeof(nonce)),
		.signers = signers,
		.recipient = &recipient,
	};

	while (value("by", (int)expected.n_signers)) {
		signers[expected.n_signers] = file_of(value("by", (int)expected.n_signers));
		expected.n_signers++;
	}
	check(scep_reply_open(file_of(needed("message")), &expected, &reply, &fault), "open");
	if (fault)
		tell_fault(fault);
	else if (reply.status == SCEP_SUCCESS)
		read_granted(&reply);
	else if (reply.status == SCEP_FAILURE)
		printf("FAILURE %s %s\n", scep_fail_info_name(reply.fail_info),
		       reply.fail_text ? reply.fail_text : "");
	else
		printf("PENDING\n");
}

static void run_ca(void)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};

	check(scep_ca_answer_read(file_of(needed("message")), &answer), "no CA certificate");
	put_certificates(&answer);
}

static void run_next(void)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	struct x509_certificate ca = certificate_of("ca");

	check(scep_next_ca_read(file_of(needed("message")), &ca, &answer), "no next CA");
	put_certificates(&answer);
}

static void run_caps(void)
{
	unsigned bits = scep_capabilities_read(file_of(needed("message")));

	for (unsigned bit = SCEP_CAN_AES; bit <= SCEP_CAN_STANDARD; bit <<= 1)
		if (bits & bit)
			printf("%s\n", scep_capability_name((enum scep_capability)bit));
}

static const struct {
	const char *verb;
	void (*run)(void);
} verbs[] = {
	{"request", run_request},
	{"certificate", run_certificate},
	{"question", run_question},
	{"answer", run_answer},
	{"ca", run_ca},
	{"next", run_next},
	{"caps", run_caps},
};

int main(int argc, char **argv)
{
	crypto_init();
	secret_allow_unlocked();
	for (int i = 2; i < argc && given.n < NAMES_MAX; i++)
		given.words[given.n++] = argv[i];
	for (size_t i = 0; argc > 1 && i < ELEMENTS(verbs); i++)
		if (!strcmp(verbs[i].verb, argv[1])) {
			verbs[i].run();
			return EXIT_SUCCESS;
		}
	die("no such verb");
}
