/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/records.h"
#include <stdlib.h>

void ca_server_record_done(struct ca_server_record *record)
{
	free(record->label);
	*record = (struct ca_server_record){};
}

void ca_crl_record_done(struct ca_crl_record *record)
{
	bytes_done(&record->der);
	*record = (struct ca_crl_record){};
}

void ca_generation_record_done(struct ca_generation_record *record)
{
	bytes_done(&record->certificate);
	free(record->token);
	free(record->token_serial);
	bytes_done(&record->key_id);
	bytes_done(&record->spki);
	bytes_done(&record->serial);
	bytes_done(&record->issuer);
	bytes_done(&record->superiors);
	*record = (struct ca_generation_record){};
}

void ca_generation_records_free(struct ca_generation_record *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ca_generation_record_done(&records[i]);
	free(records);
}

void ca_key_place_done(struct ca_key_place *place)
{
	free(place->token);
	free(place->token_serial);
	free(place->label);
	bytes_done(&place->spki);
	*place = (struct ca_key_place){};
}

void ca_exchange_record_done(struct ca_exchange_record *record)
{
	ca_key_place_done(&record->key);
	bytes_done(&record->certificate);
	*record = (struct ca_exchange_record){};
}

void ca_exchange_records_free(struct ca_exchange_record *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ca_exchange_record_done(&records[i]);
	free(records);
}

void ca_request_record_done(struct ca_request_record *record)
{
	bytes_done(&record->transaction_id);
	bytes_done(&record->renewed);
	bytes_done(&record->csr);
	bytes_done(&record->subject);
	bytes_done(&record->sender_nonce);
	bytes_done(&record->answered_nonce);
	free(record->peer);
	free(record->rule);
	free(record->reason);
	*record = (struct ca_request_record){};
}

void ca_certificate_record_done(struct ca_certificate_record *record)
{
	bytes_done(&record->serial);
	bytes_done(&record->subject);
	bytes_done(&record->certificate);
	*record = (struct ca_certificate_record){};
}

void ca_password_record_done(struct ca_password_record *record)
{
	bytes_done(&record->subject);
	*record = (struct ca_password_record){};
}
