/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/generation.h"
#include "daemon/flow/trustpoint/birth.h"
#include "daemon/flow/trustpoint/superior.h"
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"

#define SUBORDINATE                                                                                \
	"[Server SUB]\nMode=subordinate\nToken=soft\nIssuerName=CN=Sub,O=Example\n"                \
	"[Trustpoint SUB]\nEnrollmentURL=http://127.0.0.1:9/scep\n"

static struct authority *subordinate(void)
{
	return flow_find_authority(world.flow, SPAN_LITERAL("SUB"));
}

static void create(void)
{
	struct store_change change = {.server = "SUB", .now_s = START, .create_server = "SUB"};

	assert_int_equal(store_commit(world.flow->store, &change), 0);
	assert_int_equal(authority_load(world.flow, subordinate()), 0);
}

/* By the world's CA, for the subordinate's name over the first router's key. */
static struct bytes authority_of(const struct x509_authority *authority)
{
	static const struct x509_extensions none = {.path_length = -1};
	_cleanup_(bytes_done) struct bytes spki = spki_of(0), to_be_signed = {}, signature = {};
	struct bytes whole = {};
	const struct x509_client_certificate values = {
		.serial = SPAN_LITERAL("\x07"),
		.issuer = span_of(world.authority->name),
		.subject = span_of(subordinate()->name),
		.not_before_s = START,
		.not_after_s = START + 300 * DAY,
		.spki = span_of(spki),
		.authority = authority,
		.requested = &none,
		.add_key_usage = authority ? 0 : X509_DIGITAL_SIGNATURE,
		.authority_key_identifier = SPAN_LITERAL("01234567890123456789"),
		.digest = DIGEST_SHA256,
	};

	assert_int_equal(x509_build_client_certificate(&values, &to_be_signed), 0);
	assert_int_equal(key_sign(world.key, DIGEST_SHA256, span_of(to_be_signed), (struct span){0},
				  &signature),
			 0);
	assert_int_equal(
		x509_seal(span_of(to_be_signed), DIGEST_SHA256, span_of(signature), &whole), 0);
	return whole;
}

/* What comes of it; nothing is recorded then, neither here nor of the server. */
static void refuses(struct trustpoint_turn *turn, struct bytes certificate, int outcome,
		    const char *says)
{
	struct ca_key_place place = place_of(0, "SUB");
	const struct trustpoint_arrival arrival = {
		.key = &place, .usage = 1, .certificate = span_of(certificate)};
	_cleanup_(freep) char *reason = NULL;

	assert_int_equal(trustpoint_install(turn, &arrival, &reason), outcome);
	if (!strstr(reason, says))
		fail_msg("%s: %s", says, reason);
	assert_int_equal(turn->state.n_identities, 0);
	assert_int_equal(subordinate()->shared->generations->n, 0);
	ca_key_place_done(&place);
	bytes_done(&certificate);
}

static void a_server_takes_what_makes_it_a_ca_alone(void **state)
{
	const struct x509_authority signs = {-1, ca_key_usage(false)};
	const struct x509_authority half = {-1, X509_KEY_CERT_SIGN | X509_DIGITAL_SIGNATURE};
	struct trustpoint_turn turn;

	(void)state;
	world_open("", SUBORDINATE);
	turn = turn_of("SUB");
	accept_ca(&turn);
	refuses(&turn, authority_of(NULL), FLOW_REFUSED, "IssueSubordinates=yes");
	refuses(&turn, authority_of(&half), FLOW_REFUSED, "IssueSubordinates=yes");
	refuses(&turn, authority_of(&signs), FLOW_REFUSED, "claviger server create SUB");
	create();
	/* Whose key it is has to be told by its token. */
	refuses(&turn, authority_of(&signs), FLOW_LATER, "token soft");
	trustpoint_turn_done(&turn);
	world_close();
}

static const char *told(void)
{
	static char text[SUPERIOR_TEXT_SIZE];

	superior_tell(world.flow, subordinate(), START, text);
	return text;
}

static void it_says_what_it_waits_for(void **state)
{
	const char *says = "waits for its certificate from the superior CA";
	struct trustpoint_turn turn;

	(void)state;
	world_open("", SUBORDINATE);
	assert_non_null(strstr(told(), "claviger trustpoint authenticate SUB"));
	turn = turn_of("SUB");
	accept_ca(&turn);
	assert_string_equal(told(), says);
	assert_int_equal(trustpoint_note_failure(&turn, "nobody answers"), 0);
	assert_non_null(strstr(told(), ": nobody answers"));
	assert_int_equal(trustpoint_halt(&turn, CA_TRUSTPOINT_REJECTED, "not you"), 0);
	assert_non_null(strstr(told(), "not you"));
	assert_non_null(strstr(told(), "claviger trustpoint enroll SUB"));
	assert_int_equal(trustpoint_halt(&turn, CA_TRUSTPOINT_STRANGER, "who is that"), 0);
	assert_non_null(strstr(told(), "claviger trustpoint authenticate SUB"));
	assert_ptr_equal(strstr(told(), says), told());
	trustpoint_turn_done(&turn);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_takes_what_makes_it_a_ca_alone),
		cmocka_unit_test(it_says_what_it_waits_for),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
