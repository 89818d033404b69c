/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/conf/program.h"
#include "daemon/ipc/control.h"
#include "daemon/main/daemon.h"
#include <stdlib.h>
#include <sys/stat.h>

static const struct program program = {
	.name = "clavigerd",
	.about = "The certificate server's daemon: policy, database, timers, SCEP. Keys stay with "
		 "claviger-token.\n",
};

static int serve(const struct program_options *options)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(daemon_closep) struct daemon *daemon = NULL;

	if (program_load_configuration(options->config, &conf) < 0 ||
	    program_use_test_clock(conf) < 0 || daemon_open(conf, &daemon) < 0)
		return EXIT_FAILURE;
	return daemon_run(daemon) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct program_options options;
	int status = program_read_options(&program, argc, argv, &options);

	if (status >= 0)
		return status;
	log_init(program.name, options.level);
	crypto_init();
	control_wipe_freed();
	program_harden();
	/* What the front end serves is for everybody to read; all else says its own mode. */
	(void)umask(0022);
	return serve(&options);
}
