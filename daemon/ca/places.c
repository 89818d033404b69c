/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/places.h"
#include <string.h>

static const struct file_row {
	const char *ending;
	enum ca_level level;
} files[] = {
#define CA_FILE(TYPE, ending, level) [CA_FILE_##TYPE] = {ending, CA_LEVEL_##level},
#include "daemon/ca/files.def"
};

const char *ca_file_ending(enum ca_file file)
{
	assert((size_t)file < ELEMENTS(files));
	return files[file].ending;
}

const char *ca_places_store(const struct ca_places *places, enum ca_file file)
{
	assert((size_t)file < ELEMENTS(files));
	if (places->store_of[file])
		return places->store_of[file];
	return places->store ? places->store : places->standard;
}

/* By setting: of the CRL, of the rest. */
static const enum ca_target_failure publish_failures[][2] = {
	[CA_PUBLISH_FAILURE_BY_TYPE] = {CA_TARGET_STOPS_CRL, CA_TARGET_WARNS},
	[CA_PUBLISH_FAILURE_DISABLE] = {CA_TARGET_STOPS_CRL, CA_TARGET_STOPS_CERTIFICATES},
	[CA_PUBLISH_FAILURE_RETRY] = {CA_TARGET_WARNS, CA_TARGET_WARNS},
};

struct list {
	struct ca_target *items;
	size_t n;
};

static void add(struct list *list, const struct ca_target *target)
{
	if (!target->place)
		return;
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == target->kind && list->items[i].file == target->file &&
		    !strcmp(list->items[i].place, target->place))
			return;
	assert(list->n < CA_TARGETS_MOST);
	list->items[list->n++] = *target;
}

static void add_published(struct list *list, const struct ca_places *places, enum ca_file file,
			  const char *place)
{
	add(list, &(struct ca_target){
			  .kind = CA_TARGET_PUBLISH,
			  .file = file,
			  .failure = publish_failures[places->publish_failure][file != CA_FILE_CRL],
			  .place = place,
		  });
}

size_t ca_places_targets(const struct ca_places *places, struct ca_target ret[CA_TARGETS_MOST])
{
	struct list list = {.items = ret};

	for (enum ca_file file = 0; file < CA_FILES_; file++)
		if (files[file].level <= places->level)
			add(&list, &(struct ca_target){
					   .kind = CA_TARGET_STORE,
					   .file = file,
					   .failure = CA_TARGET_STOPS_STORAGE,
					   .place = ca_places_store(places, file),
				   });
	for (size_t i = 0; i < places->n_publish_crl; i++)
		add_published(&list, places, CA_FILE_CRL, places->publish_crl[i]);
	add_published(&list, places, CA_FILE_CRT, places->publish_crt);
	add_published(&list, places, CA_FILE_CNM, places->publish_cnm);
	return list.n;
}
