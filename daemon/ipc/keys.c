/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/keys.h"

struct row {
	int number;
	const char *name, *words;
};

static const struct row usages[] = {
#define KEY_USAGE(NAME, number, name, words) {number, name, words},
#include "daemon/ipc/keys.def"
};
static const struct row exportables[] = {
#define KEY_EXPORTABLE(NAME, number, name, words) {number, name, words},
#include "daemon/ipc/keys.def"
};
static const struct row forms[] = {
#define KEY_FORM(NAME, number, name) {number, name, name},
#include "daemon/ipc/keys.def"
};

static const struct row unknown = {0, "unknown", "unknown"};

static const struct row *row_of(const struct row *rows, size_t n, int number)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].number == number)
			return &rows[i];
	}
	return &unknown;
}

static int find(const struct row *rows, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++) {
		if (span_equal(span_of_text(rows[i].name), name))
			return rows[i].number;
	}
	return 0;
}

const char *key_usage_name(int usage)
{
	return row_of(usages, ELEMENTS(usages), usage)->name;
}

const char *key_usage_words(int usage)
{
	return row_of(usages, ELEMENTS(usages), usage)->words;
}

int key_usage_find(struct span name)
{
	return find(usages, ELEMENTS(usages), name);
}

const char *key_exportable_name(int exportable)
{
	return row_of(exportables, ELEMENTS(exportables), exportable)->name;
}

const char *key_exportable_words(int exportable)
{
	return row_of(exportables, ELEMENTS(exportables), exportable)->words;
}

int key_exportable_find(struct span name)
{
	return find(exportables, ELEMENTS(exportables), name);
}

const char *key_form_name(int form)
{
	return row_of(forms, ELEMENTS(forms), form)->name;
}

int key_form_find(struct span name)
{
	return find(forms, ELEMENTS(forms), name);
}
