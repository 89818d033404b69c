/* SPDX-License-Identifier: Apache-2.0 */
/* GetCACaps as clients compare it, letter by letter, and the names that go into the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/scep/message.h"
#include <string.h>

static void assert_capabilities(struct scep_allowance allowance, const char *wanted)
{
	_cleanup_(buffer_done) struct buffer out = {0};

	scep_append_capabilities(&out, &allowance);
	assert_int_equal(out.error, 0);
	assert_int_equal(out.size, strlen(wanted));
	assert_memory_equal(out.data, wanted, out.size);
}

static void test_capabilities_follow_policy(void **state)
{
	(void)state;
	assert_capabilities((struct scep_allowance){.sha1 = true, .des_ede3 = true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){0},
			    "AES\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-256\nSHA-384\n"
			    "SHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){.sha1 = true},
			    "AES\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
	assert_capabilities((struct scep_allowance){.des_ede3 = true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
}

/* RFC 8894 §2.9: MD5 and DES are let in, never announced. */
static void test_legacy_is_not_announced(void **state)
{
	(void)state;
	assert_capabilities((struct scep_allowance){true, true, true, true},
			    "AES\nDES3\nGetNextCACert\nPOSTPKIOperation\nRenewal\nSHA-1\nSHA-256\n"
			    "SHA-384\nSHA-512\nSCEPStandard\n");
}

static void test_names(void **state)
{
	static const struct {
		int type;
		const char *name;
	} types[] = {
		{3,   "CertRep"   },
		 {17,  "RenewalReq"},
		     {19,  "PKCSReq"   },
		       {20,  "CertPoll"  },
		{21,  "GetCert"   },
		 {22,  "GetCRL"    },
		     {-1,  "unknown"   },
		       {0,   "unknown"   },
		{18,  "unknown"   },
		 {23,  "unknown"   },
		     {255, "unknown"   },
	};
	static const char *const infos[] = {"badAlg", "badMessageCheck", "badRequest", "badTime",
					    "badCertId"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(types); i++)
		assert_string_equal(scep_message_type_name((enum scep_message_type)types[i].type),
				    types[i].name);
	for (unsigned i = 0; i < ELEMENTS(infos); i++)
		assert_string_equal(scep_fail_info_name((enum scep_fail_info)i), infos[i]);
}

/* Each trouble has words for the client and a failInfo. */
static void test_troubles(void **state)
{
	static const struct {
		enum scep_trouble trouble;
		const char *name, *info;
	} rows[] = {
		{SCEP_TROUBLE_SIGNATURE,		 "SIGNATURE",	      "badMessageCheck"},
		{SCEP_TROUBLE_UNDECRYPTABLE,	     "UNDECRYPTABLE",	      "badMessageCheck"},
		{SCEP_TROUBLE_CONTENT,	       "CONTENT",		  "badMessageCheck"},
		{SCEP_TROUBLE_DIGEST,	      "DIGEST",		"badAlg"		},
		{SCEP_TROUBLE_SIGNATURE_ALGORITHM, "SIGNATURE_ALGORITHM", "badAlg"	  },
		{SCEP_TROUBLE_CIPHER,	      "CIPHER",		"badAlg"		},
		{SCEP_TROUBLE_KEY_TRANSPORT,	     "KEY_TRANSPORT",	      "badAlg"	      },
		{SCEP_TROUBLE_AUTH_ENVELOPED,      "AUTH_ENVELOPED",	"badAlg"		},
		{SCEP_TROUBLE_SIGNER_KEY,	  "SIGNER_KEY",		"badAlg"		},
		{SCEP_TROUBLE_SIGNER_KEY_SIZE,     "SIGNER_KEY_SIZE",	  "badRequest"     },
		{SCEP_TROUBLE_RECIPIENT,		 "RECIPIENT",	      "badRequest"	  },
		{SCEP_TROUBLE_RECIPIENTS,	  "RECIPIENTS",		"badRequest"	    },
		{SCEP_TROUBLE_MESSAGE_TYPE,	    "MESSAGE_TYPE",	    "badRequest"	},
		{SCEP_TROUBLE_ATTRIBUTE,		 "ATTRIBUTE",	      "badRequest"	  },
		{SCEP_TROUBLE_STRUCTURE,		 "STRUCTURE",	      "badRequest"	  },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_string_equal(scep_trouble_name(rows[i].trouble), rows[i].name);
		assert_string_equal(scep_fail_info_name(scep_trouble_fail_info(rows[i].trouble)),
				    rows[i].info);
		assert_true(strlen(scep_trouble_text(rows[i].trouble)) > 10);
	}
	assert_string_equal(scep_trouble_text(SCEP_TROUBLE_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capabilities_follow_policy),
		cmocka_unit_test(test_legacy_is_not_announced),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_troubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
