/* SPDX-License-Identifier: Apache-2.0 */
/* What readers have to do with the token, of keeper.h. */
#include "daemon/base/log.h"
#include "token/keeper-internal.h"
#include <stdlib.h>
#include <string.h>

/* How long the first word of pcscd is waited for, where Reader= makes it count. */
#define FIRST_WORD_MS 1000

#define PCSCD_IS_AWAY "pcscd does not answer: systemctl start pcscd.socket"

int keeper_readers_fd(const struct keeper *keeper)
{
	return readers_wake_fd(keeper->readers);
}

bool keeper_readers_changed(struct keeper *keeper)
{
	struct readers_view view;
	const char *wanted;
	bool open, news;

	readers_view(keeper->readers, 0, &view);
	(void)pthread_mutex_lock(&keeper->lock);
	/* What is refused is held open as well, and what comes may be better. */
	open = keeper->now.wait == PRESENCE_LOOK && keeper->now.state != TOKEN_FAILED;
	wanted = keeper->wanted_reader[0] ? keeper->wanted_reader : NULL;
	news = reader_map_is_news(&keeper->map, wanted, open, &keeper->readers_told, &view);
	keeper->readers_told = view;
	(void)pthread_mutex_unlock(&keeper->lock);
	return news;
}

/* A token in software has a slot that nothing is put into; a module without any slot waits for a
 * reader. */
static bool needs_readers(const struct keeper *keeper, const struct hsm_slots *slots)
{
	if (keeper->settings.reader)
		return true;
	return slots && (slots->has_removable || slots->n + slots->n_empty == 0);
}

void keeper_watch_readers(struct keeper *keeper, const struct hsm_slots *slots,
			  struct readers_view *ret)
{
	int r = needs_readers(keeper, slots) ? readers_start(keeper->readers) : 0;

	if (r < 0)
		log_warning(LOG_PLAIN, "readers can't be watched: %s", strerrordesc_np(-r));
	readers_view(keeper->readers, keeper->settings.reader && !slots ? FIRST_WORD_MS : 0, ret);
}

void keeper_map(struct keeper *keeper, const struct readers_view *view, const struct hsm_slot *slot)
{
	(void)pthread_mutex_lock(&keeper->lock);
	reader_map_learn(&keeper->map, view, slot);
	(void)pthread_mutex_unlock(&keeper->lock);
}

/* Goes after what was said before. */
static void add(char **reason, const char *text, const char *name)
{
	char *before = *reason;

	*reason = NULL;
	keeper_explain(reason, "%s; %s%s", before ? before : "", text, name);
	free(before);
}

enum presence_event keeper_explain_absence(struct keeper *keeper, const struct readers_view *view,
					   const struct hsm_slots *slots, char **reason)
{
	static const struct {
		enum presence_event event;
		const char *where, *nowhere; /* one reader is meant, or none */
	} rows[] = {
		[READER_FINDING_NONE] = {PRESENCE_NOT_FOUND, NULL, NULL},
		[READER_FINDING_NO_SERVICE] = {PRESENCE_NO_PCSCD, NULL, PCSCD_IS_AWAY},
		[READER_FINDING_NO_READER] = {PRESENCE_NOT_FOUND, NULL, "there is no such reader"},
		[READER_FINDING_NO_CARD] = {PRESENCE_NOT_FOUND, "no card is in the reader ",
					    "no card is in any reader"},
		[READER_FINDING_UNREAD] = {PRESENCE_CARD_SEEN,
					   "the module shows no token of the card in the reader ",
					   NULL},
		[READER_FINDING_OTHER] = {PRESENCE_NOT_FOUND, "another one is in its reader, ",
					  NULL},
	};
	const char *wanted = keeper->settings.reader;
	const struct reader *reader;
	enum reader_finding finding;

	(void)pthread_mutex_lock(&keeper->lock);
	finding = reader_map_judge(&keeper->map, wanted, view, slots, &reader);
	(void)pthread_mutex_unlock(&keeper->lock);
	if (reader && rows[finding].where)
		add(reason, rows[finding].where, reader->name);
	else if (rows[finding].nowhere)
		add(reason, rows[finding].nowhere, "");
	if (finding == READER_FINDING_OTHER && wanted)
		return PRESENCE_OTHER_CARD;
	return rows[finding].event;
}

enum presence_event keeper_blame_readers(struct keeper *keeper, enum presence_event event,
					 char **reason)
{
	struct readers_view view;

	readers_view(keeper->readers, 0, &view);
	if (view.service != READERS_AWAY ||
	    (event != PRESENCE_FAULT && event != PRESENCE_GONE && event != PRESENCE_NO_MODULE))
		return event;
	keeper_explain(reason, PCSCD_IS_AWAY);
	return PRESENCE_NO_PCSCD;
}
