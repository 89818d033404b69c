/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate/validate.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/validate/crl.h"
#include <stdlib.h>
#include <string.h>

const char *validation_revocation_name(enum validation_revocation revocation)
{
	static const char *const names[] = {
		[VALIDATION_NOT_CHECKED] = "not checked",
		[VALIDATION_NOT_REVOKED] = "good",
		[VALIDATION_REVOKED] = "revoked",
		[VALIDATION_UNKNOWN] = "unknown",
	};

	assert(revocation < ELEMENTS(names));
	return names[revocation];
}

void validation_done(struct validation *validation)
{
	for (size_t i = 0; i < X509_PATH_MAX; i++)
		free(validation->steps[i].crl_from);
	free(validation->trustpoint);
	free(validation->server);
	free(validation->reason);
	x509_path_done(&validation->path);
	*validation = (struct validation){};
}

static int refuse(struct validation *validation, size_t at, const char *rule, const char *reason)
{
	validation->at = at;
	validation->rule = rule;
	free(validation->reason);
	validation->reason = strdup(reason);
	return validation->reason ? 0 : -ENOMEM;
}

static int name_domain(struct validation *validation, const struct domain_anchor *anchor)
{
	char **name = anchor->trustpoint ? &validation->trustpoint : &validation->server;
	const char *text =
		anchor->trustpoint ? anchor->trustpoint->name : anchor->server->conf->label;

	free(*name);
	*name = strdup(text);
	return *name ? 0 : -ENOMEM;
}

static int look_for_path(const struct validate_question *question, const struct domains *domains,
			 struct validation *ret)
{
	size_t n_others = question->n - 1 + domains->n_others;
	_cleanup_(freep) struct span *spans =
		calloc(domains->n + n_others + 1, sizeof(struct span));
	struct x509_path_fault fault;
	struct x509_path_question path = {.certificate = question->certificates[0],
					  .anchors = spans,
					  .n_anchors = domains->n,
					  .others = spans + domains->n,
					  .n_others = n_others,
					  .now_s = question->now_s};
	int r;

	if (!spans)
		return -ENOMEM;
	for (size_t i = 0; i < domains->n; i++)
		spans[i] = domains->anchors[i].certificate;
	for (size_t i = 1; i < question->n; i++)
		spans[domains->n + i - 1] = question->certificates[i];
	for (size_t i = 0; i < domains->n_others; i++)
		spans[domains->n + question->n - 1 + i] = domains->others[i];
	r = x509_path_find(&path, &ret->path, &fault);
	if (r <= 0)
		return r;
	r = refuse(ret, fault.at, fault.rule, fault.text);
	return r < 0 ? r : FLOW_REFUSED;
}

static int refuse_revocation(struct validation *validation, size_t at, const char *reason)
{
	_cleanup_(freep) char *text = NULL;

	if (validation->steps[at].revocation == VALIDATION_REVOKED)
		return refuse(validation, at, "RFC 5280 §6.3.3 (i)", "it is revoked");
	if (text_format(&text, "whether it is revoked can't be found out: %s",
			reason ? reason : "no CRL is to be had") < 0)
		return -ENOMEM;
	return refuse(validation, at, "RFC 5280 §6.3.3", text);
}

/* From the anchor down: what a CA says that is revoked itself is not asked for. */
static int check_revocation(struct flow *flow, const struct domain_anchor *anchor, int64_t now_s,
			    struct validation *validation)
{
	static const enum validation_revocation found[] = {
		[0] = VALIDATION_NOT_REVOKED,
		[CRL_SEARCH_REVOKED] = VALIDATION_REVOKED,
		[CRL_SEARCH_NONE] = VALIDATION_UNKNOWN,
	};

	for (size_t i = validation->path.n - 1; i-- > 0;) {
		const struct crl_search search = {flow, anchor, &validation->path, i, now_s};
		_cleanup_(freep) char *reason = NULL;
		int r = crl_search(&search, &validation->steps[i], &reason);

		if (r < 0)
			return r;
		validation->steps[i].revocation = found[r];
		if (r)
			return refuse_revocation(validation, i, reason);
	}
	validation->good = true;
	return 0;
}

static bool checks_revocation(const struct domain_anchor *anchor)
{
	return !anchor->trustpoint ||
	       anchor->trustpoint->revocation_check != CONF_REVOCATION_CHECK_NONE;
}

static int look(struct flow *flow, const struct validate_question *question,
		const struct domains *domains, struct validation *ret)
{
	const struct domain_anchor *anchor;
	int r = look_for_path(question, domains, ret);

	if (r)
		return r == FLOW_REFUSED ? 0 : r;
	anchor = domains_find(domains, span_of(ret->path.items[ret->path.n - 1].whole));
	assert(anchor);
	r = name_domain(ret, anchor);
	if (r < 0)
		return r;
	if (checks_revocation(anchor))
		return check_revocation(flow, anchor, question->now_s, ret);
	ret->good = true;
	return 0;
}

static int refuse_question(struct validation *validation, const char *reason)
{
	int r = refuse(validation, 0, NULL, reason);

	return r < 0 ? r : FLOW_REFUSED;
}

static int refuse_lack(const struct validate_question *question, struct validation *validation)
{
	_cleanup_(freep) char *reason = NULL;
	int r;

	if (!question->trustpoint)
		return refuse_question(validation,
				       "nothing is trusted here: no trustpoint has a CA, "
				       "and there is no server");
	r = text_format(&reason,
			"trustpoint %s trusts no CA yet: claviger trustpoint authenticate %s",
			question->trustpoint, question->trustpoint);
	return r < 0 ? -ENOMEM : refuse_question(validation, reason);
}

int flow_validate(struct flow *flow, const struct validate_question *question,
		  struct validation *ret)
{
	_cleanup_(domains_done) struct domains domains = {};
	int r;

	assert(question->n && question->n <= VALIDATE_CERTIFICATES_MOST);
	*ret = (struct validation){};
	r = domains_load(flow, question->trustpoint, question->now_s, &domains);
	if (r < 0)
		return r;
	if (!domains.n)
		return refuse_lack(question, ret);
	r = look(flow, question, &domains, ret);
	return r == -EBADMSG ? refuse_question(ret, "that is no certificate (RFC 5280 §4.1)") : r;
}
