/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words in which programs speak of keys: what a pair is for, whether it may leave its token,
 * how it is written when it does. From keys.def; the numbers cross sockets and are for ever.
 */

#include "daemon/base/bytes.h"

enum key_usage {
#define KEY_USAGE(NAME, number, name, words) KEY_USAGE_##NAME = (number),
#include "daemon/ipc/keys.def"
};
enum key_exportable {
#define KEY_EXPORTABLE(NAME, number, name, words) KEY_EXPORTABLE_##NAME = (number),
#include "daemon/ipc/keys.def"
};
enum key_form {
#define KEY_FORM(NAME, number, name) KEY_FORM_##NAME = (number),
#include "daemon/ipc/keys.def"
};

/* The name ("signature", "once", "3des"), and a line for people ("Signature Key"); "unknown" for a
 * number outside the list. */
const char *key_usage_name(int usage);
const char *key_usage_words(int usage);
const char *key_exportable_name(int exportable);
const char *key_exportable_words(int exportable);
const char *key_form_name(int form);
/* The number of a name; 0 where there is none. */
int key_usage_find(struct span name);
int key_exportable_find(struct span name);
int key_form_find(struct span name);
