/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The command line of bench-load. */

struct options {
	unsigned port, clients, enrollments, keys;
	const char *key_file, *server, *serials, *stops;
};

/* Ends the program with status 2 where it is not understood. */
struct options options_read(int argc, char **argv);
