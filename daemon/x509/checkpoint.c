/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/checkpoint.h"
#include "daemon/base/der.h"

static const char name[] = "claviger audit checkpoint 1";

int x509_checkpoint_build(const struct x509_checkpoint *from, struct bytes *ret)
{
	struct der_writer w = {0};

	assert(from->database.size == X509_CHECKPOINT_DATABASE_SIZE);
	assert(from->head.size == SHA256_SIZE && from->previous.size == SHA256_SIZE);
	der_begin(&w, DER_SEQUENCE);
	der_put(&w, DER_UTF8_STRING, span_of_text(name));
	der_put(&w, DER_OCTET_STRING, from->database);
	der_put_unsigned(&w, from->number);
	der_put_unsigned(&w, from->seq);
	der_put(&w, DER_OCTET_STRING, from->head);
	der_put_time(&w, from->time_s);
	der_put(&w, DER_OCTET_STRING, from->previous);
	der_end(&w);
	return der_finish(&w, ret);
}

struct fields {
	struct der_item name, database, number, seq, head, time, previous;
};

static const struct der_field fields[] = {
	DER_FIELD(struct fields, name, DER_UTF8_STRING),
	DER_FIELD(struct fields, database, DER_OCTET_STRING),
	DER_FIELD(struct fields, number, DER_INTEGER),
	DER_FIELD(struct fields, seq, DER_INTEGER),
	DER_FIELD(struct fields, head, DER_OCTET_STRING),
	DER_FIELD(struct fields, time, DER_ANY),
	DER_FIELD(struct fields, previous, DER_OCTET_STRING),
};

int x509_checkpoint_read(struct span whole, struct x509_checkpoint *ret)
{
	struct der_item sequence;
	struct fields read;

	if (der_only(whole, DER_SEQUENCE, &sequence) < 0 ||
	    der_match(sequence.content, fields, ELEMENTS(fields), &read) < 0 ||
	    !span_equal(read.name.content, span_of_text(name)) ||
	    read.database.content.size != X509_CHECKPOINT_DATABASE_SIZE ||
	    read.head.content.size != SHA256_SIZE || read.previous.content.size != SHA256_SIZE ||
	    der_read_unsigned(&read.number, &ret->number) < 0 ||
	    der_read_unsigned(&read.seq, &ret->seq) < 0 ||
	    der_read_time(&read.time, &ret->time_s) < 0)
		return -EBADMSG;
	ret->database = read.database.content;
	ret->head = read.head.content;
	ret->previous = read.previous.content;
	return 0;
}
