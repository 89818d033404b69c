/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-preview.h"
#include "daemon/cli/print.h"
#include <stdbool.h>
#include <stdio.h>

static bool is_alike(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "event"), json_object_get(b, "event")) &&
	       json_equal(json_object_get(a, "generation"), json_object_get(b, "generation"));
}

/* How many from @from on are of one kind. */
static size_t run_from(const json_t *events, size_t from)
{
	size_t n = 1;

	while (from + n < json_array_size(events) &&
	       is_alike(json_array_get(events, from), json_array_get(events, from + n)))
		n++;
	return n;
}

static void print_event(const json_t *event)
{
	const json_t *generation = json_object_get(event, "generation");

	print_value(json_object_get(event, "when"), 20);
	fputs("  ", stdout);
	print_value(json_object_get(event, "event"), 24);
	if (json_integer_value(generation)) {
		fputs(" of generation ", stdout);
		print_value(generation, 0);
	}
}

void print_preview(const json_t *answer)
{
	const json_t *events = json_object_get(answer, "events");
	size_t n;

	for (size_t i = 0; i < json_array_size(events); i += n) {
		n = run_from(events, i);
		print_event(json_array_get(events, i));
		if (n > 1) {
			printf(", and %zu more until ", n - 1);
			print_value(json_object_get(json_array_get(events, i + n - 1), "when"), 0);
		}
		putchar('\n');
	}
	fputs(json_is_true(json_object_get(answer, "more")) ? "There is more until "
							    : "That is all until ",
	      stdout);
	print_value(json_object_get(answer, "until"), 0);
	putchar('\n');
}
