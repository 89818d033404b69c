/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/explain.h"

/* clang-format off */
static const struct code_row {
	CURLcode code;
	bool ssh_alone;
	enum ipc_failure failure;
	const char *advice;
} codes[] = {
	{CURLE_COULDNT_RESOLVE_HOST, false, IPC_FAILURE_LATER,
		"its host's name can't be resolved: check the name and this machine's DNS, or give the host's address "
		"instead"},
	{CURLE_COULDNT_CONNECT, false, IPC_FAILURE_LATER,
		"nobody answers there: check that the server runs and that no firewall stands between"},
	{CURLE_OPERATION_TIMEDOUT, false, IPC_FAILURE_LATER,
		"it took too long: check the server and the network"},
	{CURLE_LOGIN_DENIED, false, IPC_FAILURE_FAULT,
		"the server does not accept the user or the password"},
	{CURLE_REMOTE_ACCESS_DENIED, false, IPC_FAILURE_FAULT,
		"the server does not let us there: check that the directory exists and who may write"},
	{CURLE_REMOTE_FILE_NOT_FOUND, false, IPC_FAILURE_NOT_FOUND, "there is no such file"},
	{CURLE_TFTP_NOTFOUND, false, IPC_FAILURE_NOT_FOUND,
		"there is no such file, or the server lets none be made"},
	{CURLE_TFTP_PERM, false, IPC_FAILURE_FAULT,
		"the server does not let us write there: many let only files be written that exist already"},
	{CURLE_REMOTE_DISK_FULL, false, IPC_FAILURE_LATER, "the server's disk is full"},
	{CURLE_UPLOAD_FAILED, false, IPC_FAILURE_FAULT,
		"the server does not take the file: check that the directory exists and who may write"},
	{CURLE_PEER_FAILED_VERIFICATION, true, IPC_FAILURE_FAULT,
		"the host's key is not the one in known_hosts beside the configuration: compare it, then "
		"add what ssh-keyscan prints"},
	{CURLE_PEER_FAILED_VERIFICATION, false, IPC_FAILURE_FAULT,
		"the server's certificate is not good: check its name and dates, and that this system trusts "
		"its CA (update-ca-certificates)"},
	{CURLE_TOO_MANY_REDIRECTS, false, IPC_FAILURE_FAULT, "it redirects more than 3 times"},
	{CURLE_UNSUPPORTED_PROTOCOL, false, IPC_FAILURE_FAULT,
		"it redirects to a scheme that is not followed from here"},
	{CURLE_LDAP_CANNOT_BIND, false, IPC_FAILURE_FAULT,
		"the directory answers nobody without a login"},
	{CURLE_LDAP_SEARCH_FAILED, false, IPC_FAILURE_LATER, "the directory does not find it"},
	{CURLE_PARTIAL_FILE, false, IPC_FAILURE_LATER, "the connection ended in the middle"},
	{CURLE_GOT_NOTHING, false, IPC_FAILURE_LATER, "the server closed the connection without an answer"},
	{CURLE_RECV_ERROR, false, IPC_FAILURE_LATER, "the connection broke"},
	{CURLE_SEND_ERROR, false, IPC_FAILURE_LATER, "the connection broke"},
};

static const struct {
	long first, last;
	bool sent_alone; /* where we have sent something */
	enum ipc_failure failure;
	const char *advice;
} statuses[] = {
	{300, 399, true,  IPC_FAILURE_FAULT, "it redirects, which is not followed where something is sent: give the URL that it leads to"},
	{401, 401, false, IPC_FAILURE_FAULT, "the server does not accept the user or the password"},
	{403, 403, false, IPC_FAILURE_FAULT, "the server does not let us there"},
	{404, 404, true,  IPC_FAILURE_FAULT, "there is no such directory on the server"},
	{404, 404, false, IPC_FAILURE_NOT_FOUND, "there is no such file"},
	{410, 410, false, IPC_FAILURE_NOT_FOUND, "there is no such file any more"},
	{405, 405, true,  IPC_FAILURE_FAULT, "the server lets nothing be written there (PUT)"},
	{409, 409, true,  IPC_FAILURE_FAULT, "there is no such directory on the server"},
	{413, 413, true,  IPC_FAILURE_FAULT, "the file is larger than the server takes"},
	{500, 599, false, IPC_FAILURE_LATER, "the server has trouble of its own"},
};
/* clang-format on */

static const struct explanation breaches[] = {
	[BREACH_SIZE] = {IPC_FAILURE_REFUSED, "it is larger than is taken"},
	[BREACH_HEADER] = {IPC_FAILURE_REFUSED, "its headers do not end"},
	[BREACH_EMPTY] =
		{IPC_FAILURE_NOT_FOUND,
		 "the entry has no such attribute, or lets nobody read it without a login"},
	[BREACH_FORM] = {IPC_FAILURE_REFUSED, "what the directory says is no entry"},
};

static bool is_good_status(const struct transfer_end *end)
{
	/* A message is not carried on to where a redirect points: what it leads to is for an
	 * operator to judge. */
	if (end->is_scep)
		return !(end->is_post && end->status >= 300 && end->status <= 399);
	/* RFC 9110 §9.3.4: 200, 201 and 204 answer a PUT that was done. */
	return end->status == 200 || (end->is_put && (end->status == 201 || end->status == 204));
}

bool explain_is_done(const struct url_scheme *scheme, const struct transfer_end *end)
{
	if (end->code || end->breach)
		return false;
	return !scheme->is_http || is_good_status(end);
}

static struct explanation explain_status(const struct transfer_end *end)
{
	bool is_sent = end->is_put || end->is_post;

	for (size_t i = 0; i < ELEMENTS(statuses); i++)
		if (end->status >= statuses[i].first && end->status <= statuses[i].last &&
		    (is_sent || !statuses[i].sent_alone))
			return (struct explanation){statuses[i].failure, statuses[i].advice};
	return (struct explanation){IPC_FAILURE_FAULT, "the server refuses"};
}

struct explanation explain(const struct url_scheme *scheme, const struct transfer_end *end)
{
	if (end->breach)
		return breaches[end->breach];
	if (end->is_absent)
		return (struct explanation){IPC_FAILURE_NOT_FOUND,
					    "the directory has no such entry"};
	/* Too large by the server's own word, before anything came. */
	if (end->code == CURLE_FILESIZE_EXCEEDED)
		return breaches[BREACH_SIZE];
	for (size_t i = 0; i < ELEMENTS(codes); i++)
		if (codes[i].code == end->code && (scheme->is_ssh || !codes[i].ssh_alone))
			return (struct explanation){codes[i].failure, codes[i].advice};
	if (end->code)
		return (struct explanation){IPC_FAILURE_FAULT, curl_easy_strerror(end->code)};
	return explain_status(end);
}
