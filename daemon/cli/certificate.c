/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/certificate.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print.h"

/* The page behind those that are in @all, by the counter of the last of them. */
static enum command_status add_page(const struct invocation *invocation, json_t *all,
				    bool *ret_more)
{
	_cleanup_(control_jsonp) json_t *parameters = parameters_server(invocation);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	size_t n = json_array_size(all);
	enum command_status status;
	json_t *page;

	if (!parameters)
		return COMMAND_MISUSE;
	if (n && json_object_set(parameters, "before",
				 json_object_get(json_array_get(all, n - 1), "counter")))
		return COMMAND_FAILED;
	status = connection_call(invocation, CONTROL_CERTIFICATE_LIST, parameters, &answer);
	if (status)
		return status;
	page = json_object_get(answer, "certificates");
	*ret_more = json_array_size(page) && json_is_true(json_object_get(answer, "more"));
	return json_array_extend(all, page) ? COMMAND_FAILED : COMMAND_DONE;
}

enum command_status certificate_list(const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *all = json_array(), *answer = NULL;
	enum command_status status = COMMAND_DONE;
	bool more = true;

	while (!status && more)
		status = add_page(invocation, all, &more);
	if (status)
		return status;
	answer = json_pack("{s:O}", "certificates", all);
	return answer ? command_tell(invocation, answer, print_certificates) : COMMAND_FAILED;
}
