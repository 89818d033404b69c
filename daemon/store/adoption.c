/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are on another token than before, in the place of the former or as a copy. */
#include "daemon/store/internal.h"

static const enum statement_name tables[] = {
	STATEMENT_ADOPT_GENERATION,
	STATEMENT_ADOPT_EXCHANGE,
	STATEMENT_ADOPT_IDENTITY,
	STATEMENT_ADOPT_ENROLLMENT,
};

static int adopt(struct application *a, const struct store_adoption *adoption, struct span key,
		 enum statement_name table)
{
	_cleanup_(statement_done) struct statement s = statement_begin(a->connection, table);
	int r;

	statement_bind_text(&s, adoption->token);
	statement_bind_bytes(&s, key);
	statement_bind_text(&s, adoption->serial);
	r = statement_run(&s);
	if (r < 0)
		return r;
	a->n_adopted += statement_changes(&s);
	return 0;
}

int adoption_apply(struct application *a)
{
	const struct store_adoption *adoption = a->change->adoption;
	int r = 0;

	for (size_t i = 0; adoption && i < adoption->n_keys && r == 0; i++) {
		for (size_t j = 0; j < ELEMENTS(tables) && r == 0; j++)
			r = adopt(a, adoption, SPAN_ARRAY(adoption->keys[i]), tables[j]);
	}
	return r;
}

int key_backup_apply(struct application *a)
{
	struct span key = a->change->backed_up_key;
	_cleanup_(statement_done) struct statement s = {};

	if (!key.size)
		return 0;
	s = statement_begin(a->connection, STATEMENT_KEY_BACKED_UP);
	statement_bind_bytes(&s, key);
	statement_bind_number(&s, a->change->now_s);
	return statement_run(&s);
}
