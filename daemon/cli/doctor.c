/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/doctor.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/cli/doctor-internal.h"
#include "daemon/cli/print.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const finding_names[] = {
	[DOCTOR_GOOD] = "good",
	[DOCTOR_UNWISE] = "unwise",
	[DOCTOR_MISSING] = "missing",
};

void doctor_tell(struct doctor *doctor, enum finding finding, const char *what, const char *format,
		 ...)
{
	char text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	doctor->is_missing |= finding == DOCTOR_MISSING;
	json_array_append_new(doctor->findings, json_pack("{s:s, s:s, s:s}", "what", what, "state",
							  finding_names[finding], "text", text));
}

static void look_at_configuration(struct doctor *doctor)
{
	_cleanup_(freep) char *errors = NULL;
	char *rest, *line;
	int r = conf_load(doctor->invocation->config, &doctor->conf, &errors);

	if (!r)
		doctor_tell(doctor, DOCTOR_GOOD, "configuration", "%s: servers %zu, tokens %zu",
			    doctor->invocation->config, doctor->conf->n_servers,
			    doctor->conf->n_tokens);
	for (line = r ? strtok_r(errors ? errors : strerror(-r), "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		doctor_tell(doctor, DOCTOR_MISSING, "configuration", "%s", line);
}

int doctor_connect(struct doctor *doctor, const char *name, int type, const char *unit)
{
	_cleanup_(freep) char *path = NULL;
	int fd = -1, r;

	if (text_format(&path, "%s/%s", doctor->conf->daemon.runtime_directory, name) < 0)
		return -1;
	r = socket_connect(path, type, &fd);
	if (!r)
		doctor_tell(doctor, DOCTOR_GOOD, "socket", "%s", path);
	else if (r == -EACCES || r == -EPERM)
		doctor_tell(doctor, DOCTOR_UNWISE, "socket",
			    "%s: only others may ask there: look again as root", path);
	else
		doctor_tell(doctor, DOCTOR_MISSING, "socket", "%s: %s: systemctl start %s", path,
			    strerror(-r), unit);
	return r ? -1 : fd;
}

static void look_at_sockets(struct doctor *doctor)
{
	static const struct {
		const char *name;
		int type;
		const char *unit;
	} sockets[] = {
		{"control.sock", SOCK_STREAM, "clavigerd.socket"},
		{"scep.sock", SOCK_SEQPACKET, "clavigerd-scep.socket"},
		{"key.sock", SOCK_SEQPACKET, "clavigerd-key.socket"},
	};

	for (size_t i = 0; i < ELEMENTS(sockets); i++) {
		_cleanup_(closep) int fd =
			doctor_connect(doctor, sockets[i].name, sockets[i].type, sockets[i].unit);
	}
}

static const struct {
	bool needs_configuration;
	void (*look)(struct doctor *doctor);
} looks[] = {
	{false, look_at_configuration},	  {false, doctor_look_at_clock},
	{false, doctor_look_at_accounts}, {true, doctor_look_at_directories},
	{true, doctor_look_at_space},	  {true, look_at_sockets},
	{true, doctor_look_at_port},	  {true, doctor_look_at_readers},
	{true, doctor_look_at_tokens},	  {true, doctor_look_at_machine_files},
	{true, doctor_look_at_exports},
};

static void print(const struct doctor *doctor)
{
	size_t i;
	json_t *finding;

	json_array_foreach(doctor->findings, i, finding)
	{
		_cleanup_(buffer_done) struct buffer text = {};

		print_append(&text,
			     span_of_text(json_string_value(json_object_get(finding, "text"))));
		printf("%-8s %-14s %.*s\n", json_string_value(json_object_get(finding, "state")),
		       json_string_value(json_object_get(finding, "what")), (int)text.size,
		       text.data ? (const char *)text.data : "");
	}
}

enum command_status doctor_run(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *findings = json_array();
	struct doctor doctor = {.invocation = invocation, .findings = findings};

	for (size_t i = 0; i < ELEMENTS(looks); i++)
		if (doctor.conf || !looks[i].needs_configuration)
			looks[i].look(&doctor);
	if (invocation->json)
		print_json(findings);
	else
		print(&doctor);
	conf_unref(doctor.conf);
	return doctor.is_missing ? COMMAND_FAILED : COMMAND_DONE;
}
