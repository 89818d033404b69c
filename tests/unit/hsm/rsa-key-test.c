/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/fault.h"
#include "tests/unit/hsm/made-key.h"

static void assert_signs(struct hsm_session *session, const struct made *made)
{
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct hsm_rsa_key key = key_of(made);
	uint8_t info[DIGEST_SIZE_MAX + 32];
	size_t size = digest_info(DIGEST_SHA256, SPAN_LITERAL("to be signed"), info);

	assert_int_equal(hsm_rsa_key_sign(session, &key, SPAN(info, size), &signature), 0);
	assert_int_equal(rsa_public_verify(made->public, DIGEST_SHA256,
					   SPAN_LITERAL("to be signed"), span_of(signature)),
			 0);
}

static void a_made_key_signs_and_is_found_again(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(bytes_done) struct bytes spki = {0};
	struct hsm_rsa_key key = key_of(&made);
	unsigned finds;

	assert_int_equal(hsm_rsa_key_read(session, key.id, &spki), 0);
	assert_true(span_equal(span_of(spki), key.spki));
	assert_signs(session, &made);
	/* The handle is kept: a signature costs no search. */
	finds = softhsm_calls(&f->softhsm, "C_FindObjectsInit");
	assert_signs(session, &made);
	assert_int_equal(softhsm_calls(&f->softhsm, "C_FindObjectsInit"), finds);
}

/* pkcs11-tool, which knows nothing of us, says what the key is. */
static void the_key_is_sensitive_and_never_extractable(void **state)
{
	struct fixture *f = *state;
	struct made signs = make_key(f, 1, false), decrypts = make_key(f, 2, true);
	char line[256], access[256] = "", usage[2][256] = {"", ""};
	unsigned n = 0;
	FILE *tool = popen("pkcs11-tool --module " SOFTHSM_MODULE
			   " --token-label ca --login --pin 1234 -O --type privkey 2>/dev/null",
			   "re");

	made_done(&signs);
	made_done(&decrypts);
	assert_non_null(tool);
	while (fgets(line, sizeof(line), tool)) {
		if (strstr(line, "Access:"))
			(void)snprintf(access, sizeof(access), "%s", line);
		if (strstr(line, "Usage:") && n < 2)
			(void)snprintf(usage[n++], sizeof(usage[0]), "%s", line);
	}
	assert_int_equal(pclose(tool), 0);
	assert_non_null(strstr(access, "sensitive, always sensitive, never extractable, local"));
	assert_int_equal(n, 2);
	/* One signs alone, the other also decrypts; neither unwraps. */
	assert_int_equal(!strstr(usage[0], "decrypt") + !strstr(usage[1], "decrypt"), 1);
	assert_true(strstr(usage[0], "sign") && strstr(usage[1], "sign"));
	assert_true(!strstr(usage[0], "unwrap") && !strstr(usage[1], "unwrap"));
}

static void another_public_key_is_another_key(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made one = make_key(f, 1, false);
	_cleanup_(made_done) struct made two = make_key(f, 2, false);
	struct hsm_rsa_key swapped = {SPAN_ARRAY(one.id), span_of(two.spki)};
	struct hsm_rsa_key unknown = {SPAN_LITERAL("nothing"), span_of(one.spki)};
	_cleanup_(bytes_done) struct bytes spki = {0};

	assert_int_equal(hsm_rsa_key_find(session, &swapped), HSM_RSA_KEY_ABSENT);
	assert_int_equal(hsm_rsa_key_find(session, &unknown), HSM_RSA_KEY_ABSENT);
	assert_int_equal(hsm_rsa_key_read(session, unknown.id, &spki), HSM_RSA_KEY_ABSENT);
	assert_signs(session, &one);
	assert_signs(session, &two);
}

static struct secret unwrap(struct hsm_session *session, const struct made *made,
			    struct span encrypted, size_t size)
{
	struct hsm_rsa_key key = key_of(made);
	struct secret content = {0};

	assert_int_equal(
		hsm_rsa_key_unwrap(session, &key, PROCESS_SECRET, encrypted, size, &content), 0);
	assert_int_equal(content.size, size);
	return content;
}

static void unwraps(struct hsm_session *session, const struct made *made, struct span content)
{
	_cleanup_(bytes_done) struct bytes encrypted = {0};
	_cleanup_(secret_done) struct secret opened = {0};

	assert_int_equal(rsa_public_encrypt(made->public, content, &encrypted), 0);
	opened = unwrap(session, made, span_of(encrypted), content.size);
	assert_true(span_equal(span_of_secret(opened), content));
}

/* Whatever is wrong: the same random-looking bytes each time, of the size asked for, and the
 * session goes on. */
static void gives_substitute(struct fixture *f, struct hsm_session **session,
			     const struct made *made, struct span encrypted)
{
	_cleanup_(secret_done) struct secret one = {0}, again = {0};

	for (int i = 0; i < 2; i++) {
		if (hsm_session_is_broken(*session)) {
			*session = hsm_session_close(*session);
			*session = open_session(f, false);
		}
		*(i ? &again : &one) = unwrap(*session, made, encrypted, 24);
	}
	assert_true(span_equal(span_of_secret(one), span_of_secret(again)));
}

static void wrong_ciphertexts(struct fixture *f, struct hsm_session **session,
			      const struct made *made)
{
	_cleanup_(bytes_done) struct bytes other_size = {0}, damaged = {0};
	uint8_t large[256], random[256];
	struct span modulus, exponent;

	assert_int_equal(
		rsa_public_encrypt(made->public, SPAN_LITERAL("sixteen bytes..."), &other_size), 0);
	gives_substitute(f, session, made, span_of(other_size));
	assert_int_equal(bytes_copy(span_of(other_size), &damaged), 0);
	damaged.data[100] ^= 1;
	gives_substitute(f, session, made, span_of(damaged));
	random_fill(random, sizeof(random));
	random[0] = 0;
	gives_substitute(f, session, made, SPAN_ARRAY(random));
	gives_substitute(f, session, made, SPAN(random, 255));
	gives_substitute(f, session, made, SPAN(random, 0));
	memset(large, 0xff, sizeof(large));
	gives_substitute(f, session, made, SPAN_ARRAY(large));
	assert_int_equal(spki_read(span_of(made->spki), &modulus, &exponent), 0);
	gives_substitute(f, session, made, modulus);
}

static void content_keys_open_and_nothing_else_is_told(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, true);
	static const char *const ways[] = {"", "hide-mechanism=0x3\n"};

	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		softhsm_spoil(&f->softhsm, ways[i]);
		unwraps(session, &made, SPAN_LITERAL("8 bytes."));
		unwraps(session, &made, SPAN_LITERAL("sixteen bytes..."));
		unwraps(session, &made, SPAN_LITERAL("twenty-four bytes here.."));
		unwraps(session, &made, SPAN_LITERAL("thirty-two bytes are in this key"));
		wrong_ciphertexts(f, &session, &made);
		unwraps(session, &made, SPAN_LITERAL("sixteen bytes..."));
	}
}

/* Lengths and values that no token could open never reach it. */
static void impossible_ciphertexts_do_not_bother_the_token(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, true);
	unsigned before = softhsm_calls(&f->softhsm, "C_Decrypt");
	uint8_t large[256];

	memset(large, 0xff, sizeof(large));
	gives_substitute(f, &session, &made, SPAN_ARRAY(large));
	gives_substitute(f, &session, &made, SPAN(large, 128));
	assert_int_equal(softhsm_calls(&f->softhsm, "C_Decrypt"), before);
}

static const struct {
	const char *spoilt;
	int result;
} failures[] = {
	{"C_Decrypt answer=0x30\n", -EIO},
	{"C_Decrypt answer=0x32\n", -ENODEV},
	{"C_Decrypt answer=0xb3\n", -ESTALE},
	{"C_Decrypt answer=0x101\n", -EACCES},
	{"C_DecryptInit answer=0x82\n", -ESTALE},
	/* Raw RSA has no bad data, so a general failure is the token's. */
	{"C_Decrypt answer=0x5\n", -EPROTO},
	{"C_Decrypt answer=0x40\n", 0},
	/* Where the token undoes the padding, a general failure may come from the data. */
	{"hide-mechanism=0x3\nC_Decrypt answer=0x5\n", 0},
	{"hide-mechanism=0x3\nC_Decrypt answer=0x6 after\n", 0},
	{"hide-mechanism=0x3\nC_Decrypt answer=0x40\n", 0},
	{"hide-mechanism=0x3\nC_Decrypt answer=0x30\n", -EIO},
};

static void only_not_now_is_an_error(void **state)
{
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, true);
	struct hsm_rsa_key key = key_of(&made);
	_cleanup_(bytes_done) struct bytes encrypted = {0};

	assert_int_equal(
		rsa_public_encrypt(made.public, SPAN_LITERAL("sixteen bytes..."), &encrypted), 0);
	for (size_t i = 0; i < ELEMENTS(failures); i++) {
		_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
		_cleanup_(secret_done) struct secret content = {0};

		softhsm_spoil(&f->softhsm, failures[i].spoilt);
		assert_int_equal(hsm_rsa_key_unwrap(session, &key, PROCESS_SECRET,
						    span_of(encrypted), 16, &content),
				 failures[i].result);
		/* Not the content key, which would tell that the padding was right. */
		assert_true(content.size == 0 ||
			    !span_equal(span_of_secret(content), SPAN_LITERAL("sixteen bytes...")));
		assert_true(hsm_session_is_broken(session));
		softhsm_spoil(&f->softhsm, "");
	}
}

static void a_key_that_signs_alone_does_not_decrypt(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	struct hsm_rsa_key key = key_of(&made);
	_cleanup_(bytes_done) struct bytes encrypted = {0};
	_cleanup_(secret_done) struct secret content = {0};

	assert_int_equal(
		rsa_public_encrypt(made.public, SPAN_LITERAL("sixteen bytes..."), &encrypted), 0);
	assert_int_equal(
		hsm_rsa_key_unwrap(session, &key, PROCESS_SECRET, span_of(encrypted), 16, &content),
		HSM_RSA_KEY_UNABLE);
	assert_signs(session, &made);
}

static void a_session_is_not_used_after_an_error(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct hsm_rsa_key key = key_of(&made);
	char text[96];
	unsigned calls;

	/* The real operation stays active in this session, as with a poor module. */
	softhsm_spoil(&f->softhsm, "C_Sign answer=0x30 count=1\n");
	assert_int_equal(hsm_rsa_key_sign(session, &key, SPAN_LITERAL("x"), &signature), -EIO);
	assert_string_equal(hsm_fault_text(text), "C_Sign: CKR_DEVICE_ERROR");
	assert_true(hsm_session_is_broken(session));
	calls = softhsm_calls(&f->softhsm, "C_SignInit");
	assert_int_equal(hsm_rsa_key_sign(session, &key, SPAN_LITERAL("x"), &signature), -ESTALE);
	assert_int_equal(softhsm_calls(&f->softhsm, "C_SignInit"), calls);
	session = hsm_session_close(session);
	session = open_session(f, false);
	assert_signs(session, &made);
}

static void a_wrong_signature_is_not_given_out(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, false);
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct hsm_rsa_key key = key_of(&made);
	char text[96];

	/* Says that it signed, and did not. */
	softhsm_spoil(&f->softhsm, "C_Sign answer=0x0 count=1\n");
	assert_int_equal(hsm_rsa_key_sign(session, &key, SPAN_LITERAL("x"), &signature), -EBADMSG);
	assert_null(signature.data);
	assert_string_equal(hsm_fault_text(text), "C_Sign: CKR_SIGNATURE_INVALID");
	assert_true(hsm_session_is_broken(session));
	session = hsm_session_close(session);
	session = open_session(f, false);
	assert_signs(session, &made);
}

static void a_pulled_token_works_again_with_new_sessions(void **state)
{
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(bytes_done) struct bytes signature = {0};
	struct hsm_session *session = open_session(f, false);
	struct hsm_rsa_key key = key_of(&made);

	assert_signs(session, &made);
	softhsm_spoil(&f->softhsm, "absent\n");
	assert_int_equal(hsm_rsa_key_sign(session, &key, SPAN_LITERAL("x"), &signature), -ENODEV);
	session = hsm_session_close(session);
	f->token = hsm_token_close(f->token);
	softhsm_spoil(&f->softhsm, "");
	fixture_open(f);
	assert_int_equal(hsm_token_login(f->token, PIN), 0);
	session = open_session(f, false);
	assert_signs(session, &made);
	session = hsm_session_close(session);
}

static const struct {
	const char *spoilt;
	unsigned bits;
	int outcome;
} makings[] = {
	{"C_GenerateKeyPair answer=0x31\n", 2048, HSM_RSA_KEY_FULL},
	{"C_GenerateKeyPair answer=0xe2\n", 2048, HSM_RSA_KEY_READ_ONLY},
	{"C_GenerateKeyPair answer=0x70\n", 2048, HSM_RSA_KEY_UNABLE},
	{"C_GenerateKeyPair answer=0x30\n", 2048, -EIO},
	{"", 64, HSM_RSA_KEY_UNABLE},
	/* The token keeps silent about what it must promise; and the key is gone again. */
	{"C_GetAttributeValue answer=0x12 skip=2 count=1\n", 2048, HSM_RSA_KEY_UNFIT},
};

static void failures_to_make_a_key_are_told_apart(void **state)
{
	struct fixture *f = *state;
	_cleanup_(hsm_session_closep) struct hsm_session *reader = open_session(f, false);

	for (size_t i = 0; i < ELEMENTS(makings); i++) {
		_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, true);
		_cleanup_(bytes_done) struct bytes spki = {0};
		const struct hsm_rsa_order order = {
			.bits = makings[i].bits,
			.id = SPAN_LITERAL("id"),
			.label = "key",
		};
		const char *why = NULL;

		softhsm_spoil(&f->softhsm, makings[i].spoilt);
		assert_int_equal(hsm_rsa_key_make(session, &order, &spki, &why),
				 makings[i].outcome);
		assert_int_equal(!why, makings[i].outcome != HSM_RSA_KEY_UNFIT);
		softhsm_spoil(&f->softhsm, "");
		assert_int_equal(hsm_rsa_key_read(reader, order.id, &spki), HSM_RSA_KEY_ABSENT);
	}
}

static void labels_change_and_keys_are_destroyed(void **state)
{
	struct fixture *f = *state;
	_cleanup_(made_done) struct made made = make_key(f, 1, false);
	_cleanup_(hsm_session_closep) struct hsm_session *session = open_session(f, true);
	struct hsm_rsa_key key = key_of(&made);
	char command[256];

	(void)snprintf(command, sizeof(command),
		       "pkcs11-tool --module %s --token-label ca -l --pin 1234 -O 2>/dev/null | "
		       "grep -c 'label: *ROOTCA$' | grep -qx 2",
		       SOFTHSM_MODULE);
	assert_int_not_equal(system(command), 0);
	assert_int_equal(hsm_rsa_key_relabel(session, &key, "ROOTCA"), 0);
	assert_int_equal(system(command), 0);
	assert_int_equal(hsm_rsa_key_destroy(session, &key), 0);
	assert_int_equal(hsm_rsa_key_find(session, &key), HSM_RSA_KEY_ABSENT);
	assert_int_equal(hsm_rsa_key_destroy(session, &key), HSM_RSA_KEY_ABSENT);
	assert_int_not_equal(system(command), 0);
}

#define ON_TOKEN(test) cmocka_unit_test_setup_teardown(test, start_logged_in, fixture_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TOKEN(a_made_key_signs_and_is_found_again),
		ON_TOKEN(the_key_is_sensitive_and_never_extractable),
		ON_TOKEN(another_public_key_is_another_key),
		ON_TOKEN(content_keys_open_and_nothing_else_is_told),
		ON_TOKEN(impossible_ciphertexts_do_not_bother_the_token),
		ON_TOKEN(only_not_now_is_an_error),
		ON_TOKEN(a_key_that_signs_alone_does_not_decrypt),
		ON_TOKEN(a_session_is_not_used_after_an_error),
		ON_TOKEN(a_wrong_signature_is_not_given_out),
		ON_TOKEN(a_pulled_token_works_again_with_new_sessions),
		ON_TOKEN(failures_to_make_a_key_are_told_apart),
		ON_TOKEN(labels_change_and_keys_are_destroyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
