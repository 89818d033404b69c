/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Messages written as a table can hold them: "64*20 'TLS 1.3' 00 0403" is 64 blanks, the text, and
 * the bytes 0, 4, 3. */

#include "daemon/base/bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CMS_CONTENT_TYPE " 3018 06092a864886f70d010903 310b 06092a864886f70d010701 "
#define CMS_DIGEST	 " 302f 06092a864886f70d010904 3122 0420 32*dd "
#define CMS_ATTRIBUTES	 "314b" CMS_CONTENT_TYPE CMS_DIGEST

#define TLS13_SERVER "64*20 'TLS 1.3, server CertificateVerify' 00 "
#define TLS13_CLIENT "64*20 'TLS 1.3, client CertificateVerify' 00 "
#define TLS12_SERVER "32*11 32*22 "
#define TLS12_X25519 TLS12_SERVER "03001d 20 32*33"
#define HELLOS	     "01000002 0303 02000002 0303 "
#define CERTIFICATE  "0b000003 000000 "
#define TLS12_CLIENT HELLOS CERTIFICATE "0d000001 00 0e000000" CERTIFICATE "10000002 0000 "

/* SA, KE and nonce: 36 bytes. */
#define IKE_PAYLOADS "2200 0008 00000000 2800 0008 00000000 0000 0014 16*aa "
#define IKE_INIT     "8*11 8*00 21202208 00000000 00000040 " IKE_PAYLOADS
#define IKE_TAIL     " 16*bb 16*cc "
#define IKE_AUTH     IKE_INIT IKE_TAIL

static inline size_t recipe_word(const char *word, struct buffer *out)
{
	int value = 0, taken = 0;
	unsigned times = 1;

	if (*word == '\'') {
		size_t size = strcspn(word + 1, "'");

		buffer_append(out, SPAN(word + 1, size));
		return size + 2;
	}
	if (sscanf(word, "%u*%n", &times, &taken) < 1 || !taken)
		times = 1, taken = 0;
	assert_int_equal(sscanf(word + taken, "%2x", (unsigned *)&value), 1);
	while (times--)
		buffer_append_byte(out, (uint8_t)value);
	return (size_t)taken + 2;
}

/* The caller's, by buffer_done(). */
static inline struct buffer recipe(const char *text)
{
	struct buffer out = {0};

	while (*(text += strspn(text, " ")))
		text += recipe_word(text, &out);
	assert_int_equal(out.error, 0);
	return out;
}
