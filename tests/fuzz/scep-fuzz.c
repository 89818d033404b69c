/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/scep daemon/x509 */
/*
 * SCEP messages: what we accept OpenSSL's CMS must accept and read alike. Each input is judged as
 * it comes and, where it is still DER, once more with a signature that fits it, so that the fuzzer
 * gets past the signature.
 */
#include "tests/unit/daemon/scep/differential.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unmake(void)
{
	world_unmake(NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return world_make(NULL) || atexit(unmake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *root = tree_of(SPAN(data, size));
	struct bytes signed_again = {0};

	judge(SPAN(data, size));
	if (!root)
		return 0;
	message_sign(root, world.client.key);
	signed_again = tree_write(root);
	node_free(root);
	judge(span_of(signed_again));
	bytes_done(&signed_again);
	return 0;
}
