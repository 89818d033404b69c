/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs stand on: clock, users, directories, files of the machine's administrator. */
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/cli/doctor-internal.h"
#include "daemon/cli/machine-files.h"
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SPACE_LEAST_BYTES ((uint64_t)256 << 20)

void doctor_look_at_clock(struct doctor *doctor)
{
	bool vouched =
		doctor->conf && doctor->conf->daemon.time_source == CONF_TIME_SOURCE_AUTHORITATIVE;

	if (clock_is_synchronised())
		doctor_tell(doctor, DOCTOR_GOOD, "clock", "synchronised");
	else if (vouched)
		doctor_tell(doctor, DOCTOR_UNWISE, "clock",
			    "nothing keeps it right, but TimeSource=authoritative says that it is");
	else
		doctor_tell(doctor, DOCTOR_MISSING, "clock",
			    "not synchronised: start a time service (systemd-timesyncd, chrony), "
			    "or set "
			    "TimeSource=authoritative once you have set it by hand");
}

/* Without them the units can't start, though the programs can. */
void doctor_look_at_accounts(struct doctor *doctor)
{
	static const char *const users[] = {"claviger", "claviger-token"};
	static const char *const groups[] = {"claviger-admin", "claviger-operator",
					     "claviger-auditor"};

	for (size_t i = 0; i < ELEMENTS(users); i++)
		doctor_tell(doctor, getpwnam(users[i]) ? DOCTOR_GOOD : DOCTOR_UNWISE, "user",
			    "%s %s", users[i],
			    getpwnam(users[i]) ? "is there" : "is not there: systemd-sysusers");
	for (size_t i = 0; i < ELEMENTS(groups); i++)
		doctor_tell(doctor, getgrnam(groups[i]) ? DOCTOR_GOOD : DOCTOR_UNWISE, "group",
			    "%s %s", groups[i],
			    getgrnam(groups[i]) ? "is there" : "is not there: systemd-sysusers");
}

static void look_at_directory(struct doctor *doctor, const char *path, mode_t allowed)
{
	struct stat status;

	if (stat(path, &status) < 0)
		doctor_tell(doctor, errno == ENOENT ? DOCTOR_UNWISE : DOCTOR_MISSING, "directory",
			    "%s: %s", path,
			    errno == ENOENT ? "not made yet: the first start makes it"
					    : strerror(errno));
	else if (status.st_mode & 07777 & ~allowed)
		doctor_tell(doctor, DOCTOR_MISSING, "directory",
			    "%s: others may do too much there: chmod %04o", path,
			    (unsigned)allowed);
	else
		doctor_tell(doctor, DOCTOR_GOOD, "directory", "%s", path);
}

void doctor_look_at_directories(struct doctor *doctor)
{
	look_at_directory(doctor, doctor->conf->daemon.state_directory, 0711);
	look_at_directory(doctor, doctor->conf->daemon.token_state_directory, 0700);
}

void doctor_look_at_space(struct doctor *doctor)
{
	const char *path = doctor->conf->daemon.state_directory;
	struct statvfs space;
	uint64_t bytes;

	if (statvfs(path, &space) < 0)
		return; /* told with the directories */
	bytes = (uint64_t)space.f_bavail * space.f_frsize;
	if (bytes < SPACE_LEAST_BYTES)
		doctor_tell(doctor, DOCTOR_UNWISE, "space",
			    "%s: %llu MiB are free: the database and the CRL grow", path,
			    (unsigned long long)(bytes >> 20));
	else
		doctor_tell(doctor, DOCTOR_GOOD, "space", "%s: %llu MiB are free", path,
			    (unsigned long long)(bytes >> 20));
}

#define MACHINE_FILE_MOST 65536

static void look_at_machine_file(struct doctor *doctor, const struct machine_file *file)
{
	_cleanup_(bytes_done) struct bytes found = {};
	int r = file_read(file->path, MACHINE_FILE_MOST, &found);

	if (r == -EACCES)
		doctor_tell(doctor, DOCTOR_UNWISE, file->what,
			    "%s: only others may read it: look again as root", file->path);
	else if (r < 0 && file->beside && access(file->beside, F_OK) < 0)
		doctor_tell(doctor, DOCTOR_GOOD, file->what,
			    "%s is not needed: there is no %s, so nobody asks polkit", file->path,
			    file->beside);
	else if (r < 0)
		doctor_tell(doctor, DOCTOR_MISSING, file->what,
			    "%s: %s: claviger config check prints it", file->path, strerror(-r));
	else if (!span_equal(span_of(found), span_of_text(file->content)))
		doctor_tell(
			doctor, DOCTOR_MISSING, file->what,
			"%s is not as the configuration has it: claviger config check prints it",
			file->path);
	else
		doctor_tell(doctor, DOCTOR_GOOD, file->what, "%s", file->path);
}

/* What exported certificates, and cards in readers, need besides ourselves. */
void doctor_look_at_machine_files(struct doctor *doctor)
{
	_cleanup_(machine_files_done) struct machine_files files = {};

	if (machine_files_make(doctor->conf, &files) < 0)
		return;
	for (size_t i = 0; i < files.n; i++)
		look_at_machine_file(doctor, &files.items[i]);
}

static void look_at_export(struct doctor *doctor, const struct conf_trustpoint *trustpoint)
{
	const char *path = trustpoint->export_directory;
	struct stat status;

	if (stat(path, &status) < 0)
		doctor_tell(doctor, DOCTOR_MISSING, "directory",
			    "%s: %s: trustpoint %s exports to it", path, strerror(errno),
			    trustpoint->name);
	else if ((status.st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH)
		doctor_tell(doctor, DOCTOR_MISSING, "directory",
			    "%s: anybody may write there: chmod o-w", path);
	else
		doctor_tell(doctor, DOCTOR_GOOD, "directory", "%s", path);
}

void doctor_look_at_exports(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->conf->n_trustpoints; i++)
		if (doctor->conf->trustpoints[i].export_directory)
			look_at_export(doctor, &doctor->conf->trustpoints[i]);
}
