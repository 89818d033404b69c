/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/restore-look.h"
#include "daemon/base/files.h"
#include "daemon/ca/ser-file.h"
#include "daemon/ca/serial.h"
#include "daemon/x509/name.h"
#include <stdlib.h>
#include <string.h>

#define BITS_STRONG 2048

void restore_done(struct restore *restore)
{
	free(restore->revoked.items);
	token_key_done(&restore->token_key);
	ca_generation_record_done(&restore->generation);
	ca_certificate_record_done(&restore->record);
}

int restore_refuse(char **ret_reason, const char *why)
{
	int r = text_format(ret_reason, "%s", why);

	return r < 0 ? r : FLOW_REFUSED;
}

static bool verifies(const struct x509_certificate *signer, enum digest digest,
		     struct span to_be_signed, struct span signature)
{
	return digest != DIGEST_NONE &&
	       x509_verify(&signer->key, digest, to_be_signed, signature) == 0;
}

static void read_facts(struct restore *restore)
{
	const struct x509_certificate *c = &restore->certificate;
	const struct conf_server *conf = restore->authority->conf;
	const struct x509_extensions *extensions = &c->extensions;
	struct ca_restore_facts *facts = &restore->facts;

	facts->root = conf->mode == CONF_MODE_ROOT;
	facts->name_matches = x509_name_equal(c->subject, span_of(restore->authority->name));
	facts->self_signed = span_equal(c->subject, c->issuer) &&
			     verifies(c, c->digest, c->to_be_signed, c->signature);
	facts->ca = extensions->ca;
	facts->cert_sign = !extensions->has_key_usage || extensions->key_usage & X509_KEY_CERT_SIGN;
	facts->crl_sign = !extensions->has_key_usage || extensions->key_usage & X509_CRL_SIGN;
	facts->not_before_s = c->not_before_s;
	facts->not_after_s = c->not_after_s;
	facts->weak = c->digest < DIGEST_SHA256 || c->key.modulus.size * 8 < BITS_STRONG;
	facts->allow_weak = conf->allow_weak;
	facts->own_counter = ca_serial_counter(c->serial);
	facts->serial_is_random = facts->own_counter && c->serial.size > sizeof(uint64_t);
	facts->random = conf->serial_numbers == CONF_SERIAL_NUMBERS_RANDOM;
}

static int read_last(struct restore *restore, char **ret_reason)
{
	const struct restore_order *order = restore->order;
	struct ca_restore_facts *facts = &restore->facts;
	struct ca_ser_file file;
	int r;

	facts->has_last = order->last_counter || order->ser.size;
	facts->last_counter = order->last_counter;
	if (!order->ser.size)
		return 0;
	r = ca_ser_file_read(order->ser, &file);
	if (r == CA_SER_VERSION_UNKNOWN) {
		r = text_format(ret_reason,
				"the .ser file is of version %u; 1 is known here: give the last "
				"serial number by hand (--last-serial)",
				file.version);
		return r < 0 ? r : FLOW_REFUSED;
	}
	if (r < 0)
		return restore_refuse(ret_reason,
				      "the .ser file holds no version and last serial number");
	/* The later of the two: a serial must never come again. */
	if (file.last_serial > facts->last_counter)
		facts->last_counter = file.last_serial;
	return 0;
}

/* What this database knows of the key: an older .ser file must not make its servers' serials come
 * again under another label. */
static int read_known(struct restore *restore)
{
	struct ca_restore_facts *facts = &restore->facts;
	_cleanup_(freep) char *label = NULL;
	uint8_t key[SHA256_SIZE];
	uint64_t next = 0;
	int r;

	x509_key_sha256(&restore->certificate.key, key);
	r = store_serials_of_key(restore->flow->store, SPAN_ARRAY(key), &next, &label);
	if (r < 0)
		return r;
	facts->is_anothers = label && strcmp(label, restore->authority->conf->label) != 0;
	if (facts->has_last && next && next - 1 > facts->last_counter)
		facts->last_counter = next - 1;
	return 0;
}

/* A serial number that is not made as the CA's own are says nothing about its counter. */
static void note_revoked(struct restore *restore)
{
	struct ca_restore_facts *facts = &restore->facts;

	for (size_t i = 0; i < restore->revoked.n; i++) {
		struct span serial = restore->revoked.items[i].serial;
		uint64_t counter = ca_serial_counter(serial);

		if ((serial.size > sizeof(counter)) == facts->serial_is_random &&
		    counter > facts->revoked_counter)
			facts->revoked_counter = counter;
	}
}

static int read_crl(struct restore *restore, char **ret_reason)
{
	const struct x509_certificate *issuer = &restore->certificate;
	struct x509_crl *crl = &restore->crl;
	int r;

	restore->facts.has_crl = restore->order->crl.size;
	if (!restore->facts.has_crl)
		return 0;
	if (x509_crl_read(restore->order->crl, crl) < 0)
		return restore_refuse(ret_reason, "the CRL can't be read as one (RFC 5280 §5.1)");
	restore->facts.crl_is_its_own =
		x509_name_equal(crl->issuer, issuer->subject) &&
		verifies(issuer, crl->digest, crl->to_be_signed, crl->signature);
	r = restore_crl_list(crl->revoked, &restore->revoked);
	if (r == -EBADMSG)
		return restore_refuse(ret_reason,
				      "the CRL has an entry that can't be read, or the same "
				      "one twice");
	note_revoked(restore);
	return r;
}

int restore_look(struct restore *restore, int64_t now_s, char **ret_reason)
{
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	const char *rule;
	int r;

	if (x509_certificate_read(restore->order->certificate, &restore->certificate) < 0)
		return restore_refuse(ret_reason, "the CA certificate can't be read as one");
	r = store_server_load(restore->flow->store, restore->authority->conf->label, &server);
	if (r < 0)
		return r;
	restore->facts.exists = r == 0;
	read_facts(restore);
	r = read_last(restore, ret_reason);
	if (r == 0)
		r = read_known(restore);
	if (r == 0)
		r = read_crl(restore, ret_reason);
	if (r)
		return r;
	rule = ca_restore_refuses(&restore->facts, now_s);
	return rule ? restore_refuse(ret_reason, rule) : 0;
}
