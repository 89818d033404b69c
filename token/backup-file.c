/* SPDX-License-Identifier: Apache-2.0 */
#include "token/backup-file.h"
#include "daemon/base/crypto.h"
#include "daemon/base/spki.h"
#include "daemon/base/text.h"
#include <stdlib.h>
#include <string.h>

#define VERSION 1

void backup_file_done(struct backup_file *file)
{
	charter_file_done(&file->charter);
	bytes_done(&file->wrapped);
	free(file->mechanism);
	*file = (struct backup_file){0};
}

static void write_hex(struct buffer *out, const char *name, struct span value)
{
	buffer_printf(out, "%s=", name);
	text_append_hex(out, value, false);
	buffer_append_byte(out, '\n');
}

int backup_file_write(const struct backup_file *file, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {0};
	_cleanup_(bytes_done) struct bytes charter = {0};
	int r = charter_file_write(&file->charter, &charter);

	if (r < 0)
		return r;
	buffer_printf(&out, "ClavigerBackup=%d\nMechanism=%s\n", VERSION, file->mechanism);
	write_hex(&out, "WrappingKey", SPAN_ARRAY(file->check));
	write_hex(&out, "Charter", span_of(charter));
	write_hex(&out, "Wrapped", span_of(file->wrapped));
	return buffer_take(&out, ret);
}

int backup_file_seal(struct span written, struct span signature, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	buffer_append(&out, written);
	write_hex(&out, "Signature", signature);
	return buffer_take(&out, ret);
}

static int take_hex(struct span *text, const char *name, struct bytes *ret)
{
	struct span value;
	int r = charter_file_take_line(text, name, &value);

	return r < 0 ? r : text_read_hex(value, ret);
}

static int take_version(struct span *text)
{
	struct span value;
	int64_t version;
	int r = charter_file_take_line(text, "ClavigerBackup", &value);

	return r < 0 ? r : text_read_number(value, VERSION, VERSION, &version);
}

static int take_mechanism(struct span *text, char **ret)
{
	struct span value;
	int r = charter_file_take_line(text, "Mechanism", &value);

	return r < 0 ? r : span_to_text(value, ret);
}

static int take_check(struct span *text, uint8_t ret[static HSM_WRAPPING_CHECK_SIZE])
{
	_cleanup_(bytes_done) struct bytes check = {0};
	int r = take_hex(text, "WrappingKey", &check);

	if (r < 0 || check.size != HSM_WRAPPING_CHECK_SIZE)
		return r < 0 ? r : -EBADMSG;
	memcpy(ret, check.data, HSM_WRAPPING_CHECK_SIZE);
	return 0;
}

static int take_charter(struct span *text, struct charter_file *ret)
{
	_cleanup_(bytes_done) struct bytes charter = {0};
	int r = take_hex(text, "Charter", &charter);

	return r < 0 ? r : charter_file_read(span_of(charter), ret);
}

/* Off @text; @signed: all before it. */
static int check_signature(struct span *text, struct span signed_part, struct span spki)
{
	_cleanup_(rsa_public_freep) struct rsa_public *key = NULL;
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct span modulus, exponent;
	int r = take_hex(text, "Signature", &signature);

	if (r == 0)
		r = spki_read(spki, &modulus, &exponent);
	if (r == 0)
		r = rsa_public_new(modulus, exponent, &key);
	if (r == 0)
		r = rsa_public_verify(key, DIGEST_SHA256, signed_part, span_of(signature));
	return r;
}

/* A key that was not wrappable has no backup, and one that is not made no public key. */
static bool is_of_backup(const struct charter_file *charter)
{
	return charter->made && charter->exportable == KEY_EXPORTABLE_WRAPPED;
}

static int read_all(struct span whole, struct backup_file *file)
{
	struct span text = whole;
	int r = take_version(&text);

	if (r == 0)
		r = take_mechanism(&text, &file->mechanism);
	if (r == 0)
		r = take_check(&text, file->check);
	if (r == 0)
		r = take_charter(&text, &file->charter);
	if (r == 0)
		r = take_hex(&text, "Wrapped", &file->wrapped);
	if (r == 0)
		r = check_signature(&text, span_slice(whole, 0, whole.size - text.size),
				    span_of(file->charter.spki));
	return r == 0 && (text.size || !is_of_backup(&file->charter)) ? -EBADMSG : r;
}

int backup_file_read(struct span text, struct backup_file *ret)
{
	_cleanup_(backup_file_done) struct backup_file file = {0};
	int r = text.size > BACKUP_FILE_MOST ? -EBADMSG : read_all(text, &file);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	*ret = TAKE_STRUCT(file);
	return 0;
}
