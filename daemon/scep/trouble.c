/* SPDX-License-Identifier: Apache-2.0 */
/* The words of message.h: types, failInfos and troubles, each from one table. */
#include "daemon/scep/message.h"

struct trouble_row {
	const char *name;
	enum scep_fail_info info;
	const char *text;
};

/* clang-format off */
static const struct trouble_row troubles[] = {
	[SCEP_TROUBLE_NONE] = {"NONE", SCEP_BAD_REQUEST, ""},
#define FAIL_INFO(NAME, info, text) [SCEP_TROUBLE_##NAME] = {#NAME, SCEP_##info, text},
#include "daemon/scep/failinfo.def"
#undef FAIL_INFO
};
/* clang-format on */

static const char *const fail_infos[] = {
	[SCEP_BAD_ALG] = "badAlg",	   [SCEP_BAD_MESSAGE_CHECK] = "badMessageCheck",
	[SCEP_BAD_REQUEST] = "badRequest", [SCEP_BAD_TIME] = "badTime",
	[SCEP_BAD_CERT_ID] = "badCertId",
};

static const char *const types[] = {
	[SCEP_CERT_REP] = "CertRep", [SCEP_RENEWAL_REQ] = "RenewalReq",
	[SCEP_PKCS_REQ] = "PKCSReq", [SCEP_CERT_POLL] = "CertPoll",
	[SCEP_GET_CERT] = "GetCert", [SCEP_GET_CRL] = "GetCRL",
};

const char *scep_message_type_name(enum scep_message_type type)
{
	int row = (int)type;

	return row >= 0 && row < (int)ELEMENTS(types) && types[row] ? types[row] : "unknown";
}

const char *scep_fail_info_name(enum scep_fail_info info)
{
	assert(info < ELEMENTS(fail_infos));
	return fail_infos[info];
}

enum scep_fail_info scep_trouble_fail_info(enum scep_trouble trouble)
{
	assert(trouble != SCEP_TROUBLE_NONE && trouble < ELEMENTS(troubles));
	return troubles[trouble].info;
}

const char *scep_trouble_text(enum scep_trouble trouble)
{
	assert(trouble < ELEMENTS(troubles));
	return troubles[trouble].text;
}

const char *scep_trouble_name(enum scep_trouble trouble)
{
	assert(trouble < ELEMENTS(troubles));
	return troubles[trouble].name;
}
