/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * DER as a tree that can be cut and grafted: reads what OpenSSL wrote; writes DER, or BER where a
 * node says so.
 */

#include "daemon/base/bytes.h"
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 64

struct node {
	uint8_t tag;
	bool indefinite; /* written without a length */
	bool segmented;	 /* a string, written in two segments */
	bool long_form;	 /* its length written in more octets than it takes */
	uint8_t *data;	 /* of a primitive one */
	size_t size;
	struct node *children[NODES_MAX]; /* of a constructed one, or of an OCTET STRING opened */
	size_t n;
};

static inline void node_free(struct node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->n; i++)
		node_free(node->children[i]);
	free(node->data);
	free(node);
}

static inline void node_freep(struct node **node)
{
	node_free(*node);
}

static inline void node_set(struct node *node, const void *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	assert(copy);
	if (size)
		memcpy(copy, data, size);
	for (size_t i = 0; i < node->n; i++)
		node_free(node->children[i]);
	node->n = 0;
	free(node->data);
	node->data = copy;
	node->size = size;
}

static inline struct node *node_new(uint8_t tag, const void *data, size_t size)
{
	struct node *node = calloc(1, sizeof(*node));

	assert(node);
	node->tag = tag;
	if (!(tag & 0x20))
		node_set(node, data, size);
	return node;
}

/* NULL where it is not DER that fits; @rest then stands anywhere. */
static inline struct node *node_read(struct span *rest, unsigned depth)
{
	size_t header = 2;
	size_t length;
	struct node *node;
	struct span inner;

	if (rest->size < 2 || (rest->data[0] & 0x1f) == 0x1f || depth > 24)
		return NULL;
	length = rest->data[1];
	if (length > 0x84 || length == 0x80 || rest->size < 2 + (length & 0x7f))
		return NULL;
	if (length > 0x80) {
		header = 2 + (length & 0x7f);
		length = 0;
		for (size_t i = 2; i < header; i++)
			length = length << 8 | rest->data[i];
	}
	if (length > rest->size - header)
		return NULL;
	inner = span_slice(*rest, header, length);
	node = node_new(rest->data[0], inner.data, inner.size);
	*rest = span_slice(*rest, header + length, SIZE_MAX);
	while (node->tag & 0x20 && inner.size) {
		struct node *child = node->n < NODES_MAX ? node_read(&inner, depth + 1) : NULL;

		if (!child) {
			node_free(node);
			return NULL;
		}
		node->children[node->n++] = child;
	}
	return node;
}

static inline struct node *tree_of(struct span der)
{
	struct node *node = node_read(&der, 0);

	if (node && der.size) {
		node_free(node);
		return NULL;
	}
	return node;
}

/* Looks into an OCTET STRING that holds DER. */
static inline struct node *node_open(struct node *node)
{
	struct node *inside = node->n ? node->children[0] : tree_of(SPAN(node->data, node->size));

	assert(inside);
	node->children[0] = inside;
	node->n = 1;
	return inside;
}

static inline void node_write(const struct node *node, struct buffer *out, bool ber);

static inline void write_header(struct buffer *out, uint8_t tag, size_t size, bool long_form)
{
	buffer_append_byte(out, tag);
	if (size < 0x80 && !long_form) {
		buffer_append_byte(out, (uint8_t)size);
		return;
	}
	if (size > 0xff || long_form) {
		size_t n = size > 0xffff || long_form ? 4 : 2;

		buffer_append_byte(out, (uint8_t)(0x80 | n));
		while (n--)
			buffer_append_byte(out, (uint8_t)(size >> (8 * n)));
		return;
	}
	buffer_append_byte(out, 0x81);
	buffer_append_byte(out, (uint8_t)size);
}

static inline void write_segments(const struct node *node, struct span content, struct buffer *out)
{
	struct span first = span_slice(content, 0, content.size / 2);
	struct span second = span_slice(content, content.size / 2, SIZE_MAX);
	size_t start;

	buffer_append_byte(out, node->tag | 0x20);
	buffer_append_byte(out, 0x80);
	start = out->size;
	write_header(out, 4, first.size, false);
	buffer_append(out, first);
	write_header(out, 4, second.size, false);
	buffer_append(out, second);
	assert(out->size >= start);
	buffer_append_byte(out, 0);
	buffer_append_byte(out, 0);
}

static inline void node_write(const struct node *node, struct buffer *out, bool ber)
{
	struct buffer body = {0};

	for (size_t i = 0; i < node->n; i++)
		node_write(node->children[i], &body, ber);
	if (node->n == 0 && node->data)
		buffer_append(&body, SPAN(node->data, node->size));
	if (ber && node->segmented && !(node->tag & 0x20)) {
		write_segments(node, span_of_buffer(&body), out);
	} else if (ber && node->indefinite && node->tag & 0x20) {
		buffer_append_byte(out, node->tag);
		buffer_append_byte(out, 0x80);
		buffer_append(out, span_of_buffer(&body));
		buffer_append_byte(out, 0);
		buffer_append_byte(out, 0);
	} else {
		write_header(out, node->tag, body.size, ber && node->long_form);
		buffer_append(out, span_of_buffer(&body));
	}
	buffer_done(&body);
}

static inline struct bytes tree_write(const struct node *root)
{
	struct buffer out = {0};
	struct bytes written;
	int r;

	node_write(root, &out, true);
	r = buffer_take(&out, &written);
	assert(r == 0);
	return written;
}

/* The child at @i; NULL where there is none, so that paths can be walked in a mutilated tree. */
static inline struct node *at(const struct node *node, size_t i)
{
	return node && i < node->n ? node->children[i] : NULL;
}

static inline struct node *at_tag(const struct node *node, uint8_t tag, unsigned nth)
{
	for (size_t i = 0; node && i < node->n; i++)
		if (node->children[i]->tag == tag && nth-- == 0)
			return node->children[i];
	return NULL;
}

static inline struct node *node_remove(struct node *parent, size_t i)
{
	struct node *removed = at(parent, i);

	assert(removed);
	memmove(&parent->children[i], &parent->children[i + 1],
		(parent->n - i - 1) * sizeof(struct node *));
	parent->n--;
	return removed;
}

static inline void node_insert(struct node *parent, size_t i, struct node *child)
{
	assert(child && parent->n < NODES_MAX && i <= parent->n);
	memmove(&parent->children[i + 1], &parent->children[i],
		(parent->n - i) * sizeof(struct node *));
	parent->children[i] = child;
	parent->n++;
}

static inline struct node *node_copy(const struct node *node)
{
	struct node *copy = node_new(node->tag & 0xdf, node->data, node->data ? node->size : 0);

	copy->tag = node->tag;
	for (size_t i = 0; i < node->n; i++)
		copy->children[copy->n++] = node_copy(node->children[i]);
	return copy;
}
