/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/fqdn.h"
#include "daemon/base/files.h"
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define RESOLVER      "/etc/resolv.conf"
#define RESOLVER_MOST 65536 /* bytes */

static struct span take_line(struct span *text)
{
	const uint8_t *end = memchr(text->data, '\n', text->size);
	struct span line = span_slice(*text, 0, end ? (size_t)(end - text->data) : text->size);

	*text = span_slice(*text, line.size + 1, SIZE_MAX);
	return line;
}

static struct span take_word(struct span *line)
{
	size_t size = 0;

	while (line->size && strchr(" \t\r", line->data[0]))
		*line = span_slice(*line, 1, SIZE_MAX);
	while (size < line->size && !strchr(" \t\r", line->data[size]))
		size++;
	struct span word = span_slice(*line, 0, size);
	*line = span_slice(*line, size, SIZE_MAX);
	return word;
}

static struct span without_dot(struct span name)
{
	if (name.size && name.data[name.size - 1] == '.')
		name.size--;
	return name;
}

/* Empty where no line names one; `search .` says that there is none. */
static struct span find_domain(struct span resolver)
{
	struct span domain = {};

	while (resolver.size) {
		struct span line = take_line(&resolver);
		struct span word = take_word(&line);

		if (span_equal(word, SPAN_LITERAL("domain")) ||
		    span_equal(word, SPAN_LITERAL("search")))
			domain = without_dot(take_word(&line));
	}
	return domain;
}

int fqdn_of(const char *host, struct span resolver, char **ret)
{
	struct span name = without_dot(span_of_text(host));
	struct span domain = memchr(host, '.', name.size) ? (struct span){} : find_domain(resolver);

	if (!name.size)
		return -EINVAL;
	return text_format(ret, "%.*s%s%.*s", (int)name.size, host, domain.size ? "." : "",
			   (int)domain.size, domain.size ? (const char *)domain.data : "");
}

int fqdn_read(char **ret)
{
	_cleanup_(bytes_done) struct bytes resolver = {};
	char host[HOST_NAME_MAX + 1] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		return -errno;
	/* Without it there is no domain, which is no fault. */
	if (file_read(RESOLVER, RESOLVER_MOST, &resolver) == -ENOMEM)
		return -ENOMEM;
	return fqdn_of(host, span_of(resolver), ret);
}
