/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/hand.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/ca/serial-text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/flow/enroll/issue.h"
#include "daemon/flow/enroll/record.h"
#include "daemon/x509/name.h"
#include "policy/password.h"
#include <stdlib.h>
#include <string.h>

int flow_find_certificate(const struct hand *hand, const char *serial,
			  struct ca_certificate_record *ret)
{
	const char *label = hand->authority->conf->label;
	struct ca_serial_name name;
	int r;

	if (ca_serial_name_read(serial, &name) < 0)
		return HAND_NO_SERIAL;
	r = name.is_counter
		    ? store_certificate_find_counter(hand->flow->store, label, name.counter, ret)
		    : store_certificate_find(hand->flow->store, label,
					     SPAN(name.serial, name.serial_size), ret);
	return r > 0 ? HAND_NOT_FOUND : r;
}

int flow_generate_password(const struct hand *hand, unsigned minutes, const char *subject,
			   char *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes name = {};
	_cleanup_(audit_done) struct audit_event event = {};
	uint8_t random[PASSWORD_RANDOM_SIZE], mac[SHA256_SIZE];
	struct store_change change = {
		.server = hand->authority->conf->label,
		.now_s = hand->now_s,
		.password_mac = SPAN_ARRAY(mac),
		.password_expires_s = hand->now_s + (int64_t)minutes * 60,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	if (subject && x509_name_from_text(subject, &name, NULL) < 0) {
		r = text_format(ret_reason,
				"\"%s\" is no distinguished name: write it as CN=router1,O=Example",
				subject);
		return r < 0 ? r : FLOW_REFUSED;
	}
	change.password_subject = span_of(name);
	random_fill(random, sizeof(random));
	password_format(random, ret);
	wipe(random, sizeof(random));
	password_mac(store_password_key(hand->flow->store), span_of_text(ret), mac);
	r = audit_of_act(AUDIT_PASSWORD_GENERATE, hand->actor, hand->authority->conf->label,
			 subject, &event);
	if (r >= 0)
		r = store_commit(hand->flow->store, &change);
	if (r == STORE_NOT_FOUND) {
		r = text_format(ret_reason, "server %s is not created",
				hand->authority->conf->label);
		return r < 0 ? r : FLOW_REFUSED;
	}
	return r > 0 ? -EBUSY : r;
}
