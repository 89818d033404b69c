/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/path-internal.h"
#include <openssl/x509_vfy.h>

/* What OpenSSL finds, in our words and with the rule; whether it is about the CRL. */
static const struct path_rule rules[] = {
	{X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_PATH_REFUSED, "RFC 5280 §6.1.3 (a)(1)",
	 "its signature is not by its issuer's key"},
	{X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, X509_PATH_REFUSED, "RFC 5280 §6.1.3 (a)(1)",
	 "its issuer's key can't be used"},
	{X509_V_ERR_CERT_NOT_YET_VALID, X509_PATH_REFUSED, "RFC 5280 §6.1.3 (a)(2)",
	 "it is not valid yet"},
	{X509_V_ERR_CERT_HAS_EXPIRED, X509_PATH_REFUSED, "RFC 5280 §6.1.3 (a)(2)", "it has ended"},
	{X509_V_ERR_PERMITTED_VIOLATION, X509_PATH_REFUSED, "RFC 5280 §6.1.3 (b)",
	 "a CA above it may not name this subject"},
	{X509_V_ERR_EXCLUDED_VIOLATION, X509_PATH_REFUSED, "RFC 5280 §6.1.3 (c)",
	 "a CA above it may not name this subject"},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_PATH_REFUSED, "RFC 5280 §6.1.1 (d)",
	 "no CA that is trusted issued it"},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_PATH_REFUSED, "RFC 5280 §6.1.1 (d)",
	 "no CA that is trusted issued it"},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_PATH_REFUSED, "RFC 5280 §6.1.1 (d)",
	 "no CA that is trusted issued it"},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_PATH_REFUSED, "RFC 5280 §6.1.1 (d)",
	 "it is self-signed, and no CA that is trusted"},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_PATH_REFUSED, "RFC 5280 §6.1.1 (d)",
	 "it is self-signed, and no CA that is trusted"},
	{X509_V_ERR_INVALID_CA, X509_PATH_REFUSED, "RFC 5280 §6.1.4 (k), (n)",
	 "it is none that may sign certificates"},
	{X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_PATH_REFUSED, "RFC 5280 §6.1.4 (l)",
	 "it allows no CA below it"},
	{X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_PATH_REFUSED, "RFC 5280 §6.1",
	 "the path to a CA that is trusted is too long"},
	{X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, X509_PATH_REFUSED, "RFC 5280 §6.1.5 (f)",
	 "it has a critical extension that is not known here"},
	{X509_V_ERR_CERT_REVOKED, X509_PATH_REVOKED, "RFC 5280 §6.3.3 (i)", "it is revoked"},
	{X509_V_ERR_UNABLE_TO_GET_CRL, X509_PATH_CRL, "RFC 5280 §6.3.3 (b)",
	 "the CRL is another CA's"},
	{X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, X509_PATH_CRL, "RFC 5280 §6.3.3 (b)",
	 "the CRL is another CA's"},
	{X509_V_ERR_CRL_SIGNATURE_FAILURE, X509_PATH_CRL, "RFC 5280 §6.3.3 (g)",
	 "the CRL's signature is not by its issuer's key"},
	{X509_V_ERR_CRL_NOT_YET_VALID, X509_PATH_CRL, "RFC 5280 §5.1.2.4",
	 "the CRL is of a time to come"},
	{X509_V_ERR_CRL_HAS_EXPIRED, X509_PATH_CRL, "RFC 5280 §6.3.3 (a)", "the CRL has ended"},
	{X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, X509_PATH_CRL, "RFC 5280 §6.3.3 (f)",
	 "the CRL's issuer may not sign CRLs"},
	{X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, X509_PATH_CRL, "RFC 5280 §5.2",
	 "the CRL has a critical extension that is not known here"},
	{X509_V_ERR_DIFFERENT_CRL_SCOPE, X509_PATH_CRL, "RFC 5280 §6.3.3 (b)",
	 "the CRL is not for certificates of this kind"},
};

const struct path_rule *path_rule_find(int code)
{
	static const struct path_rule other = {0, X509_PATH_REFUSED, "RFC 5280 §6.1",
					       "the path to a CA that is trusted is not valid"};

	for (size_t i = 0; i < ELEMENTS(rules); i++)
		if (rules[i].code == code)
			return &rules[i];
	return &other;
}
