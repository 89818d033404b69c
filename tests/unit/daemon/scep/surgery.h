/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The places of a SCEP message in its tree, and a new signature over it by OpenSSL, so that what is
 * wrong in a test is one thing only.
 */

#include "tests/unit/daemon/scep/tree.h"
#include <openssl/evp.h>
#include <openssl/objects.h>

/* A message that has been cut may lack any of these: NULL then. */
static inline struct node *message_signed(const struct node *root)
{
	return at(at(root, 1), 0);
}

static inline struct node *message_content(const struct node *root)
{
	return at(at(at(message_signed(root), 2), 1), 0);
}

static inline struct node *message_signer(const struct node *root)
{
	return at(at_tag(message_signed(root), 0x31, 1), 0);
}

static inline struct node *message_attributes(const struct node *root)
{
	return at_tag(message_signer(root), 0xa0, 0);
}

static inline struct node *message_certificates(const struct node *root)
{
	return at_tag(message_signed(root), 0xa0, 0);
}

static inline bool node_is_oid(const struct node *node, const char *dotted)
{
	ASN1_OBJECT *object = OBJ_txt2obj(dotted, 1);
	bool same = node && node->tag == 6 && node->size == OBJ_length(object) &&
		    memcmp(node->data, OBJ_get0_data(object), node->size) == 0;

	ASN1_OBJECT_free(object);
	return same;
}

static inline void node_set_oid(struct node *node, const char *dotted)
{
	ASN1_OBJECT *object = OBJ_txt2obj(dotted, 1);

	node_set(node, OBJ_get0_data(object), OBJ_length(object));
	ASN1_OBJECT_free(object);
}

/* The attribute's SEQUENCE. */
static inline struct node *message_attribute(const struct node *root, const char *dotted)
{
	struct node *attributes = message_attributes(root);

	for (size_t i = 0; attributes && i < attributes->n; i++)
		if (node_is_oid(at(attributes->children[i], 0), dotted))
			return attributes->children[i];
	return NULL;
}

/* The one value of an attribute. */
static inline struct node *message_value(const struct node *root, const char *dotted)
{
	return at(at(message_attribute(root, dotted), 1), 0);
}

static inline const EVP_MD *message_digest(const struct node *root)
{
	const struct node *oid = at(at(message_signer(root), 2), 0);
	const EVP_MD *md = NULL;
	ASN1_OBJECT *object;

	if (!oid || oid->tag != 6)
		return EVP_sha256();
	object = OBJ_nid2obj(NID_undef);
	for (size_t i = 0; i < 5; i++) {
		static const char *const dotted[] = {
			"1.2.840.113549.2.5", "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1",
			"2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"};

		if (!node_is_oid(oid, dotted[i]))
			continue;
		object = OBJ_txt2obj(dotted[i], 1);
		md = EVP_get_digestbyobj(object);
		ASN1_OBJECT_free(object);
	}
	return md ? md : EVP_sha256();
}

/* Makes messageDigest fit the content again, and the signature the attributes. */
static inline void message_sign(struct node *root, EVP_PKEY *key)
{
	struct node *attributes = message_attributes(root);
	struct node *digest = message_value(root, "1.2.840.113549.1.9.4");
	struct node *content = message_content(root);
	struct node *signature = at(message_signer(root), 5);
	uint8_t hash[EVP_MAX_MD_SIZE], signed_by[1024];
	unsigned hash_size = 0;
	size_t signature_size = sizeof(signed_by);
	struct buffer body = {0};
	EVP_MD_CTX *ctx;

	if (content && digest && !(digest->tag & 0x20)) {
		if (content->n)
			node_write(content->children[0], &body, true);
		else if (content->data)
			buffer_append(&body, SPAN(content->data, content->size));
		EVP_Digest(body.size ? body.data : (const uint8_t *)"", body.size, hash, &hash_size,
			   message_digest(root), NULL);
		node_set(digest, hash, hash_size);
		buffer_done(&body);
	}
	if (!attributes || !signature || signature->tag & 0x20)
		return;
	attributes->tag = 0x31;
	node_write(attributes, &body, false);
	attributes->tag = 0xa0;
	ctx = EVP_MD_CTX_new();
	if (EVP_DigestSignInit(ctx, NULL, message_digest(root), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signed_by, &signature_size, body.data, body.size) == 1)
		node_set(signature, signed_by, signature_size);
	EVP_MD_CTX_free(ctx);
	buffer_done(&body);
}
