/* SPDX-License-Identifier: Apache-2.0 */
/* layers: daemon/base */
/* A key reference, as a PEM file or what such a block holds: what is read is written the same. */
#include "daemon/base/key-reference.h"
#include "daemon/base/text.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		__builtin_trap();
}

static void check_written(const struct key_reference *reference, struct span der)
{
	struct bytes pem = {0}, again = {0};

	check(key_reference_write(reference->name, span_of(reference->spki), &pem) == 0);
	check(text_read_pem(span_of(pem), KEY_REFERENCE_LABEL, &again) == 0);
	check(span_equal(span_of(again), der));
	bytes_done(&pem);
	bytes_done(&again);
}

static void check_block(struct span der)
{
	struct key_reference reference = {0};

	if (key_reference_read_der(der, &reference) == 0)
		check_written(&reference, der);
	key_reference_done(&reference);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key_reference reference = {0};
	struct bytes der = {0};

	if (size > 65536)
		return 0;
	check_block(SPAN(data, size));
	if (key_reference_read(SPAN(data, size), &reference) == 0) {
		check(text_read_pem(SPAN(data, size), KEY_REFERENCE_LABEL, &der) == 0);
		check_written(&reference, span_of(der));
	}
	key_reference_done(&reference);
	bytes_done(&der);
	return 0;
}
