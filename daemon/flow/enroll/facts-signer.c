/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed a message, and of which class somebody is. */
#include "daemon/base/log-event.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/class-of-name.h"
#include "daemon/flow/enroll/facts.h"

void signer_facts_done(struct signer_facts *facts)
{
	ca_certificate_record_done(&facts->certificate);
}

static enum grant_class class_of(bool is_ca, struct span subject)
{
	return is_ca ? GRANT_CLASS_SUBORDINATE : class_of_name(subject);
}

enum grant_class facts_of_class(const struct x509_request *request)
{
	return class_of(request->extensions.ca, request->subject);
}

/* Whether one of our generations signed it. */
static bool is_issued_by_us(const struct scep_turn *turn,
			    const struct x509_certificate *certificate)
{
	for (size_t i = 0; i < turn->generations->n; i++) {
		const struct x509_certificate *issuer = &turn->generations->items[i].certificate;

		if (span_equal(certificate->issuer, issuer->subject) &&
		    !x509_verify(&issuer->key, certificate->digest, certificate->to_be_signed,
				 certificate->signature))
			return true;
	}
	return false;
}

int facts_requester(struct span issuer, struct span serial, uint8_t ret[static SHA256_SIZE])
{
	_cleanup_(buffer_done) struct buffer name = {};

	buffer_append(&name, issuer);
	buffer_append_byte(&name, (uint8_t)serial.size);
	buffer_append(&name, serial);
	if (name.error)
		return name.error;
	sha256(span_of_buffer(&name), ret);
	return 0;
}

/* A key of ours signed what our database does not know: it is nobody's, whatever it says. */
static void tell_unknown(const struct scep_turn *turn, const struct x509_certificate *certificate)
{
	char serial[129];

	log_error(LOG_FIELDS(log_event(LOG_EVENT_CERTIFICATE_UNKNOWN),
			     log_text("SERVER", turn->authority->conf->label),
			     log_span("PEER", turn->peer),
			     log_hex("SERIAL", certificate->serial, serial)),
		  "a certificate of this server's key is not in the database");
}

/* Of the CA's, which has it in a database of its own. */
static void describe_issued_elsewhere(const struct x509_certificate *certificate,
				      struct ca_certificate_record *ret)
{
	ret->not_before_s = certificate->not_before_s;
	ret->not_after_s = certificate->not_after_s;
	ret->class = class_of(certificate->extensions.ca, certificate->subject);
}

int facts_of_signer(const struct scep_turn *turn, struct signer_facts *ret)
{
	const struct x509_certificate *certificate = &turn->request->signer;
	int r;

	if (!is_issued_by_us(turn, certificate)) {
		x509_key_sha256(&certificate->key, ret->requester);
		return 0;
	}
	r = store_certificate_find(turn->flow->store, turn->authority->conf->label,
				   certificate->serial, &ret->certificate);
	if (r < 0)
		return r;
	ret->ours = !r && span_equal(span_of(ret->certificate.certificate), certificate->whole);
	if (!ret->ours)
		signer_facts_done(ret);
	if (!ret->ours && conf_server_is_ra(turn->authority->conf)) {
		describe_issued_elsewhere(certificate, &ret->certificate);
		ret->ours = true;
	}
	if (!ret->ours) {
		tell_unknown(turn, certificate);
		x509_key_sha256(&certificate->key, ret->requester);
		return 0;
	}
	return facts_requester(certificate->issuer, certificate->serial, ret->requester);
}
