/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Valid messages changed at random, by the tree and by the byte, and signed again most of the time,
 * so that what stands behind the signature is reached.
 */

#include "tests/unit/daemon/scep/surgery.h"
#include "tests/unit/daemon/scep/world.h"

struct dice {
	uint64_t state; /* not 0 */
};

/* xorshift64*: the same sequence everywhere. A number below @n. */
static inline size_t roll(struct dice *dice, size_t n)
{
	dice->state ^= dice->state >> 12;
	dice->state ^= dice->state << 25;
	dice->state ^= dice->state >> 27;
	return (size_t)((dice->state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* A place in the tree: the parent and which of its children; the root has no place. */
struct place {
	struct node *parent;
	size_t i;
};

static inline size_t places_of(struct node *node, struct place *places, size_t n, size_t most)
{
	for (size_t i = 0; i < node->n; i++) {
		if (n < most)
			places[n++] = (struct place){node, i};
		n = places_of(node->children[i], places, n, most);
	}
	return n;
}

static inline bool is_constructed(const struct node *node)
{
	return node->tag & 0x20;
}

static inline void change_bit(struct place place, struct dice *dice)
{
	struct node *node = place.parent->children[place.i];

	if (node->data && node->size)
		node->data[roll(dice, node->size)] ^= (uint8_t)(1u << roll(dice, 8));
}

static inline void change_size(struct place place, struct dice *dice)
{
	struct node *node = place.parent->children[place.i];
	uint8_t longer[160] = {0};
	size_t size = roll(dice, sizeof(longer));

	if (!node->data || is_constructed(node))
		return;
	memcpy(longer, node->data, node->size < size ? node->size : size);
	node_set(node, longer, size);
}

static inline void change_to_edge(struct place place, struct dice *dice)
{
	static const uint8_t edges[][4] = {{0, 0, 0, 0}, {0x80, 1, 2, 3}, {0xff, 0xff}, {0x7f}};
	struct node *node = place.parent->children[place.i];

	if (!is_constructed(node))
		node_set(node, edges[roll(dice, ELEMENTS(edges))], roll(dice, 5));
}

static inline void change_tag(struct place place, struct dice *dice)
{
	static const uint8_t tags[] = {1,    2,	   3,	 4,    5,    6,	   9,	 10,   12,
				       18,   19,   20,	 22,   23,   24,   26,	 28,   30,
				       0x30, 0x31, 0x80, 0x81, 0x82, 0xa0, 0xa1, 0xa2, 0xa3};
	struct node *node = place.parent->children[place.i];
	uint8_t tag = tags[roll(dice, ELEMENTS(tags))];

	if ((tag & 0x20) == (node->tag & 0x20))
		node->tag = tag;
}

static inline void change_oid(struct place place, struct dice *dice)
{
	struct node *node = place.parent->children[place.i];

	if (node->tag == DER_OID) {
		struct span oid = oid_content(
			(enum oid)(OID_UNKNOWN + 1 + roll(dice, OID_COUNT_ - OID_UNKNOWN - 1)));

		node_set(node, oid.data, oid.size);
	}
}

static inline void change_remove(struct place place, struct dice *dice)
{
	(void)dice;
	node_free(node_remove(place.parent, place.i));
}

static inline void change_repeat(struct place place, struct dice *dice)
{
	if (place.parent->n < NODES_MAX)
		node_insert(place.parent, roll(dice, place.parent->n + 1),
			    node_copy(place.parent->children[place.i]));
}

static inline void change_move(struct place place, struct dice *dice)
{
	struct node *node = node_remove(place.parent, place.i);

	node_insert(place.parent, roll(dice, place.parent->n + 1), node);
}

static inline void change_encoding(struct place place, struct dice *dice)
{
	struct node *node = place.parent->children[place.i];

	node->indefinite = roll(dice, 2);
	node->segmented = (node->tag < 32 || node->tag == 0x80) && roll(dice, 2);
	node->long_form = roll(dice, 4) == 0;
}

typedef void (*change)(struct place place, struct dice *dice);

/* The kinder ones stand more than once. */
static const change changes[] = {
	change_bit,	 change_bit,	  change_size,	   change_to_edge,  change_tag,
	change_oid,	 change_remove,	  change_repeat,   change_move,	    change_encoding,
	change_encoding, change_encoding, change_encoding, change_encoding, change_move,
};

/* The signed attributes are where most of a message's meaning is: half the changes go there. */
static inline void mutate_once(struct node *root, struct dice *dice)
{
	struct place places[1024];
	struct node *attributes = message_attributes(root);
	struct node *within = attributes && roll(dice, 2) ? attributes : root;
	size_t n = places_of(within, places, 0, ELEMENTS(places));

	if (n)
		changes[roll(dice, ELEMENTS(changes))](places[roll(dice, n)], dice);
}

static inline struct bytes mutate_bytes(struct bytes message, struct dice *dice)
{
	for (size_t i = 1 + roll(dice, 3); i && message.size; i--)
		message.data[roll(dice, message.size)] = (uint8_t)roll(dice, 256);
	return message;
}

/* Any DER, a CSR for example; what isn't signed again. */
static inline struct bytes mutate_der(struct span der, struct dice *dice)
{
	struct node *root = tree_of(der);
	struct bytes changed;

	assert(root);
	for (size_t i = 1 + roll(dice, 2); i; i--) {
		struct place places[1024];
		size_t n = places_of(root, places, 0, ELEMENTS(places));

		if (n)
			changes[roll(dice, ELEMENTS(changes))](places[roll(dice, n)], dice);
	}
	changed = tree_write(root);
	node_free(root);
	return changed;
}

static inline struct bytes mutate_message(struct span message, EVP_PKEY *key, struct dice *dice)
{
	struct node *root = tree_of(message);
	struct bytes changed;

	assert(root);
	/* half of them go into the envelope too, where there is one */
	if (roll(dice, 2) && message_content(root) && message_content(root)->size)
		node_open(message_content(root));
	for (size_t i = 1 + roll(dice, 3); i; i--)
		mutate_once(root, dice);
	if (roll(dice, 8))
		message_sign(root, key);
	changed = tree_write(root);
	node_free(root);
	return roll(dice, 16) ? changed : mutate_bytes(changed, dice);
}
