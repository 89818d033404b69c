/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/machine-files.h"
#include <stdlib.h>
#include <string.h>

#define RULE_PATH	 "/etc/polkit-1/rules.d/50-claviger.rules"
#define DROP_IN_PATH	 "/etc/systemd/system/clavigerd.service.d/50-claviger-export.conf"
#define READER_RULE_PATH "/etc/polkit-1/rules.d/50-claviger-pcscd.rules"
/* Installed with a pcscd that was built to ask polkit, and with no other. */
#define READER_ACTIONS "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"

/* As policy/site/50-claviger.rules has it, with the units between. */
static const char rule_head[] =
	"// SPDX-License-Identifier: Apache-2.0\n"
	"// clavigerd may have these units read their certificates again, and nothing else.\n"
	"polkit.addRule(function(action, subject) {\n"
	"\tvar units = [";
static const char rule_tail[] =
	"];\n"
	"\n"
	"\tif (action.id == \"org.freedesktop.systemd1.manage-units\" &&\n"
	"\t    subject.user == \"claviger\" && action.lookup(\"verb\") == \"reload\" &&\n"
	"\t    units.indexOf(action.lookup(\"unit\")) >= 0)\n"
	"\t\treturn polkit.Result.YES;\n"
	"\treturn polkit.Result.NOT_HANDLED;\n"
	"});\n";

/* policy/site/50-claviger-pcscd.rules. */
static const char reader_rule[] =
	"// SPDX-License-Identifier: Apache-2.0\n"
	"// claviger-token may ask pcscd for readers and cards, whoever sits at the machine or "
	"nobody; nobody else may by this.\n"
	"polkit.addRule(function(action, subject) {\n"
	"\tvar actions = [\"org.debian.pcsc-lite.access_pcsc\", "
	"\"org.debian.pcsc-lite.access_card\"];\n"
	"\n"
	"\tif (actions.indexOf(action.id) >= 0 && subject.user == \"claviger-token\")\n"
	"\t\treturn polkit.Result.YES;\n"
	"\treturn polkit.Result.NOT_HANDLED;\n"
	"});\n";

void machine_files_done(struct machine_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->items[i].content);
	*files = (struct machine_files){};
}

/* Several trustpoints may name the same. */
static bool is_named_before(const struct conf *conf, size_t trustpoint, size_t unit)
{
	const char *name = conf->trustpoints[trustpoint].reload_units[unit];

	for (size_t t = 0; t <= trustpoint; t++) {
		const struct conf_trustpoint *one = &conf->trustpoints[t];

		for (size_t u = 0; u < (t == trustpoint ? unit : one->n_reload_units); u++)
			if (!strcmp(one->reload_units[u], name))
				return true;
	}
	return false;
}

/* Names of units have nothing in them that JavaScript would want escaped but backslashes. */
static void append_unit(struct buffer *out, const char *name)
{
	buffer_append_byte(out, '"');
	for (; *name; name++) {
		if (*name == '\\' || *name == '"')
			buffer_append_byte(out, '\\');
		buffer_append_byte(out, (uint8_t)*name);
	}
	buffer_append_byte(out, '"');
}

static bool append_units(struct buffer *out, const struct conf *conf)
{
	bool any = false;

	for (size_t t = 0; t < conf->n_trustpoints; t++)
		for (size_t u = 0; u < conf->trustpoints[t].n_reload_units; u++) {
			if (is_named_before(conf, t, u))
				continue;
			if (any)
				buffer_append_text(out, ", ");
			append_unit(out, conf->trustpoints[t].reload_units[u]);
			any = true;
		}
	return any;
}

static bool write_rule(struct buffer *out, const struct conf *conf)
{
	bool any;

	buffer_append_text(out, rule_head);
	any = append_units(out, conf);
	buffer_append_text(out, rule_tail);
	return any;
}

/* As systemd reads it: a specifier's sign twice, in quotes. One that is not there doesn't keep the
 * service from starting. */
static void append_directory(struct buffer *out, const char *path)
{
	buffer_append_text(out, "ReadWritePaths=\"-");
	for (; *path; path++) {
		if (*path == '\\' || *path == '"')
			buffer_append_byte(out, '\\');
		if (*path == '%')
			buffer_append_byte(out, '%');
		buffer_append_byte(out, (uint8_t)*path);
	}
	buffer_append_text(out, "\"\n");
}

static bool is_exported_before(const struct conf *conf, size_t trustpoint)
{
	for (size_t t = 0; t < trustpoint; t++)
		if (conf->trustpoints[t].export_directory &&
		    !strcmp(conf->trustpoints[t].export_directory,
			    conf->trustpoints[trustpoint].export_directory))
			return true;
	return false;
}

static bool write_drop_in(struct buffer *out, const struct conf *conf)
{
	bool any = false;

	buffer_append_text(out, "[Service]\n");
	for (size_t t = 0; t < conf->n_trustpoints; t++) {
		if (!conf->trustpoints[t].export_directory || is_exported_before(conf, t))
			continue;
		append_directory(out, conf->trustpoints[t].export_directory);
		any = true;
	}
	return any;
}

bool machine_has_reader(const struct conf_token *token)
{
	const char *slash = token->module ? strrchr(token->module, '/') : NULL;

	return token->reader || (slash && !strncmp(slash + 1, "opensc", strlen("opensc")));
}

static bool write_reader_rule(struct buffer *out, const struct conf *conf)
{
	size_t t = 0;

	while (t < conf->n_tokens && !machine_has_reader(&conf->tokens[t]))
		t++;
	buffer_append_text(out, reader_rule);
	return t < conf->n_tokens;
}

int machine_files_make(const struct conf *conf, struct machine_files *ret)
{
	static const struct {
		struct machine_file file;
		bool (*write)(struct buffer *out, const struct conf *conf);
	} rows[MACHINE_FILES_MOST] = {
		{{RULE_PATH, "polkit rule"}, write_rule},
		{{DROP_IN_PATH, "drop-in"}, write_drop_in},
		{{READER_RULE_PATH, "polkit rule", .beside = READER_ACTIONS}, write_reader_rule},
	};
	int r = 0;

	*ret = (struct machine_files){};
	for (size_t i = 0; i < ELEMENTS(rows) && r >= 0; i++) {
		_cleanup_(buffer_done) struct buffer text = {};
		struct machine_file file = rows[i].file;

		if (!rows[i].write(&text, conf))
			continue;
		r = buffer_take_text(&text, &file.content);
		if (r >= 0)
			ret->items[ret->n++] = file;
	}
	if (r < 0)
		machine_files_done(ret);
	return r;
}
