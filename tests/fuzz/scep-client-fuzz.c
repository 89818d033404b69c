/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/scep daemon/x509 */
/*
 * What a SCEP server answers: an answer that we accept OpenSSL's CMS must verify and read alike.
 * Each input is judged as an answer and as a CA's certificates, as it comes and, where it is still
 * DER, once more with a signature that fits it, so that the fuzzer gets past the signature.
 */
#include "tests/unit/daemon/scep/reply-judge.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unmake(void)
{
	answers_unmake(NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return answers_make(NULL) || atexit(unmake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *root = tree_of(SPAN(data, size));
	struct bytes signed_again = {0};

	judge_reply(SPAN(data, size));
	judge_ca_answer(SPAN(data, size));
	if (!root)
		return 0;
	message_sign(root, world.authority.key);
	signed_again = tree_write(root);
	node_free(root);
	judge_reply(span_of(signed_again));
	judge_ca_answer(span_of(signed_again));
	bytes_done(&signed_again);
	return 0;
}
