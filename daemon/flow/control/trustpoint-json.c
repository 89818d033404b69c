/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, identities and requests of trustpoints in JSON. */
#include "daemon/base/text.h"
#include "daemon/flow/control/parts.h"
#include "daemon/ipc/keys.h"
#include "daemon/x509/name.h"
#include "daemon/x509/path.h"
#include "daemon/x509/rdn.h"

/* Names and certificates. */

static json_t *json_value(const struct x509_attribute *attribute)
{
	_cleanup_(buffer_done) struct buffer text = {};

	text_append_escaped(&text, attribute->value.content);
	return text.error ? NULL : json_stringn((const char *)text.data, text.size);
}

/* What a router's subject has beside its name (RFC 2985 §5.4; IOS's three). */
static void add_device(json_t *json, struct span name)
{
	static const struct {
		enum oid type;
		const char *member;
	} rows[] = {{OID_UNSTRUCTURED_NAME, "name"},
		    {OID_UNSTRUCTURED_ADDRESS, "ipAddress"},
		    {OID_SERIAL_NUMBER, "deviceSerial"}};
	struct x509_attribute attribute;
	struct x509_rdns rdns;
	struct x509_name_walk walk = {.rdns = &rdns};

	if (x509_rdns_read(name, &rdns) < 0)
		return;
	while (x509_name_walk_next(&walk, &attribute))
		for (size_t i = 0; i < ELEMENTS(rows); i++)
			if (oid_find(attribute.type) == rows[i].type)
				json_object_set_new(json, rows[i].member, json_value(&attribute));
}

static json_t *json_points(struct span certificate)
{
	_cleanup_(x509_crl_places_done) struct x509_crl_places places = {};
	json_t *list = json_array();

	if (x509_crl_places_read(certificate, &places) < 0)
		return list;
	for (size_t i = 0; i < places.n; i++)
		json_array_append_new(list, json_string(places.urls[i]));
	return list;
}

json_t *control_json_certificate(struct span der, const char *status)
{
	struct x509_certificate certificate;
	json_t *json;

	if (x509_certificate_read(der, &certificate) < 0)
		return json_null();
	json = json_pack(
		"{s:s, s:o?, s:s, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?}", "status", status,
		"serial", control_json_hex(certificate.serial, true), "usage",
		control_usage_words(&certificate), "issuer", control_json_name(certificate.issuer),
		"subject", control_json_name(certificate.subject), "notBefore",
		control_json_time(certificate.not_before_s), "notAfter",
		control_json_time(certificate.not_after_s), "cdp", json_points(der), "fingerprints",
		control_json_fingerprints(der), "pem", control_json_pem("CERTIFICATE", der));
	if (json)
		add_device(json, certificate.subject);
	return json;
}

json_t *control_json_certificates(struct span ders)
{
	struct der_item item;
	json_t *list = json_array();

	while (der_next(&ders, &item) == 0)
		json_array_append_new(list, control_json_certificate(item.whole, "Available"));
	return list;
}

/* Identities and requests. */

json_t *control_json_identity(const struct ca_identity_record *identity, const char *status)
{
	json_t *json = control_json_certificate(span_of(identity->certificate), status);

	if (json_is_object(json))
		json_object_update_new(
			json,
			json_pack("{s:s, s:s, s:s, s:o?, s:b, s:o?}", "keyUsage",
				  key_usage_name(identity->usage), "token", identity->key.token,
				  "label", identity->key.label, "key",
				  control_json_hex(SPAN_ARRAY(identity->key.key_sha256), false),
				  "byHand", (int)identity->by_hand, "takesOver",
				  control_json_time(identity->takes_over_s)));
	return json;
}

json_t *control_json_enrollment(const struct ca_enrollment_record *enrollment)
{
	bool by_hand = enrollment->state == CA_ENROLLMENT_BY_HAND;
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:o?, s:{s:o?, s:o?, s:o?}, s:o?, s:I, s:o?, s:o?}",
		"status", "Pending", "state", ca_enrollment_state_name(enrollment->state),
		"keyUsage", key_usage_name(enrollment->usage), "usage",
		control_key_words(enrollment->usage), "usageWords",
		key_usage_words(enrollment->usage), "subject",
		control_json_name(span_of(enrollment->subject)), "fingerprints", "md5",
		control_json_hex(SPAN_ARRAY(enrollment->request_md5), true), "sha1",
		control_json_hex(SPAN_ARRAY(enrollment->request_sha1), true), "sha256",
		control_json_hex(SPAN_ARRAY(enrollment->request_sha256), true), "createdAt",
		control_json_time(enrollment->created_s), "tries", (json_int_t)enrollment->tries,
		"triedAt", control_json_time(enrollment->tried_s), "told",
		enrollment->told ? json_string(enrollment->told) : json_null());

	if (json)
		add_device(json, span_of(enrollment->subject));
	if (json && by_hand)
		json_object_set_new(
			json, "pem",
			control_json_pem("CERTIFICATE REQUEST", span_of(enrollment->message)));
	return json;
}
