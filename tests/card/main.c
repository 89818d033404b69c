/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtual-card PORT CONTROL [FILE]: a card reader's slot, at PORT of vpcd on 127.0.0.1, with the
 * card of FILE in it, or none. CONTROL is the socket by which it is told what to do. See README.md.
 */
#include "tests/card/control.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

static int run(uint16_t port, const char *path, const char *card)
{
	_cleanup_(sd_event_unrefp) sd_event *event = NULL;
	_cleanup_(slot_freep) struct slot *slot = NULL;
	_cleanup_(control_freep) struct control *control = NULL;
	int r;

	r = sd_event_new(&event);
	if (r == 0)
		r = sd_event_add_signal(event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL,
					NULL);
	if (r >= 0)
		r = slot_new(event, port, &slot);
	if (r == 0)
		r = control_new(event, path, slot, &control);
	if (r == 0 && card)
		r = slot_plug(slot, card);
	if (r < 0)
		return r;
	(void)sd_notify(0, "READY=1");
	return sd_event_loop(event);
}

int main(int argc, char **argv)
{
	unsigned long port = argc >= 3 ? strtoul(argv[1], NULL, 10) : 0;
	int r;

	if (argc > 4 || port < 1 || port > UINT16_MAX) {
		(void)fprintf(stderr, "usage: virtual-card PORT CONTROL [FILE]\n");
		return 2;
	}
	r = run((uint16_t)port, argv[2], argc == 4 ? argv[3] : NULL);
	if (r < 0)
		(void)fprintf(stderr, "virtual-card: %s\n", strerror(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
