/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The instants at which somebody else is to kill a program, in the load's own terms: so many
 * microseconds after the first sending of enrolment number N. Told on standard output ("now");
 * "dead", read from standard input, ends the instant; then it is told how many requests were out
 * when it began and had got no answer when it ended ("hit 3").
 */

#include "tests/bench/client.h"

struct stops;

/* @list: "N:MICROSECONDS,…", N rising from 0; the clients are looked at, not owned. */
struct stops *stops_start(const char *list, struct client *clients, unsigned n_clients);
/* An enrolment is about to be sent for the first time. */
void stops_count(struct stops *stops);
/* Waits for the last instant. */
void stops_end(struct stops *stops);
