/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which PC/SC reader the token is in, out of what pcscd tells of readers and the module of slots;
 * and what a token that no slot shows is waiting for. The two are joined by the slot's description,
 * which is the reader's name with every module that goes by pcscd (OpenSC cuts it at 64 bytes), and
 * remembered by the token's serial, so that slots may change their numbers and their order. A
 * module whose slots are not readers is left as it is. Pure.
 */

#include "hsm/module.h"

#define READER_NAME_SIZE 128
#define READERS_MAX	 15 /* pcscd has 16, and tells of so many at once, new ones counted as one */

struct reader {
	char name[READER_NAME_SIZE];
	bool has_card;
	unsigned events; /* cards put in and taken out so far, as pcscd counts them */
};

enum readers_service {
	READERS_UNKNOWN, /* not asked yet, or nobody needs to know */
	READERS_AWAY,	 /* pcscd does not answer */
	READERS_THERE,
};

struct readers_view {
	enum readers_service service;
	size_t n;
	struct reader items[READERS_MAX];
};

/* The reader that our token was in last; empty before it was seen in any. */
struct reader_map {
	char serial[17];
	char reader[READER_NAME_SIZE];
};

/* The reader whose slot this is; NULL: none that pcscd tells of. Borrowed. */
const struct reader *reader_map_of_slot(const struct readers_view *view,
					const struct hsm_slot *slot);

/* Whether Reader=@wanted (NULL: any) leaves this slot to choose from. */
bool reader_map_allows(const char *wanted, const struct readers_view *view,
		       const struct hsm_slot *slot);

/* Notes that our token is in @slot. */
void reader_map_learn(struct reader_map *map, const struct readers_view *view,
		      const struct hsm_slot *slot);

/* Our reader: the one that @wanted names, or where it names several or none the one that the token
 * was in last; NULL where that is not there or not known. Borrowed. */
const struct reader *reader_map_ours(const struct reader_map *map, const char *wanted,
				     const struct readers_view *view);

/* Why no slot shows our token. */
enum reader_finding {
	READER_FINDING_NONE = 1,   /* readers have nothing to do with it */
	READER_FINDING_NO_SERVICE, /* pcscd does not answer */
	READER_FINDING_NO_READER,  /* our reader is not there, or there is none at all */
	READER_FINDING_NO_CARD,	   /* our reader is empty, or all are */
	READER_FINDING_UNREAD,	   /* there is a card of which the module shows no token */
	READER_FINDING_OTHER,	   /* the card in our reader is another token */
};
/* @ret_reader: of NO_CARD, UNREAD and OTHER where it is one; else NULL. Borrowed. */
enum reader_finding reader_map_judge(const struct reader_map *map, const char *wanted,
				     const struct readers_view *view, const struct hsm_slots *slots,
				     const struct reader **ret_reader);

/* Whether a change of the readers is a reason to open our token anew: it may have come, or gone, or
 * both, which a module that nothing is asked of needn't notice.
 * @open  it is open */
bool reader_map_is_news(const struct reader_map *map, const char *wanted, bool open,
			const struct readers_view *before, const struct readers_view *after);
