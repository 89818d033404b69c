/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/config-ios.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/ios-line.h"
#include "daemon/cli/key-words.h"
#include "daemon/cli/print.h"
#include "daemon/conf/value.h"
#include <stdio.h>
#include <string.h>

#define DAY_S	 86400
#define HOUR_S	 3600
#define MINUTE_S 60

/* Days, hours and minutes, each said, as IOS counts; days alone where that is all. */
static void write_overlap(int64_t overlap_s, struct buffer *out)
{
	buffer_printf(out, "%lldd", (long long)(overlap_s / DAY_S));
	if (overlap_s % DAY_S)
		buffer_printf(out, " %lldh %lldm", (long long)(overlap_s % DAY_S / HOUR_S),
			      (long long)(overlap_s % HOUR_S / MINUTE_S));
}

static void print_span(const char *lead, const struct buffer *text, const char *end)
{
	_cleanup_(buffer_done) struct buffer safe = {};

	print_append(&safe, span_of_buffer(text));
	printf("%s%.*s%s\n", lead, (int)safe.size, safe.data ? (const char *)safe.data : "", end);
}

/* A section that is printed as a block of IOS's. */
struct block {
	enum ios_block kind;
	const void *section;
};

static int write_value(const struct block *block, const struct conf_option *option,
		       const struct buffer *value)
{
	_cleanup_(buffer_done) struct buffer line = {}, comment = {};
	int r = ios_line_write(block->kind, option->name, span_of_buffer(value), &line);

	if (r < 0)
		return r;
	if (!r) {
		print_span(" ", &line, "");
		return 0;
	}
	buffer_printf(&comment, "%s=", option->name);
	buffer_append(&comment, span_of_buffer(value));
	print_span(" ! ", &comment, "");
	return comment.error;
}

/* What IOS would take otherwise if it weren't said, since its default is another. */
static bool is_always_said(const struct conf_option *option)
{
	return !strcmp(option->name, "Hash");
}

static int print_option(const struct block *block, const struct conf_option *option)
{
	const void *member = (const char *)block->section + option->offset;
	int r = conf_value_is_default(option, member);

	if (r < 0 || (r && !is_always_said(option)))
		return r < 0 ? r : 0;
	for (size_t i = 0; i < conf_value_count(option, member); i++) {
		_cleanup_(buffer_done) struct buffer value = {};

		if (option->kind == CONF_KIND_OVERLAP)
			write_overlap(*(const int64_t *)member, &value);
		else
			conf_value_write(option, member, i, &value);
		r = value.error ? value.error : write_value(block, option, &value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A set is one value of several words here, and a line for each there. */
static int print_set(const struct block *block, const struct conf_option *option)
{
	const unsigned *set = (const void *)((const char *)block->section + option->offset);

	for (unsigned i = 0; option->choices[i]; i++) {
		_cleanup_(buffer_done) struct buffer value = {};
		int r;

		if (!(*set & 1U << i))
			continue;
		buffer_append_text(&value, option->choices[i]);
		r = write_value(block, option, &value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* As the operator wished it, which the daemon remembers. */
static void print_state(const struct invocation *invocation, const struct conf_server *server)
{
	_cleanup_(control_jsonp) json_t *answer = NULL;
	_cleanup_(control_jsonp) json_t *parameters = json_pack("{s:s}", "label", server->label);

	if (connection_call(invocation, CONTROL_SERVER_SHOW, parameters, &answer)) {
		puts(" ! whether it is shut is not known");
		return;
	}
	puts(json_is_true(json_object_get(answer, "locked")) ? " no shutdown" : " shutdown");
}

/* Options of trustpoints that share a line with others. */
static bool is_composed(const struct conf_option *option)
{
	static const char *const names[] = {"Key", "KeySize", "UsageKeys", "AutoEnroll",
					    "Regenerate"};

	for (size_t i = 0; i < ELEMENTS(names) && option->section == CONF_TRUSTPOINT; i++)
		if (!strcmp(option->name, names[i]))
			return true;
	return false;
}

static int print_lines(const struct block *block)
{
	int r = 0;

	for (size_t i = 0; i < conf_n_options && r >= 0; i++) {
		const struct conf_option *option = &conf_options[i];

		if (option->section != ios_block_section(block->kind) || is_composed(option))
			continue;
		r = option->kind == CONF_KIND_SET ? print_set(block, option)
						  : print_option(block, option);
	}
	return r;
}

/* rsakeypair LABEL [SIZE [ENCRYPTION-SIZE]]: with the second size there are two pairs. */
static void print_key(const struct conf_trustpoint *trustpoint)
{
	const char *key = trustpoint->key ? trustpoint->key : trustpoint->name;

	if (!trustpoint->key && !trustpoint->key_size && !trustpoint->usage_keys)
		return;
	printf(" rsakeypair %s", key);
	if (trustpoint->key_size)
		printf(" %u", trustpoint->key_size);
	if (trustpoint->key_size && trustpoint->usage_keys)
		printf(" %u", trustpoint->key_size);
	puts("");
	if (!trustpoint->key_size && trustpoint->usage_keys)
		puts(" ! UsageKeys=yes");
}

static void print_auto_enroll(const struct conf_trustpoint *trustpoint)
{
	if (trustpoint->auto_enroll)
		printf(" auto-enroll %u%s\n", trustpoint->auto_enroll,
		       trustpoint->regenerate ? " regenerate" : "");
	else if (trustpoint->regenerate)
		puts(" regenerate");
}

/* As IOS notes it beneath a trustpoint whose key may leave. Where the token's process doesn't
 * answer nobody knows. */
static void print_exportable(const struct invocation *invocation,
			     const struct conf_trustpoint *trustpoint)
{
	_cleanup_(key_entry_done) struct key_entry entry = {0};
	const char *key = trustpoint->key ? trustpoint->key : trustpoint->name;

	int status = trustpoint->token
			     ? key_entry_find(invocation, trustpoint->token, key, 0, &entry)
			     : KEY_ENTRY_NONE;

	if (status && status != KEY_ENTRY_NONE)
		puts(" ! whether its key is exportable is not known");
	else if (!status && entry.info.exportable == KEY_EXPORTABLE_ALWAYS)
		puts(" ! RSA key pair associated with trustpoint is exportable");
}

static enum command_status show_trustpoint(const struct invocation *invocation,
					   const struct conf_trustpoint *trustpoint)
{
	const struct block block = {IOS_BLOCK_TRUSTPOINT, trustpoint};

	printf("crypto pki trustpoint %s\n", trustpoint->name);
	if (print_lines(&block) < 0)
		return COMMAND_FAILED;
	print_key(trustpoint);
	print_auto_enroll(trustpoint);
	fflush(stdout);
	print_exportable(invocation, trustpoint);
	puts("!");
	return COMMAND_DONE;
}

static enum command_status show_server(const struct invocation *invocation,
				       const struct conf_server *server)
{
	const struct block block = {IOS_BLOCK_SERVER, server};

	printf("crypto pki server %s\n", server->label);
	if (print_lines(&block) < 0)
		return COMMAND_FAILED;
	fflush(stdout);
	print_state(invocation, server);
	puts("!");
	return COMMAND_DONE;
}

enum command_status config_show_ios(const struct invocation *invocation, const struct conf *conf,
				    const char *name)
{
	enum command_status status = COMMAND_DONE;
	bool found = false;

	for (size_t i = 0; i < conf->n_servers && !status; i++)
		if (!name || !strcmp(conf->servers[i].label, name)) {
			found = true;
			status = show_server(invocation, &conf->servers[i]);
		}
	for (size_t i = 0; i < conf->n_trustpoints && !status; i++)
		if (!name || !strcmp(conf->trustpoints[i].name, name)) {
			found = true;
			status = show_trustpoint(invocation, &conf->trustpoints[i]);
		}
	if (found || !name)
		return status;
	fprintf(stderr, "claviger: there is no section [Server %s] and no [Trustpoint %s]\n", name,
		name);
	return COMMAND_FAILED;
}
