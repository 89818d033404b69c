/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/options.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void usage(void)
{
	(void)fprintf(stderr,
		      "usage: bench-load --port N --key-file FILE [--keys 256] [--clients 4]\n"
		      "         [--enrollments 1000] [--server ROOTCA] [--serials FILE]\n"
		      "         [--stops N:MICROSECONDS,...]\n");
	exit(2);
}

struct options options_read(int argc, char **argv)
{
	static const struct option known[] = {
		{"port", required_argument, NULL, 'p'},
		{"key-file", required_argument, NULL, 'f'},
		{"keys", required_argument, NULL, 'k'},
		{"clients", required_argument, NULL, 'c'},
		{"server", required_argument, NULL, 's'},
		{"enrollments", required_argument, NULL, 'e'},
		{"serials", required_argument, NULL, 'o'},
		{"stops", required_argument, NULL, 'x'},
		{0},
	};
	struct options options = {
		.clients = 4, .enrollments = 1000, .keys = 256, .server = "ROOTCA"};
	const char *texts[128] = {0};
	int which;

	while ((which = getopt_long(argc, argv, "", known, NULL)) >= 0 && which < 128)
		texts[which] = which == '?' ? "?" : optarg;
#define NUMBER(letter, member)                                                                     \
	options.member = texts[letter] ? (unsigned)strtoul(texts[letter], NULL, 10) : options.member
	NUMBER('p', port);
	NUMBER('k', keys);
	NUMBER('c', clients);
	NUMBER('e', enrollments);
	options.key_file = texts['f'];
	options.server = texts['s'] ? texts['s'] : options.server;
	options.serials = texts['o'];
	options.stops = texts['x'];
	if (texts['?'] || optind != argc || !options.port || !options.key_file || !options.keys ||
	    !options.clients || options.clients > 250)
		usage();
	return options;
}
