/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/issued.h"
#include "tests/unit/daemon/trustpoint/certificates.h"

/* What key 3 asked the CA for. */
static enum trustpoint_fault issued(struct plan plan, int64_t from_s,
				    enum trustpoint_remark *ret_remark)
{
	_cleanup_(bytes_done) struct bytes certificate = make(plan), spki = spki_of(3),
					   subject = name_of("CN=router+serialNumber=7,OU=x");
	const struct span certificates[] = {span_of(made.ca), span_of(certificate)};
	const struct trustpoint_wish wish = {
		.anchor = span_of(made.ca),
		.spki = span_of(spki),
		.subject = span_of(subject),
		.key_usage = X509_DIGITAL_SIGNATURE,
		.from_s = from_s,
	};
	struct span found = {};
	enum trustpoint_fault fault =
		trustpoint_issued_check(&wish, certificates, 2, &found, ret_remark);

	assert_int_equal(!fault, is(found, certificate));
	return fault;
}

static void what_was_issued_is_held_against_the_wish(void **state)
{
	const struct plan good = {"CN=router+serialNumber=7,OU=x", "CN=ca", 3, 1, false, 0, 0, 0};
	enum trustpoint_remark remark = TRUSTPOINT_REMARK_SUBJECT;
	struct plan bad;

	(void)state;
	assert_int_equal(issued(good, NOW, &remark), TRUSTPOINT_FAULT_NONE);
	assert_int_equal(remark, TRUSTPOINT_REMARK_NONE);
	bad = good;
	bad.key = 2;
	assert_int_equal(issued(bad, NOW, &remark), TRUSTPOINT_FAULT_NO_KEY);
	bad = good;
	bad.issuer = "CN=other";
	assert_int_equal(issued(bad, NOW, &remark), TRUSTPOINT_FAULT_ISSUER);
	bad = good;
	bad.signer = 4;
	assert_int_equal(issued(bad, NOW, &remark), TRUSTPOINT_FAULT_SIGNATURE);
	bad = good;
	bad.ca = true;
	assert_int_equal(issued(bad, NOW, &remark), TRUSTPOINT_FAULT_IS_CA);
	assert_int_equal(issued(good, END + 1, &remark), TRUSTPOINT_FAULT_ENDED);
	assert_int_equal(issued(good, END, &remark), TRUSTPOINT_FAULT_NONE);
	/* Clocks differ. */
	assert_int_equal(issued(good, BIRTH - DAY, &remark), TRUSTPOINT_FAULT_NONE);
	assert_int_equal(issued(good, BIRTH - DAY - 1, &remark), TRUSTPOINT_FAULT_NOT_YET);
}

/* What a server asked for as a CA of this name. */
static enum trustpoint_fault authorised(struct plan plan)
{
	_cleanup_(bytes_done) struct bytes certificate = make(plan), spki = spki_of(3),
					   subject = name_of("CN=sub,O=x");
	const struct span certificates[] = {span_of(certificate), span_of(made.ca)};
	const struct trustpoint_wish wish = {
		.anchor = span_of(made.ca),
		.spki = span_of(spki),
		.subject = span_of(subject),
		.from_s = NOW,
		.is_ca = true,
	};
	enum trustpoint_remark remark;
	struct span found = {};

	return trustpoint_issued_check(&wish, certificates, 2, &found, &remark);
}

static void a_ca_takes_nothing_but_what_lets_it_be_one(void **state)
{
	const uint16_t signs = X509_KEY_CERT_SIGN | X509_CRL_SIGN;
	const struct plan good = {"CN=sub,O=x", "CN=ca", 3, 1, true, signs, 0, 0};
	struct plan bad = good;

	(void)state;
	assert_int_equal(authorised(good), TRUSTPOINT_FAULT_NONE);
	bad.ca = false;
	assert_int_equal(authorised(bad), TRUSTPOINT_FAULT_NO_AUTHORITY);
	bad = good;
	bad.key_usage = X509_KEY_CERT_SIGN;
	assert_int_equal(authorised(bad), TRUSTPOINT_FAULT_NO_AUTHORITY);
	bad.key_usage = X509_CRL_SIGN;
	assert_int_equal(authorised(bad), TRUSTPOINT_FAULT_NO_AUTHORITY);
	bad.key_usage = 0;
	assert_int_equal(authorised(bad), TRUSTPOINT_FAULT_NO_AUTHORITY);
	bad = good;
	bad.subject = "CN=sub,O=X";
	assert_int_equal(authorised(bad), TRUSTPOINT_FAULT_OTHER_NAME);
	bad = good;
	bad.signer = 4;
	assert_int_equal(authorised(bad), TRUSTPOINT_FAULT_SIGNATURE);
}

static void nothing_changed_is_believed(void **state)
{
	_cleanup_(bytes_done) struct bytes spki = spki_of(2), changed = {};
	const struct trustpoint_wish wish = {
		.anchor = span_of(made.ca), .spki = span_of(spki), .from_s = NOW};
	struct span found, certificates[1];
	enum trustpoint_remark remark;

	(void)state;
	assert_int_equal(bytes_copy(span_of(made.ra_signs), &changed), 0);
	certificates[0] = span_of(changed);
	assert_int_equal(trustpoint_issued_check(&wish, certificates, 1, &found, &remark), 0);
	for (size_t bit = 0; bit < changed.size * 8; bit++) {
		changed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(
			trustpoint_issued_check(&wish, certificates, 1, &found, &remark), 0);
		changed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void what_is_odd_is_remarked(void **state)
{
	struct plan plan = {"CN=router+serialNumber=7", "CN=ca", 3, 1, false, 0, 0, 0};
	enum trustpoint_remark remark;

	(void)state;
	assert_int_equal(issued(plan, NOW, &remark), TRUSTPOINT_FAULT_NONE);
	assert_int_equal(remark, TRUSTPOINT_REMARK_NONE);
	plan.subject = "CN=another";
	assert_int_equal(issued(plan, NOW, &remark), TRUSTPOINT_FAULT_NONE);
	assert_int_equal(remark, TRUSTPOINT_REMARK_SUBJECT);
	plan.key_usage = X509_KEY_ENCIPHERMENT;
	assert_int_equal(issued(plan, NOW, &remark), TRUSTPOINT_FAULT_NONE);
	assert_int_equal(remark, TRUSTPOINT_REMARK_KEY_USAGE);
	assert_string_equal(trustpoint_remark_text(TRUSTPOINT_REMARK_NONE), "");
	assert_non_null(strstr(trustpoint_remark_text(remark), "keyUsage"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_issued_is_held_against_the_wish),
		cmocka_unit_test(a_ca_takes_nothing_but_what_lets_it_be_one),
		cmocka_unit_test(nothing_changed_is_believed),
		cmocka_unit_test(what_is_odd_is_remarked),
	};

	return cmocka_run_group_tests(tests, make_all, drop_all);
}
