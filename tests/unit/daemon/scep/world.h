/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who takes part in the tests of this folder: a client, the authority it asks, a stranger; and the
 * request that is usual between them, for each test to change in one thing.
 */

#include "daemon/scep/message.h"
#include "tests/unit/daemon/scep/client.h"

/* Clients=strict, standard, legacy */
__attribute__((unused)) static const struct scep_allowance strict = {.sha1 = false};
__attribute__((unused)) static const struct scep_allowance standard = {.sha1 = true,
								       .des_ede3 = true};
__attribute__((unused)) static const struct scep_allowance legacy = {true, true, true, true};

static struct {
	struct party client, authority, stranger;
	struct bytes csr;
	struct bytes authority_der;
	struct x509_certificate ours;
	OSSL_PROVIDER *usual, *legacy;
} world;

static inline struct plan plan_usual(void)
{
	return (struct plan){
		.signer = &world.client,
		.recipients = {world.authority.certificate},
		.n_recipients = 1,
		.content = span_of(world.csr),
		.digest = EVP_sha256(),
		.cipher = EVP_aes_128_cbc(),
		.type = "19",
		.transaction_id = SPAN_LITERAL("A793AE7C3292F4099CD4CEC65FCE0682"),
		.sender_nonce = SPAN_LITERAL("0123456789abcdef"),
	};
}

static inline int world_make(void **state)
{
	(void)state;
	crypto_init();
	/* single DES is made here only, for what an old client sends */
	world.usual = OSSL_PROVIDER_load(NULL, "default");
	world.legacy = OSSL_PROVIDER_load(NULL, "legacy");
	if (!world.usual || !world.legacy)
		return -1;
	world.client = party_new(key_of(KEY_OF_CLIENT), "router", "05");
	world.authority = authority_new(key_of(KEY_OF_AUTHORITY), "RootCA");
	world.stranger = party_new(key_of(KEY_OF_STRANGER), "Other", "01");
	world.csr = csr_new(world.client.key, "r1", "cisco");
	world.authority_der = bytes_of_certificate(world.authority.certificate);
	return x509_certificate_read(span_of(world.authority_der), &world.ours);
}

static inline int world_unmake(void **state)
{
	(void)state;
	party_done(&world.client);
	party_done(&world.authority);
	party_done(&world.stranger);
	bytes_done(&world.csr);
	bytes_done(&world.authority_der);
	OSSL_PROVIDER_unload(world.legacy);
	OSSL_PROVIDER_unload(world.usual);
	return 0;
}
