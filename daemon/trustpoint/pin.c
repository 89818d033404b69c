/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/pin.h"
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"

static enum digest digest_of_size(size_t size)
{
	static const enum digest digests[] = {DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256};

	for (size_t i = 0; i < ELEMENTS(digests); i++)
		if (digest_size(digests[i]) == size)
			return digests[i];
	return DIGEST_NONE;
}

enum trustpoint_pin trustpoint_pin_check(const char *fingerprint, struct span certificate)
{
	char digits[2 * SHA256_SIZE];
	uint8_t computed[DIGEST_SIZE_MAX];
	_cleanup_(bytes_done) struct bytes wanted = {};
	enum digest digest;
	size_t n = 0;

	for (; *fingerprint; fingerprint++) {
		if (*fingerprint == ' ' || *fingerprint == ':')
			continue;
		if (n == sizeof(digits))
			return TRUSTPOINT_PIN_MALFORMED;
		digits[n++] = *fingerprint;
	}
	if (text_read_hex(SPAN(digits, n), &wanted) < 0)
		return TRUSTPOINT_PIN_MALFORMED;
	digest = digest_of_size(wanted.size);
	if (!digest)
		return TRUSTPOINT_PIN_MALFORMED;
	if (!certificate.size)
		return TRUSTPOINT_PIN_DIFFERS;
	return span_equal(span_of(wanted),
			  SPAN(computed, digest_compute(digest, certificate, computed)))
		       ? TRUSTPOINT_PIN_MATCHES
		       : TRUSTPOINT_PIN_DIFFERS;
}
