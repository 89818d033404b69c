/* SPDX-License-Identifier: Apache-2.0 */
/* The way to cards in readers, where the configuration has some: pcscd. */
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/cli/doctor-internal.h"
#include "daemon/cli/machine-files.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The environment's word counts as it does for every client of pcscd. */
#define PCSCD_SOCKET	  "/run/pcscd/pcscd.comm"
#define PCSCD_ENVIRONMENT "PCSCLITE_CSOCK_NAME"
#define PCSCD_PROGRAM	  "/usr/sbin/pcscd"

static void look_at_pcscd(struct doctor *doctor)
{
	const char *named = getenv(PCSCD_ENVIRONMENT), *path = named ? named : PCSCD_SOCKET;
	_cleanup_(closep) int fd = -1;
	int r = socket_connect(path, SOCK_STREAM, &fd);

	if (!r)
		doctor_tell(doctor, DOCTOR_GOOD, "pcscd", "%s", path);
	else if (!named && access(PCSCD_PROGRAM, X_OK) < 0)
		doctor_tell(doctor, DOCTOR_MISSING, "pcscd",
			    "%s: no pcscd on this machine: apt install pcscd", path);
	else
		doctor_tell(doctor, DOCTOR_MISSING, "pcscd",
			    "%s: %s: systemctl enable --now pcscd.socket", path, strerror(-r));
}

void doctor_look_at_readers(struct doctor *doctor)
{
	const struct conf *conf = doctor->conf;

	for (size_t t = 0; t < conf->n_tokens; t++)
		if (machine_has_reader(&conf->tokens[t])) {
			look_at_pcscd(doctor);
			return;
		}
}
