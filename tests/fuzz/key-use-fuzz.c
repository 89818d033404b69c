/* SPDX-License-Identifier: Apache-2.0 */
/* layers: policy daemon/x509 */
/* What a program asks a key to sign: whatever is taken for a handshake is nothing that anybody
 * certifies, requests or signs in CMS, as we read it and as OpenSSL does; and it ends where the
 * message does. */
#include "daemon/x509/shape.h"
#include "policy/disguise.h"
#include "policy/handshake.h"
#include "policy/key-use.h"
#include <openssl/asn1.h>
#include <openssl/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		__builtin_trap();
}

/* OpenSSL's own opinion of the whole: a SEQUENCE or SET of whatever. It takes a list also under the
 * tag of one that is primitive; what is signed is written, or read as a structure, under this. */
static bool reads_as_sequence(struct span message)
{
	const uint8_t *at = message.data;
	bool is_set = message.size && message.data[0] == 0x31;
	ASN1_SEQUENCE_ANY *all = is_set ? d2i_ASN1_SET_ANY(NULL, &at, (long)message.size)
					: d2i_ASN1_SEQUENCE_ANY(NULL, &at, (long)message.size);
	bool is_whole = all && at == message.data + message.size && message.data[0] & 0x20;

	sk_ASN1_TYPE_pop_free(all, ASN1_TYPE_free);
	ERR_clear_error();
	return is_whole;
}

static void check_uses(struct span message, const struct x509_shape *shape)
{
	const struct rsa_scheme scheme = {RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA256, 0,
					  0};
	const struct key_use_ask ask = {&scheme, message, shape->kind == X509_SHAPE_CMS_ATTRIBUTES,
					shape->enrols};
	unsigned found = key_use_find(&ask);

	check(found & KEY_USE_ANY && !(found & ~(unsigned)KEY_USE_ALL));
	check(!(found & KEY_USE_CMS) || found == (KEY_USE_CMS | KEY_USE_ANY));
	check(!(found & (KEY_USE_TLS | KEY_USE_CMS)) || !handshake_may_be_ike(message));
	for (unsigned uses = 0; uses <= KEY_USE_ALL; uses++)
		check(!key_use_refuses_signature(uses, &ask) == ((uses & found) != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = SPAN(data, size);
	enum handshake handshake = handshake_find(message);
	struct x509_shape shape;

	x509_shape_read(message, &shape);
	check(shape.kind == X509_SHAPE_UNKNOWN || disguise_is_possible(message));
	check(shape.kind == X509_SHAPE_UNKNOWN || handshake == HANDSHAKE_NONE);
	check(!reads_as_sequence(message) || disguise_is_possible(message));
	/* Of IKE's alone the end is not to be told: a nonce and a MAC have no lengths there. */
	if (handshake != HANDSHAKE_NONE && handshake != HANDSHAKE_IKE)
		check(handshake_find(SPAN(data, size - 1)) != handshake);
	check_uses(message, &shape);
	return 0;
}
