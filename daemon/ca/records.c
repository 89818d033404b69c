/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/records.h"
#include <stdlib.h>

void ca_server_record_done(struct ca_server_record *record)
{
	free(record->label);
	bytes_done(&record->crl);
	*record = (struct ca_server_record){};
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
	*record = (struct ca_generation_record){};
}

void ca_generation_records_free(struct ca_generation_record *records, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ca_generation_record_done(&records[i]);
	free(records);
}

void ca_request_record_done(struct ca_request_record *record)
{
	bytes_done(&record->transaction_id);
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
