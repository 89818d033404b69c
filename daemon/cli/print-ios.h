/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Times, fingerprints, names and certificates in the form that IOS shows them in. */

#include "daemon/cli/print-parts.h"

#define PRINT_TIME_SIZE 64
/* "13:14:16 GMT Oct 8 2017" of "2017-10-08T13:14:16Z"; where the value is none, 1970 has begun. */
const char *print_ios_time(const json_t *value, char ret[static PRINT_TIME_SIZE]);
/* @title as it is, and a member's time in that form. */
void print_ios_line(const char *title, const json_t *object, const char *member);
/* "    title: " and the time. */
void print_ios_moment(const char *title, const json_t *object, const char *member);
/* "    title: " and the one of this kind ("md5") in groups of eight digits. */
void print_ios_fingerprint(const char *title, const json_t *fingerprints, const char *kind);

/* A name as IOS shows it: an attribute a line, its type in small letters. */
void print_name(const char *name);
/* The DER in @pem in hex, eight groups of eight digits a line, and "quit". */
void print_hex_block(const char *pem);
