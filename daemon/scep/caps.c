/* SPDX-License-Identifier: Apache-2.0 */
/* GetCACaps (RFC 8894 §3.5.2), told and read. */
#include "daemon/scep/client.h"

struct capability {
	const char *keyword;
	size_t needs; /* offset of a bool of the allowance, or NOTHING */
	enum scep_capability bit;
};

#define NOTHING		SIZE_MAX
#define ALLOWED(member) offsetof(struct scep_allowance, member)

/* GetNextCACert stands there whether or not there is a next one, as on IOS: a router that sees it
 * at first contact arms its timer for the rollover. SHA-384 is no keyword of the RFC's, but
 * strongSwan 5.9.8 counts lines and would miss AES without it. */
static const struct capability rows[] = {
	{"AES", NOTHING, SCEP_CAN_AES},
	{"DES3", ALLOWED(des_ede3), SCEP_CAN_DES3},
	{"GetNextCACert", NOTHING, SCEP_CAN_NEXT_CA},
	{"POSTPKIOperation", NOTHING, SCEP_CAN_POST},
	{"Renewal", NOTHING, SCEP_CAN_RENEWAL},
	{"SHA-1", ALLOWED(sha1), SCEP_CAN_SHA1},
	{"SHA-256", NOTHING, SCEP_CAN_SHA256},
	{"SHA-384", NOTHING, SCEP_CAN_SHA384},
	{"SHA-512", NOTHING, SCEP_CAN_SHA512},
	{"SCEPStandard", NOTHING, SCEP_CAN_STANDARD},
};

static bool is_announced(const struct capability *row, const struct scep_allowance *allowance)
{
	return row->needs == NOTHING || *(const bool *)((const uint8_t *)allowance + row->needs);
}

void scep_append_capabilities(struct buffer *out, const struct scep_allowance *allowance)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (is_announced(&rows[i], allowance))
			buffer_printf(out, "%s\n", rows[i].keyword);
}

const char *scep_capability_name(enum scep_capability capability)
{
	size_t i = 0;

	while (i < ELEMENTS(rows) && rows[i].bit != capability)
		i++;
	assert(i < ELEMENTS(rows));
	return rows[i].keyword;
}

static uint8_t folded(uint8_t letter)
{
	return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
}

static bool is_keyword(struct span word, const char *keyword)
{
	struct span wanted = span_of_text(keyword);
	size_t i = 0;

	while (i < word.size && i < wanted.size && folded(word.data[i]) == folded(wanted.data[i]))
		i++;
	return i == word.size && i == wanted.size;
}

/* What one word says; 0 where it is no keyword. */
static unsigned bits_of(struct span word)
{
	const unsigned standard =
		SCEP_CAN_STANDARD | SCEP_CAN_AES | SCEP_CAN_POST | SCEP_CAN_SHA256;

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (is_keyword(word, rows[i].keyword))
			return rows[i].bit == SCEP_CAN_STANDARD ? standard : rows[i].bit;
	return 0;
}

static bool is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static bool is_line_end(uint8_t octet)
{
	return octet == '\r' || octet == '\n';
}

/* Takes off @text what comes before the next octet that @ends; that one stays. */
static struct span take_until(struct span *text, bool (*ends)(uint8_t octet))
{
	struct span taken = {text->data, 0};

	while (taken.size < text->size && !ends(text->data[taken.size]))
		taken.size++;
	*text = span_slice(*text, taken.size, SIZE_MAX);
	return taken;
}

static void skip_blanks(struct span *text)
{
	while (text->size && is_blank(text->data[0]))
		*text = span_slice(*text, 1, SIZE_MAX);
}

/* A keyword; or several with blanks between, as IOS has them. A line that begins with anything
 * else is a sentence. */
static unsigned line_read(struct span line)
{
	struct span word = take_until(&line, is_blank);
	unsigned found = bits_of(word);

	while (found && line.size) {
		skip_blanks(&line);
		word = take_until(&line, is_blank);
		found |= bits_of(word);
	}
	return found;
}

unsigned scep_capabilities_read(struct span text)
{
	unsigned found = 0;

	skip_blanks(&text);
	if (text.size && text.data[0] == '<')
		return 0;
	while (text.size) {
		found |= line_read(take_until(&text, is_line_end));
		skip_blanks(&text);
	}
	return found;
}

static enum cipher cipher_choose(unsigned capabilities)
{
	return capabilities & SCEP_CAN_AES ? CIPHER_AES256_CBC : CIPHER_DES_EDE3_CBC;
}

/* From @wished down, then up from it: a stronger one that was told is better than SHA-1 that
 * wasn't.
 */
static enum digest digest_choose(unsigned capabilities, enum digest wished)
{
	static const struct {
		enum digest digest;
		enum scep_capability bit;
	} digests[] = {
		{DIGEST_SHA1, SCEP_CAN_SHA1},
		{DIGEST_SHA256, SCEP_CAN_SHA256},
		{DIGEST_SHA384, SCEP_CAN_SHA384},
		{DIGEST_SHA512, SCEP_CAN_SHA512},
	};
	size_t above = 0;

	while (above < ELEMENTS(digests) && digests[above].digest <= wished)
		above++;
	for (size_t i = above; i > 0; i--)
		if (capabilities & digests[i - 1].bit)
			return digests[i - 1].digest;
	for (size_t i = above; i < ELEMENTS(digests); i++)
		if (capabilities & digests[i].bit)
			return digests[i].digest;
	return DIGEST_SHA1;
}

struct scep_algorithms scep_capabilities_choose(unsigned capabilities, enum digest wished)
{
	return (struct scep_algorithms){cipher_choose(capabilities),
					digest_choose(capabilities, wished)};
}
