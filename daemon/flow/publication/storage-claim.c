/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/storage-claim.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include <stdlib.h>
#include <string.h>

#define STORE_MODE   0600
#define PUBLISH_MODE 0644
#define OWNER_MOST   ((size_t)1024)

int storage_places_of(struct flow *flow, const struct authority *authority,
		      struct storage_places *ret)
{
	const struct conf_server *conf = authority->conf;
	static const enum ca_level levels[] = {
		[CONF_DATABASE_LEVEL_MINIMAL] = CA_LEVEL_MINIMAL,
		[CONF_DATABASE_LEVEL_NAMES] = CA_LEVEL_NAMES,
		[CONF_DATABASE_LEVEL_COMPLETE] = CA_LEVEL_COMPLETE,
	};
	static const enum ca_publish_failure failures[] = {
		[CONF_PUBLISH_FAILURE_BY_TYPE] = CA_PUBLISH_FAILURE_BY_TYPE,
		[CONF_PUBLISH_FAILURE_DISABLE] = CA_PUBLISH_FAILURE_DISABLE,
		[CONF_PUBLISH_FAILURE_RETRY] = CA_PUBLISH_FAILURE_RETRY,
	};
	int r = text_format(&ret->standard, "%s/store/%s", flow->conf->daemon.state_directory,
			    conf->label);

	if (r < 0)
		return r;
	ret->places = (struct ca_places){
		.standard = ret->standard,
		.store = conf->store,
		.store_of = {[CA_FILE_SER] = conf->store_ser,
			     [CA_FILE_CRL] = conf->store_crl,
			     [CA_FILE_CRT] = conf->store_crt,
			     [CA_FILE_CNM] = conf->store_cnm,
			     [CA_FILE_P12] = conf->store_p12,
			     [CA_FILE_PEM] = conf->store_pem},
		.publish_crl = (const char *const *)conf->publish_crl,
		.n_publish_crl = conf->n_publish_crl,
		.publish_crt = conf->publish_crt,
		.publish_cnm = conf->publish_cnm,
		.level = levels[conf->database_level],
		.publish_failure = failures[conf->publish_failure],
	};
	return 0;
}

void storage_places_done(struct storage_places *places)
{
	free(places->standard);
}

struct place_access storage_access_of(struct flow *flow, const struct authority *authority,
				      enum ca_target_kind kind)
{
	return (struct place_access){
		.runtime_directory = flow->conf->daemon.runtime_directory,
		.user = authority->conf->store_user,
		.password = authority->conf->store_password,
		.canceller = storage_canceller(flow),
		.mode = kind == CA_TARGET_STORE ? STORE_MODE : PUBLISH_MODE,
	};
}

/* Whose a store is: the label, and the key that the server was born with. A server that was deleted
 * while its files were in hand takes nothing any more. */
static int name_owner(struct authority *authority, struct buffer *out)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);

	if (!generations->n)
		return -ECANCELED;
	buffer_printf(out, "server %s\nkey ", authority->conf->label);
	text_append_hex(out, SPAN_ARRAY(generations->records[0].key_sha256), false);
	buffer_append_text(out, "\n");
	return out->error;
}

static int check_owner(struct span found, struct span ours, const char *place, char **ret_reason)
{
	const uint8_t *end = found.size ? memchr(found.data, '\n', found.size) : NULL;
	_cleanup_(buffer_done) struct buffer whose = {};
	int r;

	if (span_equal(found, ours))
		return 0;
	text_append_escaped(&whose,
			    span_slice(found, 0, end ? (size_t)(end - found.data) : found.size));
	if (whose.error)
		return whose.error;
	r = text_format(
		ret_reason,
		"%s: belongs to another (%.*s): give each server a place of its own, or remove "
		"%s/" STORAGE_OWNER_FILE " where that one is gone",
		place, (int)whose.size, (const char *)whose.data, place);
	return r < 0 ? r : PLACE_FAILED;
}

int storage_claim_held(struct flow *flow, struct authority *authority, const char *place,
		       const char *standard, char **ret_reason)
{
	struct place_access access = storage_access_of(flow, authority, CA_TARGET_STORE);
	_cleanup_(buffer_done) struct buffer ours = {};
	_cleanup_(bytes_done) struct bytes found = {};
	int r;

	if (!place_is_near(place))
		return 0;
	r = name_owner(authority, &ours);
	if (r < 0)
		return r;
	/* Only ours is made: another one that is missing may be a disk that is not mounted. Whether
	 * that went well the next steps tell. */
	if (!strcmp(place, standard) && directory_make(standard, 0700) < 0)
		log_debug(LOG_FIELDS(log_text("PLACE", place)), "the directory can't be made");
	r = place_read(&access, place, STORAGE_OWNER_FILE, OWNER_MOST, &found, ret_reason);
	if (r == PLACE_NOT_FOUND)
		return place_write(&access, place, STORAGE_OWNER_FILE, span_of_buffer(&ours),
				   ret_reason);
	return r ? r : check_owner(span_of(found), span_of_buffer(&ours), place, ret_reason);
}

int storage_claim(struct flow *flow, struct authority *authority, const char *place,
		  const char *standard, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(flow->claims, CLAIM_STORE, span_of_text(authority->conf->label));

	return storage_claim_held(flow, authority, place, standard, ret_reason);
}
