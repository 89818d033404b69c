/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/pattern.h"
#include "daemon/base/text.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define DNS_NAME_MOST 255 /* RFC 1035 §2.3.4 */

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* The glob's next character as it is meant, and how many bytes say it. */
static size_t literal(struct span glob, uint8_t *ret)
{
	bool escaped = glob.data[0] == '\\' && glob.size > 1;

	*ret = glob.data[escaped];
	return (size_t)escaped + 1;
}

/* Goes back to the newest star alone: what an older one could do this one can too. */
bool pattern_glob(struct span glob, struct span text)
{
	size_t g = 0, t = 0, star = SIZE_MAX, taken = 0;

	while (t < text.size) {
		uint8_t wanted = 0;
		size_t size = 0;

		if (g < glob.size && glob.data[g] == '*') {
			star = ++g;
			taken = t;
			continue;
		}
		if (g < glob.size)
			size = literal(span_slice(glob, g, SIZE_MAX), &wanted);
		if (size && fold(wanted) == fold(text.data[t])) {
			g += size;
			t++;
		} else if (star != SIZE_MAX) {
			g = star;
			t = ++taken;
		} else {
			return false;
		}
	}
	while (g < glob.size && glob.data[g] == '*')
		g++;
	return g == glob.size;
}

/* What may stand in a pattern: as a distinguished name is typed. */
static const struct {
	enum oid oid;
	const char *ios; /* what IOS calls it, NULL where that is the same */
} attributes[] = {
	{OID_COMMON_NAME},
	{OID_SURNAME},
	{OID_SERIAL_NUMBER},
	{OID_COUNTRY},
	{OID_LOCALITY},
	{OID_STATE},
	{OID_STREET},
	{OID_ORGANIZATION},
	{OID_ORGANIZATIONAL_UNIT},
	{OID_TITLE},
	{OID_GIVEN_NAME},
	{OID_DN_QUALIFIER},
	{OID_DOMAIN_COMPONENT},
	{OID_USER_ID},
	{OID_EMAIL_ADDRESS, "e"},
	{OID_UNSTRUCTURED_NAME, "hostname"},
	{OID_UNSTRUCTURED_ADDRESS, "ipaddress"},
};

static bool is_text(struct span span, const char *text)
{
	return span.size == strlen(text) && !strncasecmp((const char *)span.data, text, span.size);
}

static enum oid find_attribute(struct span name)
{
	for (size_t i = 0; i < ELEMENTS(attributes); i++)
		if (is_text(name, oid_name(attributes[i].oid)) ||
		    is_text(name, oid_dotted(attributes[i].oid)) ||
		    (attributes[i].ios && is_text(name, attributes[i].ios)))
			return attributes[i].oid;
	return OID_UNKNOWN;
}

static struct span trim(struct span text)
{
	while (text.size && text.data[0] == ' ')
		text = span_slice(text, 1, SIZE_MAX);
	while (text.size && text.data[text.size - 1] == ' ')
		text = span_slice(text, 0, text.size - 1);
	return text;
}

/* Up to the first of these two that no backslash stands before. */
static size_t find_separator(struct span text, char a, char b)
{
	size_t i = 0;

	while (i < text.size && text.data[i] != (uint8_t)a && text.data[i] != (uint8_t)b)
		i += text.data[i] == '\\' ? 2 : 1;
	return i < text.size ? i : text.size;
}

int pattern_name_next(struct span *rest, struct pattern_attribute *ret)
{
	size_t end = find_separator(*rest, ',', '+'), equals;
	struct span part = trim(span_slice(*rest, 0, end));

	if (!rest->data || !rest->size)
		return -ENODATA;
	/* A separator at the very end has nothing behind it. */
	if (end + 1 == rest->size)
		return -EINVAL;
	*rest = span_slice(*rest, end + 1, SIZE_MAX);
	*ret = (struct pattern_attribute){.any = is_text(part, "*"), .type = OID_UNKNOWN};
	if (ret->any)
		return 0;
	equals = find_separator(part, '=', '=');
	ret->type = find_attribute(trim(span_slice(part, 0, equals)));
	ret->glob = trim(span_slice(part, equals + 1, SIZE_MAX));
	return ret->type == OID_UNKNOWN || !ret->glob.size ? -EINVAL : 0;
}

bool pattern_name_is_valid(struct span pattern)
{
	struct pattern_attribute attribute;
	int r, n = 0;

	for (; !(r = pattern_name_next(&pattern, &attribute)); n++)
		;
	return r == -ENODATA && n;
}

/* Takes the first label off. */
static struct span take_label(struct span *rest)
{
	const uint8_t *dot = rest->size ? memchr(rest->data, '.', rest->size) : NULL;
	size_t size = dot ? (size_t)(dot - rest->data) : rest->size;
	struct span label = span_slice(*rest, 0, size);

	*rest = span_slice(*rest, size + 1, SIZE_MAX);
	return label;
}

static bool is_label_of_pattern(struct span label)
{
	static const char others[] = "-_*";

	for (size_t i = 0; i < label.size; i++) {
		uint8_t c = fold(label.data[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    (!c || !strchr(others, c)))
			return false;
	}
	return label.size && label.size <= 63 &&
	       (is_text(label, "**") || !memmem(label.data, label.size, "**", 2));
}

static struct span without_leading_dot(struct span pattern, bool *ret_dot)
{
	*ret_dot = pattern.size > 1 && pattern.data[0] == '.';
	return *ret_dot ? span_slice(pattern, 1, SIZE_MAX) : pattern;
}

bool pattern_dns_is_valid(struct span pattern)
{
	bool dot, last;
	struct span rest = without_leading_dot(pattern, &dot);

	do {
		last = !rest.size || !memchr(rest.data, '.', rest.size);
		if (!is_label_of_pattern(take_label(&rest)))
			return false;
	} while (!last);
	return true;
}

static bool match_labels(struct span pattern, struct span name);

/* `**` takes one label, then as many more as the rest leaves. */
static bool match_many(struct span pattern, struct span name)
{
	while (name.size) {
		take_label(&name);
		if (match_labels(pattern, name))
			return true;
	}
	return false;
}

/* As deep as the pattern has `**`, which comes from the operator. */
static bool match_labels(struct span pattern, struct span name)
{
	while (pattern.size && name.size) {
		struct span wanted = take_label(&pattern);

		if (is_text(wanted, "**"))
			return match_many(pattern, name);
		if (!pattern_glob(wanted, take_label(&name)))
			return false;
	}
	return !pattern.size && !name.size;
}

bool pattern_dns_matches(struct span pattern, struct span name)
{
	bool dot;
	struct span rest = without_leading_dot(pattern, &dot);

	if (!name.size || name.size > DNS_NAME_MOST || memchr(name.data, '*', name.size) ||
	    name.data[name.size - 1] == '.' || name.data[0] == '.' ||
	    memmem(name.data, name.size, "..", 2))
		return false;
	return dot ? match_many(rest, name) : match_labels(rest, name);
}

/* Nothing is set behind the prefix, else two readers may take it for different networks. */
static bool is_clean(const struct pattern_network *network)
{
	for (size_t bit = network->bits; bit < network->size * 8; bit++)
		if (network->address[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

int pattern_network_read(struct span text, struct pattern_network *ret)
{
	const uint8_t *slash = text.size ? memchr(text.data, '/', text.size) : NULL;
	size_t size = slash ? (size_t)(slash - text.data) : text.size;
	struct pattern_network network = {};
	char address[INET6_ADDRSTRLEN];
	int64_t bits;

	if (!size || size >= sizeof(address))
		return -EINVAL;
	memcpy(address, text.data, size);
	address[size] = '\0';
	network.size = strchr(address, ':') ? 16 : 4;
	if (inet_pton(network.size == 16 ? AF_INET6 : AF_INET, address, network.address) != 1)
		return -EINVAL;
	bits = (int64_t)network.size * 8;
	if (slash && text_read_number(span_slice(text, size + 1, SIZE_MAX), 0, bits, &bits) < 0)
		return -EINVAL;
	network.bits = (unsigned)bits;
	if (!is_clean(&network))
		return -EINVAL;
	*ret = network;
	return 0;
}

bool pattern_network_holds(const struct pattern_network *network, struct span address)
{
	if (address.size != network->size)
		return false;
	for (size_t bit = 0; bit < network->bits; bit++)
		if ((address.data[bit / 8] ^ network->address[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}
