/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/trustpoint/certificates.h"

static void one_certificate_is_the_ca(void **state)
{
	const struct span certificates[] = {span_of(made.root)};
	struct trustpoint_ca ca;
	struct span signers[SCEP_CERTIFICATES_MAX + 1];

	(void)state;
	assert_int_equal(trustpoint_ca_choose(certificates, 1, NOW, &ca), 0);
	assert_true(is(ca.certificate, made.root));
	assert_int_equal(ca.n_others, 0);
	assert_true(is(trustpoint_ca_recipient(&ca), made.root));
	assert_int_equal(trustpoint_ca_signers(&ca, signers), 1);
	assert_true(is(signers[0], made.root));
}

/* Every order gives the same. */
static void of_a_chain_the_issuing_one_is_the_ca(void **state)
{
	const struct bytes all[4] = {made.root, made.ca, made.ra_signs, made.ra_opens};

	(void)state;
	for (unsigned turn = 0; turn < 4; turn++) {
		struct span certificates[4], signers[SCEP_CERTIFICATES_MAX + 1];
		struct trustpoint_ca ca;

		for (unsigned i = 0; i < 4; i++)
			certificates[i] = span_of(all[(turn & 1 ? 3 - i : i + turn) % 4]);
		assert_int_equal(trustpoint_ca_choose(certificates, 4, NOW, &ca), 0);
		assert_true(is(ca.certificate, made.ca));
		assert_int_equal(ca.n_others, 3);
		assert_true(is(ca.others[2], made.root));
		assert_true(is(trustpoint_ca_recipient(&ca), made.ra_opens));
		assert_int_equal(trustpoint_ca_signers(&ca, signers), 2);
		assert_true(is(signers[0], made.ca));
		assert_true(is(signers[1], made.ra_signs));
	}
}

static void without_an_ra_the_leaf_most_is_the_ca(void **state)
{
	const struct span certificates[] = {span_of(made.root), span_of(made.ca), span_of(made.ca)};
	struct trustpoint_ca ca;

	(void)state;
	assert_int_equal(trustpoint_ca_choose(certificates, 3, NOW, &ca), 0);
	assert_true(is(ca.certificate, made.ca));
	assert_int_equal(ca.n_others, 1);
}

static void what_does_not_belong_is_left_out(void **state)
{
	const struct span certificates[] = {span_of(made.forged), span_of(made.ra_ended),
					    span_of(made.ra_signs), span_of(made.ca)};
	struct trustpoint_ca ca;

	(void)state;
	assert_int_equal(trustpoint_ca_choose(certificates, 4, NOW, &ca), 0);
	assert_true(is(ca.certificate, made.ca));
	assert_int_equal(ca.n_others, 1);
	assert_true(is(ca.others[0], made.ra_signs));
	/* Which can't be enveloped to. */
	assert_true(is(trustpoint_ca_recipient(&ca), made.ca));
}

static enum trustpoint_fault choose(const struct bytes *certificates, size_t n, int64_t at_s)
{
	struct span spans[SCEP_CERTIFICATES_MAX + 1] = {};
	struct trustpoint_ca ca;

	for (size_t i = 0; i < n; i++)
		spans[i] = span_of(certificates[i]);
	return trustpoint_ca_choose(spans, n, at_s, &ca);
}

static void what_is_no_ca_is_refused(void **state)
{
	_cleanup_(bytes_done) struct bytes changed = {}, unable = {};
	const struct bytes two[] = {made.root, made.stranger};
	struct bytes many[SCEP_CERTIFICATES_MAX + 1];

	(void)state;
	assert_int_equal(choose(two, 0, NOW), TRUSTPOINT_FAULT_NO_CERTIFICATE);
	assert_int_equal(choose(&made.ra_signs, 1, NOW), TRUSTPOINT_FAULT_NO_CA);
	assert_int_equal(choose(two, 2, NOW), TRUSTPOINT_FAULT_SEVERAL_CAS);
	assert_int_equal(choose(&made.root, 1, END + 1), TRUSTPOINT_FAULT_CA_ENDED);
	assert_int_equal(choose(&made.root, 1, BIRTH - 1), TRUSTPOINT_FAULT_CA_NOT_YET);
	for (size_t i = 0; i < ELEMENTS(many); i++)
		many[i] = made.root;
	assert_int_equal(choose(many, ELEMENTS(many), NOW), TRUSTPOINT_FAULT_UNREADABLE);
	assert_int_equal(bytes_copy(span_of(made.root), &changed), 0);
	changed.data[changed.size - 1] ^= 1;
	assert_int_equal(choose(&changed, 1, NOW), TRUSTPOINT_FAULT_CA_SIGNATURE);
	changed.size--;
	assert_int_equal(choose(&changed, 1, NOW), TRUSTPOINT_FAULT_UNREADABLE);
	unable = make((struct plan){"CN=a", "CN=a", 0, 0, true, X509_DIGITAL_SIGNATURE, 0, 0});
	assert_int_equal(choose(&unable, 1, NOW), TRUSTPOINT_FAULT_NO_CA);
}

/* As some have it: the root's key is of another kind, its signature not for us to verify. */
static void an_ec_root_stands_above_the_ca(void **state)
{
	_cleanup_(bytes_done) struct bytes root =
		make((struct plan){"CN=root", "CN=root", EC_KEY, 4, true, CA_USAGE, 0, 0});
	const struct span certificates[] = {span_of(root), span_of(made.ca)};
	struct trustpoint_ca ca;

	(void)state;
	assert_int_equal(trustpoint_ca_choose(certificates, 2, NOW, &ca), 0);
	assert_true(is(ca.certificate, made.ca));
	assert_int_equal(ca.n_others, 0);
	assert_int_equal(trustpoint_ca_choose(certificates, 1, NOW, &ca), TRUSTPOINT_FAULT_NOT_RSA);
}

/* Its name and key, certified by somebody who then stands above it. */
static void nobody_stands_above_a_root(void **state)
{
	_cleanup_(bytes_done) struct bytes cross = make((struct plan){"CN=root", "CN=liar", 0, 4,
								      true, CA_USAGE, 0, 0}),
					   liar = make((struct plan){"CN=liar", "CN=liar", 4, 4,
								     true, CA_USAGE, 0, 0});
	const struct span certificates[] = {span_of(made.root), span_of(cross), span_of(liar)};
	struct trustpoint_ca ca;

	(void)state;
	assert_int_equal(trustpoint_ca_choose(certificates, ELEMENTS(certificates), NOW, &ca), 0);
	assert_true(is(ca.certificate, made.root));
	assert_int_equal(ca.n_others, 0);
}

static void what_was_recorded_is_recalled_while_in_force(void **state)
{
	struct trustpoint_ca ca;
	struct known known;

	(void)state;
	know(&known);
	trustpoint_ca_recall(&known.anchors[0], NOW, &ca);
	assert_true(is(ca.certificate, made.ca));
	assert_int_equal(ca.n_others, 2);
	assert_true(is(trustpoint_ca_recipient(&ca), made.ra_opens));
	trustpoint_ca_recall(&known.anchors[0], END + 1, &ca);
	assert_int_equal(ca.n_others, 0);
	/* A damaged tail ends it. */
	known.anchors[0].others.size--;
	trustpoint_ca_recall(&known.anchors[0], NOW, &ca);
	assert_int_equal(ca.n_others, 1);
	bytes_done(&known.anchors[0].others);
}

/* Of its RAs and the CAs above it: those that a chain goes on with, in their order. */
static void only_cas_are_superiors(void **state)
{
	_cleanup_(buffer_done) struct buffer out = {}, none = {};
	struct ca_anchor_record anchor = {.certificate = made.ca};
	const struct bytes others[] = {made.ra_signs, made.root, made.ra_opens, made.stranger};
	const struct bytes chain[] = {made.root, made.stranger};
	_cleanup_(bytes_done) struct bytes all = {}, wanted = {};
	struct buffer text = {};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(others); i++)
		buffer_append(&text, span_of(others[i]));
	assert_int_equal(buffer_take(&text, &all), 0);
	for (size_t i = 0; i < ELEMENTS(chain); i++)
		buffer_append(&text, span_of(chain[i]));
	assert_int_equal(buffer_take(&text, &wanted), 0);
	trustpoint_ca_append_superiors(&anchor, &none);
	assert_int_equal(none.size, 0);
	anchor.others = all;
	trustpoint_ca_append_superiors(&anchor, &out);
	assert_true(span_equal(span_of_buffer(&out), span_of(wanted)));
	/* A damaged tail ends it. */
	anchor.others.size--;
	trustpoint_ca_append_superiors(&anchor, &none);
	assert_true(span_equal(span_of_buffer(&none), span_of(made.root)));
}

static enum trustpoint_fault next_of(struct plan plan)
{
	_cleanup_(bytes_done) struct bytes next = make(plan);
	const struct span certificates[] = {span_of(next)};
	struct trustpoint_ca ca;

	return trustpoint_next_ca_choose(span_of(made.root), certificates, 1, &ca);
}

static void a_successor_follows_without_a_gap(void **state)
{
	const struct plan plan = {"CN=root", "CN=root", 5, 5, true, CA_USAGE, END, END + DAY / 2};
	const struct span active[] = {span_of(made.root)};
	struct plan other;
	struct trustpoint_ca ca;

	(void)state;
	assert_int_equal(next_of(plan), TRUSTPOINT_FAULT_NONE);
	other = plan;
	other.from_s = BIRTH;
	assert_int_equal(next_of(other), TRUSTPOINT_FAULT_NONE);
	other.until_s = END;
	assert_int_equal(next_of(other), TRUSTPOINT_FAULT_NEXT_ENDS_FIRST);
	other.from_s = END + DAY;
	other.until_s = END + 100 * DAY;
	assert_int_equal(next_of(other), TRUSTPOINT_FAULT_NONE);
	other.from_s = END + DAY + 1;
	assert_int_equal(next_of(other), TRUSTPOINT_FAULT_NEXT_LEAVES_A_GAP);
	other = plan;
	other.ca = false;
	assert_int_equal(next_of(other), TRUSTPOINT_FAULT_NO_CA);
	other = plan;
	other.signer = 4;
	assert_int_equal(next_of(other), TRUSTPOINT_FAULT_CA_SIGNATURE);
	assert_int_equal(trustpoint_next_ca_choose(span_of(made.root), active, 1, &ca),
			 TRUSTPOINT_FAULT_NEXT_IS_ACTIVE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_certificate_is_the_ca),
		cmocka_unit_test(of_a_chain_the_issuing_one_is_the_ca),
		cmocka_unit_test(without_an_ra_the_leaf_most_is_the_ca),
		cmocka_unit_test(what_does_not_belong_is_left_out),
		cmocka_unit_test(what_is_no_ca_is_refused),
		cmocka_unit_test(an_ec_root_stands_above_the_ca),
		cmocka_unit_test(nobody_stands_above_a_root),
		cmocka_unit_test(what_was_recorded_is_recalled_while_in_force),
		cmocka_unit_test(only_cas_are_superiors),
		cmocka_unit_test(a_successor_follows_without_a_gap),
	};

	return cmocka_run_group_tests(tests, make_all, drop_all);
}
