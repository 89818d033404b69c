/* SPDX-License-Identifier: Apache-2.0 */
/* A transparent RA before a superior that answers what it is told: what goes out, what comes back.
 */
#include "daemon/base/log.h"
#include "daemon/base/socket.h"
#include "daemon/flow/ra/relay-files.h"
#include "daemon/flow/ra/relay.h"
#include "daemon/flow/reach.h"
#include "daemon/flow/server/server.h"
#include "daemon/flow/server/trustpoint-round.h"
#include "daemon/ipc/channel.h"
#include "daemon/scep/client.h"
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"
#include <pthread.h>
#include <string.h>

#define EDGE                                                                                       \
	"[Server EDGE]\nMode=ra-transparent\nGrant=auto\n"                                         \
	"[Trustpoint EDGE]\nEnrollmentURL=http://127.0.0.1:9/scep\n"
#define MESSAGE SPAN_LITERAL("\x30\x03\x02\x01\x05")
#define ANSWER	"\x30\x03\x02\x01\x06"

/* What the superior says to an operation. */
struct says {
	const char *operation;
	unsigned status; /* 0: nobody answers */
	unsigned retry_after_s;
	const char *body;
	size_t size; /* 0: a text */
};

static struct {
	int listening;
	pthread_t thread;
	const struct says *says;
	size_t n_says;
	struct bytes certificate; /* what GetCACert gives where its body is NULL */
	unsigned asked, asked_next;
	char url[8192];
	struct bytes content;
} superior;

static const struct says *find_says(struct span url)
{
	for (size_t i = 0; i < superior.n_says; i++)
		if (memmem(url.data, url.size, superior.says[i].operation,
			   strlen(superior.says[i].operation)))
			return &superior.says[i];
	return NULL;
}

static void answer(int fd, uint64_t tag, const struct says *says)
{
	struct ipc_failed away = {.code = IPC_FAILURE_LATER, .reason = SPAN_LITERAL("away")};
	struct ipc_fetch_answer message = {};

	if (!says || !says->status) {
		assert_int_equal(ipc_send(fd, IPC_FAILED, tag, &away), 0);
		return;
	}
	message.status = (uint16_t)says->status;
	message.retry_after_s = says->retry_after_s;
	message.content = !says->body  ? span_of(superior.certificate)
			  : says->size ? SPAN(says->body, says->size)
				       : span_of_text(says->body);
	assert_int_equal(ipc_send(fd, IPC_FETCH_ANSWER, tag, &message), 0);
}

static void *serve(void *context)
{
	(void)context;
	for (;;) {
		_cleanup_(closep) int fd = accept(superior.listening, NULL, NULL);
		_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
		struct ipc_fetch_scep scep;

		if (fd < 0)
			return NULL;
		assert_int_equal(ipc_receive(fd, &packet), 0);
		assert_int_equal(ipc_decode(packet.content, IPC_FETCH_SCEP, &scep), 0);
		assert_true(scep.url.size < sizeof(superior.url));
		memcpy(superior.url, scep.url.data, scep.url.size);
		superior.url[scep.url.size] = '\0';
		bytes_done(&superior.content);
		assert_int_equal(bytes_copy(scep.content, &superior.content), 0);
		superior.asked++;
		superior.asked_next += strstr(superior.url, "GetNextCACert") != NULL;
		answer(fd, packet.header.tag, find_says(scep.url));
	}
}

static void begin(const char *options)
{
	_cleanup_(freep) char *path = NULL;

	world_open("", options);
	superior.asked = superior.asked_next = 0;
	assert_int_equal(text_format(&path, "%s/fetch.sock", world.directory), 0);
	assert_int_equal(socket_listen("none", path, SOCK_SEQPACKET, 0600, &superior.listening), 0);
	assert_int_equal(pthread_create(&superior.thread, NULL, serve, NULL), 0);
	assert_int_equal(
		bytes_copy(span_of(world.authority->shared->generations->records[0].certificate),
			   &superior.certificate),
		0);
}

static void end(void)
{
	shutdown(superior.listening, SHUT_RDWR);
	pthread_join(superior.thread, NULL);
	closep(&superior.listening);
	bytes_done(&superior.content);
	bytes_done(&superior.certificate);
	world_close();
}

static struct authority *edge(void)
{
	return flow_find_authority(world.flow, SPAN_LITERAL("EDGE"));
}

static void create(void)
{
	_cleanup_(freep) char *reason = NULL;

	assert_int_equal(flow_server_create(world.flow, edge(), "root", world.now_s, &reason), 0);
	assert_int_equal(flow_server_start(world.flow, edge(), "root", world.now_s, &reason), 0);
}

#define SAYS(rows)                                                                                 \
	do {                                                                                       \
		superior.says = rows;                                                              \
		superior.n_says = ELEMENTS(rows);                                                  \
	} while (0)

static struct scep_result pass(struct span message)
{
	struct scep_call call = {.server = SPAN_LITERAL("EDGE"),
				 .peer = SPAN_LITERAL("192.0.2.1"),
				 .message = message};
	struct scep_result result = {};

	assert_int_equal(flow_relay(world.flow, &call, 0, world.now_s, &result), 0);
	return result;
}

static void check(unsigned status, unsigned retry_after_s, const char *part)
{
	_cleanup_(scep_result_done) struct scep_result result = pass(MESSAGE);

	assert_int_equal(result.status, status);
	assert_int_equal(result.retry_after_s, retry_after_s);
	assert_true(result.body.size >= strlen(part));
	assert_non_null(memmem(result.body.data, result.body.size, part, strlen(part)));
}

static struct trustpoint_round go_round(void)
{
	struct trustpoint_round round = {};

	flow_trustpoint_round(world.flow, "EDGE", world.now_s, &round);
	return round;
}

static bool publishes(const char *name, struct span content)
{
	_cleanup_(bytes_done) struct bytes found = {};
	_cleanup_(freep) char *path = NULL;

	assert_int_equal(text_format(&path, "%s/EDGE/%s", world.flow->public_directory, name), 0);
	return !file_read(path, 1 << 20, &found) && span_equal(span_of(found), content);
}

/* RA-06 */
static void answers_come_back_as_they_are(void **state)
{
	static const struct says good[] = {{"PKIOperation", 200, 0, ANSWER, 5}},
				 refused[] = {{"PKIOperation", 403, 0, "<b>no</b>", 0}},
				 broken[] = {{"PKIOperation", 500, 7, "oh\n", 0}},
				 portal[] = {{"PKIOperation", 200, 0, "<html>log in", 0}},
				 empty[] = {{"PKIOperation", 200, 0, "", 0}},
				 other[] = {{"PKIOperation", 204, 0, "", 0}},
				 away[] = {{"PKIOperation", 0, 0, "", 0}};

	(void)state;
	begin(EDGE);
	create();
	SAYS(good);
	{
		_cleanup_(scep_result_done) struct scep_result result = pass(MESSAGE);

		assert_int_equal(result.status, 200);
		assert_true(span_equal(span_of(result.body), SPAN(ANSWER, 5)));
		assert_true(span_equal(span_of(superior.content), MESSAGE));
		assert_string_equal(superior.url, "http://127.0.0.1:9/scep?operation=PKIOperation");
	}
	SAYS(refused);
	check(403, 0, "<b>no</b>");
	SAYS(broken);
	check(500, 7, "oh\n");
	SAYS(portal);
	check(502, 0, "no SCEP message");
	SAYS(empty);
	check(502, 0, "no SCEP message");
	SAYS(other);
	check(502, 0, "no SCEP message");
	SAYS(away);
	check(503, 10, "not reached");
	end();
}

static void what_does_not_go_out_is_told(void **state)
{
	static const struct says good[] = {{"PKIOperation", 200, 0, ANSWER, 5}};
	_cleanup_(freep) char *reason = NULL;
	struct flight flight;

	(void)state;
	begin(EDGE);
	SAYS(good);
	check(503, 10, "not in service");
	create();
	assert_true(reach_depart(edge()->shared->reach, &flight, MESSAGE));
	check(503, 10, "under way");
	reach_arrive(edge()->shared->reach, &flight);
	check(200, 0, "\x30");
	assert_int_equal(flow_server_stop(world.flow, edge(), "root", world.now_s, &reason), 0);
	check(503, 10, "not in service");
	assert_int_equal(superior.asked, 1);
	end();
	begin("[Server EDGE]\nMode=ra-transparent\nGrant=none\n"
	      "[Trustpoint EDGE]\nEnrollmentURL=http://127.0.0.1:9/scep\n");
	create();
	check(403, 0, "Grant=none");
	assert_int_equal(superior.asked, 0);
	end();
}

static void it_is_made_once(void **state)
{
	_cleanup_(freep) char *again = NULL;

	(void)state;
	begin(EDGE);
	create();
	assert_int_equal(flow_server_create(world.flow, edge(), "root", world.now_s, &again),
			 FLOW_REFUSED);
	assert_non_null(strstr(again, "exists already"));
	end();
}

/* The files are the superior's answers; who can do no POST is asked by GET. */
static void what_the_superior_gives_out_is_given_out(void **state)
{
	static const struct says first[] = {{"GetCACert", 200, 0, NULL, 0},
					    {"GetCACaps", 200, 0, "AES\nFancy\n", 0},
					    {"PKIOperation", 200, 0, ANSWER, 5}},
				 second[] = {{"GetCACert", 200, 0, NULL, 0},
					     {"GetCACaps", 200, 0, "GetNextCACert\n", 0},
					     {"GetNextCACert", 200, 0, "\x30\x01", 2}},
				 third[] = {{"GetCACert", 200, 0, NULL, 0},
					    {"GetCACaps", 500, 0, "", 0},
					    {"GetNextCACert", 404, 0, "none", 0}};
	struct trustpoint_round round;

	(void)state;
	begin(EDGE);
	SAYS(first);
	round = go_round();
	assert_int_equal(superior.asked, 0);
	create();
	round = go_round();
	assert_false(round.failed);
	assert_int_equal(round.next_s, world.now_s + RELAY_REFRESH_S);
	assert_true(publishes("cacert", span_of(superior.certificate)));
	assert_true(publishes("ca.crt", span_of(superior.certificate)));
	assert_true(publishes("caps", SPAN_LITERAL("AES\nFancy\n")));
	assert_false(publishes("nextcacert", SPAN_LITERAL("\x30\x01")));
	assert_int_equal(superior.asked_next, 0);
	check(200, 0, "\x30");
	assert_int_equal(superior.content.size, 0);
	assert_non_null(strstr(superior.url, "operation=PKIOperation&message=MAMCAQU"));
	SAYS(second);
	round = go_round();
	assert_true(publishes("caps", SPAN_LITERAL("AES\nFancy\n")));
	world.now_s += RELAY_REFRESH_S;
	round = go_round();
	assert_true(publishes("caps", SPAN_LITERAL("GetNextCACert\n")));
	assert_true(publishes("nextcacert", SPAN_LITERAL("\x30\x01")));
	SAYS(third);
	world.now_s += RELAY_REFRESH_S;
	round = go_round();
	assert_false(round.failed);
	assert_true(publishes("caps", SPAN_LITERAL("GetNextCACert\n")));
	assert_false(publishes("nextcacert", SPAN_LITERAL("\x30\x01")));
	end();
}

/* Through the superior's absence, and a restart; but not as another superior's. */
static void what_was_seen_last_stays(void **state)
{
	static const struct says good[] = {{"GetCACert", 200, 0, NULL, 0},
					   {"GetCACaps", 200, 0, "AES\n", 0}},
				 portal[] = {{"GetCACert", 200, 0, "<html>", 0}},
				 away[] = {{"GetCACert", 0, 0, "", 0}};
	char trouble[REACH_TROUBLE_SIZE];
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct trustpoint_round round;

	(void)state;
	begin(EDGE);
	SAYS(good);
	create();
	round = go_round();
	assert_int_equal(bytes_copy(span_of(superior.certificate), &certificate), 0);
	SAYS(portal);
	world.now_s += RELAY_REFRESH_S;
	round = go_round();
	assert_true(round.failed);
	assert_true(reach_tell(edge()->shared->reach, trouble));
	assert_non_null(strstr(trouble, "is no certificate"));
	SAYS(away);
	world_restart(EDGE);
	round = go_round();
	assert_true(round.failed);
	assert_true(publishes("cacert", span_of(certificate)));
	assert_true(publishes("caps", SPAN_LITERAL("AES\n")));
	world_restart("[Server EDGE]\nMode=ra-transparent\nGrant=auto\n"
		      "[Trustpoint EDGE]\nEnrollmentURL=http://127.0.0.2/scep\n");
	round = go_round();
	assert_true(round.failed);
	assert_false(publishes("cacert", span_of(certificate)));
	end();
}

/* Who says which CA it is has no other given out; its certificate again, by the new word. */
static void a_stranger_is_not_given_out(void **state)
{
	static const struct says good[] = {{"GetCACert", 200, 0, NULL, 0},
					   {"GetCACaps", 200, 0, "AES\n", 0}};
	static const char edge_of[] = EDGE "Fingerprint=%s\n";
	static const char zeros[] = "00000000000000000000000000000000"
				    "00000000000000000000000000000000";
	_cleanup_(freep) char *wrong = NULL, *right = NULL;
	char trouble[REACH_TROUBLE_SIZE], digits[129];
	uint8_t digest[SHA256_SIZE];
	struct trustpoint_round round;

	(void)state;
	assert_int_equal(text_format(&wrong, edge_of, zeros), 0);
	begin(wrong);
	SAYS(good);
	create();
	round = go_round();
	assert_true(round.failed);
	assert_true(reach_tell(edge()->shared->reach, trouble));
	assert_non_null(strstr(trouble, "Fingerprint="));
	assert_false(publishes("cacert", span_of(superior.certificate)));
	sha256(span_of(superior.certificate), digest);
	log_hex("", SPAN_ARRAY(digest), digits);
	assert_int_equal(text_format(&right, edge_of, digits), 0);
	world_restart(right);
	round = go_round();
	assert_false(round.failed);
	assert_false(reach_tell(edge()->shared->reach, trouble));
	assert_true(publishes("cacert", span_of(superior.certificate)));
	end();
}

#define RA                                                                                         \
	"[Server RA]\nMode=ra\nToken=soft\n[Trustpoint "                                           \
	"RA]\nEnrollmentURL=http://127.0.0.1:9/scep\n"

/* Of the world's CA, with its own certificate by that one. */
static X509 *make_ra(void)
{
	struct ca_generation_record generation = {
		.number = 1,
		.not_before_s = START,
		.not_after_s = START + CA_LIFE,
		.takes_over_s = START,
		.changed_over_s = START,
		.relabelled_s = START,
		.token = strdup(""),
		.token_serial = strdup(""),
	};
	struct ca_exchange_record exchange = {
		.key = place_of(0, "RA"),
		.certificate = leaf_of(0, START, 300 * DAY),
		.not_before_s = START,
		.not_after_s = START + 300 * DAY,
		.takes_over_s = START,
		.relabelled_s = START,
	};
	struct store_change change = {
		.server = "RA",
		.now_s = START,
		.create_server = "RA",
		.enabled = &(const bool){true},
		.generation = &generation,
		.exchange = &exchange,
	};
	X509 *certificate = certificate_of(span_of(exchange.certificate));
	const struct ca_generation_record *ca = &world.authority->shared->generations->records[0];

	assert_int_equal(bytes_copy(span_of(ca->certificate), &generation.certificate), 0);
	assert_int_equal(bytes_copy(span_of(ca->spki), &generation.spki), 0);
	assert_int_equal(bytes_copy(span_of(ca->serial), &generation.serial), 0);
	assert_int_equal(bytes_copy(span_of(ca->issuer), &generation.issuer), 0);
	assert_int_equal(store_commit(world.flow->store, &change), 0);
	ca_generation_record_done(&generation);
	ca_exchange_record_done(&exchange);
	assert_int_equal(
		authority_load(world.flow, flow_find_authority(world.flow, SPAN_LITERAL("RA"))), 0);
	return certificate;
}

/* A message that says hello to whom world.recipient is, brought to the RA. */
static int bring(struct bytes *ret_message)
{
	struct router router = router_of(1, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	struct scep_call call = {.server = SPAN_LITERAL("RA"), .peer = SPAN_LITERAL("192.0.2.1")};
	_cleanup_(scep_result_done) struct scep_result result = {};
	int r;

	*ret_message = message_of(&router, &router.self, "19", span_of(csr));
	call.message = span_of(*ret_message);
	r = flow_scep(world.flow, &call, world.now_s, &result);
	router_done(&router);
	return r;
}

/* RA-06: who knows the CA's certificate alone (a shadow request goes to that of GetNextCACert)
 * speaks to the CA, through the RA. */
static void what_an_ras_ca_alone_can_read_goes_on_to_it(void **state)
{
	static const struct says good[] = {{"PKIOperation", 200, 0, ANSWER, 5}};
	_cleanup_(bytes_done) struct bytes to_ca = {}, to_ra = {};
	_cleanup_(scep_result_done) struct scep_result result = {};
	struct scep_call call = {.server = SPAN_LITERAL("RA"), .peer = SPAN_LITERAL("192.0.2.1")};
	X509 *own;

	(void)state;
	begin(RA);
	SAYS(good);
	own = make_ra();
	world.recipient = own;
	assert_int_not_equal(bring(&to_ra), FLOW_RELAY);
	world.recipient = NULL;
	assert_int_equal(bring(&to_ca), FLOW_RELAY);
	assert_int_equal(superior.asked, 0);
	call.message = span_of(to_ca);
	assert_int_equal(flow_relay(world.flow, &call, 0, world.now_s, &result), 0);
	assert_int_equal(result.status, 200);
	assert_true(span_equal(span_of(result.body), SPAN(ANSWER, 5)));
	assert_true(span_equal(span_of(superior.content), span_of(to_ca)));
	X509_free(own);
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_back_as_they_are),
		cmocka_unit_test(what_does_not_go_out_is_told),
		cmocka_unit_test(it_is_made_once),
		cmocka_unit_test(what_the_superior_gives_out_is_given_out),
		cmocka_unit_test(what_was_seen_last_stays),
		cmocka_unit_test(a_stranger_is_not_given_out),
		cmocka_unit_test(what_an_ras_ca_alone_can_read_goes_on_to_it),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
