/* SPDX-License-Identifier: Apache-2.0 */
/* Decryption of whatever content, of rsa-key.h. */
#include "daemon/base/spki.h"
#include "hsm/fault.h"
#include "hsm/oaep.h"
#include "hsm/padding.h"
#include "hsm/rsa-key-internal.h"
#include <string.h>

struct open {
	struct hsm_session *session;
	CK_OBJECT_HANDLE handle;
	const struct hsm_rsa_opening *opening;
	struct secret synthetic; /* PKCS#1 v1.5: what stands for a wrong padding; as long as the
				    modulus */
	size_t synthetic_size;
	struct secret block;   /* what the token gave; as long as the modulus */
	struct secret content; /* as long as the modulus, and then cut */
};

static bool is_oaep(const struct open *open)
{
	return open->opening->way->padding == RSA_PADDING_OAEP;
}

/* By @mechanism, into the block. 0, with how many bytes; HSM_RSA_KEY_WRONG where it may be the
 * content's fault; -errno. */
static int decrypt(struct open *open, CK_MECHANISM *mechanism, CK_ULONG *ret_size)
{
	struct span encrypted = open->opening->encrypted;
	CK_ULONG size = open->block.size;
	CK_RV rv;
	int r = rsa_key_begin(open->session, open->handle, mechanism, CKF_DECRYPT);

	if (r < 0)
		return r;
	rv = hsm_session_functions(open->session)
		     ->C_Decrypt(hsm_session_handle(open->session), (CK_BYTE *)encrypted.data,
				 encrypted.size, open->block.data, &size);
	if (rv == CKR_OK && size > open->block.size)
		rv = CKR_ENCRYPTED_DATA_INVALID;
	*ret_size = size;
	if (rv == CKR_OK)
		return 0;
	r = hsm_session_failed(open->session, "C_Decrypt", rv);
	/* Raw RSA has no such: there a general failure is the token's own. */
	return r == -EBADMSG || (r == -EPROTO && mechanism->mechanism != CKM_RSA_X_509)
		       ? HSM_RSA_KEY_WRONG
		       : r;
}

static void take_content(struct open *open, struct span content)
{
	if (content.size)
		memcpy(open->content.data, content.data, content.size);
	open->content.size = content.size;
}

static void take_synthetic(struct open *open)
{
	take_content(open,
		     span_slice(span_of_secret(open->synthetic),
				open->synthetic.size - open->synthetic_size, open->synthetic_size));
}

/* What raw RSA gave, or HSM_RSA_KEY_WRONG: a block that is no number below the modulus. */
static int undo_padding(struct open *open)
{
	struct span content;
	int r;

	if (!is_oaep(open)) {
		open->content.size = padding_open_any(span_of_secret(open->block),
						      span_of_secret(open->synthetic),
						      open->synthetic_size, open->content.data);
		return 0;
	}
	r = oaep_open(open->opening->way, &open->block, &content);
	if (r == OAEP_WRONG)
		return HSM_RSA_KEY_WRONG;
	take_content(open, content);
	return r;
}

static int open_raw(struct open *open)
{
	CK_MECHANISM mechanism = {CKM_RSA_X_509, NULL, 0};
	CK_ULONG size;
	int r = decrypt(open, &mechanism, &size);

	if (r)
		return r;
	rsa_key_align(&open->block, size);
	return undo_padding(open);
}

/* The token undoes the padding. */
static int open_padded(struct open *open)
{
	const struct rsa_opening *way = open->opening->way;
	CK_RSA_PKCS_OAEP_PARAMS parameters = {
		.source = CKZ_DATA_SPECIFIED,
		.pSourceData = way->label.size ? (void *)way->label.data : NULL,
		.ulSourceDataLen = way->label.size,
	};
	CK_MECHANISM pkcs1 = {CKM_RSA_PKCS, NULL, 0};
	CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, &parameters, sizeof(parameters)};
	struct rsa_key_digest names;
	CK_ULONG size;
	int r;

	if (is_oaep(open)) {
		if (!rsa_key_find_digest(way->digest, way->mgf1, &names))
			return -EOPNOTSUPP;
		parameters.hashAlg = names.hash;
		parameters.mgf = names.mask;
	}
	r = decrypt(open, is_oaep(open) ? &oaep : &pkcs1, &size);
	if (r == 0)
		take_content(open, SPAN(open->block.data, size));
	return r;
}

static int open_somehow(struct open *open, struct span modulus)
{
	struct span encrypted = open->opening->encrypted;
	int r;

	/* The sender knows the size of what it sent: no secret is in this branch. */
	if (encrypted.size != modulus.size || span_compare(encrypted, modulus) >= 0)
		return HSM_RSA_KEY_WRONG;
	r = open_raw(open);
	if (r == -EOPNOTSUPP && !hsm_session_is_broken(open->session))
		r = open_padded(open);
	return r == -EOPNOTSUPP ? HSM_RSA_KEY_UNABLE : r;
}

/* What is wrong with PKCS#1 v1.5 is told to nobody. */
static int open_or_stand_in(struct open *open, struct span modulus)
{
	int r = open_somehow(open, modulus);

	if (r != HSM_RSA_KEY_WRONG || is_oaep(open))
		return r;
	take_synthetic(open);
	return 0;
}

static int prepare(struct open *open, const struct hsm_rsa_key *key, size_t modulus_bytes)
{
	const struct hsm_rsa_opening *opening = open->opening;
	int r = secret_new(modulus_bytes, &open->block);

	if (r == 0)
		r = secret_new(modulus_bytes, &open->content);
	if (r == 0 && !is_oaep(open))
		r = secret_new(modulus_bytes, &open->synthetic);
	if (r == 0 && !is_oaep(open))
		padding_synthesize(opening->process_secret, key->spki, opening->encrypted,
				   &open->synthetic, &open->synthetic_size);
	return r;
}

int hsm_rsa_key_open(struct hsm_session *session, const struct hsm_rsa_key *key,
		     const struct hsm_rsa_opening *opening, struct secret *ret)
{
	struct open open = {.session = session, .opening = opening};
	struct span modulus, exponent;
	int r = spki_read(key->spki, &modulus, &exponent);

	if (r == 0)
		r = rsa_key_locate(session, key, &open.handle);
	if (r == 0)
		r = prepare(&open, key, modulus.size);
	if (r == 0)
		r = open_or_stand_in(&open, modulus);
	if (r == 0)
		*ret = TAKE_STRUCT(open.content);
	secret_done(&open.block);
	secret_done(&open.synthetic);
	secret_done(&open.content);
	return r;
}
