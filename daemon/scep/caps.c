/* SPDX-License-Identifier: Apache-2.0 */
/* GetCACaps (RFC 8894 §3.5.2). */
#include "daemon/scep/message.h"

struct capability {
	const char *keyword;
	size_t needs; /* offset of a bool of the allowance, or NOTHING */
};

#define NOTHING		SIZE_MAX
#define ALLOWED(member) offsetof(struct scep_allowance, member)

/* GetNextCACert stands there whether or not there is a next one, as on IOS: a router that sees it
 * at first contact arms its timer for the rollover. SHA-384 is no keyword of the RFC's, but
 * strongSwan 5.9.8 counts lines and would miss AES without it. */
static const struct capability capabilities[] = {
	{"AES", NOTHING},	    {"DES3", ALLOWED(des_ede3)},
	{"GetNextCACert", NOTHING}, {"POSTPKIOperation", NOTHING},
	{"Renewal", NOTHING},	    {"SHA-1", ALLOWED(sha1)},
	{"SHA-256", NOTHING},	    {"SHA-384", NOTHING},
	{"SHA-512", NOTHING},	    {"SCEPStandard", NOTHING},
};

static bool is_announced(const struct capability *row, const struct scep_allowance *allowance)
{
	return row->needs == NOTHING || *(const bool *)((const uint8_t *)allowance + row->needs);
}

void scep_append_capabilities(struct buffer *out, const struct scep_allowance *allowance)
{
	for (size_t i = 0; i < ELEMENTS(capabilities); i++)
		if (is_announced(&capabilities[i], allowance))
			buffer_printf(out, "%s\n", capabilities[i].keyword);
}
