/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the key-file*.c files alone. */

#include "token/key-file.h"
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

/* key-file-seal.c: encryption under a passphrase. */

/* EncryptedPrivateKeyInfo (RFC 5208 §6) opened: PKCS#8. 0, UNKNOWN_CIPHER, NOT_OPENED, -ENOMEM.
 * @library: NULL for OpenSSL's own. */
_checked_ int seal_open(const X509_SIG *sealed, struct span passphrase, OSSL_LIB_CTX *library,
			struct secret *ret);
/* The other way: PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA256. The caller's to free; NULL. */
X509_SIG *seal_make(struct span plain, struct span passphrase);
/* The key that traditional PEM makes of a passphrase: OpenSSL's EVP_BytesToKey over MD5, one round,
 * salted with the first 8 bytes of the IV. -ENOMEM. */
_checked_ int seal_derive(struct span passphrase, struct span iv, size_t size, struct secret *ret);

/* key-file-pem.c and key-file-archive.c. As key_file_read(), without certificate against key. */
_checked_ int pem_file_read(struct span content, struct span passphrase, struct key_file *ret);
_checked_ int archive_file_read(struct span content, struct span passphrase, struct key_file *ret);
/* As key_file_write(). */
_checked_ int pem_file_write(const struct key_file_order *order, struct bytes *ret);
_checked_ int archive_file_write(const struct key_file_order *order, struct bytes *ret);

/* What was opened, as a key. 0, NO_RSA. */
_checked_ int key_file_take(struct secret *der, struct key_file *ret);
