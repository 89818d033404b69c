/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/lint.h"
#include "tests/unit/daemon/x509/made.h"

#define NAMES_ALT  "3012 3010 0603551d11 0409 3007 8205 72312e6c6f"
#define MAKES_A_CA "3011 300f 0603551d13 0101ff 0405 3003 0101ff"
#define SIGNS	   "3010 300e 0603551d0f 0101ff 0404 0302 0204"

/* A request of "CN=r1", an issuer "CN=CA" that lives from 2015 to 2019, both with one key. */
struct scene {
	struct bytes subject, other, issuer_name, spki, requested;
	struct x509_extensions extensions;
	struct x509_request request;
	struct x509_certificate issuer;
	uint8_t identifier[20];
};

static void scene_begin(struct scene *scene, const char *requested)
{
	*scene = (struct scene){.subject = made_name("CN=r1"),
				.other = made_name("CN=r2"),
				.issuer_name = made_name("CN=CA"),
				.spki = made_spki(made_key()),
				.requested = HEX(requested)};
	assert_int_equal(x509_extensions_read(span_of(scene->requested), &scene->extensions), 0);
	scene->request.subject = span_of(scene->subject);
	assert_int_equal(x509_key_read(span_of(scene->spki), &scene->request.key), 0);
	scene->issuer = (struct x509_certificate){.subject = span_of(scene->issuer_name),
						  .not_before_s = MADE_2015_S,
						  .not_after_s = MADE_2019_S,
						  .key = scene->request.key};
	x509_key_identifier(&scene->issuer.key, scene->identifier);
}

static void scene_end(struct scene *scene)
{
	bytes_done(&scene->subject);
	bytes_done(&scene->other);
	bytes_done(&scene->issuer_name);
	bytes_done(&scene->spki);
	bytes_done(&scene->requested);
}

static struct x509_client_certificate right(const struct scene *scene)
{
	return (struct x509_client_certificate){
		.serial = SPAN_LITERAL("\x01\x02"),
		.issuer = span_of(scene->issuer_name),
		.subject = span_of(scene->subject),
		.not_before_s = MADE_2017_S,
		.not_after_s = MADE_2019_S,
		.spki = span_of(scene->spki),
		.requested = &scene->extensions,
		.add_key_usage = scene->extensions.has_key_usage ? 0 : X509_DIGITAL_SIGNATURE,
		.authority_key_identifier = SPAN_ARRAY(scene->identifier),
		.digest = DIGEST_SHA256,
	};
}

static const char *lint(const struct scene *scene, const struct x509_client_certificate *from,
			size_t least_bits)
{
	_cleanup_(bytes_done) struct bytes tbs = {};
	struct x509_lint_facts facts = {
		.request = &scene->request, .issuer = &scene->issuer, .least_bits = least_bits};

	assert_int_equal(x509_build_client_certificate(from, &tbs), 0);
	facts.to_be_signed = span_of(tbs);
	return x509_lint_client(&facts).rule;
}

static void what_is_right_passes(void **state)
{
	struct scene scene;
	struct x509_client_certificate from;

	(void)state;
	scene_begin(&scene, NAMES_ALT);
	from = right(&scene);
	assert_null(lint(&scene, &from, 2048));
	from.not_before_s = MADE_2015_S;
	assert_null(lint(&scene, &from, 2048));
	from.serial = SPAN_LITERAL("\x7f\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1");
	assert_null(lint(&scene, &from, 2048));
	scene_end(&scene);
}

static void each_rule_speaks(void **state)
{
	struct scene scene;
	struct x509_client_certificate from;

	(void)state;
	scene_begin(&scene, NAMES_ALT);
#define COMPLAINS(rule, ...)                                                                       \
	do {                                                                                       \
		from = right(&scene);                                                              \
		__VA_ARGS__;                                                                       \
		assert_string_equal(lint(&scene, &from, 2048), rule);                              \
	} while (0)
	COMPLAINS("RFC 5280 §4.1.2.2", from.serial = SPAN_LITERAL("\0"));
	COMPLAINS("RFC 5280 §4.1.2.2",
		  from.serial = SPAN_LITERAL("\x80\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"));
	COMPLAINS("RFC 5280 §4.1.2.2",
		  from.serial = SPAN_LITERAL("\x01\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"));
	COMPLAINS("RFC 5280 §4.1.2.4", from.issuer = span_of(scene.other));
	COMPLAINS("RFC 5280 §4.1.2.5", from.not_before_s = MADE_2015_S - 1);
	COMPLAINS("RFC 5280 §4.1.2.5", from.not_after_s = MADE_2019_S + 1);
	COMPLAINS("RFC 5280 §4.1.2.6", from.subject = span_of(scene.other));
	COMPLAINS("RFC 5280 §4.2.1.1", scene.identifier[0] ^= 1);
#undef COMPLAINS
	scene.identifier[0] ^= 1;
	from = right(&scene);
	assert_string_equal(lint(&scene, &from, 4096), "weak key");
	scene_end(&scene);
}

static void nobody_becomes_an_authority(void **state)
{
	static const struct {
		const char *requested, *rule;
	} rows[] = {
		{MAKES_A_CA, "RFC 5280 §4.2.1.9"},
		{SIGNS, "RFC 5280 §4.2.1.3"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct scene scene;
		struct x509_client_certificate from;

		scene_begin(&scene, rows[i].requested);
		from = right(&scene);
		assert_string_equal(lint(&scene, &from, 2048), rows[i].rule);
		scene_end(&scene);
	}
}

static const char *lint_authority(const struct scene *scene, const struct x509_authority *built,
				  const struct x509_authority *wanted)
{
	_cleanup_(bytes_done) struct bytes tbs = {};
	struct x509_client_certificate from = right(scene);
	struct x509_lint_facts facts = {.request = &scene->request,
					.issuer = &scene->issuer,
					.authority = wanted,
					.least_bits = 2048};

	from.authority = built;
	from.add_key_usage = built ? 0 : from.add_key_usage;
	assert_int_equal(x509_build_client_certificate(&from, &tbs), 0);
	facts.to_be_signed = span_of(tbs);
	return x509_lint_client(&facts).rule;
}

/* More or less than it may be, and a CA where none is meant, are caught from the bytes. */
static void a_subordinate_is_what_it_may_be(void **state)
{
	static const struct x509_authority good = {.path_length = 1, .key_usage = 0x8600},
					   longer = {.path_length = 2, .key_usage = 0x8600},
					   endless = {.path_length = -1, .key_usage = 0x8600},
					   more = {.path_length = 1, .key_usage = 0xa600},
					   mute = {.path_length = 1, .key_usage = 0x8400};
	struct scene scene;

	(void)state;
	scene_begin(&scene, NAMES_ALT);
	assert_null(lint_authority(&scene, &good, &good));
	assert_null(lint_authority(&scene, &endless, &endless));
	assert_string_equal(lint_authority(&scene, &longer, &good), "RFC 5280 §4.2.1.9");
	assert_string_equal(lint_authority(&scene, &endless, &good), "RFC 5280 §4.2.1.9");
	assert_string_equal(lint_authority(&scene, NULL, &good), "RFC 5280 §4.2.1.9");
	assert_string_equal(lint_authority(&scene, &more, &good), "RFC 5280 §4.2.1.3");
	assert_string_equal(lint_authority(&scene, &mute, &mute), "RFC 5280 §4.2.1.3");
	assert_string_equal(lint_authority(&scene, &good, NULL), "RFC 5280 §4.2.1.9");
	scene_end(&scene);
}

static void garbage_is_none(void **state)
{
	struct scene scene;
	struct x509_lint_facts facts = {.to_be_signed = SPAN_LITERAL("\x30\x00")};

	(void)state;
	scene_begin(&scene, NAMES_ALT);
	facts.request = &scene.request;
	facts.issuer = &scene.issuer;
	assert_string_equal(x509_lint_client(&facts).rule, "RFC 5280 §4.1");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_passes),
		cmocka_unit_test(each_rule_speaks),
		cmocka_unit_test(nobody_becomes_an_authority),
		cmocka_unit_test(a_subordinate_is_what_it_may_be),
		cmocka_unit_test(garbage_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
