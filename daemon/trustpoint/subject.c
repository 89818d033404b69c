/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/subject.h"
#include "daemon/base/text.h"
#include "daemon/trustpoint/usage.h"
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"
#include "daemon/x509/put.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define FQDN_MAX 255

/* The words without those that say none. */
struct content {
	const char *subject_name, *serial_number, *ip_address, *fqdn;
	bool fqdn_is_hosts;
	uint8_t address[16];
	size_t address_size;
};

void trustpoint_subject_done(struct trustpoint_subject *subject)
{
	bytes_done(&subject->name);
	bytes_done(&subject->extensions);
	bytes_done(&subject->signer_name);
}

uint16_t trustpoint_key_usage(int usage)
{
	static const uint16_t bits[] = {
		[TRUSTPOINT_GENERAL] = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		[TRUSTPOINT_SIGNATURE] = X509_DIGITAL_SIGNATURE,
		[TRUSTPOINT_ENCRYPTION] = X509_KEY_ENCIPHERMENT,
	};

	assert(usage >= TRUSTPOINT_GENERAL && usage <= TRUSTPOINT_ENCRYPTION);
	return bits[usage];
}

static const char *unless_none(const char *word)
{
	return word && word[0] && strcasecmp(word, "none") != 0 ? word : NULL;
}

/* "OPTION=WORD SAYS", as an outcome. */
static int refuse(const char *option, const char *word, const char *says, char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer reason = {};
	int r;

	buffer_printf(&reason, "%s=", option);
	text_append_escaped(&reason, span_of_text(word));
	buffer_printf(&reason, " %s", says);
	r = buffer_take_text(&reason, ret_reason);
	return r < 0 ? r : TRUSTPOINT_SUBJECT_REFUSED;
}

/* A host's name (RFC 1123 §2.1), with '_' as some have it. */
static bool is_host_name(const char *text)
{
	size_t label = 0, n = strlen(text);

	if (!n || n > FQDN_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				    (c >= '0' && c <= '9') || c == '_';

		if (c == '.' ? !label || text[i - 1] == '-' : !alphanumeric && (c != '-' || !label))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label && text[n - 1] != '-';
}

static bool is_printable(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    " '()+,-./:=?") == strlen(text);
}

static int check_fqdn(const struct content *content, char **ret_reason)
{
	if (!content->fqdn || is_host_name(content->fqdn))
		return 0;
	return refuse("FQDN", content->fqdn,
		      content->fqdn_is_hosts
			      ? "is what this host calls itself, and is no full name; set FQDN="
			      : "is no full name: letters, digits and hyphens between dots",
		      ret_reason);
}

static int check_words(struct content *content, char **ret_reason)
{
	const char *serial = content->serial_number, *address = content->ip_address;

	if (serial && (strlen(serial) > 64 || !is_printable(serial)))
		return refuse(
			"SerialNumber", serial,
			"is no serial number: at most 64 letters, digits, blanks and '()+,-./:=?",
			ret_reason);
	if (address && inet_pton(AF_INET, address, content->address) == 1)
		content->address_size = 4;
	else if (address && inet_pton(AF_INET6, address, content->address) == 1)
		content->address_size = 16;
	else if (address)
		return refuse("IPAddress", address,
			      "is no IPv4 or IPv6 address; write the address itself, or none",
			      ret_reason);
	if (!content->subject_name && !serial && !address && !content->fqdn)
		return refuse("SubjectName", "",
			      "is needed where FQDN=, IPAddress= and SerialNumber= name nothing",
			      ret_reason);
	return check_fqdn(content, ret_reason);
}

/* An attribute as text for x509_name_from_text(). */
static void append_attribute(struct buffer *out, const char *type, const char *value)
{
	if (!value)
		return;
	buffer_printf(out, "%s%s=", out->size ? "+" : "", type);
	for (; *value; value++)
		buffer_printf(out, strchr(" +,=", *value) ? "\\%c" : "%c", *value);
}

/* The device's RDN; empty where nothing goes in there. */
static int make_device(const struct content *content, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {};
	_cleanup_(freep) char *text = NULL;
	int r;

	append_attribute(&out, "serialNumber", content->serial_number);
	append_attribute(&out, "unstructuredAddress", content->ip_address);
	append_attribute(&out, "unstructuredName", content->fqdn);
	if (!out.size)
		return out.error;
	r = buffer_take_text(&out, &text);
	return r < 0 ? r : x509_name_from_text(text, ret, NULL);
}

/* The RDNs of @name, one behind the other. */
static void put_rdns(struct der_writer *w, struct span name)
{
	struct der_item item;

	if (name.size && der_only(name, DER_SEQUENCE, &item) == 0)
		der_put_raw(w, item.content);
}

static int join_names(struct span first, struct span last, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};

	der_begin(&w, DER_SEQUENCE);
	put_rdns(&w, first);
	put_rdns(&w, last);
	der_end(&w);
	return der_finish(&w, ret);
}

static int refuse_name(const char *text, size_t where, char **ret_reason)
{
	_cleanup_(buffer_done) struct buffer says = {};
	_cleanup_(freep) char *sentence = NULL;
	int r;

	buffer_printf(&says,
		      "is no name from character %zu on; write it as CN=router,OU=branch,O=company",
		      where + 1);
	r = buffer_take_text(&says, &sentence);
	return r < 0 ? r : refuse("SubjectName", text, sentence, ret_reason);
}

static int make_name(const struct content *content, struct bytes *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes typed = {}, device = {};
	size_t where = 0;
	int r = 0;

	if (content->subject_name)
		r = x509_name_from_text(content->subject_name, &typed, &where);
	if (r == -EINVAL)
		return refuse_name(content->subject_name, where, ret_reason);
	if (r == 0)
		r = make_device(content, &device);
	if (r < 0)
		return r;
	return join_names(span_of(typed), span_of(device), ret);
}

static int make_signer_name(const struct content *content, struct span name, struct bytes *ret)
{
	const struct content alone = {.fqdn = content->fqdn};

	return content->fqdn ? make_device(&alone, ret) : bytes_copy(name, ret);
}

static void put_alt_names(struct der_writer *w, const struct content *content)
{
	x509_begin_extension(w, OID_SUBJECT_ALT_NAME, false);
	der_begin(w, DER_SEQUENCE);
	if (content->fqdn)
		der_put(w, DER_CONTEXT(2), span_of_text(content->fqdn));
	if (content->address_size)
		der_put(w, DER_CONTEXT(7), SPAN(content->address, content->address_size));
	der_end(w);
	x509_end_extension(w);
}

static int make_extensions(const struct content *content, int usage, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};

	der_begin(&w, DER_SEQUENCE);
	if (content->fqdn || content->address_size)
		put_alt_names(&w, content);
	x509_begin_extension(&w, OID_KEY_USAGE, true);
	der_put_named_bits(&w, trustpoint_key_usage(usage));
	x509_end_extension(&w);
	der_end(&w);
	return der_finish(&w, ret);
}

int trustpoint_subject_make(const struct trustpoint_words *words, int usage,
			    struct trustpoint_subject *ret, char **ret_reason)
{
	_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject = {};
	struct content content = {
		.subject_name = unless_none(words->subject_name),
		.serial_number = unless_none(words->serial_number),
		.ip_address = unless_none(words->ip_address),
		.fqdn = unless_none(words->fqdn && words->fqdn[0] ? words->fqdn : words->host),
		.fqdn_is_hosts = !words->fqdn || !words->fqdn[0],
	};
	int r = check_words(&content, ret_reason);

	if (r == 0)
		r = make_name(&content, &subject.name, ret_reason);
	if (r == 0)
		r = make_extensions(&content, usage, &subject.extensions);
	if (r == 0)
		r = make_signer_name(&content, span_of(subject.name), &subject.signer_name);
	if (r == 0)
		*ret = TAKE_STRUCT(subject);
	return r;
}

static int make_ca_extensions(uint16_t key_usage, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};

	der_begin(&w, DER_SEQUENCE);
	x509_begin_extension(&w, OID_BASIC_CONSTRAINTS, true);
	der_begin(&w, DER_SEQUENCE);
	der_put_boolean(&w, true);
	der_end(&w);
	x509_end_extension(&w);
	x509_begin_extension(&w, OID_KEY_USAGE, true);
	der_put_named_bits(&w, key_usage);
	x509_end_extension(&w);
	der_end(&w);
	return der_finish(&w, ret);
}

int trustpoint_subject_make_ca(struct span name, uint16_t key_usage, struct trustpoint_subject *ret)
{
	_cleanup_(trustpoint_subject_done) struct trustpoint_subject subject = {};
	int r = bytes_copy(name, &subject.name);

	/* Its key signs in no other name. */
	if (r == 0)
		r = bytes_copy(name, &subject.signer_name);
	if (r == 0)
		r = make_ca_extensions(key_usage, &subject.extensions);
	if (r == 0)
		*ret = TAKE_STRUCT(subject);
	return r;
}
