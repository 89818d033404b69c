/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/spki.h"
#include "daemon/base/utf8.h"
#include "hsm/key/kind.h"
#include "hsm/key/service-ask.h"

#include <stdlib.h>
#include <string.h>

/* As messages.def has it. */
#define NAME_MOST 128

struct key_of_service {
	struct key key; /* first: the kind's functions are given it */
	struct key_service *service;
	char *name;
};

bool key_service_is_name(struct span name)
{
	return name.size >= 1 && name.size <= NAME_MOST && utf8_is_text(name);
}

static int service_use(struct key *key, const struct rsa_scheme *scheme, struct span message,
		       struct bytes *ret, char **ret_reason)
{
	struct key_of_service *own = (struct key_of_service *)key;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_key_signature reply;
	struct ipc_key_sign ask = {
		.name = span_of_text(own->name),
		.key = key_id(key),
		.padding = (uint8_t)scheme->padding,
		.input = (uint8_t)scheme->input,
		.digest = (uint8_t)scheme->digest,
		.mgf1 = (uint8_t)scheme->mgf1,
		.salt_bytes = (uint16_t)scheme->salt_bytes,
		.message = message,
	};
	int r;

	r = key_service_ask(own->service, IPC_KEY_SIGN, &ask, &packet, ret_reason);
	if (r == 0)
		r = ipc_decode(packet.content, IPC_KEY_SIGNATURE, &reply);
	return r == 0 ? bytes_copy(reply.signature, ret) : r;
}

static int service_open(struct key *key, const struct rsa_opening *opening, struct span encrypted,
			struct secret *ret, char **ret_reason)
{
	struct key_of_service *own = (struct key_of_service *)key;
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {0};
	struct ipc_key_opened reply;
	struct ipc_key_open ask = {
		.name = span_of_text(own->name),
		.key = key_id(key),
		.padding = (uint8_t)opening->padding,
		.digest = (uint8_t)opening->digest,
		.mgf1 = (uint8_t)opening->mgf1,
		.label = opening->label,
		.encrypted = encrypted,
	};
	int r;

	r = key_service_ask(own->service, IPC_KEY_OPEN, &ask, &packet, ret_reason);
	if (r == 0)
		r = ipc_decode(packet.content, IPC_KEY_OPENED, &reply);
	return r == 0 ? secret_copy(reply.content, ret) : r;
}

static void service_free(struct key *key)
{
	struct key_of_service *own = (struct key_of_service *)key;

	key_service_unref(own->service);
	free(own->name);
	free(own);
}

static const struct key_kind service_kind = {
	.use = service_use,
	.open = service_open,
	.free = service_free,
};

int key_new_service(struct key_service *service, const char *name, struct span spki,
		    struct key **ret)
{
	struct span modulus, exponent;
	struct key_of_service *own;
	int r;

	if (!key_service_is_name(span_of_text(name)) || spki.size > KEY_SPKI_MOST ||
	    spki_read(spki, &modulus, &exponent) < 0)
		return -EINVAL;
	own = calloc(1, sizeof(*own));
	if (!own)
		return -ENOMEM;
	own->name = strdup(name);
	r = own->name ? key_init(&own->key, &service_kind, spki) : -ENOMEM;
	if (r < 0) {
		free(own->name);
		free(own);
		return r;
	}
	own->service = key_service_ref(service);
	*ret = &own->key;
	return 0;
}
